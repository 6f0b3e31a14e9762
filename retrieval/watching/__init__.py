"""Watching: feeds and folders are followed, and what is new in them becomes a change."""

from __future__ import annotations

from retrieval.watching.rounds import Followed, Parts, RoundReport, only_watcher, run_round
from retrieval.watching.store import FeedState, WatchStore

__all__ = [
    "FeedState",
    "Followed",
    "Parts",
    "RoundReport",
    "WatchStore",
    "only_watcher",
    "run_round",
]
