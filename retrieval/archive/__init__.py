"""The archive: an SQLite file that is the truth; every index is made from it."""

from retrieval.archive.reader import ArchiveReader
from retrieval.archive.rows import Entry, WindowRow
from retrieval.archive.writer import ArchiveStore

__all__ = ["ArchiveReader", "ArchiveStore", "Entry", "WindowRow"]
