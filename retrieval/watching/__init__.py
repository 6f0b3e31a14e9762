"""Watching: feeds and folders are followed, and what is new in them becomes a change."""

from __future__ import annotations

from retrieval.watching.store import FeedState, WatchStore

__all__ = ["FeedState", "WatchStore"]
