"""Understands a question in its conversation: intent, period, subject and search text.

Pure: today and the turns before are arguments. Without a model, a follow-up ("et combien
de blessés ?") carries over the subject of the last question that had one. With one, the
follow-up is rewritten to stand alone; a model may lose the subject or bring in another, so its
question is accepted only when it is made of the words of the conversation.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from bot.answering.intents import (
    Intent,
    ParsedQuestion,
    folded,
    is_light,
    parse_question,
    pattern,
    squeezed,
    table,
)
from bot.answering.request import Limit
from retrieval.text.analysis import Term, analyse, fold, guess_language, related, terms
from retrieval.text.periods import is_about_now, is_guessed
from retrieval.vocabulary import Question, Understanding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import date

    from bot.answering.request import Request
    from retrieval.vocabulary import Period, Turn

_EARLIER = 8
"""Questions before this one that its subject may come from."""


@dataclass(frozen=True, slots=True)
class UnderstoodQuestion:
    """A question understood.

    Args:
        question: as it was typed, with its language, its period and the turns before.
        intent: the kind of answer that it wants.
        subject: its words without those of the intent and of the period, with what it carries;
            "" for none.
        search_text: what is looked for, with the subject that a follow-up carries; the
            question itself when it has no subject.
        carried: the words that a follow-up takes from the questions before it.
        about_now: whether it asks how things stand today.
        period_guessed: whether a fact or an overview names its period by a bare "en mai" or
            "mardi", taken for the last one; if nothing of that time answers, any time may.
        outlet: the newspaper of the archive that it asks about: it is searched first.
        left_outlet: the one that it asks about, where the search was not limited to it because
            nothing sure was found in it.
    """

    question: Question
    intent: Intent
    subject: str
    search_text: str
    carried: tuple[str, ...] = ()
    about_now: bool = False
    period_guessed: bool = False
    outlet: str | None = None
    left_outlet: str | None = None


def understand(text: str, today: date, turns: Sequence[Turn] = ()) -> UnderstoodQuestion:
    """Understand a question.

    Args:
        text: the question as it was typed.
        today: the day on which it is asked.
        turns: the turns before it, oldest first.
    """
    earlier = [turn.text for turn in turns if turn.speaker == "user"][-_EARLIER:]
    before: Topic | None = None
    for one in earlier:
        before = next_topic(parse_question(squeezed(one), today), before)
    parsed = parse_question(squeezed(text), today)
    topic = next_topic(parsed, before)
    carried = tuple(term.text for term in topic.carried)
    return _understood(
        Question(text, parsed.language, topic.period, tuple(turns)),
        parsed,
        topic.intent,
        carried,
        today,
    )


def understand_again(text: str, today: date, known: Understanding) -> UnderstoodQuestion:
    """Understand a question as it was before: its turns need not be known any more.

    Args:
        text: the question as it was typed.
        today: the day on which it is asked.
        known: how it was understood; its period and its outlets are taken as they are.
    """
    parsed = parse_question(squeezed(text), today)
    question = Question(text, parsed.language, known.period)
    asked = _understood(question, parsed, Intent(known.intent), known.carried, today)
    guessed = asked.period_guessed and known.period is not None
    return replace(asked, period_guessed=guessed, outlet=next(iter(known.outlets), None))


def widened(asked: UnderstoodQuestion, without: Limit) -> UnderstoodQuestion:
    """A question without some limits of its own words; that of a day's news keeps its day."""
    if Limit.PERIOD in without and asked.intent is not Intent.DAY:
        question = replace(asked.question, period=None)
        asked = replace(asked, question=question, period_guessed=False)
    return replace(asked, outlet=None) if Limit.OUTLET in without else asked


def understanding_of(asked: UnderstoodQuestion, request: Request) -> Understanding:
    """What was understood beyond the words, to be shown and to be asked again."""
    alone = request.text
    if asked.carried:
        alone = f"{alone} ({', '.join(asked.carried)})"
    outlets = (asked.outlet,) if asked.outlet else ()
    return Understanding(alone, asked.intent.value, asked.carried, asked.question.period, outlets)


