"""Question files: what is asked, and what is right. ``.jsonl`` of ours, and SQuAD's format.

A line of ours: ``question, language, kind, answerable, articles, quotes, must_contain``,
sometimes ``history``. ``quotes`` are spans of the articles; of each group of
``must_contain`` the answer must hold one string.
"""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from retrieval.analysis import fold
from retrieval.errors import BadUse, NotFound
from retrieval.vocabulary import Turn

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from retrieval.vocabulary import Article


@dataclass(frozen=True, slots=True)
class Known:
    """A question with its answer: see the module."""

    id: str
    question: str
    kind: str = ""
    answerable: bool = True
    articles: tuple[str, ...] = ()
    quotes: tuple[str, ...] = ()
    must_contain: tuple[tuple[str, ...], ...] = ()
    history: tuple[Turn, ...] = ()

    def names(self, article: Article) -> bool:
        """Whether an article is one of those that answer, by source, file name or address."""
        places = {article.source, article.url or ""}
        return any(
            place == name or place.endswith(f"/{name}")
            for place in places
            for name in self.articles
        )

    def is_held_by(self, answer: str) -> bool:
        """Whether an answer holds what it must; spaces, case, accents and marks aside."""
        text = comparable(answer)
        return all(any(comparable(one) in text for one in group) for group in self.must_contain)


def comparable(text: str) -> str:
    """A text without what typing alone changes: case, accents, kinds of space and apostrophe."""
    return re.sub(r"\s+", " ", fold(text.replace("’", "'")))


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of a SQuAD set, as an article of its own."""

    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class SquadSet:
    """Paragraphs, and questions whose ``articles`` name the paragraph that answers."""

    paragraphs: tuple[Paragraph, ...]
    questions: tuple[Known, ...]


def read_questions(path: Path) -> tuple[Known, ...]:
    """The questions of a ``.jsonl`` file.

    Raises:
        NotFound: there is no such file.
        BadUse: a line is no question (``questions_unreadable``), or there is none
            (``questions_none``).
    """
    known = []
    for number, line in enumerate(_text(path).splitlines(), 1):
        try:
            known += [_known(number, json.loads(line))] if line.strip() else []
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise _unreadable(path, error, f"{number}: ") from error
    if not known:
        raise BadUse("questions_none", path=str(path))
    return tuple(known)


def _known(number: int, row: dict[str, Any]) -> Known:
    return Known(
        id=str(row.get("id", number)),
        question=_string(row["question"]),
        kind=row.get("kind", ""),
        answerable=bool(row.get("answerable", False)),
        articles=tuple(row.get("articles", ())),
        quotes=tuple(row.get("quotes", ())),
        must_contain=tuple(tuple(group) for group in row.get("must_contain", ())),
        history=tuple(Turn(speaker, text) for speaker, text in row.get("history") or ()),
    )


def read_squad(path: Path) -> SquadSet:
    """A set in SQuAD format, plain or gzipped.

    Raises:
        NotFound: there is no such file.
        BadUse: it has another format (``questions_unreadable``), or no question
            (``questions_none``).
    """
    paragraphs: list[Paragraph] = []
    questions: list[Known] = []
    try:
        for title, paragraph in _paragraphs(json.loads(_text(path))):
            id_ = f"p{len(paragraphs)}"
            paragraphs.append(Paragraph(id_, title, _string(paragraph["context"])))
            questions += [_squad_question(id_, qa) for qa in paragraph["qas"]]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _unreadable(path, error) from error
    if not questions:
        raise BadUse("questions_none", path=str(path))
    return SquadSet(tuple(paragraphs), tuple(questions))


def _paragraphs(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for article in document["data"]:
        title = re.sub(r"<[^>]*>", "", article.get("title", ""))
        for paragraph in article["paragraphs"]:
            yield title, paragraph


def _squad_question(paragraph: str, qa: dict[str, Any]) -> Known:
    answers = tuple(answer["text"] for answer in qa.get("answers", ()))
    return Known(
        id=str(qa.get("id", "")),
        question=_string(qa["question"]),
        kind="squad",
        answerable=not qa.get("is_impossible", False) and bool(answers),
        articles=(paragraph,),
        must_contain=(answers,) if answers else (),
    )


def _text(path: Path) -> str:
    if not path.is_file():
        raise NotFound("path_missing", path=str(path))
    try:
        raw = path.read_bytes()
        return (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8-sig")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise _unreadable(path, error) from error


def _string(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"not a text: {value!r:.40}")
    return value


def _unreadable(path: Path, error: Exception, where: str = "") -> BadUse:
    detail = f"{where}{type(error).__name__}: {error}"
    return BadUse("questions_unreadable", path=str(path), detail=detail)
