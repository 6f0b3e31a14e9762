"""Changing the archive: a plan, its staging, the vectors, the next generation, the flip."""

from retrieval.archive.history import Keeping
from retrieval.change.commit import Options
from retrieval.change.editor import Edited, Editor, Undone
from retrieval.change.indexer import Indexer
from retrieval.change.rebuilding import Rebuilt, rebuild
from retrieval.change.repair import heal, rebuild_generation, verify
from retrieval.change.report import Item, Kind, PlanChanged, Progress, Report, Silent

__all__ = [
    "Edited",
    "Editor",
    "Indexer",
    "Item",
    "Keeping",
    "Kind",
    "Options",
    "PlanChanged",
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
