"""The archive: an SQLite file that is the truth; every index is made from it."""
