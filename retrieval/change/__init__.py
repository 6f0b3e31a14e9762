"""Changing the archive: a plan, its staging, the vectors, the next generation, its publication."""

from retrieval.archive.history import Retention
from retrieval.change.commit import Options
from retrieval.change.editor import Edited, Editor, Undone
from retrieval.change.indexer import Indexer
from retrieval.change.repair import Rebuilt, heal, rebuild, rebuild_generation, verify
from retrieval.change.report import Item, Kind, PlanChanged, Progress, Report, Silent

__all__ = [
    "Edited",
    "Editor",
    "Indexer",
    "Item",
    "Kind",
    "Options",
    "PlanChanged",
    "Progress",
    "Rebuilt",
    "Report",
    "Retention",
    "Silent",
    "Undone",
    "heal",
    "rebuild",
    "rebuild_generation",
    "verify",
]
