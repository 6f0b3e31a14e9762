"""Columns: the fields of an article under the names that programs and people give them.

The names stand in ``config/reading/columns.toml``. They serve columns of a table, keys of a JSON
object and entries of a front matter alike.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache
from itertools import islice
from typing import Any

from config.data import load

_MAX_NAME = 100
_MAX_KEYS = 2_000  # of one record; no table has as many columns
_JOINT = re.compile(r"[.:/]")
# The types of dynamic fields of Solr: `title_t`, `body_txt_fr`, `published_dt`, `author_ss`.
_TYPED = re.compile(r"_(?:s|ss|t|ts|txt|txts|txt_[a-z]{2}|text_[a-z]{2}|dt|dts|tdt|tdts|pdt)$")


def known_names() -> Mapping[str, Any]:
    """The whole of ``columns.toml``."""
    return load("reading/columns.toml")


@cache
def word_set(table: str, name: str) -> frozenset[str]:
    """One list of ``columns.toml`` as a set, such as ``("blocks", "inline")``."""
    found = known_names()
    for part in table.split("."):
        found = found[part]
    return frozenset(found[name])


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
