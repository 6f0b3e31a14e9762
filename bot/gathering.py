"""How pages and feeds are fetched and read, as it is set."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bot.version import installed
from config.settings import Fetch
from retrieval.reading import CleaningRules, Clock, Limits, Sandbox
from retrieval.web.fetcher import Fetcher
from retrieval.web.gatherer import Gatherer
from retrieval.web.values import FetchLimits


@contextmanager
def gatherer(
    chosen: Fetch, rules: CleaningRules, bounds: Limits, clock: Clock
) -> Iterator[Gatherer]:
    """What gathers for one run; the process in which it parses ends with it.

    Args:
        chosen: the settings of fetching.
        rules: what cleaning takes out.
        bounds: what parsing one source may cost.
        clock: tells when things are read, which no date may come after.
    """
    limits = FetchLimits(
        chosen.timeout_s,
        chosen.max_mb * 1_000_000,
        chosen.pause_s,
        chosen.robots,
        chosen.allow_private,
        chosen.user_agent or f"Kiosque/{installed('kiosque')}",
    )
    with Sandbox(bounds) as parser:
        yield Gatherer(Fetcher(limits), rules, parser, clock, full_articles=chosen.full_articles)
