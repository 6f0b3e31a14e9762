"""A later article that says otherwise than the one in which a claim is written. Pure.

An archive grows: what was right in March may be overtaken in May. Among the windows that search
found for a claim, a later article is looked for that speaks of the same fact and gives another
number of the same thing, or denies it. In doubt there is none: a claim that is written stays so.
What two articles say of different days or years denies nothing.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

from bot.answering.checking.claim_words import ClaimWords, KnownWords
from bot.answering.checking.counts import counted, replaced
from bot.answering.checking.signs import closeness, read_signs
from bot.answering.quotes import sentence_around
from bot.answering.vetoes import first_veto
from retrieval.text.analysis import analyse
from retrieval.text.dates import date_mentions
from retrieval.text.relative_days import days_meant
from retrieval.vocabulary import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.answering.checking.claim_words import ClaimReading, Ground
    from bot.answering.checking.counts import Counted, Replacement
    from bot.answering.checking.signs import Signs

_SAME_FACT = 0.75
"""The share of a claim's words, weighed, that a passage and its title have of the same fact: all
but the number and what it counts."""
_SAME_WORDS = 0.8
"""The same share in the window alone, where one denies what the other says."""
_DENIES = 1.0
"""The closeness of the wording, where one denies what the other says."""
_YEAR = re.compile(r"(?<![\d.,])(?:19|20)\d\d(?![\d.,]*\d)(?! ?[%€$])")
"""A year: four figures in one; the press sets the thousands of a count apart."""


def later_rival(reading: ClaimReading, ground: Ground, grounds: Sequence[Ground]) -> Ground | None:
    """The window of the latest article that says otherwise of the same fact; None without one.

    Args:
        reading: the claim.
        ground: where it is written.
        grounds: all windows that were found for it.
    """
    later = [one for one in grounds if _is_later(one, ground)]
    rivals = [one for one in later if _says_otherwise(reading, ground, one)]
    return max(rivals, key=lambda one: str(one.article.published), default=None)


def _is_later(one: Ground, ground: Ground) -> bool:
    """Whether an article came out on a later day, as far as both days are known."""
    first, second = ground.article.published, one.article.published
    return bool(first and second and second.first_day > first.last_day)


def _says_otherwise(reading: ClaimReading, ground: Ground, one: Ground) -> bool:
    signs = read_signs(reading, [one])
    if signs is None or signs["names_missing_passage"]:
        return False
    if _denies(signs):
        return True
    said, language = counted(reading.text, reading.language), one.article.language
    given = {each.value for each in counted(_titled(one), language)}
    others = replaced(said, _numbers(one))
    if len(others) != 1 or others[0].said.value in given:
        return False
    same = [n for n in _numbers(ground) if n.value == others[0].said.value]
    first = _explicit(reading.text) or {time for n in same for time in _times(ground, n)}
    second = _times(one, others[0].given)
    if first and second and not any(_agree(*pair) for pair in product(first, second)):
        return False  # two events, each of its day, or two years
    return _is_of_its_fact(reading, one, others[0])


def _numbers(one: Ground) -> tuple[Counted, ...]:
    return counted(one.text(one.window), one.article.language)


def _times(one: Ground, number: Counted) -> set[tuple[int, int, int]]:
    """The days, months and years of the sentence of a window with some number."""
    text, article = one.text(one.window), one.article
    around = sentence_around(text, Span(number.start, number.end))
    meant = days_meant(text, article.published, article.language)
    days = {(day.year, day.month, day.day) for span, day in meant if span.overlaps(around)}
    return days | _explicit(text[around.start : around.end])


def _explicit(text: str) -> set[tuple[int, int, int]]:
    """The dates that a text writes, with 0 for what it leaves out, and its years."""
    mentions = date_mentions(text)
    dates = {(one.year, one.month, one.day) for one in mentions if one.year or one.month}
    written = list(_YEAR.finditer(text))
    alone = [y for y in written if not any(d.start <= y.start() < d.end for d in mentions)]
    return dates | {(int(year[0]), 0, 0) for year in alone}


def _agree(one: tuple[int, int, int], other: tuple[int, int, int]) -> bool:
    """Whether two times may be the same, as far as both are told."""
    return all(a == b for a, b in zip(one, other, strict=True) if a and b)


def _denies(signs: Signs) -> bool:
    """Whether a window says the claim's own words, with a negation or without."""
    close = closeness(signs["pairs"]) >= _DENIES and signs["window"] >= _SAME_WORDS
    return close and signs.denies and not signs.vetoed


def _is_of_its_fact(reading: ClaimReading, one: Ground, other: Replacement) -> bool:
    """Whether a claim, with a passage's number in the place of its own, is of the same fact.

    That number and what it counts stand in the passage by choice: the other words must be of
    the fact, and what is counted stands for none of them ("maison" beside "habitants").
    """
    number = one.text(one.window)[other.given.start : other.given.end]
    text = reading.text[: other.said.start] + number + reading.text[other.said.end :]
    if first_veto(text, [_titled(one)], [one.article.published], reading.today):
        return False
    rest = reading.text[: other.said.start] + reading.text[other.said.end :]
    nouns = _nouns(other.said, reading.language) | _nouns(other.given, one.article.language)
    weighed = replace(
        reading, text=rest, rarity=lambda term: 0.0 if term in nouns else reading.rarity(term)
    )
    held = KnownWords.of(_titled(one), one.article.language)
    others = replace(held, terms=held.terms - nouns)
    return ClaimWords.of(weighed).share(others) >= _SAME_FACT


def _nouns(one: Counted, language: str) -> frozenset[str]:
    """What a number counts, as a term and as it is written."""
    return frozenset({one.unit, *analyse(one.unit, language)})


def _titled(one: Ground) -> str:
    return f"{one.article.title}\n{one.text(one.passage)}"
