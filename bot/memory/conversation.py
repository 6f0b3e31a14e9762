"""A conversation, whatever its front: what is typed, what is remembered, what is kept.

Pure: the time is an argument and the fronts store. Earlier answers are never evidence; the
turns only tell what a follow-up ("et combien de blessés ?") leans on.
"""

from __future__ import annotations

import difflib
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from config import data
from retrieval.text.analysis import fold
from retrieval.vocabulary import Citation, Span, Turn

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from retrieval.vocabulary import Answer, Article

RECENT = timedelta(hours=1)
_REMEMBERED = 50  # exchanges; more than any setting asks for


class Command(StrEnum):
    """What a line that begins with ``/`` asks for."""

    NEW = "new"
    SOURCES = "sources"
    FORGET = "forget"
    HELP = "help"
    QUIT = "quit"


_NAMES = {
    name: Command(command)
    for command, names in data.load("commands.toml").items()
    for name in names
}


@dataclass(frozen=True, slots=True)
class Order:
    """A command, and what was typed after it."""

    command: Command
    argument: str = ""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A command that does not exist, and the nearest that does, if one is near."""

    name: str
    nearest: str | None


def meaning(line: str) -> Order | Unknown | str | None:
    """What a line means: a command, a question, or nothing when there is nothing in it."""
    text = "".join(c if c.isprintable() else " " for c in line).strip()
    if not text.startswith("/"):
        return text or None
    typed, _, argument = text[1:].partition(" ")
    name = fold(typed)
    if name in _NAMES:
        return Order(_NAMES[name], argument.strip())
    near = difflib.get_close_matches(name[:40], _NAMES, n=1)
    return Unknown(typed, near[0] if near else None)


@dataclass(frozen=True, slots=True)
class Cited:
    """Where an answer quoted from: offsets into the text of that digest.

    ``answer`` marks the words of the quote that answer, if any were marked.
    """

    number: int
    article_id: str
    digest: str
    start: int
    end: int
    answer: Span | None = None


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question and its answer: what is kept of them.

    Args:
        thread: the conversation it belongs to.
        at: when it was asked; the time zone is known.
        question: as it was typed.
        answer: the answer as it was read.
        status: how it ended.
        sources: what it quoted, or showed as coming near.
    """

    thread: str
    at: datetime
    question: str
    answer: str
    status: str
    sources: tuple[Cited, ...] = ()


@dataclass(frozen=True, slots=True)
class Ended:
    """A conversation that its user left for a new one: it never goes on by itself."""

    thread: str
    at: datetime


Kept = Exchange | Ended


@dataclass(frozen=True, slots=True)
class Conversation:
    """The exchanges of one thread, oldest first."""

    thread: str
    exchanges: tuple[Exchange, ...] = ()

    def turns(self, most: int) -> tuple[Turn, ...]:
        """The last turns, at most so many, beginning with a question."""
        pairs = self.exchanges[-(most // 2) :] if most >= 2 else ()
        return tuple(
            turn
            for one in pairs
            for turn in (Turn("user", one.question), Turn("assistant", one.answer))
        )

    def followed_by(self, question: str, answer: Answer, text: str, at: datetime) -> Conversation:
        """The conversation with one exchange more; ``text`` is the answer as it was read."""
        cited = tuple(
            Cited(c.number, c.article.id, c.article.digest, c.start, c.end, c.answer)
            for c in answer.openable
        )
        exchange = Exchange(self.thread, at, question, text, answer.status.value, cited)
        return replace(self, exchanges=(*self.exchanges, exchange)[-_REMEMBERED:])


def continued(kept: Sequence[Kept], now: datetime) -> Conversation | None:
    """The last conversation, when it is recent and was not ended."""
    ended = {one.thread for one in kept if isinstance(one, Ended)}
    exchanges = [one for one in kept if isinstance(one, Exchange)]
    if not exchanges or exchanges[-1].thread in ended:
        return None
    last = exchanges[-1]
    if not timedelta() <= now - last.at <= RECENT:
        return None
    same = [one for one in exchanges if one.thread == last.thread]
    return Conversation(last.thread, tuple(same[-_REMEMBERED:]))


def still_quoted(cited: Cited, articles: Mapping[str, Article]) -> Citation | None:
    """The quote as it stands; None when its article was changed or withdrawn since.

    Args:
        cited: where an answer quoted from.
        articles: the live articles, by their ids.
    """
    article = articles.get(cited.article_id)
    if article is None or article.digest != cited.digest:
        return None
    quote = article.text[cited.start : cited.end]
    if not quote:
        return None
    return Citation(cited.number, article, quote, cited.start, cited.end, cited.answer)


def record(kept: Kept) -> dict[str, Any]:
    """What is written of an exchange, in plain values; `recorded` reads it."""
    return {**asdict(kept), "at": kept.at.isoformat(timespec="seconds")}


def recorded(value: Any) -> Kept:  # noqa: ANN401 - whatever was in the file
    """An exchange as it was written.

    Raises:
        ValueError: it was damaged.
    """
    try:
        thread, at = _text(value["thread"]), datetime.fromisoformat(value["at"])
        if at.tzinfo is None:
            raise ValueError("a time without its zone")
        if "question" not in value:
            return Ended(thread, at)
        question, answer, status = (_text(value[n]) for n in ("question", "answer", "status"))
        return Exchange(thread, at, question, answer, status, tuple(_cited(value["sources"])))
    except (KeyError, TypeError, AttributeError, OverflowError) as error:
        raise ValueError("not an exchange") from error


def _cited(values: Iterable[Mapping[str, Any]]) -> Iterable[Cited]:
    for value in values:
        start, end, number = (int(value[name]) for name in ("start", "end", "number"))
        if not 0 <= start < end:
            raise ValueError("not a span")
        answer = _answer(value.get("answer"), start, end)
        yield Cited(number, _text(value["article_id"]), _text(value["digest"]), start, end, answer)


def _answer(value: Mapping[str, Any] | None, start: int, end: int) -> Span | None:
    """The words that answered; none in what earlier versions wrote."""
    if value is None:
        return None
    answer = Span(int(value["start"]), int(value["end"]))
    if not start <= answer.start < answer.end <= end:
        raise ValueError("marks no part of a quote")
    return answer


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("not a text")
    return value
