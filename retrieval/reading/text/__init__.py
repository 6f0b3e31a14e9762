"""Text: decoding, mending, cleaning, dating, for all forms."""
