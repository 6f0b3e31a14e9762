"""The index: generations of vectors, words and windows, made from the archive."""
