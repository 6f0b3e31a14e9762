"""How questions were understood, kept so that a button can ask them again without a limit.

An understanding is a row beside its answer, and goes with it. It holds no turn of the conversation:
what a follow-up took from them is in it.
"""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import date
from typing import TYPE_CHECKING, Any

from retrieval.vocabulary import Period, Understanding

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.memory.store import Store


class Understandings:
    """The understandings of stored answers.

    Args:
        store: the memory.
    """

    def __init__(self, store: Store) -> None:
        self._rows = store.rows

    def add(self, answer: int, understood: Understanding) -> None:
        """Store how the question of an answer was understood; nothing if the answer is gone."""
        self._rows(
            "INSERT OR REPLACE INTO understandings SELECT id, ? FROM answers WHERE id = ?",
            json.dumps(_as_json(understood), ensure_ascii=False),
            answer,
        )

    def of(self, answer: int) -> Understanding | None:
        """How the question of an answer was understood; None when that is not known any more."""
        rows = self._rows("SELECT value FROM understandings WHERE answer = ?", answer)
        with suppress(ValueError, KeyError, TypeError, AttributeError):
            return _of_json(json.loads(rows[0][0])) if rows else None
        return None

    def shown_in(self, answer: int) -> list[int]:
        """The messages that show an answer, in their order."""
        rows = self._rows("SELECT message FROM messages WHERE answer = ? ORDER BY message", answer)
        return [int(message) for (message,) in rows]


def _as_json(known: Understanding) -> dict[str, Any]:
    period = known.period
    return {
        "question": known.question,
        "intent": known.intent,
        "carried": list(known.carried),
        "period": period
        and {
            "first": period.first and period.first.isoformat(),
            "last": period.last and period.last.isoformat(),
            "words": period.words,
        },
        "outlets": list(known.outlets),
    }


def _of_json(value: Mapping[str, Any]) -> Understanding:
    period = value["period"]
    return Understanding(
        str(value["question"]),
        str(value["intent"]),
        tuple(map(str, value["carried"])),
        period and Period(_day(period["first"]), _day(period["last"]), str(period["words"])),
        tuple(map(str, value["outlets"])),
    )


def _day(written: str | None) -> date | None:
    return date.fromisoformat(written) if written else None
