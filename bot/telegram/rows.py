"""Values of the bot's memory as rows of its tables, and back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bot.memory.values import Cited, Kept, Place
from retrieval.vocabulary import Span, Turn

if TYPE_CHECKING:
    from collections.abc import Sequence


def turns_of(kept: Sequence[Kept]) -> tuple[Turn, ...]:
    """Answers as the turns of a conversation."""
    return tuple(
        turn for one in kept for turn in (Turn("user", one.question), Turn("assistant", one.text))
    )


def place_values(place: Place) -> tuple[int, int, int]:
    """A place as it is bound."""
    return place.chat, place.thread, place.user


def source_values(source: Cited) -> tuple[object, ...]:
    """A source as it is bound."""
    words = source.answer
    return (
        source.number,
        source.article_id,
        source.start,
        source.end,
        source.quote,
        source.title,
        source.outlet,
        source.published,
        source.url,
        words and words.start,
        words and words.end,
    )


def cited_of(row: Sequence[Any]) -> Cited:
    """A source of its row."""
    start, end = row[-2:]
    source = Cited(*row[:-2])
    return source if start is None else replace(source, answer=Span(start, end))


def kept_of(row: Sequence[Any]) -> Kept:
    """An answer of its row."""
    id_, chat, thread, user, at, *rest = row
    return Kept(id_, Place(chat, thread, user), time_of(at), *rest)


def stamp(time: datetime) -> str:
    """A time as it is written: UTC, so that texts sort as times do."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds")


def time_of(written: str) -> datetime:
    """A time that was written."""
    return datetime.fromisoformat(written)