def _understood(
    question: Question,
    parsed: ParsedQuestion,
    intent: Intent,
    carried: tuple[str, ...],
    today: date,
) -> UnderstoodQuestion:
    return UnderstoodQuestion(
        question,
        intent,
        " ".join((parsed.subject, *carried)).strip(),
        _search_text(parsed, intent, carried),
        carried,
        is_about_now(parsed.text),
        intent is not Intent.DAY and is_guessed(parsed.text, today),
    )


def as_subject(asked: UnderstoodQuestion) -> UnderstoodQuestion:
    """The same words as the subject of a chronology; a bare day stays one."""
    if asked.intent is Intent.DAY and not asked.subject:
        return asked
    subject = asked.subject or asked.question.text
    return replace(asked, intent=Intent.CHRONOLOGY, subject=subject)


def _search_text(parsed: ParsedQuestion, intent: Intent, carried: tuple[str, ...]) -> str:
    """A fact is looked for in the question's own words, all else by its subject.

    An overview keeps its date, which articles of the time may write; a day is a filter.
    """
    own = {Intent.FACT: parsed.text, Intent.DAY: parsed.subject}.get(intent, parsed.search_words)
    return " ".join((own, *carried)).strip() or parsed.text


# --- the newspaper that is named ---------------------------------------------------------


def outlet_named(text: str, outlets: Callable[[], Iterable[str]]) -> str | None:
    """The newspaper of the archive that a question asks about ("selon Le Fanal").

    Only a whole name counts, where a question says whose articles it means: after "selon",
    "d'après", "dans", "according to", or between "what does" and "say". It has its capitals, but
    for the article before it: "dans le monde" is no newspaper, "dans le Monde" is. Where the
    words leave no doubt, somebody who types no capital is understood too. Of several, the
    longest name.

    Args:
        text: the question as it was typed.
        outlets: gives the newspapers of the archive, where the question may name one.
    """
    asked = squeezed(text)
    plain = folded(asked)
    places = [
        OutletPlace(match.end(), form)
        for form in _outlet_forms()
        for match in form.before.finditer(plain)
        if form.since is None or form.since.search(plain, 0, match.end())
    ]
    if not places:
        return None
    named = (one for one in outlets() if any(_is_named(one, asked, plain, at) for at in places))
    return max(named, key=len, default=None)


@dataclass(frozen=True, slots=True)
class OutletForm:
    """Words that a newspaper is named after.

    Args:
        before: the words, in folded text.
        then: what must follow the name; None for no more than its end.
        since: what must begin the question or stand before them; None for nothing.
        sure: whether they speak of what somebody said, never of a place.
    """

    before: re.Pattern[str]
    then: re.Pattern[str] | None
    since: re.Pattern[str] | None
    sure: bool


@dataclass(frozen=True, slots=True)
class OutletPlace:
    """Where a name may begin in a question, and the words before it."""

    start: int
    form: OutletForm


@lru_cache(maxsize=1)
def _outlet_forms() -> tuple[OutletForm, ...]:
    return tuple(
        OutletForm(
            re.compile(rf"{form['before']}[\s«\"“'*_]*"),
            re.compile(form["then"]) if "then" in form else None,
            re.compile(form["since"]) if "since" in form else None,
            form["sure"],
        )
        for form in table()["outlets"]
    )


@lru_cache(maxsize=1)
def _articles() -> re.Pattern[str]:
    return re.compile(table()["articles"]["before_names"])


