"""The gate: altered sentences stopped, supported sentences let through.

Sentences written by hand over our sample articles, and altered by hand and by rule; then
sentences of the five articles, restated and altered by rule when it runs.
"""

from __future__ import annotations

import json
import random
import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from bot.answering.gate import Checked, Gate, GateLimits, load_limits
from bot.answering.sentence_vectors import SentenceVectors
from bot.app import Kiosque
from config.settings import Settings
from retrieval.analysis import guess_language
from retrieval.search import Query
from retrieval.segmentation import sentences
from retrieval.vocabulary import Article, Evidence
from tests.benchmarks.alterations import altered, restated
from tests.benchmarks.common import ROOT, Setup, caption, ms, percentile
from tests.benchmarks.results import table

TITLE = "Gate"
SUPPORTED = "supported"
KINDS = ("number", "date", "name", "negation", "agent", "article")
_CASES = ROOT / "tests/data/gate.jsonl"
_PASSAGES = 8


@dataclass(frozen=True, slots=True)
class Case:
    """A sentence put to the gate: ``kind`` is ``supported`` or how it was altered.

    ``given`` are the passages; ``half`` is which half of the articles it belongs to.
    """

    article: str
    question: str
    sentence: str
    kind: str
    given: tuple[Evidence, ...]
    half: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """A case and what the gate said of it."""

    case: Case
    checked: Checked
    seconds: float

    @property
    def right(self) -> bool:
        """Whether it was stopped or let through as it should be."""
        return (self.checked.fault is None) == (self.case.kind == SUPPORTED)


class Archive:
    """The articles of an archive, and the passages that a prompt on one of them would give."""

    def __init__(self, app: Kiosque) -> None:
        self._app = app
        self.articles = {
            Path(entry.source).name: app.reader.article(entry.id) for entry in app.reader.entries()
        }

    @cache  # noqa: B019 - lives as long as the measurement
    def given(self, name: str, question: str) -> tuple[Evidence, ...]:
        """Eight passages: those of an article, then what a search finds."""
        own = self._own(self.articles[name])
        return tuple(own + self._found(question, {self.articles[name].id}))[:_PASSAGES]

    @cache  # noqa: B019
    def without(self, name: str, question: str) -> tuple[Evidence, ...]:
        """Eight passages of articles on other events."""
        family = name.split("-")[0]
        kin = {a.id for n, a in self.articles.items() if n.split("-")[0] == family}
        return tuple(self._found(question, kin))[:_PASSAGES]

    def _own(self, article: Article) -> list[Evidence]:
        reader = self._app.reader
        return [
            Evidence(article, passage, reader.windows_within(passage)[0], 0.85, 5.0, 1.0)
            for passage in reader.passages_of(article.id)
        ]

    def _found(self, question: str, without: set[str]) -> list[Evidence]:
        found = self._app.search.search(Query(question), 40).evidence
        return [one for one in found if one.article.id not in without]


def written(archive: Archive) -> list[Case]:
    """The sentences of ``gate.jsonl``, and the supported ones altered by rule."""
    drawn = random.Random(0)  # noqa: S311 - the same cases every time
    halves = {name: at % 2 for at, name in enumerate(sorted(archive.articles))}
    cases = []
    for line in _CASES.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        name, question = record["article"], record["question"]
        given = archive.given(name, question)
        case = Case(
            name, question, record["sentence"], record.get("fault", SUPPORTED), given, halves[name]
        )
        cases.append(case)
        if case.kind == SUPPORTED:
            cases += _made(case, archive, drawn)
    return cases


def _made(case: Case, archive: Archive, drawn: random.Random) -> list[Case]:
    """A supported sentence altered by rule, and put to passages on other events."""
    text = archive.articles[case.article].text
    made = [
        replace(case, kind=one.kind, sentence=one.text)
        for one in altered(case.sentence, text, drawn)
    ]
    elsewhere = archive.without(case.article, case.question)
    return [*made, replace(case, kind="article", given=elsewhere)]


