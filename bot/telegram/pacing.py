"""When a growing answer may be edited again: pure, time is an argument."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """How often one message is edited while its answer grows.

    Args:
        interval: seconds between the first edits, …
        growth: … each time so much longer, …
        longest: … up to so many.
        quiet: no edit in so many seconds after the message appeared.
        edits: so many edits of an answer, the last one included.
        first: seconds before the message appears, for more of it to be ready.
    """

    interval: float
    growth: float
    longest: float
    quiet: float = 0.0
    edits: int = 1_000
    first: float = 0.1

    def wait(self, edits: int, since_first: float, since_last: float) -> float | None:
        """Seconds until the next edit; None when none is left but the last.

        Args:
            edits: how many were made.
            since_first: seconds since the message appeared.
            since_last: seconds since it last changed.
        """
        if edits >= self.edits - 1:
            return None
        interval = min(self.interval * self.growth**edits, self.longest)
        return max(interval - since_last, self.quiet - since_first, 0.0)


PRIVATE = Pace(1.5, 1.25, 5.0)
GROUP = Pace(3.0, 1.25, 10.0, quiet=4.0, edits=6)
