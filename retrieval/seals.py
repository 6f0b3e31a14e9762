"""The seal of a generation: the size and the checksum of each of its files.

What was damaged is found before an engine opens it: Chroma's may crash on one wrong byte, or
believe a file that claims a terabyte. Sizes cost nothing to compare; checksums as much as a
reading of the files.
"""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING

from retrieval.archive.faults import storage_faults
from retrieval.errors import ArchiveDamaged

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SEAL = "seal.json"
_CHUNK = 1 << 20
_LIVELY = (".lock", ".sqlite3", ".sqlite3-journal", ".sqlite3-wal", ".sqlite3-shm")
"""Ends of the names of files that readers write to."""


def seal(folder: Path) -> None:
    """Write down what the files of a generation are, once they are all made.

    Raises:
        StorageFull: no room, or no right, to write.
    """
    with storage_faults(folder):
        found = {
            path.relative_to(folder).as_posix(): [path.stat().st_size, _checksum(path)]
            for path in sorted(folder.rglob("*"))
            if _is_sealed(path)
        }
        (folder / _SEAL).write_text(json.dumps(found, indent=0), "utf-8")


def check_sizes(folder: Path) -> None:
    """See that the files of a generation are there, as long as they were.

    Raises:
        ArchiveDamaged: one is not; a generation without a seal is not judged.
    """
    for path, size, _ in _sealed(folder):
        _compare(path, path.stat().st_size if path.is_file() else None, size)


def check_contents(folder: Path, part: str = "") -> None:
    """See that the files of a generation, or of one index of it, hold what they held.

    Raises:
        ArchiveDamaged: one does not.
    """
    for path, size, checksum in _sealed(folder):
        if path.is_relative_to(folder / part):
            _compare(path, path.stat().st_size if path.is_file() else None, size)
            _compare(path, _checksum(path), checksum)


def _compare(path: Path, found: int | None, expected: int) -> None:
    if found is None:
        raise ArchiveDamaged("index_missing", path=str(path))
    if found != expected:
        raise ArchiveDamaged("index_damaged", path=str(path), detail=f"{found} ≠ {expected}")


def _sealed(folder: Path) -> Iterator[tuple[Path, int, int]]:
    try:
        listed = json.loads((folder / _SEAL).read_text("utf-8"))
        rows = [(folder / name, int(size), int(sum_)) for name, (size, sum_) in listed.items()]
    except FileNotFoundError:
        return
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise ArchiveDamaged(
            "index_damaged", path=str(folder / _SEAL), detail=str(error)
        ) from error
    yield from rows


def _is_sealed(path: Path) -> bool:
    return path.is_file() and not path.name.endswith(_LIVELY) and path.name != _SEAL


def _checksum(path: Path) -> int:
    found = 0
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                found = zlib.crc32(chunk, found)
    except OSError as error:
        raise ArchiveDamaged("index_damaged", path=str(path), detail=str(error)) from error
    return found
