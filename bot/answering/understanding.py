"""What a question asks for: its language, its period, the kind of answer, its terms.

Pure: today and the turns before are arguments. Without a model, a follow-up ("et combien
de blessés ?") borrows the subject of the last question that had one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from config import data
from retrieval.analysis import Term, fold, guess_language, terms
from retrieval.periods import find_period
from retrieval.vocabulary import Period, Question, Turn

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date


class Kind(StrEnum):
    """The kind of answer that a question calls for."""

    AGE = "age"
    NUMBER = "number"
    DATE = "date"
    PLACE = "place"
    PERSON = "person"
    REASON = "reason"
    YES_NO = "yes_no"
    OTHER = "other"


_TABLE = data.load("questions.toml")
_KINDS = tuple((Kind(name), re.compile("|".join(found))) for name, found in _TABLE["kinds"].items())
_WORDING = {name: re.compile(pattern) for name, pattern in _TABLE["wording"].items()}
_AND_WHAT = re.compile(_TABLE["wording"]["and_what"], re.IGNORECASE)


def wording(name: str) -> re.Pattern[str]:
    """A pattern of ``config/questions.toml``, for folded questions."""
    return _WORDING[name]


@lru_cache(maxsize=16)
def words_of(name: str, language: str = "fr") -> frozenset[str]:
    """The terms of a word list of ``config/questions.toml``."""
    listed = _TABLE["words"][name]
    text = listed if isinstance(listed, str) else " ".join(listed)
    return frozenset(term.term for term in terms(text, language))


def _squeeze(text: str) -> str:
    return re.sub(r"\s+", " ", fold(text.replace("’", "'"))).strip()


def kind_of(text: str) -> Kind:
    """The kind of answer that a question calls for; `Kind.OTHER` when its words do not tell."""
    folded = _squeeze(text)
    for kind, pattern in _KINDS:
        if not pattern.search(folded):
            continue
        if kind is Kind.YES_NO and _WORDING["what"].search(folded):
            return Kind.OTHER
        return kind
    return Kind.OTHER


@dataclass(frozen=True, slots=True)
class Asked:
    """A question understood.

    Args:
        question: the question, with its language and period.
        kind: the kind of answer it calls for.
        terms: its own terms, each once, those of a date left out.
        carried: terms of an earlier question that a follow-up leans on.
        unit: terms of what it counts ("militaires français"), for numbers.
        search_text: what is looked for: the question, with the carried subject.
    """

    question: Question
    kind: Kind
    terms: tuple[Term, ...]
    carried: tuple[Term, ...] = ()
    unit: tuple[str, ...] = ()
    search_text: str = ""


def understand(text: str, today: date, turns: Sequence[Turn] = ()) -> Asked:
    """Understand a question.

    Args:
        text: the question as it was typed.
        today: the day on which it is asked.
        turns: the turns before it, oldest first.
    """
    language = guess_language(text)
    asked = _alone(text, language, today)
    earlier = [turn.text for turn in turns if turn.speaker == "user"]
    if earlier and is_follow_up(text, asked):
        previous = understand(earlier[-1], today, _before(turns))
        asked = _joined(asked, previous)
    return replace(asked, question=replace(asked.question, turns=tuple(turns)))


def _before(turns: Sequence[Turn]) -> Sequence[Turn]:
    """The turns before the last one of the user."""
    last = max(index for index, turn in enumerate(turns) if turn.speaker == "user")
    return turns[:last]


def _alone(text: str, language: str, today: date) -> Asked:
    period = find_period(text, today)
    kind = kind_of(text)
    found = terms(text, language)
    own = _distinct(_without_period(found, text, period))
    match = _WORDING["unit"].search(text.lower())
    unit: tuple[str, ...] = ()
    if kind is Kind.NUMBER and match:
        start, end = match.span("unit")
        unit = tuple(
            term.term
            for term in own
            if start <= term.start < end and term.term not in words_of("counts_anything")
        )
    return Asked(Question(text, language, period), kind, own, (), unit, text)


def _without_period(found: list[Term], text: str, period: Period | None) -> list[Term]:
    """A date is a condition on the evidence, not a word to look for."""
    if period is None or not period.words:
        return found
    start = text.find(period.words)
    end = start + len(period.words)
    dates = words_of("dates") | words_of("dates_english", "en")
    return [
        term
        for term in found
        if not (start <= term.start < end and (term.is_number or term.term in dates))
    ]


def _distinct(found: Sequence[Term]) -> tuple[Term, ...]:
    seen: dict[str, Term] = {}
    for term in found:
        seen.setdefault(term.term, term)
    return tuple(seen.values())


def parts(text: str, today: date, turns: Sequence[Turn] = ()) -> tuple[Asked, ...]:
    """The questions that a text asks: "qui était … fin 2016, et qui lui a succédé ?" is two.

    The second leans on the first for its subject, as a follow-up does.
    """
    pieces = [piece for piece in _AND_WHAT.split(text) if piece.strip()]
    first = understand(pieces[0] if pieces else text, today, turns)
    if not first.terms:  # "pourquoi et comment …" is one question
        return (understand(text, today, turns),)
    asked = [first]
    for piece in pieces[1:3]:
        alone = _alone(piece, first.question.language, today)
        asked.append(_joined(alone, asked[-1]))
    return tuple(asked)


def asked_period(asked: Sequence[Asked]) -> Period | None:
    """The period that holds those of a question's parts; none when one asks of any time."""
    periods = [one.question.period for one in asked]
    known = [period for period in periods if period is not None]
    if len(known) < len(periods):
        return None
    if len(known) == 1:
        return known[0]
    firsts, lasts = [one.first for one in known], [one.last for one in known]
    return Period(
        None if None in firsts else min(day for day in firsts if day),
        None if None in lasts else max(day for day in lasts if day),
    )


def is_follow_up(text: str, asked: Asked) -> bool:
    """Whether a question needs the one before it to be understood."""
    folded = _squeeze(text)
    if _WORDING["leans"].search(folded):
        return True
    names = [term for term in asked.terms if term.is_name and term.start > 0]
    return len(asked.terms) <= 1 or (not names and bool(_WORDING["pronoun"].search(folded)))


def _joined(asked: Asked, previous: Asked) -> Asked:
    """A follow-up with the subject of the question before it."""
    own = {term.term for term in asked.terms}
    subject = [*previous.terms, *previous.carried]
    names = [term for term in subject if term.is_name and term.start > 0]
    if _WORDING["instead"].search(_squeeze(asked.question.text)) and any(
        t.is_name for t in asked.terms
    ):
        # "et pour l'Afghanistan ?" puts one name in the place of another, the one said last.
        subject = [term for term in subject if term not in names[-1:]]
    carried = tuple(term for term in subject if term.term not in own)
    # "et pour l'Afghanistan ?" asks the same of another; "qu'a-t-il décidé ?" asks anew.
    takes_over = asked.kind is Kind.OTHER and len(asked.terms) <= 1
    period = asked.question.period or previous.question.period
    context = " ".join(
        previous.search_text[term.start : term.end] if term in previous.terms else term.text
        for term in carried
    )
    return replace(
        asked,
        question=replace(asked.question, period=period),
        kind=previous.kind if takes_over else asked.kind,
        unit=previous.unit if takes_over else asked.unit,
        carried=carried,
        search_text=f"{asked.question.text} {context}",
    )
