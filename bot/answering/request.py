"""A request, and the events while it is answered, for fronts that show progress.

    Searching → Retrieved → Verified … → Finished

``Finished`` is always last, and alone when nothing had to be searched. Its answer holds every
statement that was `Verified`, word for word, in the same order and with the same numbers.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from enum import IntFlag
from typing import TYPE_CHECKING

from retrieval.scope import EVERYTHING, Scope

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from retrieval.vocabulary import Answer, Question, Statement, Turn, Understanding


class Limit(IntFlag):
    """What a question limits its search to by its own words; buttons carry the numbers."""

    NONE = 0
    PERIOD = 1
    OUTLET = 2
    ALL = 3


@dataclass(frozen=True, slots=True)
class Request:
    """A question to be answered.

    Args:
        text: as it was typed.
        today: the day on which it is asked.
        turns: the turns before it, oldest first.
        scope: articles outside are not looked at.
        typed: what was typed, when ``text`` is a follow-up put into words that stand alone.
        without: limits of the question's words that are not to be kept.
        known: how the question was understood before, when it is asked again; ``turns`` are
            not looked at then.
        chronology: whether the text is a subject, whose dated lines are asked for: a sentence of
            each article, oldest first, whatever a model would write.
    """

    text: str
    today: date
    turns: tuple[Turn, ...] = ()
    scope: Scope = EVERYTHING
    typed: str = ""
    without: Limit = Limit.NONE
    known: Understanding | None = None
    chronology: bool = False

    @property
    def shown(self) -> str:
        """The question as the user typed it."""
        return self.typed or self.text


class Passing:
    """A value passed through the chain; of several, the last one counts.

    That is how LangChain adds the pieces of a stream up, so that ``ainvoke`` gives the last.
    """

    __slots__ = ()

    def __add__(self, later: object) -> object:
        return later


@dataclass(frozen=True, slots=True)
class Searching(Passing):
    """The question is understood and stands alone."""

    question: Question


@dataclass(frozen=True, slots=True)
class Retrieved(Passing):
    """The numbers of passages and articles found."""

    passages: int
    articles: int


@dataclass(frozen=True, slots=True)
class Verified(Passing):
    """A verified statement, to be shown."""

    statement: Statement


@dataclass(frozen=True, slots=True)
class Finished(Passing):
    """The whole answer."""

    answer: Answer


Event = Searching | Retrieved | Verified | Finished


class Stopwatch:
    """Milliseconds of each stage, and in total."""

    def __init__(self, now: Callable[[], float] = time.perf_counter) -> None:
        self._now = now
        self._begun = self._last = now()
        self._laps: dict[str, float] = {}

    def lap(self, name: str) -> None:
        """End a stage; a repeated name adds to its time."""
        now = self._now()
        self._laps[name] = self._laps.get(name, 0.0) + (now - self._last) * 1000
        self._last = now

    def total(self) -> dict[str, float]:
        """The milliseconds of each stage, and ``total``."""
        return {**self._laps, "total": (self._now() - self._begun) * 1000}
