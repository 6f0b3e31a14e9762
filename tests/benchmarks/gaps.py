"""The gap report: how well questions are grouped by subject.

Questions written about one article stand for one subject, those about two articles for two.
That is a stand-in: questions about one article may ask different things, so that the share of
pairs found cannot come near 1.
"""

from __future__ import annotations

import itertools
import json
from datetime import UTC, datetime

from bot.app import Kiosque
from bot.desk.gaps import by_subject
from bot.memory.reports import UnansweredQuestion
from config.settings import Settings
from tests.benchmarks.common import Setup, caption
from tests.benchmarks.results import table

TITLE = "Gap report"
_QUESTIONS = "train/news_questions.jsonl"
_FEW = 50
"""Questions of a report of one week, in a newsroom."""


def report(setup: Setup) -> str:
    """The text of the section."""
    lines = setup.data(_QUESTIONS).read_text("utf-8").splitlines()
    rows = [row for row in map(json.loads, lines) if row["split"] == "dev"]
    subjects = {row["question"]: str(row["article"]) for row in rows}
    texts = list(subjects)
    parts = [texts[at : at + _FEW] for at in range(0, len(texts), _FEW)]
    with setup.temporary_home() as home, Kiosque(Settings(home=home)) as kiosque:
        found = [
            (name, with_vectors, _pairs(some, subjects, kiosque if with_vectors else None))
            for name, some in (("50 at a time", parts), ("all at once", [texts]))
            for with_vectors in (True, False)
        ]
    shown = [
        (name, "vectors and words" if vectors else "words alone", *_figures(*pairs))
        for name, vectors, pairs in found
    ]
    head = ("dev questions", "by", "grouped pairs of one article", "pairs of one article grouped")
    about = f"{len(texts)} questions about 50 articles; the threshold was chosen on train."
    return f"{caption('onnxruntime')} {about}\n\n{table(head, list(shown))}"


def _pairs(
    parts: list[list[str]], subjects: dict[str, str], kiosque: Kiosque | None
) -> tuple[int, int, int]:
    """Pairs that are grouped rightly, that are grouped, and that should be."""
    right = grouped = wanted = 0
    for part in parts:
        now = datetime.now(UTC)
        asked = [UnansweredQuestion(text, "fr", 1, now, refused=True) for text in part]
        embedder = None if kiosque is None else lambda: kiosque.models.embedder
        for group in by_subject(asked, embedder):
            pairs = list(itertools.combinations([subjects[one.text] for one in group], 2))
            grouped += len(pairs)
            right += sum(one == other for one, other in pairs)
        pairs = list(itertools.combinations([subjects[text] for text in part], 2))
        wanted += sum(one == other for one, other in pairs)
    return right, grouped, wanted


def _figures(right: int, grouped: int, wanted: int) -> tuple[str, str]:
    return (
        f"{right / max(1, grouped):.2f} ({right} of {grouped})",
        f"{right / max(1, wanted):.2f} ({right} of {wanted})",
    )
