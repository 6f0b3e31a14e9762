"""Searching the big archive in a warm process: time, exactness.

Times are of whole searches, the embedding of the question included, at 10 passages; and at 20,
as for an answer, alone and with the reader.
"""

from __future__ import annotations

import calendar
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from retrieval.vocabulary import Period, PublicationDate
from tests.benchmarks.common import AbsentError, Setup, alone, caption, ms, percentile
from tests.benchmarks.results import table

if TYPE_CHECKING:
    from bot.app import Kiosque
    from retrieval.archive.rows import Entry
    from retrieval.search import HybridSearch, Query

TITLE = "Search"
_WARM = 20
_NEAR = 50
_EVERYTHING_EXACT = 10**9
_HALF = 160
_HEAD = ("filter", "questions", "p50 ms", "p95 ms", "worst ms", "passages found")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and the date and the outlet that it may be narrowed to."""

    text: str
    published: PublicationDate
    outlet: str

    @property
    def month(self) -> Period:
        """The month of its date."""
        day = self.published
        month = day.month or 1
        last = calendar.monthrange(day.year, month)[1]
        return Period(date(day.year, month, 1), date(day.year, month, last))

    @property
    def year(self) -> Period:
        """The year of its date."""
        return Period(date(self.published.year, 1, 1), date(self.published.year, 12, 31))


@dataclass(frozen=True, slots=True)
class Timed:
    """Seconds of each search, and how many passages were found in the mean."""

    seconds: list[float]
    found: float


@dataclass(frozen=True, slots=True)
class _Measured:
    """What the process that searched found out."""

    articles: int
    windows: int
    asked: list[Asked]
    times: dict[str, Timed]
    embedding: list[float]
    near: float
    top: float
    first: float


def report(setup: Setup) -> str:
    """The tables.

    Raises:
        AbsentError: there is no big archive yet, or no PIAF.
    """
    if not (setup.news_home / "archive.db").is_file():
        raise AbsentError(f"{setup.news_home}: no archive yet; the part `indexing` makes it")
    piaf = setup.data("data/piaf_half.json.gz")
    ours = alone(measure, setup.news_home, piaf)
    return "\n\n".join(
        (
            f"{caption('onnxruntime', 'chromadb', 'tantivy')} {ours.articles} articles, "
            f"{ours.windows} windows; a warm process. Half of the questions are titles of its "
            "articles, half are PIAF's.",
            _times(ours),
            _exactness(ours),
        )
    )


def measure(home: Path, piaf: Path) -> _Measured:
    """Search in this process."""
    from bot.app import Kiosque
    from config.settings import Settings
    from retrieval.search import HybridSearch, SearchOptions

    with Kiosque(Settings(home=home)) as app:
        entries = app.reader.entries()
        asked = questions(entries, piaf)
        times = {**_all_times(app, asked), **_reading(app, asked)}
        exact = HybridSearch(
            app.places,
            app.reader,
            app.models.embedder,
            SearchOptions(exact_below=_EVERYTHING_EXACT),
        )
        top, first = agreement(app.search, exact, asked)
        exact.close()
        embedding = _embedding(app, asked)
        near, count = _nearness(app, asked)
        return _Measured(len(entries), count, asked, times, embedding, near, top, first)


def _all_times(app: Kiosque, asked: list[Asked]) -> dict[str, Timed]:
    from retrieval.scope import Scope
    from retrieval.search import Query

    kinds: dict[str, Callable[[Asked], Query]] = {
        "none": lambda one: Query(one.text),
        "a month": lambda one: Query(one.text, scope=Scope.of(one.month)),
        "a year": lambda one: Query(one.text, scope=Scope.of(one.year)),
        "an outlet": lambda one: Query(one.text, scope=Scope(outlets=frozenset({one.outlet}))),
        "a month of an outlet": lambda one: Query(
            one.text, scope=Scope.of(one.month, frozenset({one.outlet}))
        ),
        "a month, named in the question": lambda one: Query(one.text, period=one.month),
        "a year, named in the question": lambda one: Query(one.text, period=one.year),
    }
    return {name: timed(app.search, asked, kind) for name, kind in kinds.items()}


def _reading(app: Kiosque, asked: list[Asked]) -> dict[str, Timed]:
    """What an answer waits for: its passages, and what the reader says of them."""
    from bot.answering.evidence import PASSAGES
    from retrieval.search import Query

    searching: list[float] = []
    both: list[float] = []
    found = 0
    for place, one in enumerate([*asked[:_WARM], *asked]):
        begun = time.perf_counter()
        passages = app.search.search(Query(one.text), PASSAGES)
        searched = time.perf_counter()
        app.search.read(one.text, passages)
        if place >= _WARM:
            searching.append(searched - begun)
            both.append(time.perf_counter() - begun)
            found += len(passages.evidence)
    mean = found / len(asked)
    return {
        f"none, {PASSAGES} passages, search alone": Timed(searching, mean),
        f"**none, {PASSAGES} passages, search and reader**": Timed(both, mean),
    }


def timed(search: HybridSearch, asked: list[Asked], kind: Callable[[Asked], Query]) -> Timed:
    """Searches one after the other, after a few that are not counted."""
    for one in asked[:_WARM]:
        search.search(kind(one))
    seconds: list[float] = []
    found = 0
    for one in asked:
        begun = time.perf_counter()
        evidence = search.search(kind(one)).evidence
        seconds.append(time.perf_counter() - begun)
        found += len(evidence)
    return Timed(seconds, found / len(asked))


def _embedding(app: Kiosque, asked: list[Asked]) -> list[float]:
    seconds = []
    for one in asked:
        begun = time.perf_counter()
        app.models.embedder.embed_query(one.text)
        seconds.append(time.perf_counter() - begun)
    return seconds


def agreement(search: HybridSearch, exact: HybridSearch, asked: list[Asked]) -> tuple[float, float]:
    """How many of the ten passages, and how often the first, are those of an exact search."""
    from retrieval.search import Query

    shared = expected = same_first = 0
    for one in asked:
        near, true = (
            [evidence.passage.id for evidence in each.search(Query(one.text)).evidence]
            for each in (search, exact)
        )
        shared += len(set(near) & set(true))
        expected += len(true)
        same_first += near[:1] == true[:1]
    return shared / expected, same_first / len(asked)


def _nearness(app: Kiosque, asked: list[Asked]) -> tuple[float, int]:
    """Chroma's recall of the nearest windows, asked for as many as a search asks; the windows."""
    with app.search.generation() as generation:
        if generation is None:
            raise AbsentError("the archive is empty")
        windows = generation.table
        everything = np.arange(len(windows))
        found = 0.0
        for one in asked:
            vector = app.models.embedder.embed_query(one.text)
            order = np.argsort(-windows.cosines(vector, everything))[:_NEAR]
            nearest = set(windows.ids[order].tolist())
            wanted = min(app.settings.search.candidates, len(windows))
            given = set(windows.ids_of(generation.rows_near(vector, wanted)).tolist())
            found += len(nearest & given) / len(nearest)
        return found / len(asked), len(windows)


