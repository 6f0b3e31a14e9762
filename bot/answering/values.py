"""What a sentence answers, as a value to compare: its numbers, its dates, who holds an office.

Pure. Two sentences answer differently when their values differ.
"""

from __future__ import annotations

import re
from functools import lru_cache

from bot.answering.closeness import best_match
from bot.answering.holds import holds_measure, near_number
from bot.answering.names import NAMES, fullest, names_of_people, plain
from bot.answering.speech import speaker_of
from bot.answering.understanding import Asked, Kind, wording
from config import data
from retrieval.analysis import analyse, number
from retrieval.vocabulary import Span

_NUMBER = re.compile(
    r"(?<![\w.,])\d{1,3}(?:[\s.]\d{3})+(?!\d)|(?<![\w.,])\d+(?:,\d+)?(?![\w]|[.,]\d)"
)
_MONTHS = (
    "janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre|january"
    "|february|march|april|may|june|july|august|september|october|november|december"
)
_DATE = re.compile(rf"\b(?:(?:{_MONTHS})\s+)?(?:19|20)\d\d\b|\b\d{{1,2}}(?:er)?\s+(?:{_MONTHS})\b")
_MULTIPLE = re.compile(
    r"(?:\s*(?:a|to|et|and|ou|or|-)\s*\d[\d.,]{0,9})?\s*(?P<word>million|milliard|billion)s?\b"
)
_TABLE = data.load("changes.toml")
_OPEN = re.compile("|".join(_TABLE["open"]))
_DENIED = re.compile("|".join(_TABLE["denied"]))
_TAKES_BACK = re.compile(_TABLE["takes_back"])


def values_of(asked: Asked, text: str, article: str, span: Span) -> frozenset[str]:
    """What a sentence answers to a question; empty when it holds nothing of the kind asked for.

    Args:
        asked: the question understood.
        text: the sentence.
        article: the text that it stands in, and where.
        span: where it stands there.
    """
    if asked.kind is Kind.NUMBER:
        return _numbers(asked, text)
    if asked.kind is Kind.DATE:
        return frozenset(re.sub(r"\s+", " ", match[0]) for match in _DATE.finditer(_plain(text)))
    if asked.kind is Kind.PERSON:
        return _holder(asked, text, article, span)
    if _asks_whether(asked):
        return frozenset({standing(text)})
    return frozenset()


def _plain(text: str) -> str:
    return plain(text.replace("’", "'"))


def _asks_whether(asked: Asked) -> bool:
    folded = _plain(asked.question.text)
    return asked.kind is Kind.YES_NO or (
        asked.kind is Kind.OTHER
        and bool(re.search(r"-(?:t-)?(?:il|elle|ils|elles)\b", folded))
        and not re.search(r"\b(?:que|qu'|quoi|comment|quel\w*)\b", folded)
    )


def standing(text: str) -> str:
    """How a sentence says that a thing stands: ``open``, ``denied`` or ``settled``."""
    folded = _plain(text)
    if _OPEN.search(folded):
        return "open"
    return "denied" if _DENIED.search(folded) else "settled"


def _numbers(asked: Asked, text: str) -> frozenset[str]:
    if not holds_measure(asked, text):
        return frozenset()
    is_cost = wording("costs").search(_plain(asked.question.text))
    if asked.unit and not is_cost and near_number(asked, text) < 1:
        return frozenset()
    folded = _plain(text)
    dates = [match.span() for match in _DATE.finditer(folded)]
    found = set()
    for match in _NUMBER.finditer(folded):
        if any(start <= match.start() < end for start, end in dates):
            continue
        multiple = _MULTIPLE.match(folded, match.end())
        found.add(number(match[0].strip()) + (multiple["word"] if multiple else ""))
    return frozenset(found)


def _holder(asked: Asked, text: str, article: str, span: Span) -> frozenset[str]:
    """The surname of whom a sentence says to hold the office that a question asks about."""
    office = _office(asked)
    if not office:
        return frozenset()
    folded = plain(text)
    for name in names_of_people(text):
        before = re.split(r"[.;:!?«»“”\"]", folded[max(0, name.start - 70) : name.start])[-1]
        after = folded[name.end : name.end + 60]
        after = re.split(r"[.;:!?«»“”\"]", after)[0] if after.startswith(", ") else ""
        if _holds(office, before) or _holds(office, after):
            return frozenset({plain(fullest(name.text, article)).split()[-1]})
    speaker = speaker_of(article, span)
    if speaker and not speaker.anonymous and speaker.name[:1].isupper() and _holds(office, folded):
        return frozenset({plain(speaker.name).split()[-1]})
    return frozenset()


def _office(asked: Asked) -> tuple[str, ...]:
    """The terms of a question from its office on: "secrétaire d'État"."""
    ordered = sorted(asked.terms, key=lambda term: term.start)
    for at, term in enumerate(ordered):
        if plain(term.text) in NAMES["roles"]:
            following = ordered[at + 1 : at + 2]
            joined = [t for t in following if t.start - term.end <= 4]
            return (term.term, *(one.term for one in joined))
    return ()


@lru_cache(maxsize=512)
def _terms(text: str) -> frozenset[str]:
    return frozenset(analyse(text, "fr"))


def _holds(office: tuple[str, ...], text: str) -> bool:
    found = _terms(text)
    return bool(found) and all(best_match(one, found) >= 1 for one in office)


def takes_back(text: str) -> bool:
    """Whether a sentence says that the one before it was wrong."""
    return bool(_TAKES_BACK.search(_plain(text)))
