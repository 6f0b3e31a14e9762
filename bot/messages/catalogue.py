"""Sentences by key, in the reader's language, with numbers and dates as that language writes them.

A sentence is a string of ``fr.toml`` or ``en.toml``, or a table of ``one`` and ``other`` when it
counts. ``{name}`` shows a value as it is, ``{name:n}`` an integer with its thousands apart, and
``{name:n|article|articles}`` the integer with the words that agree with it, for a sentence that
counts several things. Publication dates are always written out.
"""

from __future__ import annotations

import string
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from retrieval.vocabulary import PublicationDate

LANGUAGES = ("fr", "en")


class Catalogue:
    """The sentences of one language.

    Args:
        language: ``fr`` or ``en``.
    """

    def __init__(self, language: str) -> None:
        self.language = language
        self._sentences = sentences(language)
        self._formatter = _Formatter(self)

    def has(self, key: str) -> bool:
        """Whether there is a sentence of that dotted key (``error.archive_busy``)."""
        return key in self._sentences or f"{key}.other" in self._sentences

    def text(self, key: str, /, **values: object) -> str:
        """The sentence of a key, filled in.

        Args:
            key: a dotted key.
            values: what the placeholders show; one that is missing shows as ``?``. ``count``, an
                integer, chooses between ``one`` and ``other`` where the sentence has both.

        Raises:
            KeyError: the catalogue has no such key.
        """
        count = values.get("count")
        if key not in self._sentences and isinstance(count, int):
            key = f"{key}.{'one' if self.is_singular(count) else 'other'}"
        return self._formatter.vformat(self._sentences[key], (), values)

    def number(self, value: float, decimals: int = 0) -> str:
        """A number with its thousands apart: ``4 000`` and ``0,75``, or ``4,000`` and ``0.75``."""
        shown = f"{value:,.{decimals}f}"
        marks = {",": self._sentences["number.thousands"], ".": self._sentences["number.decimal"]}
        return "".join(marks.get(character, character) for character in shown)

    def date(self, value: PublicationDate | date | None) -> str:
        """A date as precise as it is: ``18 février 2021``, ``mai 2017``, ``2017``."""
        if value is None:
            return self._sentences["date.unknown"]
        year, month = value.year, value.month
        if not month:
            return str(year)
        name = self._sentences[f"date.months.{month}"]
        if not value.day:
            return self._sentences["date.month"].format(month=name, year=year)
        first = "date.first_day" if value.day == 1 else "date.day"
        return self._sentences[first].format(day=value.day, month=name, year=year)

    def listing(self, parts: Iterable[str]) -> str:
        """``a, b et c``."""
        *head, last = tuple(parts) or ("",)
        if not head:
            return last
        return f"{', '.join(head)} {self._sentences['list.and']} {last}"

    def is_singular(self, count: float) -> bool:
        """Whether a count goes with the singular. French counts zero as one; English does not."""
        return abs(count) < 2 if self.language == "fr" else abs(count) == 1


class _Formatter(string.Formatter):
    """Fills placeholders in; an unknown one never hides the rest of a sentence."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def get_value(self, key: int | str, _args: Any, kwargs: Mapping[str, Any]) -> Any:  # noqa: ANN401
        return kwargs.get(str(key), "?")

    def format_field(self, value: Any, format_spec: str) -> str:  # noqa: ANN401
        if isinstance(value, PublicationDate):
            return self._catalogue.date(value)
        kind, *forms = format_spec.split("|")
        if kind != "n" or not isinstance(value, int | float):
            return str(value)
        number = self._catalogue.number(value, 0 if isinstance(value, int) else 1)
        if not forms:
            return number
        one, other = forms
        return f"{number} {one if self._catalogue.is_singular(value) else other}"


@cache
def sentences(language: str) -> Mapping[str, str]:
    """Every sentence of a language, by its dotted key; plurals end in ``.one`` and ``.other``."""
    text = files("bot.messages").joinpath(f"{language}.toml").read_text(encoding="utf-8")
    return MappingProxyType(dict(_flat(tomllib.loads(text), "")))


def _flat(table: Mapping[str, Any], prefix: str) -> Iterable[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value
