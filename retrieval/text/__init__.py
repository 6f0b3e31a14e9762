"""Text: French and English analysed, cut, compared, and asked for its days."""
