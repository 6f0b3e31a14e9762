"""Which generations are open: the live one, and those that questions still under way use."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from retrieval.generations import open_generation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from retrieval.generations import Generation, Places


class Leases:
    """The open generation, and those that a question still uses after it was replaced.

    Safe from several threads.

    Args:
        places: where the generations are.
    """

    def __init__(self, places: Places) -> None:
        self._places = places
        self._lock = threading.Lock()
        self._open: dict[int, Generation] = {}
        self._users: dict[int, int] = {}
        self._current: int | None = None

    @contextmanager
    def of(self, number: int) -> Iterator[Generation]:
        """A generation, held open inside the block; it is the current one from then on.

        Raises:
            ArchiveDamaged: its folder is missing.
        """
        with self._lock:
            if number not in self._open:
                self._open[number] = open_generation(self._places, number)
            self._users[number] = self._users.get(number, 0) + 1
            self._current = number
            generation = self._open[number]
        try:
            yield generation
        finally:
            with self._lock:
                self._users[number] -= 1
                self._close_unused()

    def _close_unused(self) -> None:
        for number in list(self._open):
            if number != self._current and not self._users.get(number):
                self._open.pop(number).close()
                self._users.pop(number, None)

    def close(self) -> None:
        """Let every generation go: those in use when their last user leaves them."""
        with self._lock:
            self._current = None
            self._close_unused()
