"""Claims: what one place (a row, a front matter, a page) says about an article.

Every reader ends in claims and a text; the draft takes each value from the first place
that gives one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urldefrag, urlsplit

from retrieval.reading.cleaning import normalise

# The names that programs and people give to the same thing.
_NAMES = {
    "title": ("title", "titre", "headline"),
    "published": ("published", "date", "publication_date", "published_at", "pubdate", "datetime"),
    "outlet": ("outlet", "publication", "publisher", "journal", "media", "sitename"),
    "author": ("author", "authors", "auteur", "auteurs", "byline"),
    "url": ("url", "link", "canonical", "canonical_url", "lien"),
    "language": ("language", "lang", "langue"),
}
_MAX_CHARS = 1000
_SPACES = re.compile(r"\s*[\n\t]\s*")


@dataclass(frozen=True, slots=True)
class Claims:
    """Values as one place writes them; ``""`` is silence."""

    place: str
    title: str = ""
    published: str = ""
    outlet: str = ""
    author: str = ""
    url: str = ""
    language: str = ""


def claims_from(values: Mapping[str, object], place: str) -> Claims:
    """Make claims of a header, a row or a record; other keys are left alone."""
    known = {str(key).strip().lower(): value for key, value in values.items()}
    found: dict[str, str] = {}
    for name, spellings in _NAMES.items():
        given = (one_line(known[key]) for key in spellings if key in known)
        found[name] = next((value for value in given if value), "")
    return Claims(place, **found)


def first(claims: Iterable[Claims], name: str) -> str:
    """The first value that any of the places gives for a field, or ``""``."""
    return next((value for place in claims if (value := str(getattr(place, name)))), "")


def one_line(value: object) -> str:
    """A scalar, or a list of them, as one clean line; anything else is silence."""
    if isinstance(value, list | tuple):
        # Lists within lists are silence: a few lines of YAML can stand for billions of them.
        scalars = (part for part in value[:20] if not isinstance(part, list | tuple))
        return ", ".join(part for part in map(one_line, scalars) if part)[:_MAX_CHARS]
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return _SPACES.sub(" ", normalise(str(value)[: 2 * _MAX_CHARS]))[:_MAX_CHARS].strip()


def web_address(value: str) -> str | None:
    """A web address without its fragment; anything else is None."""
    try:
        if urlsplit(value).scheme.lower() not in ("http", "https") or not urlsplit(value).netloc:
            return None
        return urldefrag(value).url
    except ValueError:
        return None


def language_code(value: str) -> str:
    """``fr`` of ``fr-FR``, ``fr_CA``, ``French`` or ``français``; ``""`` when it is none."""
    value = value.strip().lower()
    named = {"french": "fr", "français": "fr", "francais": "fr", "fra": "fr", "fre": "fr"}
    named |= {"english": "en", "anglais": "en", "eng": "en"}
    code = named.get(value) or re.split(r"[-_]", value)[0]
    return code if re.fullmatch(r"[a-z]{2,3}", code) else ""
