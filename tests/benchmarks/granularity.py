"""What a base of passages saves, and what its proposals lose, beside one of windows.

Both are made of the archive of `indexing`, whose vectors are real, and asked through the real
search; so are both of PIAF's paragraphs. An archive ten times as big is imitated by a tenth of the
candidates on each side: of what is there, the same share is proposed.
"""

from __future__ import annotations

import json
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from retrieval.change import rebuild_generation
from retrieval.index.base import CHROMA
from retrieval.index.entries import Form
from retrieval.index.generations import Generation, Places
from tests.benchmarks.common import AbsentError, Setup, alone, caption, ms, percentile
from tests.benchmarks.results import table
from tests.benchmarks.scale_measures import measured

if TYPE_CHECKING:
    from retrieval.embedding.embedder import Embedder
    from retrieval.search import SearchOptions

TITLE = "One vector a passage"
_FORMS = (
    Form("windows", texts=True),
    Form("windows", texts=False),
    Form("passages", texts=True),
    Form("passages", texts=False),
)
_CANDIDATES, _ALL_BELOW = 500, 2_000
_NEWS_TIMES, _PIAF_TIMES = (1, 10, 20, 40), (1, 10)
"""Times as big an archive, imitated."""
_QUESTIONS, _WARM, _TEN = 150, 10, 10
_LETTERS = 60
_EXACT = 1 << 62


@dataclass(frozen=True, slots=True)
class _Question:
    """A question, and letters of the passage that answers it."""

    text: str
    gold: str


@dataclass(frozen=True, slots=True)
class _Found:
    """What each question finds, best first: passages, whether each is the gold one; seconds."""

    passages: list[list[int]]
    gold: list[list[bool]]
    seconds: list[float]


def report(setup: Setup) -> str:
    """A table of sizes, and one of what is found.

    Raises:
        AbsentError: there is no archive yet, or there are no questions.
    """
    archive = setup.news_home / "archive.db"
    if not archive.is_file():
        raise AbsentError(f"{archive}: no archive yet; the part `indexing` makes it")
    dev, piaf = _dev(setup), _piaf(setup)
    sizes: list[tuple[object, ...]] = []
    found: list[tuple[object, ...]] = []
    with setup.temporary_home() as home:
        with (
            closing(sqlite3.connect(f"file:{archive}?mode=ro", uri=True)) as kept,
            closing(sqlite3.connect(home / archive.name)) as copy,
        ):
            kept.backup(copy)
        asked: dict[str, list[tuple[_Found, _Found]]] = {}
        for form in _FORMS:
            sizes.append(alone(_sized, home, form))
            if not form.texts:
                asked[form.vectors] = alone(_asked, home, dev, _NEWS_TIMES)
        counts = _counts(home)
        found += _compared(f"{len(dev)} news questions", asked, _NEWS_TIMES)
    with _piaf_home(setup) as home:
        asked = {}
        for form in _FORMS[1::2]:
            alone(rebuild_generation, Places(home, form=form))
            asked[form.vectors] = alone(_asked, home, piaf, _PIAF_TIMES)
        found += _compared(f"{len(piaf)} of PIAF, {_counts(home)}", asked, _PIAF_TIMES)
    head = (
        "Chroma holds",
        "processor s",
        "graph",
        "its SQLite",
        "a window",
        "opened: memory",
        "in",
    )
    shares = ("set", "imitated", "proposed", "first", "in 5", "in 10", "same ten", "p50 ms")
    return (
        f"{caption('onnxruntime', 'chromadb')} {counts}; `all` scores every window. "
        f"Pages of SQLite's file that are free again do not count: a hundred megabytes at most."
        f"\n\n{table(head, sizes)}\n\n{table(shares, found)}\n\nFQuAD was not at hand."
    )


# --- what it takes --------------------------------------------------------------------------


def _sized(home: Path, form: Form) -> tuple[object, ...]:
    """Make the base anew; what that took, and what lies there and is held afterwards."""
    places = Places(home, form=form)
    with measured() as cost:
        number = rebuild_generation(places, in_subprocess=True)
    folder = places.generation(number) / CHROMA
    graph = sum(path.stat().st_size for path in folder.rglob("*.bin"))
    with closing(sqlite3.connect(folder / "chroma.sqlite3")) as connection:
        (pages,), (free,), (page,) = (
            connection.execute(f"PRAGMA {name}").fetchone()
            for name in ("page_count", "freelist_count", "page_size")
        )
    kept = (pages - free) * page
    with Generation(places, number) as generation:
        windows = len(generation.table)
    memory, seconds = alone(_opened, places, number)
    texts = "with" if form.texts else "without"
    return (
        f"{form.vectors}, {texts} texts",
        f"{cost.processor:.0f}",
        f"{graph / 1e6:.0f} MB",
        f"{kept / 1e6:.0f} MB",
        f"{(graph + kept) / windows:.0f} B",
        f"{memory / 1e6:.0f} MB",
        f"{seconds:.2f} s",
    )


def _opened(places: Places, number: int) -> tuple[int, float]:
    """What opening the graph and asking it once adds to a process: bytes of its own, seconds."""
    import chromadb  # noqa: F401 - the library is not what is measured

    with Generation(places, number) as generation:
        probe = generation.base.table.vectors_of(np.arange(1))[0]
        before, begun = _own_memory(), time.perf_counter()
        generation.base.nearest(probe, _CANDIDATES)
        return _own_memory() - before, time.perf_counter() - begun


def _own_memory() -> int:
    lines = Path("/proc/self/smaps_rollup").read_text(encoding="utf-8").splitlines()
    held = {line.split()[0]: int(line.split()[1]) for line in lines[1:]}
    return held["Anonymous:"] * 1024


