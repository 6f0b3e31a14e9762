"""Documents: one article in a file of a word processor, of print, or of notes."""
