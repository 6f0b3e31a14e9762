"""Documents: files of one article, from word processors, print and notes."""
