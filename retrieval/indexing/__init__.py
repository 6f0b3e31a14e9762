"""Changing the archive: a plan, its staging, the vectors, the next generation, the flip."""

from retrieval.archive.history import Keeping
from retrieval.indexing.change import Options
from retrieval.indexing.indexer import Indexer
from retrieval.indexing.progress import Progress, Silent
from retrieval.indexing.repair import Problem, heal, rebuild_generation, verify
from retrieval.indexing.report import Item, Kind, Report

__all__ = [
    "Indexer",
    "Item",
    "Keeping",
    "Kind",
    "Options",
    "Problem",
    "Progress",
    "Report",
    "Silent",
    "heal",
    "rebuild_generation",
    "verify",
]
