"""A question understood: its intent, period and subject, and what it is searched by.

Pure: today and the turns before are arguments. Without a model, a follow-up ("et combien
de blessés ?") carries over the subject of the last question that had one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache, reduce
from typing import TYPE_CHECKING

from bot.answering.followups import Topic, followed
from bot.answering.intents import Demand, Intent, demand_of
from bot.answering.phrasing import folded, is_light, pattern, squeezed, table
from retrieval.text.analysis import Term, terms
from retrieval.text.periods import is_about_now, is_guessed
from retrieval.vocabulary import Question, Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import date

    from retrieval.vocabulary import Turn

__all__ = ["Asked", "Intent", "outlet_named", "unasked", "understand"]

_EARLIER = 8
"""Questions before this one that its subject may come from."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question understood.

    Args:
        question: as it was typed, with its language, its period and the turns before.
        intent: the kind of answer that it wants.
        subject: its words without those of the intent and of the period, with what it carries;
            "" for none.
        search_text: what is looked for, with the subject that a follow-up carries; the
            question itself when it has no subject.
        carried: the words that a follow-up takes from the questions before it.
        asks_when: whether it asks for a day, a month or a year.
        about_now: whether it asks how things stand today.
        period_guessed: whether a fact or an overview names its period by a bare "en mai" or
            "mardi", taken for the last one; if nothing of that time answers, any time may.
    """

    question: Question
    intent: Intent
    subject: str
    search_text: str
    carried: tuple[str, ...] = ()
    asks_when: bool = False
    about_now: bool = False
    period_guessed: bool = False


def understand(text: str, today: date, turns: Sequence[Turn] = ()) -> Asked:
    """Understand a question.

    Args:
        text: the question as it was typed.
        today: the day on which it is asked.
        turns: the turns before it, oldest first.
    """
    earlier = [turn.text for turn in turns if turn.speaker == "user"][-_EARLIER:]
    demands = (demand_of(squeezed(one), today) for one in earlier)
    before: Topic | None = reduce(_after, demands, None)
    demand = demand_of(squeezed(text), today)
    topic = followed(demand, before)
    carried = tuple(term.text for term in topic.carried)
    plain = folded(demand.text)
    return Asked(
        Question(text, demand.language, topic.period, tuple(turns)),
        topic.intent,
        " ".join((demand.subject, *carried)).strip(),
        _search_text(demand, topic.intent, carried),
        carried,
        _asks_when(plain, demand.intent),
        is_about_now(demand.text),
        topic.intent is not Intent.DAY and is_guessed(demand.text, today),
    )


def _after(before: Topic | None, demand: Demand) -> Topic:
    return followed(demand, before)


def _search_text(demand: Demand, intent: Intent, carried: tuple[str, ...]) -> str:
    """A fact is looked for in the question's own words, all else by its subject.

    An overview keeps its date, which articles of the time may write; a day is a filter.
    """
    own = {Intent.FACT: demand.text, Intent.DAY: demand.subject}.get(intent, demand.told)
    return " ".join((own, *carried)).strip() or demand.text


def _asks_when(plain: str, intent: Intent) -> bool:
    if intent is not Intent.FACT:
        return False
    asked_else = pattern("what").search(plain)
    return bool(
        pattern("when").search(plain) or (not asked_else and pattern("quand").search(plain))
    )


# --- what is no question, and what is too vague -----------------------------------------


@lru_cache(maxsize=1)
def _orders() -> re.Pattern[str]:
    listed = table()["not_a_question"]
    return re.compile(f"{listed['before']}(?:{'|'.join(listed['orders'])})")


@lru_cache(maxsize=1)
def _talk() -> re.Pattern[str]:
    listed = "|".join(map(re.escape, table()["not_a_question"]["talk"]))
    return re.compile(rf"^\W*(?:(?:{listed})(?:\W+|$))+$")


@lru_cache(maxsize=1)
def _quoted() -> re.Pattern[str]:
    return re.compile(table()["not_a_question"]["quoted"])


_ONLY_MARKS = re.compile(r"^[\W\d_]*$")


def unasked(asked: Asked) -> Reason | None:
    """Why a question is not searched for; None when it is.

    Talk, orders to the program and marks ask nothing. A question is too vague when nothing is
    left of it beside the words that questions are made of, or when its subject is a pronoun
    that stands for nobody.
    """
    plain = folded(squeezed(asked.question.text))
    if _talk().match(plain) or _orders().search(_quoted().sub(" ", plain)):
        return Reason.NOT_A_QUESTION
    if asked.intent is Intent.DAY:
        return None
    if _ONLY_MARKS.match(plain):
        return Reason.NOT_A_QUESTION
    if asked.carried:
        return None
    asks = asked.intent is not Intent.FACT or bool(pattern("asks").search(plain))
    own = terms(asked.subject, asked.question.language)
    subject = [term for term in own if not is_light(term)]
    if not subject and pattern("homograph").search(plain):
        return None
    if not subject:
        return Reason.TOO_VAGUE if own or asks else Reason.NOT_A_QUESTION
    bare = not asks and _is_bare(subject[0], own)
    return Reason.TOO_VAGUE if bare or _dangles(plain, subject) else None


def _is_bare(subject: Term, own: Sequence[Term]) -> bool:
    """A word alone, which is no name: "tramway"."""
    return len(own) == 1 and not subject.is_name


def _dangles(plain: str, subject: Sequence[Term]) -> bool:
    """Whether a subject is a pronoun that nothing before it names: "pourquoi a-t-il démissionné ?".

    In "une grève est-elle prévue ?" the noun stands before it; "il" may also stand for nobody.
    """
    match = pattern("subject_pronoun").search(plain)
    if match is None or len(subject) > 1 or subject[0].is_name:
        return False
    if pattern("impersonal").search(plain):
        return False
    return plain.find(folded(subject[0].text)) > match.start()


# --- the newspaper that is named ---------------------------------------------------------


def outlet_named(text: str, outlets: Callable[[], Iterable[str]]) -> str | None:
    """The newspaper of the archive that a question asks about ("selon Le Fanal").

    Only a whole name counts, after "selon", "d'après", "dans", "according to" or "in", written
    with its capitals: "dans le monde" is no newspaper. Of several, the longest name.

    Args:
        text: the question as it was typed.
        outlets: gives the newspapers of the archive, where the question may name one.
    """
    asked = squeezed(text)
    plain = folded(asked)
    starts = [match.end() for match in _according().finditer(plain)]
    if not starts:
        return None
    named = (one for one in outlets() if any(_is_named(one, asked, plain, at) for at in starts))
    return max(named, key=len, default=None)


@lru_cache(maxsize=1)
def _according() -> re.Pattern[str]:
    return re.compile(rf"{table()['outlets']['after']}[\s«\"“'*_]*")


def _is_named(outlet: str, asked: str, plain: str, at: int) -> bool:
    name = squeezed(outlet)
    end = at + len(name)
    if not name or plain[at:end] != folded(name) or plain[end : end + 1].isalnum():
        return False
    return all(
        typed.isupper() or not written.isupper()
        for written, typed in zip(name, asked[at:end], strict=True)
        if written.isalpha()
    )
