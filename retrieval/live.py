"""The archive as it is live: what a search runs on.

A search looks at the pointer first and works on that generation to its end, with the
archive pinned to the same moment; the next one moves over if a writer has flipped it.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from retrieval.archive.reader import ArchiveReader
from retrieval.errors import ArchiveBusy, ArchiveDamaged, ModelMismatch, NotFound
from retrieval.generations import Generation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Self

    from retrieval.generations import Places

_T = TypeVar("_T")
_HEAL_UP_TO = 20_000  # windows: about ten seconds


class LiveArchive:
    """The archive and its live indexes, open for searching; safe from several threads.

    Args:
        places: where things are.
        model_id: the model that questions are embedded with; None when none are.

    Raises:
        NotFound: there is no archive.
        ArchiveDamaged: it cannot be read.
    """

    def __init__(self, places: Places, model_id: str | None = None) -> None:
        self.places = places
        self.reader = ArchiveReader(places.archive)
        self._model = model_id
        self._lock = threading.Lock()
        self._open: dict[int, Generation] = {}
        self._users: dict[int, int] = {}

    def search(self, work: Callable[[Generation], _T]) -> _T:
        """Do some work on the generation that is live.

        Indexes that are missing or damaged are made anew from the archive first, if no
        other process is writing and it takes seconds; then the work is begun again.

        Args:
            work: reads the generation, and the archive through ``reader`` in this thread.

        Raises:
            NotFound: nothing was ever indexed (``archive_empty``).
            ModelMismatch: the indexes were made with another embedding model.
            ArchiveDamaged: an index cannot be read, nor be made anew now.
        """
        try:
            with self._current() as generation:
                return work(generation)
        except ArchiveDamaged as damage:
            if not damage.key.startswith("index_"):
                raise
            self._heal(damage)
        with self._current() as generation:
            return work(generation)

    @contextmanager
    def _current(self) -> Iterator[Generation]:
        with self.reader.snapshot():
            number = self.reader.live_generation()
            if number is None:
                raise NotFound("archive_empty", path=str(self.places.home))
            made = self.reader.model_id()
            if self._model is not None and made != self._model:
                raise ModelMismatch("model_mismatch", made=made, asked=self._model)
            generation = self._borrow(number)
            try:
                yield generation
            finally:
                self._give_back(generation)

    def _borrow(self, number: int) -> Generation:
        with self._lock:
            if number not in self._open:
                self._open[number] = Generation(self.places, number)
            self._users[number] = self._users.get(number, 0) + 1
            self._close_unused(newest=number)
            return self._open[number]

    def _give_back(self, generation: Generation) -> None:
        with self._lock:
            self._users[generation.number] -= 1
            self._close_unused(newest=max(self._open, default=0))

    def _close_unused(self, newest: int) -> None:
        for number in [n for n in self._open if n < newest and not self._users.get(n)]:
            self._open.pop(number).close()
            self._users.pop(number, None)

    def _heal(self, damage: ArchiveDamaged) -> None:
        """Make the indexes anew, in a process of its own: this one may be answering others."""
        from retrieval.indexing.repair import rebuild_generation

        if self.reader.window_count() > _HEAL_UP_TO:
            raise damage
        try:
            rebuild_generation(self.places, by="search", apart=True)
        except ArchiveBusy:
            raise damage from None

    def close(self) -> None:
        """Let everything go."""
        with self._lock:
            for generation in self._open.values():
                generation.close()
            self._open.clear()
        self.reader.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
