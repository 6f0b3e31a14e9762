"""The files of a converted model, and whether they are whole.

A manifest is written last, with the size and the digest of each file. Opening compares
sizes, and the digest of the graph, which is small; `damaged` compares every digest.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

GRAPH_FILE = "model.onnx"
WEIGHTS_FILE = "weights.bin"
TOKENIZER_FILE = "tokenizer.json"
MANIFEST_FILE = "checksums.json"
_CHEAP_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class _File:
    size: int
    sha256: str


def seal(folder: Path) -> None:
    """Write the manifest of what the folder holds.

    Raises:
        OSError: the folder cannot be read or written to.
    """
    paths = sorted(path for path in folder.iterdir() if path.name != MANIFEST_FILE)
    files = {path.name: {"size": path.stat().st_size, "sha256": _digest(path)} for path in paths}
    text = json.dumps({"files": files}, indent=1)
    (folder / MANIFEST_FILE).write_text(text, encoding="utf-8")


def is_whole(folder: Path) -> bool:
    """Whether the files look as they were sealed; takes a millisecond."""
    return not _differing(folder, largest=_CHEAP_BYTES)


def damaged(folder: Path) -> tuple[str, ...]:
    """The names of the files that are not as they were sealed; reads every byte."""
    return _differing(folder, largest=None)


def _differing(folder: Path, largest: int | None) -> tuple[str, ...]:
    """The files whose size differs, or digest if they have at most so many bytes."""
    try:
        files = _read(folder)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return (MANIFEST_FILE,)
    return tuple(name for name, file in files.items() if not _is_same(folder / name, file, largest))


def _read(folder: Path) -> dict[str, _File]:
    known = json.loads((folder / MANIFEST_FILE).read_text(encoding="utf-8"))["files"]
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
