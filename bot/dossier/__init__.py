"""Dossiers: a subject's dated quotes as a file, and what became of them when it is read back."""
