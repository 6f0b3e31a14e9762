"""Indexes a folder in a process of its own, slowly enough to be interrupted.

``python -m tests.retrieval.change.writer_process HOME FOLDER SECONDS [FILE_BYTES]``: an
embedding call takes SECONDS; no file may grow beyond FILE_BYTES, as on a full disk. The
last line it prints is the key of its error, or ``done``.
"""

from __future__ import annotations

import resource
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import KiosqueError
from tests.retrieval.hashed_embedder import HashedEmbedder
from tests.retrieval.library import indexer


class SlowEmbedder(HashedEmbedder):
    """Takes its time.

    Args:
        seconds: how long a call takes.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The vectors of passages, late."""
        tell("embedding")
        time.sleep(self._seconds)
        return super().embed_passages(texts)


def tell(word: str) -> None:
    """Say where we are to the test that is waiting for it."""
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def main() -> None:
    """Index what the arguments say."""
    home, folder, seconds, *limit = sys.argv[1:]
    if limit:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit[0]), int(limit[0])))
    tell("started")
    try:
        indexer(Path(home), SlowEmbedder(float(seconds))).index([Path(folder)])
    except KiosqueError as error:
        tell(error.key)
    else:
        tell("done")


if __name__ == "__main__":
    main()
