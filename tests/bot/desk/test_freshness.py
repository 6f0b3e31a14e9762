"""A feed's rhythm: silence is what is long for that feed, and never our own absence."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.desk.freshness import FeedFreshness, freshness
from retrieval.web.watch_store import FeedState

HOUR, DAY = 3_600.0, 86_400.0
START = 1_700_000_000.0
URL = "https://fanal.example/feed"


def judged(arrivals: list[float], checked: float, *, gone: bool = False) -> FeedFreshness:
    """One feed, last checked at a time."""
    (found,) = freshness([FeedState(URL, True, checked=checked, gone=gone)], {URL: arrivals})
    return found


def working_hours(day: int, hour: int) -> bool:
    """Monday to Friday, 8 to 18."""
    return day % 7 < 5 and 8 <= hour < 18


def around_the_clock(day: int, hour: int) -> bool:
    """Each hour."""
    return day >= 0 and hour >= 0


def weekly(day: int, hour: int) -> bool:
    """One morning a week."""
    return day % 7 == 3 and hour == 9


@pytest.mark.parametrize(
    ("publishes", "well_days", "silent_days"),
    [(around_the_clock, 0.9, 1.1), (working_hours, 3.5, 5), (weekly, 10, 11)],
)
def test_silence_is_beyond_the_feeds_own_rhythm(
    publishes: Callable[[int, int], bool], well_days: float, silent_days: float
) -> None:
    """Nine weeks of a rhythm raise no alarm at any hour; what is long for it does."""
    hours = range(63 * 24)
    arrivals = [START + h * HOUR for h in hours if publishes(h // 24, h % 24)]
    for hour in range(45 * 24, 63 * 24, 5):
        now = START + hour * HOUR
        before = [at for at in arrivals if at <= now]
        assert not judged(before, now).silent
    assert not judged(arrivals, arrivals[-1] + well_days * DAY).silent
    assert judged(arrivals, arrivals[-1] + silent_days * DAY).silent


def test_what_came_by_a_clock_that_was_ahead_is_not_counted() -> None:
    """An arrival after the last check was of a clock that has been set back: silence is seen."""
    arrivals = [START + h * HOUR for h in range(45 * 24)]
    now = arrivals[-1] + 3 * DAY
    assert judged([*arrivals, now + 300 * DAY], now).silent


def test_what_is_not_known_alerts_nobody() -> None:
    """A new feed, one that never brought anything, one that brought little."""
    for arrivals in ([], [START], [START + h * HOUR for h in range(48)]):
        assert not judged(arrivals, START + 80 * DAY).silent


def test_a_watcher_that_was_stopped_makes_no_feed_silent() -> None:
    """Silence ends at the last check: who does not look, hears nothing."""
    arrivals = [START + day * DAY for day in range(30)]
    assert judged(arrivals, arrivals[-1] + HOUR).silence_s == HOUR
    assert judged(arrivals, 0.0).silence_s == 0.0


def test_a_feed_that_is_gone_is_silent() -> None:
    """Whatever its rhythm was."""
    assert judged([], START, gone=True).silent
