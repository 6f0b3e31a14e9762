"""How fresh the feeds are: the rhythm of each, and whether it is silent beyond it. Pure.

A feed's rhythm is learnt from the checks that found new entries. It may be silent for one and a
half times its second longest gap of 90 days (nights, weekends; the longest may be a holiday, or
our own absence), and a day at least. Before two weeks and six arrivals nothing is known: an
unknown rhythm alerts nobody. Silence is counted until the last check, so that a watcher that
was stopped makes no feed silent.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from retrieval.web.watch_store import FeedState

_DAY_S = 86_400.0
_MIN_ARRIVALS = 6
_MIN_SPAN_S = 14 * _DAY_S
_PATIENCE = 1.5


@dataclass(frozen=True, slots=True)
class FeedFreshness:
    """A feed and its rhythm.

    Args:
        url: its address.
        last: when something new came last, in seconds since the epoch; 0 if never.
        usual_s: the usual seconds between two arrivals; 0 when its rhythm is not known.
        allowed_s: it is silent after so many seconds; 0 when its rhythm is not known.
        silence_s: seconds from the last arrival to the last check.
        reason: why the last check failed; ``""`` if it did not.
        gone: its site says that it exists no more.
    """

    url: str
    last: float = 0.0
    usual_s: float = 0.0
    allowed_s: float = 0.0
    silence_s: float = 0.0
    reason: str = ""
    gone: bool = False

    @property
    def silent(self) -> bool:
        """Whether it is silent beyond its own rhythm, or gone."""
        return self.gone or 0 < self.allowed_s < self.silence_s


def freshness(
    feeds: Iterable[FeedState], arrivals: Mapping[str, Sequence[float]]
) -> tuple[FeedFreshness, ...]:
    """How fresh some feeds are.

    Args:
        feeds: with the outcome of their last checks.
        arrivals: when new entries came, by feed, oldest first, in seconds since the epoch.
    """
    return tuple(_freshness(feed, arrivals.get(feed.url, ())) for feed in feeds)


def _freshness(feed: FeedState, arrivals: Sequence[float]) -> FeedFreshness:
    arrivals = [at for at in arrivals if at <= feed.checked]  # others are of a clock set back since
    last = arrivals[-1] if arrivals else 0.0
    usual, allowed = _rhythm(arrivals)
    silence = max(0.0, feed.checked - last) if last else 0.0
    return FeedFreshness(feed.url, last, usual, allowed, silence, feed.reason, feed.gone)


def _rhythm(arrivals: Sequence[float]) -> tuple[float, float]:
    """The usual gap between arrivals, and the silence that is allowed; 0 when not known."""
    if len(arrivals) < _MIN_ARRIVALS or arrivals[-1] - arrivals[0] < _MIN_SPAN_S:
        return 0.0, 0.0
    gaps = sorted(later - earlier for earlier, later in pairwise(arrivals))
    return median(gaps), max(_DAY_S, _PATIENCE * gaps[-2])
