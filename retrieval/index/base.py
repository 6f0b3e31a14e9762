"""A base: what the generations that stand on it share, its parts opened when they are needed."""

from __future__ import annotations

import threading
import time
from functools import cached_property
from typing import TYPE_CHECKING

from retrieval.errors import IndexDamaged, ServerUnreachable
from retrieval.index.entries import Entries, Kind, read_kind
from retrieval.index.table import WindowTable
from retrieval.storage import FolderLock, check_sizes

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path
    from typing import Self

    import numpy as np
    from numpy.typing import NDArray

    from retrieval.index.vectors import VectorIndex

CHROMA, TABLE = "chroma", "table"
_AWAY_S = 30.0
"""For so long a server that did not answer a question is not asked again."""


class Base:
    """A base, shared by the open generations that stand on it; safe from several threads.

    Chroma takes most of a second to import, so a question that does not need it should not
    wait for it: each part is opened when it is first asked for.

    Args:
        number: the generation that was made with it.
        folder: of that generation.
        opener: opens its index in Chroma.
        without_chroma: Chroma's files are known to be damaged, and nobody asks for them.

    Raises:
        IndexDamaged: a file of it is missing or of another size.
    """

    def __init__(
        self,
        number: int,
        folder: Path,
        opener: Callable[[], VectorIndex],
        *,
        without_chroma: bool = False,
    ) -> None:
        self.number = number
        self.folder = folder
        self._opener = opener
        self._lock = threading.Lock()
        self._vectors: VectorIndex | None = None
        self._away: tuple[ServerUnreachable, float] | None = None
        self._table: WindowTable | None = None
        self._holders = 0
        self._used = FolderLock(self.folder)
        try:
            if not self.folder.is_dir():
                raise IndexDamaged("index_missing", path=str(self.folder))
            check_sizes(self.folder, TABLE)
            if not without_chroma:
                check_sizes(self.folder, CHROMA)
        except IndexDamaged:
            self._used.release()
            raise

    @property
    def vectors(self) -> VectorIndex:
        """Its windows or passages in Chroma."""
        with self._lock:
            if self._vectors is None:
                self._check_away()
                try:
                    self._vectors = self._opener()
                except ServerUnreachable as error:
                    self._away = error, time.monotonic() + _AWAY_S
                    raise
            return self._vectors

    def nearest(self, vector: NDArray[np.float32], n: int) -> list[tuple[int, float]]:
        """As `VectorIndex.query`; a server that was just found away is not asked again at once.

        Raises:
            IndexDamaged: the index cannot be read.
            StorageFull: the disk does not let it be opened.
            ServerUnreachable: the server does not answer.
        """
        self._check_away()
        try:
            return self.vectors.query(vector, n)
        except ServerUnreachable as error:
            self._away = error, time.monotonic() + _AWAY_S
            raise

    def _check_away(self) -> None:
        away = self._away
        if away is not None and time.monotonic() < away[1]:
            raise away[0].with_traceback(None)

    @property
    def table(self) -> WindowTable:
        """Its windows as arrays."""
        with self._lock:
            if self._table is None:
                self._table = WindowTable(self.folder / TABLE)
            return self._table

    @cached_property
    def kind(self) -> Kind:
        """What its index in Chroma holds."""
        return read_kind(self.folder / TABLE)

    def entries(self, left_out: Collection[int]) -> Entries:
        """What belongs into its index in Chroma.

        Args:
            left_out: the windows that are to be left out of it.
        """
        return Entries(self.table, self.kind, left_out)

    def hold(self) -> Self:
        """Keep it open for one more generation, until that lets it go by `close`."""
        with self._lock:
            self._holders += 1
        return self

    def close(self) -> None:
        """Let the files go, once nobody holds it."""
        with self._lock:
            self._holders -= 1
            if self._holders > 0:
                return
            if self._vectors is not None:
                self._vectors.close()
            self._vectors = self._table = None
            self._used.release()
