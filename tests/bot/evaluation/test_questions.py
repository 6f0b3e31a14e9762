"""Question files: what is read of them, and when an answer holds what it must."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path

import pytest

from bot.evaluation.questions import Known, comparable, read_questions, read_squad
from retrieval.errors import BadUse, NotFound
from retrieval.vocabulary import Turn
from tests.bot.samples import ARTICLE
from tests.sample_home import DATA


def test_sample_questions() -> None:
    """Our own file is read whole, with its kinds, quotes, groups and expected refusals."""
    known = read_questions(DATA / "questions.jsonl")
    assert len(known) == 60
    assert sum(one.answerable for one in known) == 40
    assert (known[0].id, known[0].kind) == ("s01", "number")
    assert known[0].must_contain == (("dix-sept", "17"),)
    assert known[0].articles == ("tramway-t2-vote.txt",)


def test_turns_before(tmp_path: Path) -> None:
    """``history`` becomes the turns before the question; blank lines are passed over."""
    path = tmp_path / "q.jsonl"
    row = {"question": "Et quand ?", "history": [["user", "Qui ?"], ["assistant", "Elle."]]}
    path.write_text(f"\n{json.dumps(row)}\n\n", encoding="utf-8-sig")
    (known,) = read_questions(path)
    assert known.history == (Turn("user", "Qui ?"), Turn("assistant", "Elle."))
    assert (known.id, known.answerable) == ("2", False)


@pytest.mark.parametrize(
    ("answer", "holds"),
    [
        ("Dix-sept arrêts en mai 2017.", True),
        ("17 stations EN MAI", True),
        ("17 stations", False),
        ("en mai", False),
        ("", False),
    ],
)
def test_answer_holds_one_of_each_group(answer: str, holds: bool) -> None:
    """Of each group one string is enough, case and accents aside, and no group may be missing."""
    known = Known("1", "Combien ?", must_contain=(("dix-sept", "17"), ("en maï",)))
    assert known.is_held_by(answer) is holds


def test_what_typing_alone_changes_is_no_difference() -> None:
    """Case, accents, kinds of space and of apostrophe are folded before comparing."""
    assert comparable("L’ÉTÉ\u00a04\u202f000\n euros") == comparable("l'ete 4 000 euros")


def test_article_is_known_by_its_file_or_address() -> None:
    """The end of a path on a whole name, or the address, tells the right article."""
    known = Known("1", "?", articles=("pont.txt", "https://example.org/autre"))
    assert known.names(ARTICLE)
    assert not known.names(replace(ARTICLE, source="articles/vieux-pont.txt"))
    assert known.names(replace(ARTICLE, source="x", url="https://example.org/autre"))
    assert not Known("1", "?").names(ARTICLE)


@pytest.mark.parametrize("packed", [False, True])
def test_squad_set(packed: bool, tmp_path: Path) -> None:
    """Paragraphs are numbered, questions name theirs, and the impossible ones are unanswerable."""
    answers = [{"text": "1874", "answer_start": 0}, {"text": "en 1874"}]
    qas = [
        {"id": 1, "question": "Quand ?", "answers": answers},
        {"id": 2, "question": "Qui ?", "answers": [], "is_impossible": True},
    ]
    paragraphs = [{"context": "Un.", "qas": []}, {"context": "Deux.", "qas": qas}]
    raw = json.dumps({"data": [{"title": "<b>T</b>", "paragraphs": paragraphs}]}).encode()
    path = tmp_path / ("s.json.gz" if packed else "s.json")
    path.write_bytes(gzip.compress(raw) if packed else raw)
    squad = read_squad(path)
    assert [(one.id, one.title, one.text) for one in squad.paragraphs] == [
        ("p0", "T", "Un."),
        ("p1", "T", "Deux."),
    ]
    first, second = squad.questions
    assert (first.id, first.articles, first.answerable) == ("1", ("p1",), True)
    assert first.must_contain == (("1874", "en 1874"),)
    assert (second.answerable, second.must_contain) == (False, ())


def test_missing_and_empty_files(tmp_path: Path) -> None:
    """A file that is not there is not found; one without a question is bad use."""
    (tmp_path / "empty").touch()
    with pytest.raises(NotFound):
        read_questions(tmp_path / "nowhere")
    with pytest.raises(BadUse, match="questions_none"):
        read_questions(tmp_path / "empty")
    with pytest.raises(BadUse, match="questions_unreadable"):
        read_squad(tmp_path / "empty")