def generated(archive: Archive) -> list[Case]:
    """The sentences of an archive's own articles, restated and altered by rule."""
    drawn = random.Random(0)  # noqa: S311
    cases: list[Case] = []
    plain = {name: _plain(article.text) for name, article in archive.articles.items()}
    for at, (name, article) in enumerate(sorted(archive.articles.items())):
        for span in sentences(article.text):
            text = article.text[span.start : span.end]
            if not 40 <= len(text) <= 400 or text.rstrip().endswith(("?", ":")):
                continue
            given = archive.given(name, text)
            case = Case(name, text, text, SUPPORTED, given, at % 2)
            cases += [replace(case, sentence=one) for one in restated(text)]
            alone = not any(_plain(text) in other for n, other in plain.items() if n != name)
            made = _made(case, archive, drawn)
            cases += [one for one in made if one.kind != "article" or alone]
    return cases


def _plain(text: str) -> str:
    return re.sub(r"\W+", " ", text).lower()


def judged(cases: Iterable[Case], vectors: SentenceVectors, limits: GateLimits) -> list[Outcome]:
    """What the gate says of some cases; the vectors of passages are made before the clock runs."""
    outcomes = []
    for case in cases:
        gate = Gate(
            case.question, guess_language(case.question), case.given, vectors.vectors, limits
        )
        gate.check("Cette phrase ne compte pas pour la mesure.")
        begun = time.perf_counter()
        checked = gate.check(case.sentence)
        outcomes.append(Outcome(case, checked, time.perf_counter() - begun))
    return outcomes


def figures(outcomes: Sequence[Outcome]) -> dict[str, tuple[int, int]]:
    """Of each kind of case, how many were judged right, and how many there were."""
    return {
        kind: (
            sum(one.right for one in outcomes if one.case.kind == kind),
            sum(one.case.kind == kind for one in outcomes),
        )
        for kind in (SUPPORTED, *KINDS)
    }


def row(name: str, outcomes: Sequence[Outcome]) -> tuple[object, ...]:
    """A line of the table: supported let through, altered stopped, by kind, precision."""
    by_kind = figures(outcomes)
    through, supported = by_kind[SUPPORTED]
    stopped = sum(by_kind[kind][0] for kind in KINDS)
    all_altered = sum(by_kind[kind][1] for kind in KINDS)
    passed = through + all_altered - stopped
    cells = [_share(through, supported), _share(stopped, all_altered)]
    cells += [_share(*by_kind[kind]) for kind in KINDS]
    return (name, *cells, _share(stopped, stopped + supported - through), _share(through, passed))


def _share(count: int, of: int) -> str:
    return f"{100 * count / of:.1f} % of {of}" if of else "none"


def opened(home: Path, articles: Path) -> Kiosque:
    """Kiosque on a home with some articles indexed."""
    app = Kiosque(Settings(home=home))
    app.indexer().index([articles])
    return app


def report(setup: Setup) -> str:
    """The table of both sets, and the time that a sentence takes."""
    limits = load_limits()
    rows: list[tuple[object, ...]] = []
    seconds: list[float] = []
    with setup.temporary_home() as home, opened(home, ROOT / "tests/data/articles") as app:
        outcomes = judged(written(Archive(app)), SentenceVectors(app.embedder), limits)
        for half, name in enumerate(("ours, calibration half", "ours, held-out half")):
            rows.append(row(name, [one for one in outcomes if one.case.half == half]))
        seconds += [one.seconds for one in outcomes]
    if (setup.shared / "articles").exists():
        with setup.temporary_home() as home, opened(home, setup.data("articles")) as app:
            outcomes = judged(generated(Archive(app)), SentenceVectors(app.embedder), limits)
            rows.append(row("the five articles, by rule", outcomes))
            seconds += [one.seconds for one in outcomes]
    ends = ("precision of stops", "precision of passes")
    head = ("sentences", "supported: through", "altered: stopped", *KINDS, *ends)
    return "\n\n".join(
        (
            caption("onnxruntime"),
            table(head, rows),
            f"A sentence with {_PASSAGES} passages given, its own embedding included: median "
            f"{ms(percentile(seconds, 0.5))} ms, 95 % below {ms(percentile(seconds, 0.95))} ms.",
        )
    )
