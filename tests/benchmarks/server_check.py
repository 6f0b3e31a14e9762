"""``make server-check``: a real Chroma server, killed in mid-change, asked under load, compared.

    python -m tests.benchmarks.server_check              all of it, into results.md
    python -m tests.benchmarks.server_check --times 10   fewer kills

The articles are dossiers of our own making, and their vectors hashes of their words: what is
measured is whether anything is lost or answered wrongly, and what a server costs.
"""

from __future__ import annotations

import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from retrieval.archive.reader import ArchiveReader
from retrieval.change.compaction import compact
from retrieval.errors import KiosqueError
from retrieval.index.entries import Form
from retrieval.index.generations import Places
from retrieval.index.server import ChromaServer
from retrieval.search import HybridSearch, Query, SearchOptions
from tests.benchmarks.__main__ import measured, options
from tests.benchmarks.acting import Act, Actor
from tests.benchmarks.common import Setup, caption, in_memory, ms, percentile
from tests.benchmarks.dossiers import State, embedder, question, title
from tests.benchmarks.feeding import Chooser, Feed
from tests.benchmarks.results import table
from tests.benchmarks.soundness import examine
from tests.chroma_server import ChromaProcess
from tests.retrieval.library import SIZES

if TYPE_CHECKING:
    from collections.abc import Iterator

TITLE = "A Chroma server"
_TIMES = 50
_MANY = 400
"""Dossiers of the archive that is compared and asked under load."""
_WITHIN_S, _AWAY_S = 1.5, 1.0
_ASKERS = 4
_CHROMA = SearchOptions(exact_below=0, narrow_below=0)


@dataclass(slots=True)
class Tally:
    """What came of the kills; ``during``: those that came before the change was done."""

    during: int = 0
    changes: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    asked: int = 0
    wrong: list[str] = field(default_factory=list)


@contextmanager
def _killed_once(process: ChromaProcess, dice: random.Random) -> Iterator[list[bool]]:
    """The server is killed at a moment of the block, stays away, and comes back.

    Whether the block was still under way then is in the list afterwards.
    """
    ended, during = threading.Event(), []

    def kill(after: float, away: float) -> None:
        time.sleep(after)
        process.kill()
        during.append(not ended.is_set())
        time.sleep(away)
        process.start()

    moments = (dice.uniform(0, _WITHIN_S), dice.uniform(0, _AWAY_S))
    killing = threading.Thread(target=kill, args=moments)
    killing.start()
    try:
        yield during
    finally:
        ended.set()
        killing.join()


def killed(area: Path, process: ChromaProcess, times: int) -> Tally:
    """Change an archive; each time the server is killed in the middle of it."""
    tally, dice = Tally(), random.Random(1)  # noqa: S311 - no secret
    server, state = ChromaServer(process.url), State()
    closed: set[int] = set()
    for turn in range(times):
        form = Form("passages" if turn % 2 else "windows")
        actor = Actor(area, server=server, form=form)
        feed = Feed(area, area / "unused", state, turn, closed=frozenset(closed))
        chosen = Chooser(feed).next()
        # Most changes stand beside the base and never speak to the server: many make one anew.
        act = Act("compact", state) if turn % 4 and state else chosen
        if act.kind == "withdraw":
            closed.add(act.number)
        actor.prepare(act)
        with _killed_once(process, dice) as during:
            try:
                actor.do(act)
            except KiosqueError as error:
                tally.refused[error.key] += 1
            else:
                state = act.to
                tally.changes[act.kind] += 1
        tally.during += sum(during)
        found = examine(area / "home", [state], turn, server=server)
        tally.asked += found.asked
        tally.wrong += [f"killed in {act.kind}: {fault}" for fault in found.wrong]
    return tally


def _archive(area: Path, server: ChromaServer | None) -> Places:
    actor = Actor(area, server=server)
    act = Act("index", dict.fromkeys(range(_MANY), 1))
    actor.prepare(act)
    actor.do(act)
    return Places(area / "home", server)


def _answers(places: Places) -> tuple[list[list[tuple[str, str]]], list[float]]:
    """The titles and passages for a question about each dossier, and the seconds of each."""
    found, took = [], []
    with _searching(places) as search:
        for number in range(_MANY):
            begun = time.perf_counter()
            evidence = search.search(Query(question(number))).evidence
            took.append(time.perf_counter() - begun)
            found.append([(one.article.title, one.passage.text) for one in evidence])
    return found, took


