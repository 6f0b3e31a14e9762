"""Which articles a search may find: the same filter, exactly, on both sides of it."""

from __future__ import annotations

from dataclasses import dataclass

from retrieval.vocabulary import Period

EARLIEST, LATEST = 0, 99_999_999


@dataclass(frozen=True, slots=True)
class Scope:
    """Publication days as YYYYMMDD integers, both included, and outlets.

    An article is inside if its date may fall between ``first`` and ``last``; one without
    a date is inside only when both are open. ``outlets`` empty means any outlet.
    """

    first: int = EARLIEST
    last: int = LATEST
    outlets: frozenset[str] = frozenset()

    @classmethod
    def of(cls, period: Period | None, outlets: frozenset[str] = frozenset()) -> Scope:
        """The scope of a question's period and of the outlets asked for."""
        if period is None:
            return cls(outlets=outlets)
        first = int(f"{period.first:%Y%m%d}") if period.first else EARLIEST
        last = int(f"{period.last:%Y%m%d}") if period.last else LATEST
        return cls(first, last, outlets)

    @property
    def has_period(self) -> bool:
        """Whether any end of the period is closed."""
        return self.first > EARLIEST or self.last < LATEST


EVERYTHING = Scope()
"""No filter at all."""
