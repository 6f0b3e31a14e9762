"""Text: decoded, mended, cleaned and dated, whatever it came in."""
