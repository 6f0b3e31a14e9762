"""Articles in, passages out: reading, the archive, the indexes, the search."""
