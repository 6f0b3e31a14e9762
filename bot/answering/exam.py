"""The sentences and questions of the test that is put to a model, and what answers are worth.

They are in ``config/trust.jsonl``, over articles made for Kiosque, in French and English:
supported sentences and sentences altered in one way, which are verified; questions that the
passages answer and questions that they do not, which are answered in writing, and by choosing
among sentences. Pure, but for reading the file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any

from bot.messages.catalogue import Catalogue
from config import data
from prompts.rendering import Fenced, Posed
from retrieval.text.analysis import fold
from retrieval.vocabulary import PublicationDate

if TYPE_CHECKING:
    from collections.abc import Mapping

_GROUPED = re.compile(r"(?<=\d)[\s.,](?=\d{3}(?!\d))")


class Grade(StrEnum):
    """What became of one item of the test.

    `MISSED`: nothing was said, where something was to be said, or nothing that can be read.
    """

    RIGHT = "right"
    MISSED = "missed"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class ExamSentence:
    """A sentence to verify.

    Args:
        id: of the item.
        language: of the sentence.
        passages: what it is verified against.
        text: the sentence.
        supported: whether they say all of it.
    """

    id: str
    language: str
    passages: tuple[Fenced, ...]
    text: str
    supported: bool


@dataclass(frozen=True, slots=True)
class ExamQuestion:
    """A question to answer.

    Args:
        id: of the item.
        posed: the question, as it is put.
        passages: the writer's.
        answerable: whether they answer it.
        accepted: groups of words; a right answer has one of each. Of an unanswerable question:
            those of a rightly corrected premise; none when nothing is to be said.
        sentences: what is chosen from, each with its title and with where it comes from.
        right: the numbers, from 1, of those that answer, or that correct the premise.
    """

    id: str
    posed: Posed
    passages: tuple[Fenced, ...]
    answerable: bool
    accepted: tuple[tuple[str, ...], ...]
    sentences: tuple[tuple[str, str, str], ...]
    right: frozenset[int]

    def written(self, said: str) -> Grade:
        """What a written answer is worth; ``""`` when nothing was said."""
        if not said:
            return self.silence
        plain = _plain(said)
        right = bool(self.accepted) and all(
            any(_has(plain, word) for word in group) for group in self.accepted
        )
        return Grade.RIGHT if right else Grade.WRONG

    def selected(self, number: int | None) -> Grade:
        """What a choice is worth; None when nothing was chosen."""
        if number is None:
            return self.silence
        return Grade.RIGHT if number in self.right else Grade.WRONG

    @property
    def silence(self) -> Grade:
        """What it is worth to say nothing."""
        return Grade.MISSED if self.answerable else Grade.RIGHT


@dataclass(frozen=True, slots=True)
class TrustExam:
    """All that is asked; another version is another test."""

    version: int
    sentences: tuple[ExamSentence, ...]
    questions: tuple[ExamQuestion, ...]


@cache
def load_exam() -> TrustExam:
    """The test that comes with Kiosque."""
    by_kind: dict[str, list[dict[str, Any]]] = {}
    for row in data.load_rows("trust.jsonl"):
        by_kind.setdefault(row["kind"], []).append(row)
    (head,) = by_kind["test"]
    passages = {row["id"]: row for row in by_kind["passage"]}
    today = PublicationDate.parse(head["today"])
    return TrustExam(
        head["version"],
        tuple(_sentence(row, passages) for row in by_kind["sentence"]),
        tuple(_question(row, passages, today) for row in by_kind["question"]),
    )


def _sentence(row: Mapping[str, Any], passages: Mapping[str, Mapping[str, Any]]) -> ExamSentence:
    fenced = _fenced(row, passages)
    return ExamSentence(row["id"], row["language"], fenced, row["text"], row["supported"])


def _question(
    row: Mapping[str, Any], passages: Mapping[str, Mapping[str, Any]], today: PublicationDate
) -> ExamQuestion:
    texts = Catalogue(row["language"])
    return ExamQuestion(
        row["id"],
        Posed(row["text"], row["language"], texts.date(today)),
        _fenced(row, passages),
        row["answerable"],
        tuple(tuple(_plain(word) for word in group) for group in row["accepted"]),
        tuple(
            (passages[name]["title"], _origin(passages[name], texts), text)
            for name, text in row["sentences"]
        ),
        frozenset(row["right"]),
    )


def _fenced(
    row: Mapping[str, Any], passages: Mapping[str, Mapping[str, Any]]
) -> tuple[Fenced, ...]:
    texts = Catalogue(row["language"])
    return tuple(
        Fenced(number, one["title"], one["outlet"], _date(one, texts), one["text"])
        for number, one in enumerate((passages[name] for name in row["passages"]), 1)
    )


def _origin(passage: Mapping[str, Any], texts: Catalogue) -> str:
    return f"{passage['title']}, {_date(passage, texts)}"


def _date(passage: Mapping[str, Any], texts: Catalogue) -> str:
    return texts.date(PublicationDate.parse(passage["published"]))


def _plain(text: str) -> str:
    """A text to look for words in: folded, and the thousands of numbers together."""
    return _GROUPED.sub("", fold(text.replace("’", "'")))


def _has(plain: str, word: str) -> bool:
    """Whether a folded text has a word, or its start; a number only whole."""
    end = r"(?![.,]?\d)" if word[-1:].isdigit() else ""
    return re.search(rf"(?<![\w.,]){re.escape(word)}{end}", plain) is not None
