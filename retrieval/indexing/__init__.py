"""Changing the archive: a plan, its staging, the vectors, the next generation, the flip."""

from retrieval.archive.history import Keeping
from retrieval.indexing.change import Options
from retrieval.indexing.editing import Edited, Editor, Undone
from retrieval.indexing.indexer import Indexer
from retrieval.indexing.rebuilding import Rebuilt, rebuild
from retrieval.indexing.repair import Problem, heal, rebuild_generation, verify
from retrieval.indexing.report import Item, Kind, Progress, Report, Silent

__all__ = [
    "Edited",
    "Editor",
    "Indexer",
    "Item",
    "Keeping",
    "Kind",
    "Options",
    "Problem",
    "Progress",
    "Rebuilt",
    "Report",
    "Silent",
    "Undone",
    "heal",
    "rebuild",
    "rebuild_generation",
    "verify",
]
