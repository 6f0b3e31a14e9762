"""The test that is put to models: whole, exact, and graded as people would."""

from __future__ import annotations

import html
import json
import re
from collections import Counter
from pathlib import Path

import pytest

from bot.answering.exam import Grade, load_exam
from config import data
from tests.sample_home import DATA

EXAM = load_exam()
ROWS = data.load_rows("trust.jsonl")


def test_parts() -> None:
    """Forty sentences, half of them altered, and twenty questions, in both languages."""
    supported = Counter(sentence.supported for sentence in EXAM.sentences)
    answerable = Counter(question.answerable for question in EXAM.questions)
    assert supported == {True: 20, False: 20}
    assert answerable == {True: 12, False: 8}
    for group in (EXAM.sentences, [question.posed for question in EXAM.questions]):
        assert min(Counter(one.language for one in group).values()) >= len(group) // 3
    ids = [one.id for one in EXAM.sentences] + [one.id for one in EXAM.questions]
    assert len(ids) == len(set(ids))


def test_each_altered_sentence_is_altered_in_its_way() -> None:
    """The ways in which models alter are all there."""
    ways = {row["what"] for row in ROWS if row["kind"] == "sentence" and not row["supported"]}
    assert ways >= {"number", "date", "name", "place", "negation", "verb", "role"}
    assert ways >= {"attribution", "hedge", "cause", "merge", "scope"}


def test_passages_are_those_of_the_sample_articles() -> None:
    """Every line of a passage stands in an article of ours, and its dates are dates."""
    texts = [html.unescape(path.read_text(encoding="utf-8")) for path in _articles()]
    known = " ".join(_spaced(re.sub(r"\*\*|^> |<[^>]+>", " ", text, flags=re.M)) for text in texts)
    for row in ROWS:
        if row["kind"] == "passage":
            missing = [ln for ln in row["text"].split("\n") if _spaced(ln) not in known]
            assert missing == [], row["id"]


def test_questions_hold_together() -> None:
    """Four to six passages, eight to ten sentences of them, and the right one among these."""
    for question in EXAM.questions:
        assert 4 <= len(question.passages) <= 6
        assert 8 <= len(question.sentences) <= 10
        assert len(question.right) == 1 if question.answerable else len(question.right) <= 1
        assert question.right <= set(range(1, len(question.sentences) + 1))
        assert not question.answerable or question.accepted
        for _, _, text in question.sentences:
            assert any(text in passage.text for passage in question.passages), text


def test_questions_are_not_those_of_the_evaluation() -> None:
    """No question is one that Kiosque is measured on."""
    lines = (DATA / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    measured = {json.loads(line)["question"] for line in lines}
    assert measured.isdisjoint(question.posed.text for question in EXAM.questions)


@pytest.mark.parametrize(
    ("question", "said", "grade"),
    [
        ("q06", "Le record est de 41 500 spectateurs.", Grade.RIGHT),
        ("q06", "Le record est de 41.500 spectateurs.", Grade.RIGHT),
        ("q06", "Le record est de 41500 spectateurs.", Grade.RIGHT),
        ("q06", "Le record est de 141 500 spectateurs.", Grade.WRONG),
        ("q06", "Le record est de 48 000 spectateurs.", Grade.WRONG),
        ("q06", "", Grade.MISSED),
        ("q11", "The water is at fifteen degrees.", Grade.RIGHT),
        ("q11", "The water is at 1.15 degrees.", Grade.WRONG),
        ("q11", "The water is at 15.5 degrees.", Grade.WRONG),
        ("q11", "The water is at 15.", Grade.RIGHT),
        ("q13", "", Grade.RIGHT),
        ("q13", "Il y a dix-huit bénévoles.", Grade.WRONG),
        ("q14", "Les juges ont écarté l’offre du fonds italien.", Grade.RIGHT),
        ("q14", "Le fonds italien offrait un meilleur prix.", Grade.WRONG),
        ("q18", "There were no victims.", Grade.RIGHT),
    ],
)
def test_written_answers_are_graded(question: str, said: str, grade: Grade) -> None:
    """An answer is right by its words, silence where nothing answers, a corrected premise too."""
    (found,) = (one for one in EXAM.questions if one.id == question)
    assert found.written(said) is grade


def test_choices_are_graded() -> None:
    """The right sentence, or none where none answers; a correcting one is right as well."""
    answerable, premise = (next(q for q in EXAM.questions if q.id == n) for n in ("q01", "q14"))
    right, wrong = min(answerable.right), min({1, 2} - answerable.right)
    assert answerable.selected(right) is Grade.RIGHT
    assert answerable.selected(wrong) is Grade.WRONG
    assert answerable.selected(None) is Grade.MISSED
    assert premise.selected(min(premise.right)) is premise.selected(None) is Grade.RIGHT


def _articles() -> list[Path]:
    return [path for path in (DATA / "articles").iterdir() if path.suffix != ".csv"]


def _spaced(text: str) -> str:
    return " ".join(text.split())
