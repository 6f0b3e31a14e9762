"""Question files: what is read of them, and when an answer holds what it must."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path

import pytest

from bot.evaluation.questions import KnownQuestion, comparable, read_questions, read_squad
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
    known = KnownQuestion("1", "Combien ?", must_contain=(("dix-sept", "17"), ("en maï",)))
    assert known.is_held_by(answer) is holds


def test_what_typing_alone_changes_is_no_difference() -> None:
    """Case, accents, kinds of space and of apostrophe are folded before comparing."""
    assert comparable("L’ÉTÉ\u00a04\u202f000\n euros") == comparable("l'ete 4 000 euros")


def test_article_is_known_by_its_file_or_address() -> None:
    """The end of a path on a whole name, or the address, tells the right article."""
    known = KnownQuestion("1", "?", articles=("pont.txt", "https://example.org/autre"))
    assert known.names(ARTICLE)
    assert not known.names(replace(ARTICLE, source="articles/vieux-pont.txt"))
    assert known.names(replace(ARTICLE, source="x", url="https://example.org/autre"))
    assert not KnownQuestion("1", "?").names(ARTICLE)


SPANNED = {
    "id": "n1",
    "split": "dev",
    "article": "orange-7",
    "question": "Combien l'ont traversé ?",
    "style": "careless",
    "quote": "Après deux ans de travaux, 4.000 personnes l'ont traversé à pied.",
    "answer": "4.000",
}
NEAR_MISS = {
    "id": "n2",
    "split": "train",
    "article": "orange-7",
    "question": "Combien à vélo ?",
    "style": "plain",
    "unanswerable": "near-miss",
    "nearest": "4.000 personnes l'ont traversé à pied.",
    "correction": "à pied",
}


def written(folder: Path, *rows: object) -> Path:
    """A question file of these lines."""
    path = folder / "q.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return path


def test_questions_with_spans(tmp_path: Path) -> None:
    """A line with a quote and the words that answer is answerable; one with a kind is not."""
    answerable, unanswerable = read_questions(written(tmp_path, SPANNED, NEAR_MISS))
    assert (answerable.answerable, answerable.style, answerable.split) == (True, "careless", "dev")
    assert (answerable.articles, answerable.quotes) == (("orange-7",), (SPANNED["quote"],))
    assert (answerable.span, answerable.kind) == ("4.000", "")
    assert (unanswerable.answerable, unanswerable.kind) == (False, "near-miss")
    assert (unanswerable.quotes, unanswerable.corrections) == ((), ("à pied",))


def test_only_a_part_of_a_set(tmp_path: Path) -> None:
    """A split leaves the others out; one that the file does not have is bad use."""
    path = written(tmp_path, SPANNED, NEAR_MISS)
    assert [known.id for known in read_questions(path, "dev")] == ["n1"]
    with pytest.raises(BadUse, match="questions_no_split"):
        read_questions(path, "test")


@pytest.mark.parametrize(
    "broken", [{"quote": 5}, {"answer": None}, {"article": ["x"]}, {"style": 1}, {"quote": None}]
)
def test_spans_of_another_kind_are_bad_use(broken: dict[str, object], tmp_path: Path) -> None:
    """What is no text where a text must be is named, rather than judged by later."""
    with pytest.raises(BadUse, match="questions_unreadable"):
        read_questions(written(tmp_path, SPANNED | broken))


def test_article_is_known_by_the_id_of_its_row() -> None:
    """A row of an export without an address is found under its id, whole."""
    known = KnownQuestion("1", "?", articles=("orange-7",))
    assert known.names(replace(ARTICLE, source="export.jsonl#orange-7"))
    assert not known.names(replace(ARTICLE, source="export.jsonl#orange-77"))
    assert not known.names(replace(ARTICLE, source="export.jsonl#7"))


def test_article_that_holds_the_whole_quote_answers_too() -> None:
    """A copy under another name answers; a few words in common do not make one."""
    known = KnownQuestion("1", "?", articles=("elsewhere",), quotes=(str(SPANNED["quote"]),))
    assert known.is_answered_in(ARTICLE)
    assert not replace(known, quotes=("4.000 personnes",)).is_answered_in(ARTICLE)


@pytest.mark.parametrize(
    ("span", "answer", "holds"),
    [
        ("4.000", "Il y avait 4.000 personnes.", True),
        ("12", "En 2012, rien.", False),
        ("12", "Ils étaient 12.", True),
        ("Zoé", "Zoé est venue.", False),
        ("l’Été", "C'est l'ete qui vient.", True),
        ("maire", "Les maires sont venus.", False),
        ("", "Rien.", False),
    ],
)
def test_answer_holds_the_span_as_whole_words(span: str, answer: str, holds: bool) -> None:
    """Accents and marks aside; part of a word is not the word, and short words tell nothing."""
    assert KnownQuestion("1", "?", span=span).has_span_in(answer) is holds


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
