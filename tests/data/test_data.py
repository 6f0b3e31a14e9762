"""The sample articles and their questions keep the promises that other tests build on."""

from __future__ import annotations

import csv
import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
ARTICLES = HERE / "articles"
REASONS = {"not_in_archive", "out_of_period", "false_premise", "too_vague", "not_a_question"}


def _text(name: str) -> str:
    return unicodedata.normalize("NFC", (ARTICLES / name).read_text(encoding="utf-8"))


def _questions() -> list[dict[str, Any]]:
    lines = (HERE / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def _rows() -> list[dict[str, str]]:
    with (ARTICLES / "metadata.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


QUESTIONS = _questions()
ANSWERABLE = [q for q in QUESTIONS if q["answerable"]]
REFUSED = [q for q in QUESTIONS if not q["answerable"]]


@pytest.mark.parametrize("question", ANSWERABLE, ids=lambda q: q["id"])
def test_a_quote_stands_verbatim_in_its_file(question: dict[str, Any]) -> None:
    """Every quote is a span of a file that its question names, and every file has one."""
    texts = [_text(name) for name in question["articles"]]
    quotes = question["quotes"]
    assert quotes
    assert all(any(quote in text for text in texts) for quote in quotes)
    assert all(any(quote in text for quote in quotes) for text in texts)
    assert question["must_contain"]


@pytest.mark.parametrize("question", REFUSED, ids=lambda q: q["id"])
def test_a_question_without_an_answer_says_the_reason(question: dict[str, Any]) -> None:
    """An unanswerable question expects a known reason, and names no article and no quote."""
    assert question["reason"] in REASONS
    assert not question["articles"] + question["quotes"] + question["must_contain"]


def test_the_metadata_lists_every_article_once() -> None:
    """Each file beside metadata.csv has one row there, and each row has its file."""
    listed = sorted(row["source"] for row in _rows())
    present = sorted(path.name for path in ARTICLES.iterdir() if path.name != "metadata.csv")
    assert listed == present


def test_every_article_is_asked_about() -> None:
    """No sample article is idle: at least one question is answered by it."""
    asked = {name for question in ANSWERABLE for name in question["articles"]}
    assert asked == {row["source"] for row in _rows()}


def test_questions_are_told_apart() -> None:
    """Identifiers and questions are unique, so that a figure counts each of them once."""
    assert len({q["id"] for q in QUESTIONS}) == len(QUESTIONS)
    assert len({q["question"] for q in QUESTIONS}) == len(QUESTIONS)
