"""Gathering: from web addresses to drafts of articles, before any change of the archive begins.

What comes from the network is read to its end first: a change holds the archive's lock, and
nobody should wait for a slow site.
"""

from __future__ import annotations

from retrieval.gathering.choosing import Outcome
from retrieval.gathering.entries import Entry, Seen
from retrieval.gathering.finding import FoundFeed, find_feeds, listed_feeds
from retrieval.gathering.gatherer import Gatherer
from retrieval.gathering.known import KnownPages
from retrieval.gathering.run import Gathered, Gathering, Run, pause

__all__ = [
    "Entry",
    "FoundFeed",
    "Gathered",
    "Gatherer",
    "Gathering",
    "KnownPages",
    "Outcome",
    "Run",
    "Seen",
    "find_feeds",
    "listed_feeds",
    "pause",
]
