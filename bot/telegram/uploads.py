"""Files that administrators send: which are taken, under which name, and what was there before."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

MOST_BYTES = 20 * 1024 * 1024
"""Telegram gives a bot no larger file."""

FOLDER = "uploads"
_KINDS = frozenset({".txt", ".md", ".html", ".htm", ".jsonl", ".csv"})
_BINARY = (
    b"%PDF",
    b"PK\x03\x04",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"\x7fELF",
    b"MZ",
    b"\x1f\x8b",
)
_MOST_NAME = 80


def refusal(name: str, size: int) -> str | None:
    """Why a file is not fetched, as a key of the catalogue; None when it is."""
    if size > MOST_BYTES:
        return "telegram.upload.too_big"
    if Path(safe_name(name)).suffix.lower() not in _KINDS:
        return "telegram.upload.wrong_type"
    return None


def is_text(content: bytes) -> bool:
    """Whether a file is what its name says: text, not something else renamed."""
    utf16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    return not content.startswith(_BINARY) and (utf16 or b"\0" not in content[:65_536])


def safe_name(name: str) -> str:
    """A name for the file on our disk: no path, no hidden file, nothing that surprises."""
    plain = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    stem, dot, suffix = re.sub(r"[^\w.\- ]", "_", plain).strip(" .").rpartition(".")
    stem = stem.strip(" .")[: _MOST_NAME - len(suffix) - 1]
    return f"{stem}{dot}{suffix}" if stem and suffix else suffix


@dataclass(frozen=True, slots=True)
class Placed:
    """A file put where it is indexed from, and what was there before it."""

    path: Path
    before: bytes | None

    def undo(self) -> None:
        """Put back what was there."""
        if self.before is None:
            self.path.unlink(missing_ok=True)
        else:
            _written(self.path, self.before)


def place(home: Path, name: str, content: bytes) -> Placed | None:
    """Put a file among the uploads; None when it is there already, letter for letter."""
    path = home / FOLDER / safe_name(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    before = path.read_bytes() if path.exists() else None
    if before == content:
        return None
    _written(path, content)
    return Placed(path, before)


def _written(path: Path, content: bytes) -> None:
    """Write it beside and move it: another process never reads half of it."""
    beside = path.with_name(f".{path.name}.part")
    beside.write_bytes(content)
    beside.replace(path)
