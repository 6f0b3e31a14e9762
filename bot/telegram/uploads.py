"""Files that administrators send: which are taken, and under which name."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

MOST_BYTES = 20 * 1024 * 1024
"""Telegram gives a bot no larger file."""

FOLDER = "uploads"
_TEXTS = (".txt", ".md", ".html", ".htm", ".jsonl", ".csv", ".xml", ".rss", ".atom")
_BEGINNINGS = {".pdf": b"%PDF", ".docx": b"PK\x03\x04"}
_BINARY = (
    *_BEGINNINGS.values(),
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
    if _suffix(name) not in {*_TEXTS, *_BEGINNINGS}:
        return "telegram.upload.wrong_type"
    return None


def is_as_named(name: str, content: bytes) -> bool:
    """Whether a file is what its name says, not something else renamed."""
    beginning = _BEGINNINGS.get(_suffix(name))
    if beginning is not None:
        return beginning in content[:1024]
    utf16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    return not content.startswith(_BINARY) and (utf16 or b"\0" not in content[:65_536])


def _suffix(name: str) -> str:
    return Path(safe_name(name)).suffix.lower()


def safe_name(name: str) -> str:
    """A name for the file on our disk: no path, no hidden file, nothing that surprises."""
    plain = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    stem, dot, suffix = re.sub(r"[^\w.\- ]", "_", plain).strip(" .").rpartition(".")
    stem = stem.strip(" .")[: _MOST_NAME - len(suffix) - 1]
    return f"{stem}{dot}{suffix}" if stem and suffix else suffix


def written(path: Path, content: bytes) -> None:
    """Write a file beside its place, and move it there: another process never reads half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.part")
    beside.write_bytes(content)
    beside.replace(path)
