"""The output of a parser: the pieces of a source, each a text with the claims about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

_SHOWN_CHARS = 80  # of what was removed


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of reading one source, and the kinds of items read besides articles.

    Args:
        pages: of a PDF file.
        seconds: for a source; of a collection, for one of its articles.
        memory_mb: of the process.
        admit: kinds of items of a site that are read as articles, such as ``page``.
    """

    pages: int = 500
    seconds: float = 30.0
    memory_mb: int = 1024
    admit: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims of one place (a row, a front matter, a page) about an article, as written.

    ``""`` stands for a value that the place does not give.

    Args:
        place: its name, for the report.
        due: the moment of publication that a page declares, which may be to come.
    """

    place: str
    title: str = ""
    published: str = ""
    outlet: str = ""
    author: str = ""
    url: str = ""
    language: str = ""
    due: str = ""

    def of_all(self) -> Claims:
        """What they say of each article of a source of several: newspaper and language at most."""
        return Claims(self.place, outlet=self.outlet, language=self.language)


@dataclass(frozen=True, slots=True)
class Extract:
    """A text taken from markup, and what was left out of it, each as ``rule: words``."""

    text: str
    removed: tuple[str, ...] = ()


def removal(rule: str, words: str) -> str:
    """A removed text as the report shows it: ``rule: words``, cut short."""
    return f"{rule}: {' '.join(words[: 4 * _SHOWN_CHARS].split())[:_SHOWN_CHARS]}"


@dataclass(frozen=True, slots=True)
class Piece:
    """One article of a source.

    Args:
        text: as the parser found it, not cleaned.
        claims: what the source says of it.
        name: its identifier in a source of several; ``""`` in a source of one.
        removed: what the parser left out of the text, each as ``rule: words``.
        raw: its own part of the source, if any.
        left_out: why it is not to be taken in (a key under ``left_out``); ``""`` when it is.
        until: when it may be taken in, in ISO 8601; ``""`` when that is not a matter of time.
        problem: why it gave no article (a key under ``unreadable``): a broken record.
        detail: a detail of ``left_out`` or ``problem``, such as the columns that are there.
    """

    text: str
    claims: Claims
    name: str = ""
    removed: tuple[str, ...] = ()
    raw: str = ""
    left_out: str = ""
    until: str = ""
    problem: str = ""
    detail: str = ""


class Refused(ValueError):
    """A source that gives no article; ``reason`` is a key of the catalogue."""

    def __init__(self, reason: str, detail: str = "") -> None:
        self.reason = reason
        self.detail = detail
        super().__init__(f"{reason}: {detail}")


class Parser(Protocol):
    """Reads one of the forms in `parsing.PARSED`."""

    def __call__(self, form: str, source: bytes | str) -> Iterable[Piece]:
        """The articles of a source; they can be iterated once.

        Args:
            form: one of `parsing.PARSED`.
            source: the bytes, or the path of a file.

        Raises:
            Refused: it holds no article, or costs more than it may; also raised while the
                pieces are iterated.
        """
