"""Checks of texts: each claim of a text beside what the archive has written."""
