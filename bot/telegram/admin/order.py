"""What administrators ask of the archive, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class OrderKind(StrEnum):
    """What is to be done."""

    INDEX = "index"
    REINDEX = "reindex"
    FEED = "feed"
    UNFEED = "unfeed"
    CORRECT = "correct"
    WITHDRAW = "withdraw"
    ROLLBACK = "rollback"


class OrderState(StrEnum):
    """How far it is.

    ``asked``: the bot waits for a file or a reason; ``planned``: for a confirmation.
    """

    ASKED = "asked"
    PLANNED = "planned"
    WORKING = "working"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Plan:
    """What an order would do.

    Args:
        lines: what people read of it, in the order's language.
        digest: tells it from any other plan (`archive_jobs.digest_of`); ``""`` when it is not
            compared again before it is done.
    """

    lines: tuple[str, ...] = ()
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """A change of the archive that somebody asked for.

    Args:
        id: what its buttons name; 0 as long as it is not stored.
        at: when it was asked for.
        chat: where it is shown.
        message: the message that shows it.
        user: who asked for it.
        who: their name.
        language: that of its message.
        kind: what is to be done.
        state: how far it is.
        name: what it is called: files, an address, a title.
        facts: what is needed to do it (``box``, ``sources``, ``article``, ``reason``, ``change``).
        plan: what it would do.
        generation: that of the indexes when it was planned; -1 when it must be planned again.
        worker: who confirmed it, or 0.
        worker_name: their name.
        seen: the newest change of the history when the work began.
        change: the change that it made, or 0.
    """

    id: int
    at: datetime
    chat: int
    message: int
    user: int
    who: str
    language: str
    kind: OrderKind
    state: OrderState
    name: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    plan: Plan = Plan()
    generation: int = 0
    worker: int = 0
    worker_name: str = ""
    seen: int = 0
    change: int = 0

    @property
    def box(self) -> str:
        """Where its files wait; empty when it has none."""
        return str(self.facts.get("box", ""))

    @property
    def sources(self) -> tuple[str, ...]:
        """The addresses and folders that it names."""
        return tuple(self.facts.get("sources", ()))

    @property
    def by(self) -> str:
        """Who makes the change, for the history of the archive."""
        return f"telegram:{self.worker or self.user}"
