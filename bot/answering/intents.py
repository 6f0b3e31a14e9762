"""Parses a question into its intent, period and subject, by its own words alone.

Pure. An intent is recognised by how a question begins ("que sait-on de…", "quoi de neuf…") or by a
word at its end ("affaire Fillon : chronologie"). The subject is what is left when those words
and the period are taken away.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Any

from config import data
from retrieval.text.analysis import Term, fold_in_place, guess_language, terms
from retrieval.text.periods import find_day, find_period, unit_around
from retrieval.vocabulary import Period, Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

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
    """Normalise a question: single spaces, composed accents, at most 2,000 characters.

    One that is longer is cut; nobody types it.
    """
    return " ".join(unicodedata.normalize("NFC", text[:_READ]).split())


def folded(text: str) -> str:
    """Lower case without accents, ``'`` for any apostrophe, letter by letter."""
    return fold_in_place(text)


def is_light(term: Term) -> bool:
    """Whether a term only phrases a question and is no part of its subject."""
    return term.term in words_of("light") or term.term in words_of("light_english", "en")


class Intent(StrEnum):
    """The kind of answer that is wanted.

    A fact is said in a sentence or two; an overview tells what is known of a subject; a
    chronology tells it in the order of time; a day tells what was published then.
    """

    FACT = "fact"
    OVERVIEW = "overview"
    CHRONOLOGY = "chronology"
    DAY = "day"
    CLAIM = "claim"
    QUOTE = "quote"


@dataclass(frozen=True, slots=True)
class ParsedQuestion:
    """A question parsed without regard to earlier turns.

    Args:
        text: the question, squeezed (`phrasing.squeezed`).
        language: ``fr`` or ``en``.
        intent: the kind of answer.
        period: the days that it names.
        subject: what is left without the words of the intent and of the period.
        search_words: the question without the words of its intent only; for a search.
        elliptic: it has neither the words of an intent nor a word that asks: "et le tram ?",
            "en 2018 ?".
    """

    text: str
    language: str
    intent: Intent
    period: Period | None
    subject: str
    search_words: str
    elliptic: bool

    @property
    def terms(self) -> tuple[Term, ...]:
        """The terms of the subject, each once; offsets count in the subject."""
        seen: dict[str, Term] = {}
        for term in terms(self.subject, self.language):
            seen.setdefault(term.term, term)
        return tuple(seen.values())

    @property
    def names(self) -> tuple[Term, ...]:
        """Terms written as names; the first word of a sentence tells nothing."""
        first = 0 if self.intent is Intent.FACT else -1
        return tuple(term for term in self.terms if term.is_name and term.start > first)


def parse_question(text: str, today: date) -> ParsedQuestion:
    """Parse a question.

    Args:
        text: the question, squeezed.
        today: the day on which it is asked.
    """
    plain = folded(text)
    opening = _opening().match(plain)
    start = opening.end() if opening else 0
    period = find_period(text, today)
    dated = _where(text, period)
    news = (period, dated) if period else _current(text, plain, today)
    found = _asked_for(plain, start) or _happened(plain, start, news[0])
    if found and found[0] is Intent.DAY:
        period, dated = news
    intent, words = found or (Intent.FACT, Span(0, start))
    spent = [words, Span(0, start), *(_span(match) for match in pattern("length").finditer(plain))]
    subject = _left(text, [*spent, *dated], dated)
    bare = found is None and period is not None and not subject
    return ParsedQuestion(
        text,
        guess_language(text),
        Intent.DAY if bare else intent,
        period,
        subject,
        search_words=_left(text, spent, []),
        elliptic=bare or not (found or pattern("what").search(plain)),
    )


def _span(match: re.Match[str]) -> Span:
    return Span(*match.span())


def _where(text: str, period: Period | None) -> list[Span]:
    if period is None or not period.words:
        return []
    start = text.find(period.words)
    return [Span(start, start + len(period.words))]


