"""Files that administrators send: which are taken, and under which name.

What is read is what the command line reads: the endings are those of `retrieval.reading`.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from pathlib import Path

from config import data
from retrieval.reading.sources import FORMATS, NAMED, format_of

MOST_BYTES = 20 * 1024 * 1024
"""Telegram gives a bot no larger file."""

FOLDER = "uploads"
_TEXTS = frozenset({"text", "markdown", "html", "feed", "jsonl", "csv"})
_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"
# How files of each ending begin, where they do so always.
_BEGINNINGS = {".gz": _GZIP, ".pdf": b"%PDF", ".docx": _ZIP, ".docm": _ZIP, ".xlsx": _ZIP}
_BINARY = (b"%PDF", _ZIP, b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x7fELF", b"MZ", _GZIP)
_MOST_NAME = 80


def refusal(name: str, size: int) -> str | None:
    """Why a file is not fetched, as a key of the catalogue; None when it is."""
    if size > MOST_BYTES:
        return "telegram.upload.too_big"
    form = format_of(Path(safe_name(name)))
    if not form or form in NAMED:
        return "telegram.upload.wrong_type"
    return None


def advice(name: str) -> str:
    """What helps with a file that is not read, as a key of the catalogue."""
    suffix = Path(safe_name(name)).suffix.lower()
    return f"telegram.upload.advice.{_advised().get(suffix, 'unknown')}"


def formats() -> str:
    """What is read, for people: the first ending of each format."""
    first: dict[str, str] = {}
    for ending, form in FORMATS.items():
        if form not in NAMED:
            first.setdefault(form, ending)
    return ", ".join(first.values())


def is_as_named(name: str, content: bytes) -> bool:
    """Whether a file is what its name says, not something else renamed."""
    path = Path(safe_name(name))
    beginning = _BEGINNINGS.get(path.suffix.lower())
    if beginning is not None:
        return beginning in content[:1024]
    if format_of(path) not in _TEXTS:
        return True  # its reader knows better
    utf16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    return not content.startswith(_BINARY) and (utf16 or b"\0" not in content[:65_536])


def parted(name: str) -> tuple[str, str]:
    """A name without its ending, and the ending that says what the file is (``.jsonl.gz``)."""
    known = (ending for ending in FORMATS if name.lower().endswith(ending))
    ending = max(known, key=len, default=Path(name).suffix)
    return name[: len(name) - len(ending)], name[len(name) - len(ending) :]


def safe_name(name: str) -> str:
    """A name for the file on our disk: no path, no hidden file, nothing that surprises."""
    plain = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    stem, ending = parted(re.sub(r"[^\w.\- ]", "_", plain).strip(" ."))
    ending = ending[:_MOST_NAME]
    stem = stem.strip(" .")[: max(_MOST_NAME - len(ending), 1)]
    return f"{stem}{ending}" if stem and ending else stem or ending.lstrip(".")


@lru_cache(maxsize=1)
def _advised() -> dict[str, str]:
    """The advice that helps with files of an ending."""
    listed: dict[str, list[str]] = data.load("reading/sharing.toml")["advice"]
    return {ending: name for name, endings in listed.items() for ending in endings}


def written(path: Path, content: bytes) -> None:
    """Write a file beside its place, and move it there: another process never reads half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.part")
    beside.write_bytes(content)
    beside.replace(path)
