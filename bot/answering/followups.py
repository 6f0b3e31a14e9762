"""Follow-ups: whether a question needs those before it, and what it takes from them.

Pure. Without a model the subject of the question before is carried over ("et combien de
blessés ?"). With one, the question is put into words that stand alone; a model may lose the
subject or bring in another, so what it gives is accepted only when it is made of the words of
the conversation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.answering.intents import Demand, Intent, demand_of
from bot.answering.phrasing import folded, is_light, pattern, squeezed
from retrieval.text.analysis import Term, analyse, fold, guess_language, related, terms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.answering.request import Request
    from retrieval.vocabulary import Period, Turn

_TURNS, _TURN_CHARS = 4, 300
_LONGEST = 300
_NEW_SHARE = 0.34
_STANDS = 3
"""Terms of a question that begins with "pourquoi" and needs nothing before it."""


@dataclass(frozen=True, slots=True)
class Topic:
    """What a conversation is about after a question.

    Args:
        intent: the kind of answer that the question wants.
        own: the terms of its subject.
        carried: terms that it took from the questions before.
        period: the days that it, or the one it leans on, names.
    """

    intent: Intent
    own: tuple[Term, ...]
    carried: tuple[Term, ...]
    period: Period | None


def is_follow_up(demand: Demand) -> bool:
    """Whether a question needs the one before it to be understood.

    It begins with "et" or points back; it is a bare question word or date; or it has a pronoun
    and no name. A question of a day's news needs nothing else.
    """
    plain = folded(demand.text)
    if pattern("goes_on").search(plain):
        return True
    if demand.intent is Intent.DAY and not demand.elliptic:
        return False
    if demand.names:
        return False
    if pattern("pronoun").search(pattern("impersonal").sub(" ", plain)):
        return True
    if demand.intent is not Intent.FACT and demand.subject:
        return False
    return len(demand.terms) < (_STANDS if pattern("bare").search(plain) else 2)


def followed(demand: Demand, before: Topic | None) -> Topic:
    """What a conversation is about after one more question.

    Args:
        demand: what the question asks for by itself.
        before: what the conversation was about.
    """
    if before is None or not is_follow_up(demand):
        return Topic(demand.intent, demand.terms, (), demand.period)
    return Topic(
        before.intent if demand.elliptic else demand.intent,
        demand.terms,
        _carried(demand, before),
        demand.period or before.period,
    )


def _carried(demand: Demand, before: Topic) -> tuple[Term, ...]:
    """The terms of the subject before that a follow-up does not say itself."""
    subject = [*before.own, *before.carried]
    if pattern("instead").search(folded(demand.text)) and any(t.is_name for t in demand.terms):
        # "et pour l'Afghanistan ?" puts one name in the place of another, the one said last.
        names = [term for term in subject if term.is_name and term.start > 0]
        subject = [term for term in subject if term not in names[-1:]]
    own = {term.term for term in demand.terms}
    return tuple(term for term in subject if term.term not in own)


# --- questions that a model makes stand alone ------------------------------------------


def leans(request: Request) -> bool:
    """Whether a question needs those before it to be understood."""
    if not any(turn.speaker == "user" for turn in request.turns):
        return False
    return is_follow_up(demand_of(squeezed(request.text), request.today))


def lately(turns: Sequence[Turn]) -> tuple[str, ...]:
    """The last turns, shortened, oldest first."""
    return tuple(" ".join(turn.text.split())[:_TURN_CHARS] for turn in turns[-_TURNS:])


def accepted(written: str, request: Request) -> str | None:
    """The question that a model wrote, when it asks the same with what the follow-up leaned on.

    Its names and numbers, and most of its words, must stand in the conversation, and some of
    the follow-up's own be left. A mere copy is taken only from a question that leans on nothing.
    """
    lines = [line.strip(' -"«»\u00a0') for line in written.splitlines() if line.strip()]
    if len(lines) != 1 or len(lines[0]) > _LONGEST or not lines[0].endswith("?"):
        return None
    language = guess_language(request.text)
    own = frozenset(analyse(request.text, language))
    found = terms(lines[0], language)
    if not _is_known(found, own | _said(request.turns)):
        return None
    kept = frozenset(one.term for one in found)
    if own and not any(_stands_in(term, kept) for term in own):
        return None
    return lines[0] if kept - own or _stands(lines[0], kept) else None


def _stands_in(term: str, known: frozenset[str]) -> bool:
    """Whether a term, or another word for the same thing, is among some."""
    return term in known or not related(term).isdisjoint(known)


def _said(turns: Sequence[Turn]) -> frozenset[str]:
    """The terms of the last turns."""
    return frozenset(term for turn in lately(turns) for term in analyse(turn, guess_language(turn)))


def _is_known(found: Sequence[Term], known: frozenset[str]) -> bool:
    """Whether all names and numbers, and most words, are those of the conversation."""
    new = [one for one in found if not is_light(one) and not _stands_in(one.term, known)]
    names = any(one.is_number or (one.is_name and one.start > 0) for one in new)
    return bool(found) and not names and len(new) <= _NEW_SHARE * len(found)


def _stands(question: str, kept: frozenset[str]) -> bool:
    """Whether a question names what it is about, as far as its words tell."""
    plain = fold(question)
    if any(pattern(name).search(plain) for name in ("instead", "and")):
        return False
    # "la ligne ouvrira-t-elle" has its subject, "quand quitte-t-il son poste" has not.
    return len(kept) >= (3 if pattern("pronoun").search(plain) else 2)
