"""Changing the archive: a plan, its staging, the vectors, the next generation, the flip."""

from retrieval.indexing.generations import Generation, open_generation
from retrieval.indexing.indexer import Indexer
from retrieval.indexing.progress import Progress, Silent
from retrieval.indexing.report import Report

__all__ = ["Generation", "Indexer", "Progress", "Report", "Silent", "open_generation"]