@lru_cache(maxsize=1)
def _opening() -> re.Pattern[str]:
    """What precedes the question itself: greetings, courtesies, "peux-tu me faire"; or nothing."""
    words, request = table()["opening"]["words"], table()["opening"]["request"]
    return re.compile(rf"\W*(?:(?:{words})\b\W*)*(?:(?:{request})\b\W*)?")


@lru_cache(maxsize=8)
def _forms(intent: Intent, place: str) -> re.Pattern[str]:
    forms = "|".join(table()["intents"][intent][place])
    return re.compile(rf"(?:^|[\s,:;-])(?:{forms})\W*$" if place == "ends" else rf"(?:{forms})\b")


_ASKED_FOR = (Intent.CHRONOLOGY, Intent.OVERVIEW, Intent.DAY)
_IntentMatch = tuple[Intent, Span]


def _asked_for(plain: str, start: int) -> _IntentMatch | None:
    """What a question asks for by its beginning, else by its end."""
    begins = ((one, _forms(one, "begins").match(plain, start)) for one in _ASKED_FOR)
    ends = ((one, _forms(one, "ends").search(plain)) for one in _ASKED_FOR)
    return next(((one, _span(match)) for one, match in chain(begins, ends) if match), None)


def _happened(plain: str, start: int, period: Period | None) -> _IntentMatch | None:
    """ "Que s'est-il passé" asks for a day's news when it names a time, and no clause of it."""
    match = _forms(Intent.DAY, "happened").match(plain, start)
    if match is None or pattern("clause").search(plain, match.end()):
        return None
    return (Intent.DAY, _span(match)) if period else None


@lru_cache(maxsize=1)
def _currents() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((unit, re.compile(form)) for unit, form in table()["current"].items())


def _current(text: str, plain: str, today: date) -> tuple[Period | None, list[Span]]:
    """The period of news relative to today ("les actus du jour"), or a day without a year."""
    for unit, form in _currents():
        match = form.search(plain)
        if match:
            words = text[slice(*match.span())]
            return Period(*unit_around(unit, today), words), [_span(match)]
    day = find_day(text, today)
    return day, _where(text, day)


@lru_cache(maxsize=1)
def _joints() -> frozenset[str]:
    return frozenset(folded(word) for word in table()["words"]["joints"])


_TOKEN = re.compile(r"[^\W_]+")


def _left(text: str, spent: Sequence[Span], dated: Sequence[Span]) -> str:
    """The question without some spans, and without the words that joined them."""
    gone = [*spent, *dated]
    kept = [
        token for token in map(_span, _TOKEN.finditer(text)) if not any(map(token.overlaps, gone))
    ]
    for span in dated:
        before = [token for token in kept if token.end <= span.start]
        lead = before[len(_trimmed(text, before, right=True)) :]
        kept = [token for token in kept if token not in lead]
    kept = _trimmed(text, _trimmed(text, kept, right=True), right=False)
    return " ".join(_pieces(text, kept, gone))


def _trimmed(text: str, tokens: list[Span], *, right: bool) -> list[Span]:
    """Tokens without those that join, at one end; "La Rochelle" keeps its article."""
    left = list(tokens)
    while left and _joins(text, left[-1] if right else left[0]):
        left.pop(-1 if right else 0)
    return left


def _joins(text: str, token: Span) -> bool:
    word = text[token.start : token.end]
    named = word[0].isupper() and token.start > 0 and not text.isupper()
    return not named and folded(word) in _joints()


def _pieces(text: str, kept: Sequence[Span], gone: Sequence[Span]) -> Iterator[str]:
    """The runs of tokens between removed spans, as they are written."""
    at = 0
    for index, token in enumerate(kept):
        following = kept[index + 1] if index + 1 < len(kept) else None
        if following and not any(map(Span(token.end, following.start).overlaps, gone)):
            continue
        yield text[kept[at].start : token.end]
        at = index + 1
