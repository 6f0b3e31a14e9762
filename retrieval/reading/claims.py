"""Claims made from a header, a row or a record, and the forms of their values.

Every parser gives claims and a text. The draft takes each value from the first claims that have it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from config import data
from retrieval.reading.pieces import Claims
from retrieval.reading.text.cleaning import normalise
from retrieval.text.addresses import host_of, web_address

_MAX_CHARS = 1000
_MAX_PARTS = 20
_MAX_DEPTH = 3
_MAX_FLAG_CHARS = 20
_SPACES = re.compile(r"\s*[\n\t]\s*")
_DATED = re.compile(r"\d.{0,40}\d{2}|\d{4}")  # "2018-04-03", "3 avril 2018": no newspaper's name
_SERIAL = re.compile(r"([2-5]\d{4})(?:[.,]\d{1,12})?")
_MEDIUM = re.compile(data.load("reading/databases.toml")["medium"], re.I)
_FIRST_SERIAL = date(1899, 12, 30)  # day 0 of Excel and of LibreOffice


def claims_from(
    values: Mapping[str, object], place: str, *, created: bool = False, serials: bool = False
) -> Claims:
    """Make claims of a header, a row or a record; other keys are left alone.

    Args:
        values: by name, as the place writes the names.
        place: for the report.
        created: use the day on which the record was made, if it gives no other.
        serials: read a number of five digits as a day of a spreadsheet.
    """
    known = values
    if not all(type(key) is str for key in values):
        known = {str(key): value for key, value in values.items()}
    published = _published(known) or (created and _first(known, "created")) or ""
    return Claims(
        place,
        title=_first(known, "title"),
        published=_spreadsheet_day(published) if serials else published,
        outlet=_outlet(known),
        author=_author(known),
        url=_url(known),
        language=_first(known, "language"),
    )


def first(claims: Iterable[Claims], name: str) -> str:
    """The first value that any of the places gives for a field, or ``""``."""
    return next((value for place in claims if (value := str(getattr(place, name)))), "")


def one_line(value: object) -> str:
    """A scalar, or a list of them, as one clean line; anything else is silence."""
    if isinstance(value, list | tuple):
        # Lists within lists are silence: a few lines of YAML can stand for billions of them.
        scalars = (part for part in value[:_MAX_PARTS] if not isinstance(part, list | tuple))
        return ", ".join(part for part in map(one_line, scalars) if part)[:_MAX_CHARS]
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    if isinstance(value, str) and value.isascii() and value.isprintable():
        return value[: 2 * _MAX_CHARS].strip()[:_MAX_CHARS].strip()  # clean already
    return _SPACES.sub(" ", normalise(str(value)[: 2 * _MAX_CHARS]))[:_MAX_CHARS].strip()


def plain_value(value: object, depth: int = 0) -> str:
    """One line of a value that may be an object or a list of them: ``{"rendered": "…"}``."""
    if isinstance(value, str) or depth > _MAX_DEPTH:
        return one_line(value) if depth <= _MAX_DEPTH else ""
    if isinstance(value, Mapping):
        inner = (value[key] for key in known_names()["shape"]["value"] if key in value)
        return next((line for part in inner if (line := plain_value(part, depth + 1))), "")
    if isinstance(value, list | tuple) and any(isinstance(part, Mapping) for part in value):
        parts = (part for part in value[:_MAX_PARTS] if not isinstance(part, list | tuple))
        lines = (plain_value(part, depth + 1) for part in parts)
        return ", ".join(line for line in lines if line)[:_MAX_CHARS]
    return one_line(value)


def language_code(value: str) -> str:
    """``fr`` of ``fr-FR``, ``fr_CA``, ``French`` or ``français``; ``""`` when it is none."""
    value = value.strip().lower()
    named = known_names()["languages"]
    code = next((code for code in named if value in named[code]), re.split(r"[-_]", value)[0])
    return code if re.fullmatch(r"[a-z]{2,3}", code) else ""


def _lines(values: Mapping[str, object], field: str) -> Iterator[tuple[str, str]]:
    """The keys and values that may be a field, each value as one line."""
    for key, value in candidates(values, field):
        if line := plain_value(value):
            yield key, line


def _first(values: Mapping[str, object], field: str) -> str:
    return next((line for _, line in _lines(values, field)), "")


def _published(values: Mapping[str, object]) -> str:
    """The date, which is no flag, and no newspaper though both are called ``publication``."""
    names = word_set("fields", "outlet")
    for key, line in _lines(values, "published"):
        if is_zero(line) or is_flag(line) or (folded(key) in names and not _DATED.search(line)):
            continue
        return line
    parts = [_first(values, part) for part in ("day", "month", "year")]
    return _joined_date(*parts)


def _joined_date(day: str, month: str, year: str) -> str:
    if not re.fullmatch(r"\d{4}", year):
        return ""
    if not month.isdigit():
        return " ".join(part for part in (day, month, year) if part) if month else year
    numbers = [int(part) for part in (month, day) if part.isdigit()]
    return "-".join([year, *(f"{number:02d}" for number in numbers)])


def _spreadsheet_day(words: str) -> str:
    """The day that a spreadsheet means by its number, ``43193``; other words are left alone."""
    serial = _SERIAL.fullmatch(words)
    return (_FIRST_SERIAL + timedelta(days=int(serial[1]))).isoformat() if serial else words


def _outlet(values: Mapping[str, object]) -> str:
    """The newspaper by its name, else by its host; an address, a date or a number is neither."""
    for _, line in _lines(values, "outlet"):
        if not (web_address(line) or line.isdigit() or _DATED.match(line) or is_flag(line)):
            return _MEDIUM.sub("", line)
    host = _first(values, "outlet_host")
    return host_of(host) if web_address(host) else host.removeprefix("www.")


def _author(values: Mapping[str, object]) -> str:
    """The name of the author, which is no number of a user."""
    holders = (values.get(name) for name in known_names()["shape"]["credits"])
    for each in (values, *(holder for holder in holders if isinstance(holder, Mapping))):
        found = next((line for _, line in _lines(each, "author") if not line.isdigit()), "")
        if found:
            return found
    return ""


def _url(values: Mapping[str, object]) -> str:
    """The address of the article, which is never the site's own under a name that may be both."""
    found = ""
    for _, line in _lines(values, "url"):
        if web_address(line):
            return line
        found = found or line
    for _, line in _lines(values, "url_or_site"):
        if web_address(line) and (urlsplit(line).path.strip("/") or urlsplit(line).query):
            return line
    return found


