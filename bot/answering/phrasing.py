"""How questions are phrased: the patterns and word lists of ``config/words/questions.toml``.

Patterns are put to a question's folded text, which has as many characters as the text that
it was made of, so that their offsets are those of the text.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Any

from config import data
from retrieval.text.analysis import Term, fold_in_place, terms

_READ = 2000
"""Characters of a question that are looked at."""


@lru_cache(maxsize=1)
def table() -> dict[str, Any]:
    """All of ``config/words/questions.toml``."""
    return data.load("words/questions.toml")


@lru_cache(maxsize=64)
def pattern(name: str) -> re.Pattern[str]:
    """A pattern of the table ``wording``, for folded text."""
    return re.compile(table()["wording"][name])


@lru_cache(maxsize=16)
def words_of(name: str, language: str = "fr") -> frozenset[str]:
    """The terms of a word list of the table ``words``."""
    listed = table()["words"][name]
    text = listed if isinstance(listed, str) else " ".join(listed)
    return frozenset(term.term for term in terms(text, language))


def squeezed(text: str) -> str:
    """A question as it is looked at: single spaces, composed accents, the first 2,000 characters.

    One that is longer is cut; nobody types it.
    """
    return " ".join(unicodedata.normalize("NFC", text[:_READ]).split())


def folded(text: str) -> str:
    """Lower case without accents, ``'`` for any apostrophe, letter by letter."""
    return fold_in_place(text)


def is_light(term: Term) -> bool:
    """Whether a term is one that questions are phrased with, and no subject."""
    return term.term in words_of("light") or term.term in words_of("light_english", "en")
