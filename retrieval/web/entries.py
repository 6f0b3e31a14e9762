"""Entries of feeds: which are news, which were met before. Decided from values alone."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from retrieval.reading import ArticleSource, FeedEntry
from retrieval.vocabulary import LeftOut


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a feed.

    ``key`` tells it apart in its feed; ``stamp`` changes when it says something else.

    Args:
        told: what the feed says of it.
        feed: the feed, as a source.
    """

    told: FeedEntry
    feed: ArticleSource

    @property
    def key(self) -> str:
        """Its address, or what the feed calls it."""
        return self.told.link or f"{self.feed.given}#{self.told.piece.name}"

    @property
    def stamp(self) -> str:
        """A digest of what it says."""
        return hashlib.sha256(self.told.raw.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Seen:
    """What became of an entry before: read as ``stamp``, or tried in vain until ``next_try``."""

    stamp: str = ""
    tries: int = 0
    next_try: float = 0.0


_EARLY_S = 900.0  # clocks differ


def embargo(entry: Entry, now: float) -> LeftOut | None:
    """An entry that is published later than now, by its own date; None for any other.

    Args:
        entry: as the feed has it now.
        now: seconds since the epoch.
    """
    moment = entry.told.moment
    if moment is None or moment.timestamp() <= now + _EARLY_S:
        return None
    return LeftOut(entry.key, "scheduled", until=moment)


class Verdict(StrEnum):
    """What is to be done with an entry."""

    READ = "read"
    RECOGNISE = "recognise"  # the archive has it, as it is
    WAIT = "wait"  # it failed, and may be tried again later
    PASS = "pass"  # noqa: S105 - it was dealt with, whatever the archive holds now


def verdict(entry: Entry, seen: Seen | None, origin: str, now: float, *, asked: bool) -> Verdict:
    """What to do with an entry.

    Args:
        entry: as the feed has it now.
        seen: what became of it before; None when it is met for the first time.
        origin: that of its article in the archive, or ``""``.
        now: seconds since the epoch.
        asked: a person asked for the feed; what was rolled back may then come again.
    """
    same = seen is not None and seen.stamp == entry.stamp
    if same and not asked:
        return Verdict.PASS
    if origin and (same or seen is None):
        return Verdict.RECOGNISE
    if asked:
        return Verdict.READ
    if seen is not None and seen.next_try > now:
        return Verdict.WAIT
    return Verdict.READ