def is_zero(line: str) -> bool:
    """Whether a date is the zero date of MySQL, ``0000-00-00 00:00:00``, which stands for none."""
    return line.startswith("0000-00-00")


def is_flag(line: str) -> bool:
    """Whether a value only says yes or no."""
    return len(line) <= _MAX_FLAG_CHARS and folded(line) in _flags()


@cache
def _flags() -> frozenset[str]:
    return word_set("status", "flags", "yes") | word_set("status", "flags", "no")


# --- columns -------------------------------------------------------------------------------------
# The fields of an article under the names that programs and people give them
# (``config/reading/columns.toml``): columns of a table, keys of a JSON object, entries of a header.

COLUMNS = "reading/columns.toml"
_MAX_NAME = 100
_MAX_KEYS = 2_000  # of one record; no table has as many columns
_JOINT = re.compile(r"[.:/]")
# The types of dynamic fields of Solr: `title_t`, `body_txt_fr`, `published_dt`, `author_ss`.
_TYPED = re.compile(r"_(?:s|ss|t|ts|txt|txts|txt_[a-z]{2}|text_[a-z]{2}|dt|dts|tdt|tdts|pdt)$")


def known_names() -> Mapping[str, Any]:
    """The whole of ``columns.toml``."""
    return data.load(COLUMNS)


def word_set(*keys: str) -> frozenset[str]:
    """One list of ``columns.toml`` as a set, such as ``("blocks", "inline")``."""
    return data.words(COLUMNS, *keys)


@lru_cache(maxsize=8192)
def folded(name: str) -> str:
    """A name without case, accents, spaces and signs: ``datedepublication``."""
    plain = unicodedata.normalize("NFKD", name[:_MAX_NAME].casefold())
    return "".join(character for character in plain if character.isalnum())


def candidates(record: Mapping[str, object], field: str) -> list[tuple[str, object]]:
    """The entries of a record that may hold a field, the likeliest first; silent ones left out.

    Args:
        record: a row, an object or a header.
        field: a name of ``[fields]``, or ``is_`` and a list of ``[status]``.

    Returns:
        Each key as the record writes it, and its value.
    """
    names = tuple(record) if len(record) <= _MAX_KEYS else tuple(islice(record, _MAX_KEYS))
    keys = places(names)[field]
    if not keys:  # nearly always, for most fields
        return []
    return [(key, value) for key in keys if (value := record[key]) is not None and value != ""]


def has_text(keys: tuple[str, ...]) -> bool:
    """Whether some columns or keys have one for the text of an article."""
    found = places(keys)
    return bool(found["text"] or found["last_text"] or found["standfirst"])


def known_count(keys: tuple[str, ...]) -> int:
    """The number of fields that some columns or keys may hold."""
    return sum(bool(found) for found in places(keys).values())


@lru_cache(maxsize=512)
def places(keys: tuple[str, ...]) -> Mapping[str, tuple[str, ...]]:
    """Of some keys, those that may hold each field, the likeliest first."""
    known: dict[str, str] = {}
    for key in keys:
        known.setdefault(folded(key), key)
    for key in keys:
        if inner := _inner_name(key):
            known.setdefault(inner, key)
    return {
        field: tuple(known[name] for name in names if name in known)
        for field, names in _fields().items()
    }


@cache
def _fields() -> dict[str, tuple[str, ...]]:
    names = known_names()
    fields = {field: tuple(spellings) for field, spellings in names["fields"].items()}
    status = names["status"]
    return fields | {
        f"is_{key}": tuple(status[key]) for key in status if isinstance(status[key], list)
    }


def _inner_name(key: str) -> str:
    """``title`` of ``dc:title`` and ``_source.title``, ``publisher`` of ``publisher.name``.

    The type at the end of a dynamic field of Solr (``title_t``) is no part of the name.
    """
    parts = [folded(part) for part in _JOINT.split(_TYPED.sub("", key[:_MAX_NAME]))]
    while len(parts) > 1 and parts[0] in word_set("shape", "prefix"):
        parts = parts[1:]
    while len(parts) > 1 and parts[-1] in word_set("shape", "ending"):
        parts = parts[:-1]
    return "".join(parts)
