"""What a big archive costs to search, to keep open and to change.

On a machine that others use too, seconds on the clock say little: each time is given beside the
seconds that processors spent on it, and a search is the best of two. What is written to the
disk is counted by the system.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import resource
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from retrieval.archive.tables import BYTES_A_NUMBER
from tests.benchmarks import copies
from tests.benchmarks.command import kiosque
from tests.benchmarks.common import ms, percentile
from tests.benchmarks.search import Asked, agreement, questions

if TYPE_CHECKING:
    from bot.app import Kiosque
    from retrieval.search import Query

_TODAY = date(2021, 1, 1)
_QUESTIONS, _WARM, _TIMES = 30, 5, 2
_A_SECOND, _SECONDS, _ASKERS = 5, 40, 6
_MANY = 1_000
Rows = list[tuple[object, ...]]


@dataclass(slots=True)
class Cost:
    """What a piece of work took; ``written`` is in megabytes, 0 where nobody counts it."""

    seconds: float = 0.0
    processor: float = 0.0
    written: float = 0.0


@contextmanager
def measured() -> Iterator[Cost]:
    """Measure what is done inside the block, by this process and those that it starts and ends."""
    cost = Cost()
    written, begun, before = _written(), time.perf_counter(), _processor()
    try:
        yield cost
    finally:
        cost.seconds = time.perf_counter() - begun
        cost.processor = _processor() - before
        cost.written = (_written() - written) / 1e6


def _processor() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _written() -> int:
    """Bytes sent to the disk, those of ended children included, where Linux counts them."""
    try:
        lines = Path("/proc/self/io").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0
    return next(int(line.split()[1]) for line in lines if line.startswith("write_bytes"))


def opened(home: Path) -> Kiosque:
    """The parts of Kiosque on a home, without the settings of the person who measures."""
    from bot.app import Kiosque
    from config.settings import Settings

    return Kiosque(Settings(home=home))


# --- searching ----------------------------------------------------------------------------


def searching(home: Path, piaf: Path, known: Path) -> Rows:
    """Searches with the reader, their exactness, and the memory of the process."""
    from retrieval.search import HybridSearch, Query, SearchOptions

    with opened(home) as app:
        asked = questions(app.reader.entries(), piaf)[: _WARM + _QUESTIONS]
        rows: Rows = [
            _searched(app, "20 passages and reader", asked, lambda one: Query(one.text)),
            _searched(
                app, "the same, in a month", asked, lambda one: Query(one.text, period=one.month)
            ),
        ]
        rows += _memory(app, asked)
        everything = SearchOptions(exact_below=1 << 62)
        exact = HybridSearch(app.places, app.reader, app.models.embedder, everything)
        top, first = agreement(app.search, exact, asked)
        exact.close()
        name = "of ten passages, those of an exact search / the first"
        rows.append((name, f"{top:.3f} / {first:.3f}"))
        rows += _found(app, known)
    return rows


def _searched(
    app: Kiosque, name: str, asked: Sequence[Asked], kind: Callable[[Asked], Query]
) -> tuple[object, ...]:
    from bot.answering.evidence import PASSAGES

    costs: list[NDArray[np.float64]] = []
    for place, one in enumerate(asked):
        times = []
        for _ in range(_TIMES):
            with measured() as both:
                with measured() as search:
                    found = app.search.search(kind(one), PASSAGES)
                app.search.read(one.text, found)
            times.append((both.seconds, both.processor, search.processor))
        if place >= _WARM:
            costs.append(np.min(times, axis=0))
    clock, spent, searched = (
        " / ".join(
            ms(percentile([float(cost[at]) for cost in costs], share)) for share in (0.5, 0.95)
        )
        for at in range(3)
    )
    told = f"{clock} ms on the clock, {spent} ms of processors, of which search {searched}"
    return f"{name}, p50 / p95", told


def _memory(app: Kiosque, asked: Sequence[Asked]) -> Rows:
    """What the process holds after whole answers: its own, and with mapped files."""
    from bot.answering.request import Request

    for one in asked[:_WARM]:
        asyncio.run(app.answering.answer(Request(one.text, _TODAY)))
    lines = Path("/proc/self/smaps_rollup").read_text(encoding="utf-8").splitlines()
    held = {line.split()[0].rstrip(":"): int(line.split()[1]) / 1024 for line in lines[1:]}
    return [
        (
            "memory of a process that answers: its own / with mapped files",
            f"{held['Anonymous']:.0f} / {held['Rss']:.0f} MB",
        )
    ]


def _found(app: Kiosque, known: Path) -> Rows:
    """Of the questions about real articles, how many find the passage of their quote."""
    from retrieval.search import Query

    places = []
    for row in map(json.loads, known.read_text(encoding="utf-8").splitlines()):
        if row["split"] != "dev" or not row.get("quote"):
            continue
        found = app.search.search(Query(row["question"]), 10).evidence
        wanted = " ".join(row["quote"].split())[:60]
        texts = [" ".join(one.passage.text.split()) for one in found]
        places.append(next((at for at, text in enumerate(texts) if wanted in text), len(texts)))
    shares = " / ".join(f"{sum(at < k for at in places) / len(places):.3f}" for k in (1, 5, 10))
    return [(f"{len(places)} questions about real articles: passage first / in 5 / in 10", shares)]


def sizes(home: Path) -> Rows:
    """What lies on the disk, beside the texts and the vectors that it is made of."""
    folder = home / "generations"
    indexes = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    archive = sum(path.stat().st_size for path in home.glob("archive.db*"))
    with closing(sqlite3.connect(f"file:{home / 'archive.db'}?mode=ro", uri=True)) as connection:
        (texts,) = connection.execute(
            "SELECT sum(length(CAST(text AS BLOB))) FROM revisions"
        ).fetchone()
        (vectors,) = connection.execute(
            f"SELECT sum(length(vector) / {BYTES_A_NUMBER} * 4) FROM vectors"  # noqa: S608
        ).fetchone()
    whole, bare = archive + indexes, texts + vectors
    return [
        (
            "disk: archive + indexes; texts + vectors alone, as floats; ratio",
            f"{archive / 1e6:.0f} + {indexes / 1e6:.0f} MB; {texts / 1e6:.0f} +"
            f" {vectors / 1e6:.0f} MB; {whole / bare:.2f}",
        )
    ]


# --- a cold command -----------------------------------------------------------------------


def starting(home: Path, runs: int, piaf: Path) -> Rows:
    """``kiosque ask`` in a process of its own."""
    from bot.evaluation.questions import read_squad

    texts = [one.question for one in itertools.islice(read_squad(piaf).questions, runs)]
    ran, spent = [], []
    for text in texts:
        with measured() as cost:
            ran.append(kiosque(home, "ask", text))
        spent.append(cost.processor)
    best = min(one.seconds for one in ran)
    memory = max(one.memory for one in ran) / 2**20
    return [
        (
            "`kiosque ask`, cold: best on the clock / of processors; most memory",
            f"{best:.1f} s / {min(spent):.1f} s; {memory:.0f} MB",
        )
    ]


# --- a base made anew ---------------------------------------------------------------------


def rebuilding(home: Path, piaf: Path) -> Rows:
    """Questions at fixed times, in calm and while another process makes the indexes anew.

    The other process is ended before it is done, so that nothing changes.
    """
    with opened(home) as app:
        asked = questions(app.reader.entries(), piaf)
        for one in asked[:_WARM]:
            _answered(app, one, time.perf_counter())
        calm = _at_fixed_times(app, asked)
        worker = get_context("spawn").Process(target=_rebuild, args=(home,))
        worker.start()
        try:
            beside = _at_fixed_times(app, asked)
        finally:
            worker.terminate()
            worker.join()
    told = (
        " / ".join(ms(percentile(seconds, share)) for share in (0.5, 0.95))
        for seconds in (calm, beside)
    )
    ratio = percentile(beside, 0.95) / percentile(calm, 0.95)
    name = f"{_A_SECOND} searches a second for {_SECONDS} s, p50 / p95: calm; beside a rebuilding"
    return [(name, f"{'; '.join(told)} ms; ratio of p95 {ratio:.2f}")]


def _at_fixed_times(app: Kiosque, asked: Sequence[Asked]) -> list[float]:
    """Seconds from the time that each search was due until it was done.

    The reader is left out: it takes a core by itself, so that another machine's load would be told.
    """
    begun = time.perf_counter()
    waiting = []
    with ThreadPoolExecutor(_ASKERS) as pool:
        for turn, one in enumerate(itertools.islice(itertools.cycle(asked), _A_SECOND * _SECONDS)):
            due = begun + turn / _A_SECOND
            time.sleep(max(0.0, due - time.perf_counter()))
            waiting.append(pool.submit(_answered, app, one, due))
    return [one.result() for one in waiting]


def _answered(app: Kiosque, one: Asked, due: float) -> float:
    from bot.answering.evidence import PASSAGES
    from retrieval.search import Query

    app.search.search(Query(one.text), PASSAGES)
    return time.perf_counter() - due


def _rebuild(home: Path) -> None:
    from retrieval.change import rebuild_generation

    with opened(home) as app:
        rebuild_generation(app.places, in_subprocess=True)


# --- changes ------------------------------------------------------------------------------


class Stages:
    """A `Progress` that keeps the processor's seconds of embedding."""

    def __init__(self) -> None:
        self.embedding = 0.0
        self._begun: float | None = None

    def stage(self, name: str, _total: int | None) -> None:
        """The stage before ends."""
        if self._begun is not None:
            self.embedding += _processor() - self._begun
        self._begun = _processor() if name == "embed" else None

    def advance(self, steps: int) -> None:
        """Steps are not told."""