def _is_named(outlet: str, asked: str, plain: str, place: OutletPlace) -> bool:
    """Whether a name stands there, and nothing that makes it the name of something else."""
    name, form = squeezed(outlet), place.form
    own, typed = _article(folded(name), 0), _article(plain, place.start)
    if plain[place.start : typed] != folded(name[:own]) and (own or not form.sure):
        return False  # "dans le Sud Ouest" is no newspaper called Sud Ouest
    bare, end = name[own:], typed + len(name) - own
    if not bare or plain[typed:end] != folded(bare) or _LONGER.match(plain, end):
        return False
    if form.then is not None and not form.then.match(plain, end):
        return False
    if form.sure and asked == asked.lower():
        return True
    if not form.sure and asked[end : end + 2].strip()[:1].isupper():
        return False  # "dans la Croix Rouge"
    return all(
        letter.isupper() or not written.isupper()
        for written, letter in zip(bare, asked[typed:end], strict=True)
        if written.isalpha()
    )


_LONGER = re.compile(r"-?\w")
"""What goes on a name: "la Croix-Rouge"."""


def _article(plain: str, start: int) -> int:
    """Where the article before a name ends."""
    match = _articles().match(plain, start)
    return match.end() if match else start


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


def is_follow_up(parsed: ParsedQuestion) -> bool:
    """Whether a question needs the one before it to be understood.

    It begins with "et" or points back; it is a bare question word or date; or it has a pronoun
    and no name, which takes up no noun before it. A question of a day's news needs nothing else.
    """
    plain = folded(parsed.text)
    if pattern("goes_on").search(plain):
        return True
    if parsed.intent is Intent.DAY and not parsed.elliptic:
        return False
    if parsed.names:
        return False
    taken_up = pattern("dislocated").sub(" ", pattern("impersonal").sub(" ", plain))
    if pattern("pronoun").search(taken_up):
        return True
    if parsed.intent is not Intent.FACT and parsed.subject:
        return False
    return len(parsed.terms) < (_STANDS if pattern("bare").search(plain) else 2)


def next_topic(parsed: ParsedQuestion, before: Topic | None) -> Topic:
    """What a conversation is about after one more question.

    Args:
        parsed: what the question asks for by itself.
        before: what the conversation was about.
    """
    if before is None or not is_follow_up(parsed):
        return Topic(parsed.intent, parsed.terms, (), parsed.period)
    return Topic(
        before.intent if parsed.elliptic else parsed.intent,
        parsed.terms,
        _carried(parsed, before),
        parsed.period or before.period,
    )


def _carried(parsed: ParsedQuestion, before: Topic) -> tuple[Term, ...]:
    """The terms of the subject before that a follow-up does not say itself."""
    subject = [*before.own, *before.carried]
    if pattern("instead").search(folded(parsed.text)) and any(t.is_name for t in parsed.terms):
        # "et pour l'Afghanistan ?" puts one name in the place of another, the one said last.
        names = [term for term in subject if term.is_name and term.start > 0]
        subject = [term for term in subject if term not in names[-1:]]
    own = {term.term for term in parsed.terms}
    return tuple(term for term in subject if term.term not in own)


# --- questions that a model makes stand alone ------------------------------------------


def needs_turns(request: Request) -> bool:
    """Whether a question needs those before it to be understood."""
    if not any(turn.speaker == "user" for turn in request.turns):
        return False
    return is_follow_up(parse_question(squeezed(request.text), request.today))


def last_turns(turns: Sequence[Turn]) -> tuple[str, ...]:
    """The last turns, shortened, oldest first."""
    return tuple(" ".join(turn.text.split())[:_TURN_CHARS] for turn in turns[-_TURNS:])


def accepted_rewrite(written: str, request: Request) -> str | None:
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
    if not _is_known(found, own | _terms_of_turns(request.turns)):
        return None
    kept = frozenset(one.term for one in found)
    if own and not any(_stands_in(term, kept) for term in own):
        return None
    return lines[0] if kept - own or _stands(lines[0], kept) else None


def _stands_in(term: str, known: frozenset[str]) -> bool:
    """Whether a term, or another word for the same thing, is among some."""
    return term in known or not related(term).isdisjoint(known)


def _terms_of_turns(turns: Sequence[Turn]) -> frozenset[str]:
    """The terms of the last turns."""
    return frozenset(
        term for turn in last_turns(turns) for term in analyse(turn, guess_language(turn))
    )


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
