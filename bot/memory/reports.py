"""What the desk is told of the memory: questions left without an answer, reports that were sent.

The questions of somebody who said ``/forget`` are deleted, and so in no report.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.memory.store import stamp, time_of

if TYPE_CHECKING:
    from datetime import datetime

    from bot.memory.store import Store

MAX_UNANSWERED = 500
"""Questions of one report, the newest: grouping them takes seconds."""

_OF_THE_ARCHIVE = (
    "at >= ? AND (status = 'passages' OR (status = 'refused'"
    " AND reason NOT IN ('not_a_question', 'too_vague')))"
)
"""A greeting or a question that names nothing says nothing of what the archive lacks."""


@dataclass(frozen=True, slots=True)
class UnansweredQuestion:
    """A question that was refused, or that had only passages near it.

    Args:
        text: as it was typed.
        language: that of its answer.
        asker: who asked, to count people; shown nowhere.
        at: when it was answered.
        refused: whether it was refused; else the answer was unsure.
    """

    text: str
    language: str
    asker: int
    at: datetime
    refused: bool


@dataclass(frozen=True, slots=True)
class UnansweredCounts:
    """How many questions were asked, how many of them refused, how many answered unsurely."""

    asked: int = 0
    refused: int = 0
    unsure: int = 0


@dataclass(frozen=True, slots=True)
class ReportMemory:
    """The reports in a `Store`.

    Args:
        store: the memory of both fronts.
    """

    store: Store

    def unanswered(self, since: datetime) -> list[UnansweredQuestion]:
        """The questions since a time that were refused or unsure, newest first."""
        rows = self.store.rows(
            "SELECT question, language, user, at, status FROM answers"  # noqa: S608 - constants
            f" WHERE {_OF_THE_ARCHIVE} ORDER BY id DESC LIMIT {MAX_UNANSWERED}",
            stamp(since),
        )
        return [
            UnansweredQuestion(text, language, asker, time_of(at), status == "refused")
            for text, language, asker, at, status in rows
        ]

    def counts(self, since: datetime) -> UnansweredCounts:
        """How many questions were asked since a time, and how many left without an answer."""
        (asked,) = self.store.rows(
            "SELECT count(*) FROM answers WHERE at >= ? AND status <> 'notice'", stamp(since)
        )[0]
        refused, unsure = self.store.rows(
            "SELECT ifnull(sum(status = 'refused'), 0),"  # noqa: S608 - constants
            f" ifnull(sum(status = 'passages'), 0) FROM answers WHERE {_OF_THE_ARCHIVE}",
            stamp(since),
        )[0]
        return UnansweredCounts(int(asked), int(refused), int(unsure))

    # --- what administrators were told ------------------------------------------------

    def sent(self, kind: str) -> dict[tuple[str, int], str]:
        """What administrators were told of a kind: its value, by subject and administrator."""
        rows = self.store.rows("SELECT subject, admin, value FROM reports WHERE kind = ?", kind)
        return {(subject, admin): value for subject, admin, value in rows}

    def note(self, kind: str, subject: str, admin: int, value: str) -> None:
        """Remember that an administrator was told something."""
        self.store.rows(
            "INSERT OR REPLACE INTO reports VALUES (?, ?, ?, ?)", kind, subject, admin, value
        )

    def drop(self, kind: str, subject: str, admin: int) -> None:
        """What an administrator was told is over."""
        self.store.rows(
            "DELETE FROM reports WHERE kind = ? AND subject = ? AND admin = ?",
            kind,
            subject,
            admin,
        )
