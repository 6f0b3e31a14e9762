"""How pages and feeds are fetched and read, as it is set."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bot.version import installed
from config.settings import Fetch
from retrieval.reading import CleaningRules, Clock, Limits, Sandbox
from retrieval.web.exchange import FetchLimits
from retrieval.web.fetch import Fetcher
from retrieval.web.pages import WebReader


@contextmanager
def web_reader(
    chosen: Fetch, rules: CleaningRules, bounds: Limits, clock: Clock
) -> Iterator[WebReader]:
    """The reader of pages and feeds for one run; its sandbox ends with it.

    Args:
        chosen: the settings of fetching.
        rules: of cleaning.
        bounds: of parsing one source.
        clock: the time of the reading; no article is dated later.
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
        yield WebReader(Fetcher(limits), rules, parser, clock, full_articles=chosen.full_articles)