def _counts(home: Path) -> str:
    with closing(sqlite3.connect(f"file:{home / 'archive.db'}?mode=ro", uri=True)) as connection:
        windows, passages = connection.execute(
            "SELECT (SELECT count(*) FROM windows), (SELECT count(*) FROM passages)"
        ).fetchone()
    return f"{windows} windows, {passages} passages"


# --- what it finds --------------------------------------------------------------------------


def _compared(
    name: str, asked: Mapping[str, Sequence[tuple[_Found, _Found]]], times: Sequence[int]
) -> list[tuple[object, ...]]:
    """A row for each size that is imitated, and each way.

    Args:
        name: of the questions.
        asked: what `_asked` found in a base of each kind.
        times: the sizes.
    """
    rows: list[tuple[object, ...]] = []
    for at, more in enumerate(times):
        exact, _ = asked["windows"][at]
        ways = [("all", exact), *((kind, both[at][1]) for kind, both in asked.items())]
        for way, found in ways:
            first, five, ten = (
                f"{np.mean([any(gold[:k]) for gold in found.gold]):.3f}" for k in (1, 5, _TEN)
            )
            p50, same = ms(percentile(found.seconds, 0.5)), f"{_same(found, exact):.4f}"
            rows.append((name, f"× {more}", way, first, five, ten, same, p50))
    return rows


def _same(found: _Found, exact: _Found) -> float:
    pairs = zip(found.passages, exact.passages, strict=True)
    return statistics.mean(len(set(one) & set(true)) / max(1, len(true)) for one, true in pairs)


def _asked(
    home: Path, questions: Sequence[_Question], times: Sequence[int]
) -> list[tuple[_Found, _Found]]:
    """For each size that is imitated, what an exact and the real search find."""
    from retrieval.embedding import EmbeddingChoice, open_embedder
    from retrieval.search import SearchOptions

    embedder = _Remembering(open_embedder(EmbeddingChoice(), home))
    both = []
    for more in times:
        candidates = round(_CANDIDATES / more)
        exact = SearchOptions(_TEN, candidates=candidates, exact_below=_EXACT)
        real = SearchOptions(
            _TEN,
            candidates=candidates,
            exact_below=round(_ALL_BELOW / more),
            narrow_below=0,
        )
        both.append(
            (
                _searched(home, embedder, questions, exact),
                _searched(home, embedder, questions, real),
            )
        )
    return both


def _searched(
    home: Path, embedder: Embedder, questions: Sequence[_Question], options: SearchOptions
) -> _Found:
    from retrieval.archive.reader import ArchiveReader
    from retrieval.search import HybridSearch, Query

    passages, gold, seconds = [], [], []
    places = Places(home)
    with ArchiveReader(places.archive) as reader:
        search = HybridSearch(places, reader, embedder, options)
        with closing(search):
            for one in (*questions[:_WARM], *questions):
                begun = time.perf_counter()
                evidence = search.search(Query(one.text)).evidence
                seconds.append(time.perf_counter() - begun)
                passages.append([each.passage.id for each in evidence])
                gold.append([one.gold in _letters(each.passage.text) for each in evidence])
    return _Found(passages[_WARM:], gold[_WARM:], seconds[_WARM:])


class _Remembering:
    """An embedder that embeds each question once: the embedding is not what is compared.

    Args:
        embedder: the one that embeds.
    """

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._known: dict[str, NDArray[np.float32]] = {}
        self.model_id = embedder.model_id
        self.dimension = embedder.dimension

    def warm(self) -> None:
        """Load the model."""
        self._embedder.warm()

    def close(self) -> None:
        """Let the model go."""
        self._embedder.close()

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """The vector of a question."""
        if text not in self._known:
            self._known[text] = self._embedder.embed_query(text)
        return self._known[text]

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The vectors of passages."""
        return self._embedder.embed_passages(texts)


# --- the questions --------------------------------------------------------------------------


def _dev(setup: Setup) -> list[_Question]:
    """The development questions about real articles that have a quote."""
    rows = setup.data("train/news_questions.jsonl").read_text(encoding="utf-8").splitlines()
    return [
        _Question(row["question"], _letters(row["quote"])[:_LETTERS])
        for row in map(json.loads, rows)
        if row["split"] == "dev" and row.get("quote")
    ]


def _piaf(setup: Setup) -> list[_Question]:
    """Questions of PIAF, from all over the set, with the beginning of their paragraph."""
    from bot.evaluation.questions import read_squad

    squad = read_squad(setup.data("data/piaf_half.json.gz"))
    known = [one for one in squad.questions if one.answerable]
    texts = {one.id: one.text for one in squad.paragraphs}
    step = max(1, len(known) // _QUESTIONS)
    return [
        _Question(one.question, _letters(texts[paragraph])[:_LETTERS])
        for one in known[::step][:_QUESTIONS]
        for paragraph in one.articles[:1]
    ]


@contextmanager
def _piaf_home(setup: Setup) -> Iterator[Path]:
    """PIAF's paragraphs in an archive that is gone afterwards."""
    from bot.app import Kiosque
    from bot.evaluation import run
    from bot.evaluation.questions import read_squad
    from config.settings import Settings
    from retrieval.change import Silent

    squad = read_squad(setup.data("data/piaf_half.json.gz"))
    with (
        tempfile.TemporaryDirectory(prefix="kiosque-bench-") as folder,
        Kiosque(Settings(home=setup.fresh(Path(folder) / "home"))) as app,
        run.temporary_archive(app, squad, Silent()) as inside,
    ):
        home = inside.settings.home
        if not (home / "models").exists():
            (home / "models").symlink_to(setup.ensure_model(), target_is_directory=True)
        yield home


def _letters(text: str) -> str:
    return "".join(letter for letter in text.lower() if letter.isalnum())
