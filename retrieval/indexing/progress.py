"""What a long work tells of itself, so that a front can draw an honest bar."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Told of stages in their order; one ends when the next begins or the work is over."""

    def stage(self, name: str, total: int | None) -> None:
        """A stage begins: ``read``, ``embed``, ``build`` or ``verify``.

        ``total`` steps are to be done; None when nobody can know.
        """

    def advance(self, steps: int) -> None:
        """So many more steps of the stage are done."""


class Silent:
    """Progress that nobody watches."""

    def stage(self, name: str, total: int | None) -> None:
        """Nothing is shown."""

    def advance(self, steps: int) -> None:
        """Nothing is shown."""