def _times(ours: _Measured) -> str:
    rows: list[tuple[object, ...]] = [
        (name, len(one.seconds), *_quantiles(one.seconds), f"{one.found:.1f}")
        for name, one in ours.times.items()
    ]
    rows.append(
        ("(embedding the question alone)", len(ours.embedding), *_quantiles(ours.embedding), "")
    )
    return table(_HEAD, rows)


def _quantiles(seconds: list[float]) -> tuple[str, str, str]:
    return ms(percentile(seconds, 0.5)), ms(percentile(seconds, 0.95)), ms(max(seconds))


def _exactness(ours: _Measured) -> str:
    return (
        f"Against an exact search of every window, no filter: the candidates hold {ours.near:.4f} "
        f"of the {_NEAR} nearest windows; of the ten passages given {ours.top:.4f} are the same, "
        f"and the first is in {ours.first:.4f} of the questions. With a filter that leaves few "
        "windows a search is exact."
    )


def questions(entries: Sequence[Entry], piaf: Path) -> list[Asked]:
    """Titles of the archive's articles and questions about other things, half and half.

    Each is given the date and the outlet of an article drawn at random, so that a month
    is as often a full one as readers would ask for it.
    """
    from bot.evaluation.questions import read_squad

    drawn = random.Random(0)  # noqa: S311 - the same questions every time
    dated = [one for one in entries if one.published and one.outlet]
    texts = drawn.sample([one.title for one in dated], min(_HALF, len(dated)))
    texts += drawn.sample([known.question for known in read_squad(piaf).questions], _HALF)
    drawn.shuffle(texts)
    asked = []
    for text in texts:
        one = drawn.choice(dated)
        if one.published and one.outlet:
            asked.append(Asked(text, one.published, one.outlet))
    return asked
