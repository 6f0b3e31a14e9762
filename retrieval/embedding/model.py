"""Makes the built-in model, once: from the package's weights to a folder of `KIOSQUE_HOME`.

The folder is built beside and renamed when it is complete, so there is a whole model or
none; a lock makes a second process wait for the first, and use what it made.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock

from retrieval.embedding import files
from retrieval.embedding.protocol import Progress
from retrieval.storage import writing_to

MODEL_ID = "multilingual-e5-small-int8-v1"
"""Names the vectors: to be changed with anything that changes them."""

_STEPS = 15
"""The twelve layers, and what is before and after."""


def model_folder(home: Path) -> Path:
    """Where the built-in model is kept."""
    return home / "models" / MODEL_ID


def ensure_model(home: Path, progress: Progress, *, again: bool = False) -> Path:
    """The folder of the built-in model, made if it is missing or damaged.

    Args:
        home: the data folder; the model takes about 105 MB in it.
        progress: told the steps, only if there is something to do.
        again: make it even if it looks whole.

    Raises:
        ModelUnavailable: the package with the weights is missing or damaged.
        StorageFull: there is no room, or no right, to write.
    """
    return ensure_folder(model_folder(home), lambda fresh: _build(fresh, progress), again=again)


def ensure_folder(folder: Path, build: Callable[[Path], None], *, again: bool = False) -> Path:
    """A sealed folder, built if it is missing or damaged; a second process waits for the first.

    Args:
        folder: where it is to be.
        build: fills an empty folder, and seals it.
        again: build it even if it looks whole.

    Raises:
        ModelUnavailable: what it is built from is missing or damaged.
        StorageFull: there is no room, or no right, to write.
    """
    if not again and files.is_whole(folder):
        return folder
    with writing_to(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.with_suffix(".lock")):
            if again or not files.is_whole(folder):
                _replace(folder, build)
    return folder


def _replace(folder: Path, build: Callable[[Path], None]) -> None:
    """Build a folder beside its place, and put it there."""
    for left in folder.parent.glob(f".{folder.name}-*"):
        shutil.rmtree(left, ignore_errors=True)  # Of a process that was killed.
    fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        build(fresh)
        if folder.exists():
            folder.rename(fresh.with_name(f"{fresh.name}-old"))
        fresh.rename(folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.rmtree(fresh.with_name(f"{fresh.name}-old"), ignore_errors=True)


def _build(folder: Path, progress: Progress) -> None:
    from retrieval.embedding.conversion import write_network
    from retrieval.embedding.tokens import write_tokenizer
    from retrieval.embedding.weights import Source, find_source

    progress(0, _STEPS)
    source = Source(find_source())
    write_network(source, folder, lambda done, _of: progress(1 + done, _STEPS))
    write_tokenizer(source.pieces, folder)
    progress(_STEPS - 1, _STEPS)
    files.seal(folder)
    progress(_STEPS, _STEPS)