def changing(home: Path, work: Path, articles: Sequence[copies.Record]) -> Rows:
    """One article added, many changed, one withdrawn, the last change taken back."""
    from bot import options
    from retrieval.change import Editor, Indexer, Options

    rows: Rows = []
    with opened(home) as app:
        vectors = copies.RealVectors(app.places.archive)
        embedder = copies.CopyEmbedder(app.models.embedder, vectors)
        rules = options.cleaning_rules(home)
        indexer = Indexer(app.places, embedder, rules, Options(linking=False))
        editor = Editor(app.places, lambda: embedder, rules, Options(linking=False))
        one = _write(work / "one.jsonl", [copies.copy(articles[0], 900)])
        before = [copies.copy(each, 901) for each in articles[:_MANY]]
        after = [each | {"text": f"{each['text']}\nMis à jour."} for each in before]
        many, chosen = _write(work / "many.jsonl", before), _any(app)
        works: list[tuple[str, Callable[[Stages], object]]] = [
            ("one article added", lambda steps: indexer.index([one], progress=steps)),
            ("a thousand added", lambda steps: indexer.index([many], progress=steps)),
            (
                "the thousand changed",
                lambda steps: indexer.index([_write(many, after)], progress=steps),
            ),
            ("that taken back", editor.rollback),
            ("one withdrawn", lambda steps: editor.withdraw([chosen], "", steps)),
            ("that taken back", editor.rollback),
        ]
        for name, change in works:
            steps = Stages()
            with measured() as cost:
                change(steps)
            steps.stage("", None)
            rows.append((name, _told(cost, steps.embedding)))
    return rows


def _write(path: Path, records: Sequence[copies.Record]) -> Path:
    lines = [json.dumps(record, ensure_ascii=False) for record in records]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _any(app: Kiosque) -> str:
    from retrieval.archive.reader import ArchiveReader

    with ArchiveReader(app.places.archive) as reader:
        return reader.entries(withdrawn=False)[0].id


def _told(cost: Cost, embedding: float) -> str:
    return (
        f"{cost.seconds:.1f} s on the clock, {cost.processor:.1f} s of processors"
        f" ({embedding:.1f} s making vectors), {cost.written:.0f} MB written"
    )
