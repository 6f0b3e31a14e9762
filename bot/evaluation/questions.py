"""Question files: what is asked, and what is right. ``.jsonl`` of two kinds, and SQuAD's format.

A line with groups: ``question, language, kind, answerable, articles, quotes, must_contain``,
sometimes ``history``. ``quotes`` are spans of the articles; of each group of ``must_contain``
the answer must hold one string.

A line with a span: ``id, split, article, question, style``, then ``quote`` (a span of the
article) and ``answer`` (a span of the quote), or ``unanswerable`` (of what kind). An
unanswerable line may have ``correction``, the words of the article that say what is wrong with
the question: who cites them is right. ``article`` is the ``id`` of the export's row.
"""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from retrieval.errors import BadUse, NotFound
from retrieval.text.analysis import fold
from retrieval.vocabulary import Turn

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from retrieval.vocabulary import Article

_TELLING = 40
"""Characters of a quote that two articles hardly share by chance."""
_WORDY = 4
"""Characters of a span below which only a number is looked for."""


@dataclass(frozen=True, slots=True)
class KnownQuestion:
    """A question with its answer: see the module.

    Args:
        id: of the question in its file.
        question: its text.
        kind: of question; of an unanswerable one, why it has no answer.
        answerable: whether the archive answers it.
        articles: file names, addresses or ids of rows of the articles that answer.
        quotes: spans of those articles that answer.
        must_contain: of each group, the answer must hold one string.
        history: the turns before it.
        style: how it is worded; of an answerable one without a style, its kind.
        split: the part of the set that it is of.
        span: the words of the quote that answer; ``""`` in a file with groups.
        corrections: spans of articles that say what is wrong with an unanswerable question.
    """

    id: str
    question: str
    kind: str = ""
    answerable: bool = True
    articles: tuple[str, ...] = ()
    quotes: tuple[str, ...] = ()
    must_contain: tuple[tuple[str, ...], ...] = ()
    history: tuple[Turn, ...] = ()
    style: str = ""
    split: str = ""
    span: str = ""
    corrections: tuple[str, ...] = ()

    def names(self, article: Article) -> bool:
        """Whether an article is named by source, file name, address, or row of an export."""
        places = {article.source, article.url or ""}
        return any(
            place == name or place.endswith((f"/{name}", f"#{name}"))
            for place in places
            for name in self.articles
        )

    def is_answered_in(self, article: Article) -> bool:
        """Whether an article answers: it is named, or it holds a whole gold quote.

        An export's row with an address is known by it, and its id is not kept; and an article
        that was published twice is kept once, under one of its names. Short quotes name
        nothing, since they may stand in articles that have nothing to do with one another.
        """
        return self.names(article) or any(
            len(quote) >= _TELLING and quote in article.text for quote in self.quotes
        )

    def is_held_by(self, answer: str) -> bool:
        """Whether an answer holds what it must; spaces, case, accents and marks aside."""
        text = comparable(answer)
        return all(any(comparable(one) in text for one in group) for group in self.must_contain)

    def has_span_in(self, answer: str) -> bool:
        """Whether an answer holds the words that answer, as whole words.

        Words of fewer than four characters tell nothing, unless they are a number.
        """
        span = comparable(self.span)
        if len(span) < _WORDY and not any(character.isdigit() for character in span):
            return False
        return re.search(rf"(?<!\w){re.escape(span)}(?!\w)", comparable(answer)) is not None


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
    questions: tuple[KnownQuestion, ...]


def read_questions(path: Path, split: str = "") -> tuple[KnownQuestion, ...]:
    """The questions of a ``.jsonl`` file.

    Args:
        path: the file.
        split: only those of this part of the set; all when it is empty.

    Raises:
        NotFound: there is no such file.
        BadUse: a line is no question (``questions_unreadable``), or there is none
            (``questions_none``), or none of the part (``questions_no_split``).
    """
    known = []
    for number, line in enumerate(_text(path).splitlines(), 1):
        try:
            known += [_known(number, json.loads(line))] if line.strip() else []
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise _unreadable(path, error, f"{number}: ") from error
    if not known:
        raise BadUse("questions_none", path=str(path))
    wanted = tuple(one for one in known if split in ("", one.split))
    if not wanted:
        raise BadUse("questions_no_split", path=str(path), split=split)
    return wanted


def _known(number: int, row: dict[str, Any]) -> KnownQuestion:
    with_span = "article" in row and "articles" not in row
    return _known_by_span(number, row) if with_span else _known_by_groups(number, row)


def _known_by_groups(number: int, row: dict[str, Any]) -> KnownQuestion:
    kind, answerable = _string(row.get("kind", "")), bool(row.get("answerable", False))
    return KnownQuestion(
        id=str(row.get("id", number)),
        question=_string(row["question"]),
        kind=kind,
        answerable=answerable,
        articles=_strings(row.get("articles", ())),
        quotes=_strings(row.get("quotes", ())),
        must_contain=tuple(_strings(group) for group in row.get("must_contain", ())),
        history=tuple(Turn(speaker, text) for speaker, text in row.get("history") or ()),
        style=_string(row.get("style", kind if answerable else "")),
        split=_string(row.get("split", "")),
        corrections=_strings(row.get("corrections", ())),
    )


def _known_by_span(number: int, row: dict[str, Any]) -> KnownQuestion:
    why = _string(row.get("unanswerable", ""))
    return KnownQuestion(
        id=str(row.get("id", number)),
        question=_string(row["question"]),
        kind=why,
        answerable=not why,
        articles=(_string(row["article"]),),
        quotes=() if why else (_string(row["quote"]),),
        style=_string(row.get("style", "")),
        split=_string(row.get("split", "")),
        span="" if why else _string(row["answer"]),
        corrections=_strings([row["correction"]] if "correction" in row else ()),
    )


def read_squad(path: Path) -> SquadSet:
    """A set in SQuAD format, plain or gzipped.

    Raises:
        NotFound: there is no such file.
        BadUse: it has another format (``questions_unreadable``), or no question
            (``questions_none``).
    """
    paragraphs: list[Paragraph] = []
    questions: list[KnownQuestion] = []
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


def _squad_question(paragraph: str, qa: dict[str, Any]) -> KnownQuestion:
    answers = tuple(answer["text"] for answer in qa.get("answers", ()))
    return KnownQuestion(
        id=str(qa.get("id", "")),
        question=_string(qa["question"]),
        kind="squad",
        style="squad",
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


def _strings(values: object) -> tuple[str, ...]:
    if not isinstance(values, (list, tuple)):
        raise TypeError(f"not a list of texts: {values!r:.40}")
    return tuple(_string(one) for one in values)


def _unreadable(path: Path, error: Exception, where: str = "") -> BadUse:
    detail = f"{where}{type(error).__name__}: {error}"
    return BadUse("questions_unreadable", path=str(path), detail=detail)
