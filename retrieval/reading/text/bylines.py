"""By-lines: lines that name who wrote an article, in print and in the exports of databases."""

from __future__ import annotations

import re

from config import data

_WORDS = data.load("reading/databases.toml")
_NAME_CHARS = 80
_PARTICLES = frozenset(_WORDS["particles"].split())
_BY = re.compile(_WORDS["by"], re.I)
_MAIL = re.compile(r"\S{1,60}@\S{1,60}")
_TOKEN = re.compile(r"[^\W\d_][\w'’.-]*")
_ELISION = re.compile(r"^[dl]['’]", re.I)


def is_name(line: str) -> bool:
    """Whether a line is nothing but the names of people, as a by-line is."""
    if not line or len(line) > _NAME_CHARS or line[-1] in ".!?:…" or any(map(str.isdigit, line)):
        return False
    words = [_ELISION.sub("", word) for word in _TOKEN.findall(_MAIL.sub("", line))]
    names = [word for word in words if word and word.lower() not in _PARTICLES]
    return 2 <= len(names) <= 10 and all(name[0].isupper() for name in names)


def is_byline(line: str) -> bool:
    """Whether a line names an author, with a word that says so or without."""
    return (len(line) <= 2 * _NAME_CHARS and _BY.match(line) is not None) or is_name(line)


def without_by(line: str) -> str:
    """The names of a by-line."""
    found = _BY.match(line)
    return line[found.end() :].strip() if found else line


def is_signed(line: str) -> bool:
    """Whether a line is a word that names an author and the names, and nothing else."""
    found = _BY.match(line) if len(line) <= _NAME_CHARS else None
    return found is not None and is_name(line[found.end() :].strip())
