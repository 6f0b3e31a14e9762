"""A sentence read once: its tokens, terms, numbers, dates, names and what it denies."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from bot.answering.gate.dates import Dates, dates
from bot.answering.gate.figures import Figure, figures
from bot.answering.gate.names import Name, names
from bot.answering.gate.polarity import Polarity, polarity
from bot.answering.gate.tokens import MOST_CHARS, Token, tokens
from retrieval.analysis import fold_in_place, terms

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Reading:
    """What the gate compares of a sentence.

    ``words`` are its terms that are neither names nor numbers nor dates; ``terms`` all of
    them; ``content`` the term that begins at each place.
    """

    text: str
    language: str
    tokens: tuple[Token, ...]
    terms: frozenset[str]
    words: frozenset[str]
    content: Mapping[int, str]
    figures: tuple[Figure, ...]
    dates: Dates
    names: tuple[Name, ...]
    polarity: Polarity


@lru_cache(maxsize=4096)
def read(text: str, language: str) -> Reading:
    """Read a sentence in its language; what is beyond 2,000 characters is left out."""
    text = text[:MOST_CHARS]
    found = tokens(text)
    folded = fold_in_place(text.replace("’", "'"))
    dated = dates(found, folded)
    counted = figures(found, dated.taken, language)
    taken = dated.taken | {at for one in counted for at in range(one.at, one.end)}
    named = names(text, found, taken, language)
    not_words = {found[at].start for at in taken} | {found[one.at].start for one in named}
    every = terms(text, language)
    content = {term.start: term.term for term in every}
    words = {term.term for term in every if term.start not in not_words and not term.is_number}
    plain = {start: term for start, term in content.items() if start not in not_words}
    return Reading(
        text=text,
        language=language,
        tokens=found,
        terms=frozenset(content.values()),
        words=frozenset(words),
        content=content,
        figures=counted,
        dates=dated,
        names=named,
        polarity=polarity(found, plain, folded),
    )
