"""Claims over the news export whose verdict is known, and how each stands beside an archive.

Half of a split's articles are in the archive, with others of the export; the other half are not.
A statement of the first half is written, its altered form is not, and a statement of the second
half is absent. Sentences of the articles, as they stand and altered by rule, are claims near an
article's own wording.
"""

from __future__ import annotations

import json
import random
import tempfile
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from bot.answering.checking.assertions import Assertion, claim_of
from bot.answering.checking.claim_evidence import ClaimFinder
from bot.answering.intents import Intent
from bot.answering.request import Request
from bot.answering.tasks import worded
from bot.app import Kiosque
from config.settings import Settings
from tests.benchmarks import alterations
from tests.benchmarks.common import Setup
from tests.benchmarks.reader import write_export

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from bot.answering.checking.claim_evidence import ClaimEvidence

TODAY = date(2024, 12, 1)
"""The day on which claims over the export are checked."""
OWN_WORDING = "sentence", "rule number", "rule date", "rule name"
"""Ways of claims that are near an article's own wording; the others are free."""
_SENTENCES = 1
"""Sentences of an article's questions that are also taken as they stand."""
_SEED = 11


@dataclass(frozen=True, slots=True)
class ClaimCase:
    """A claim with its right verdict.

    Args:
        text: the claim.
        kind: "written", "altered" or "absent".
        article: the article that it is made of, in the archive or not.
        way: in what it is altered, or where it comes from.
    """

    text: str
    kind: str
    article: str
    way: str


@dataclass(frozen=True, slots=True)
class ClaimSet:
    """Claims, and the articles that must be in the archive for their verdicts to be right."""

    cases: tuple[ClaimCase, ...]
    articles: frozenset[str]


def claim_set(setup: Setup, split: str, articles: int, left_out: int) -> ClaimSet:
    """The claims of a split.

    Args:
        setup: where the questions are.
        split: "train" or "dev".
        articles: so many are in the archive.
        left_out: so many others are not, at most as many.

    Raises:
        AbsentError: the questions are not there.
    """
    lines = setup.data("train/news_questions.jsonl").read_text("utf-8").splitlines()
    rows = defaultdict[str, list[dict[str, str]]](list)
    for row in map(json.loads, lines):
        if row["split"] == split and "statement" in row:
            rows[row["article"]].append(row)
    drawn = random.Random(_SEED)  # noqa: S311 - draws examples, no secrets
    order = drawn.sample(sorted(rows), min(2 * articles, len(rows)))
    inside, outside = order[:articles], order[articles : articles + left_out]
    cases = [case for one in inside for case in _said(one, rows[one], drawn)]
    cases += [case for one in outside for case in _unsaid(one, rows[one])]
    return ClaimSet(tuple(cases), frozenset(inside))


def _said(
    article: str, rows: Sequence[Mapping[str, str]], drawn: random.Random
) -> Iterable[ClaimCase]:
    for row in rows:
        yield ClaimCase(row["statement"], "written", article, "paraphrase")
        yield ClaimCase(row["altered"], "altered", article, row["alteration"])
    around = " ".join(row["quote"] for row in rows)
    for row in drawn.sample(list(rows), min(_SENTENCES, len(rows))):
        if claim_of(row["quote"]):
            yield ClaimCase(row["quote"], "written", article, "sentence")
        for one in alterations.altered(row["quote"], around, drawn):
            yield ClaimCase(one.text, "altered", article, f"rule {one.kind}")


def _unsaid(article: str, rows: Sequence[Mapping[str, str]]) -> Iterable[ClaimCase]:
    for at, row in enumerate(rows):
        yield ClaimCase(row["statement"], "absent", article, "paraphrase")
        if at < _SENTENCES and claim_of(row["quote"]):
            yield ClaimCase(row["quote"], "absent", article, "sentence")


@contextmanager
def export_home(setup: Setup, articles: Iterable[str]) -> Iterator[Path]:
    """A home with some articles of the export and others that no question is about.

    Raises:
        AbsentError: the export is not there.
    """
    with setup.temporary_home() as home, tempfile.TemporaryDirectory() as folder:
        export = Path(folder) / "export.jsonl"
        write_export(setup, set(articles), export)
        with Kiosque(Settings(home=home)) as app:
            app.indexer().index([export])
        yield home


def evidence_of(app: Kiosque, cases: Iterable[ClaimCase]) -> Iterator[ClaimEvidence]:
    """What an archive has near each claim."""
    finder = ClaimFinder(app.search)
    for case in cases:
        request = Request(worded(Intent.CLAIM, case.text, "fr"), TODAY)
        yield finder.find(Assertion(case.text), request)