@contextmanager
def _searching(places: Places) -> Iterator[HybridSearch]:
    with (
        ArchiveReader(places.archive) as reader,
        closing(HybridSearch(places, reader, embedder(), _CHROMA)) as search,
    ):
        yield search


class _Askers:
    """Threads that ask until they are told to stop.

    Args:
        places: what they ask.
        known: the dossiers that a question about them finds at a calm time.
    """

    def __init__(self, places: Places, known: Sequence[int]) -> None:
        self._places, self._known = places, known
        self._stop = threading.Event()
        self.took: list[float] = []
        self.wrong: list[str] = []

    def ask(self, seed: int) -> None:
        """One of them."""
        dice = random.Random(seed)  # noqa: S311 - no secret
        with _searching(self._places) as search:
            while not self._stop.is_set():
                self._one(search, dice.choice(self._known))

    def _one(self, search: HybridSearch, number: int) -> None:
        begun = time.perf_counter()
        try:
            evidence = search.search(Query(question(number))).evidence
        except KiosqueError as error:
            self.wrong.append(f"{type(error).__name__} {error}")
            return
        self.took.append(time.perf_counter() - begun)
        if title(number) not in {one.article.title for one in evidence}:
            self.wrong.append(f"asked about {title(number)}")

    def stop(self) -> None:
        """No more questions."""
        self._stop.set()


def _under_load(places: Places, known: Sequence[int], process: ChromaProcess) -> _Askers:
    """Ask while the base is made anew and the server is killed and comes back."""
    askers = _Askers(places, known)
    with ThreadPoolExecutor(_ASKERS) as pool:
        asking = [pool.submit(askers.ask, seed) for seed in range(_ASKERS)]
        try:
            with _killed_once(process, random.Random(2)):  # noqa: S311 - no secret
                compact(places, SIZES)
            compact(places, SIZES)
        finally:
            askers.stop()
        for one in asking:
            one.result()
    return askers


def report(_setup: Setup, times: int = _TIMES) -> str:
    """The section's text, after so many kills."""
    with in_memory() as folder:
        process = ChromaProcess(folder / "server").start()
        try:
            (folder / "killed").mkdir()
            tally = killed(folder / "killed", process, times)
            here = _archive(folder / "here", None)
            there = _archive(folder / "there", ChromaServer(process.url))
            (ours, embedded), (theirs, served) = _answers(here), _answers(there)
            known = [n for n, shown in enumerate(ours) if title(n) in dict(shown)]
            load = _under_load(there, known, process)
        finally:
            process.kill()
    same = sum(one == other for one, other in zip(ours, theirs, strict=True))
    wrong = [*tally.wrong, *load.wrong]
    rows: list[tuple[object, ...]] = [
        ("server killed while an archive was changed", times),
        ("of these, before the change was done", tally.during),
        ("changes that were made though it was", _listed(tally.changes)),
        ("changes that were refused, and left all as it was", _listed(tally.refused)),
        ("questions asked right after", tally.asked),
        ("**articles lost, doubled, half there; complaints of doctor**", len(tally.wrong)),
        (f"same answers as embedded, of {_MANY} questions", same),
        ("search, median, ms: embedded / server", _both(embedded, served, 0.5)),
        ("search, 95 %, ms: embedded / server", _both(embedded, served, 0.95)),
        (
            f"questions of {_ASKERS} askers while the base was made anew twice, server killed once",
            len(load.took),
        ),
        (
            "median / 95 %, ms",
            " / ".join(ms(percentile(load.took, share)) for share in (0.5, 0.95)),
        ),
        ("**wrong or failed answers**", len(load.wrong)),
    ]
    told = "\n".join(f"- {fault}" for fault in wrong[:20])
    body = table(("what", "measured"), rows)
    return f"{caption('chromadb')}\n\n{body}" + (f"\n\n{told}" if told else "")


def _both(ours: Sequence[float], theirs: Sequence[float], share: float) -> str:
    return f"{ms(percentile(ours, share))} / {ms(percentile(theirs, share))}"


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items()) or "none"


def main(arguments: Sequence[str] | None = None) -> int:
    """Check, and write the section."""
    parser = options(__doc__)
    parser.add_argument("--times", type=int, default=_TIMES, help="kills")
    given = parser.parse_args(arguments)
    setup = Setup(given.shared, given.work)
    part = {"server": lambda setup: (TITLE, report(setup, given.times))}
    return measured(part, setup, given.results)


if __name__ == "__main__":
    sys.exit(main())
