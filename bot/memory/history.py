"""The conversations of terminals before version 4 of the memory: a file, one JSON value a line.

They are taken over once, whenever the memory is opened, and the file is removed. What cannot be
read of it is left out.
"""

from __future__ import annotations

import hashlib
import json
import logging
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot.memory.store import FILE_NAME, Store
from bot.memory.values import TERMINAL, Place, StoredAnswer, StoredSource
from retrieval.text.analysis import guess_language
from retrieval.vocabulary import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

logger = logging.getLogger(__name__)

_MAX_BYTES = 4_000_000


def open_memory(home: Path, terminal_days: int) -> Store:
    """Open the memory of a home; it is made when there is none.

    Args:
        home: the folder of Kiosque.
        terminal_days: answers of terminals that are older are deleted.

    Raises:
        KiosqueError: the file is not ours, damaged, or cannot be written.
    """
    store = Store(home / FILE_NAME)
    try:
        _take_over(home, store)
        store.forget_terminal_before(datetime.now(UTC) - timedelta(days=terminal_days))
    except BaseException:
        store.close()
        raise
    return store


def has_memory(home: Path) -> bool:
    """Whether a home has anything to remember."""
    return (home / FILE_NAME).exists() or _old_file(home).exists()


def _old_file(home: Path) -> Path:
    return home / "chat" / "history.jsonl"


def _take_over(home: Path, store: Store) -> None:
    """Store what the file has, then remove it: a crash between costs nothing."""
    path = _old_file(home)
    try:
        lines = path.read_bytes()[-_MAX_BYTES:].splitlines()
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        logger.warning("the old conversations cannot be read: %s", error)
        return
    store.import_answers([one for line in lines if (one := _exchange(line))], _ended(lines))
    with suppress(OSError):
        path.unlink(missing_ok=True)
        path.with_suffix(".lock").unlink(missing_ok=True)
        path.parent.rmdir()


def _exchange(line: bytes) -> tuple[StoredAnswer, list[StoredSource]] | None:
    """The exchange of a line; None when it has none, or is damaged."""
    try:
        value = json.loads(line)
        at = datetime.fromisoformat(value["at"])
        question, status, text = (_text(value[n]) for n in ("question", "status", "answer"))
        sources = list(_sources(value["sources"]))
        place = _place(value)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return None
    if at.tzinfo is None:
        return None
    language, same = guess_language(question), _number(line)
    return StoredAnswer(0, place, at, language, question, status, text, same), sources


def _ended(lines: Iterable[bytes]) -> list[Place]:
    """The conversations that were left for new ones."""
    places = []
    for line in lines:
        with suppress(ValueError, KeyError, TypeError, AttributeError, RecursionError):
            value = json.loads(line)
            if "question" not in value:
                places.append(_place(value))
    return places


def _place(value: Mapping[str, Any]) -> Place:
    return Place(TERMINAL, _number(_text(value["thread"]).encode()), TERMINAL)


def _number(value: bytes) -> int:
    """The same number for the same bytes, which SQLite can store."""
    return int.from_bytes(hashlib.sha256(value).digest()[:7])


def _sources(values: Iterable[Mapping[str, Any]]) -> Iterator[StoredSource]:
    for value in values:
        number, start, end = (int(value[name]) for name in ("number", "start", "end"))
        if not 0 <= start < end:
            raise ValueError("not a span")
        marked = value.get("answer")
        answer = Span(int(marked["start"]), int(marked["end"])) if marked else None
        article, digest = _text(value["article_id"]), _text(value["digest"])
        yield StoredSource(number, article, start, end, "", "", None, None, None, answer, digest)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("not a text")
    return value
