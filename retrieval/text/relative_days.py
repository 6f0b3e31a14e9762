"""Resolves "hier", "jeudi" or "lundi prochain" in an article of a known day.

Pure. Words relative to today ("hier", "demain", "ce matin") are counted from the day of the
article. A bare weekday is resolved by the tense of the verb of its clause: in the past, the last
such day up to publication ("s'est posée jeudi"); in the future, the next one ("rouvrira lundi");
in the present, only the day of publication itself. Not resolved are quotations, which may be
of another day, habits ("le lundi"), weekdays of a noun or an infinitive ("la réunion de lundi",
"promet de rouvrir lundi"), and clauses without a verb.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum, auto
from functools import lru_cache
from itertools import islice, pairwise
from string import Template
from typing import TYPE_CHECKING, Any

from retrieval.text.dates import WORDS, any_of, full_names, not_behind
from retrieval.text.segmentation import sentences
from retrieval.vocabulary import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from retrieval.vocabulary import PublicationDate

_READ = 20_000
"""Characters of a text that are looked at."""
_MOST = 60
"""Days of the week that are looked at in one text."""
_APART = 6
"""Words at most of a phrase between commas that has no verb: it goes with what is beside it."""
_NEAREST = 3
"""Days that the nearest day of a name is away at most."""
_QUOTED = re.compile(r"«[^»]{0,2000}»|“[^”]{0,2000}”|\"[^\"]{0,2000}\"")
_SAME_LENGTH = str.maketrans({"’": "'", "\u00a0": " ", "\u202f": " ", "\n": " "})


class _Side(Enum):
    """Where a weekday lies relative to the day of the article."""

    LAST = auto()  # "lundi dernier": never the day itself
    NEXT = auto()  # "lundi prochain": never the day itself
    SINCE = auto()
    UNTIL = auto()
    PAST = auto()
    FUTURE = auto()
    PRESENT = auto()


def days_meant(
    text: str, published: PublicationDate | None, language: str
) -> tuple[tuple[Span, date], ...]:
    """The words of a text that mean a day, with that day.

    Args:
        text: an article's text, or a part of it.
        published: when the article was published; only a full day tells anything.
        language: ``fr`` or ``en``; nothing is resolved in another.

    Returns:
        In their order in the text; nothing where the day is not sure.
    """
    plain = text[:_READ].lower().translate(_SAME_LENGTH)
    if published is None or not published.day or language not in ("fr", "en"):
        return ()
    if len(plain) != len(text[:_READ]):
        return ()  # a letter whose lower case is two ("İ") would move all that follows
    grammar, today = _grammar(language), published.first_day
    quoted = [Span(*match.span()) for match in _QUOTED.finditer(plain)]
    found = [*_counted(plain, grammar, today), *_weekdays(text, plain, grammar, today)]
    meant = [one for one in found if not any(map(one[0].overlaps, quoted))]
    return tuple(sorted(meant, key=lambda one: one[0].start))


# --- words and tenses --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Grammar:
    """The words and tenses of one language, from ``config/words/dates.toml``.

    Args:
        counted: words that count from today, with their days.
        weekday: a day of the week, with what stands before it and behind it.
        numbers: its number, Monday is 0.
        leads: the side that each word before it tells.
        this: the words that mean the nearest one.
        bare: whether it may stand alone; English says "on".
        clause, past, future, no_verbs, infinitive, announcing, reduced, adverbial, participle: see
            the file.
    """

    counted: tuple[tuple[int, re.Pattern[str]], ...]
    weekday: re.Pattern[str]
    numbers: dict[str, int]
    leads: dict[str, _Side | None]
    this: frozenset[str]
    bare: bool
    clause: re.Pattern[str]
    past: re.Pattern[str]
    future: re.Pattern[str]
    no_verbs: re.Pattern[str]
    infinitive: re.Pattern[str]
    announcing: re.Pattern[str]
    reduced: re.Pattern[str]
    adverbial: re.Pattern[str]
    participle: re.Pattern[str]


_LEADS = {
    "last": _Side.LAST,
    "next": _Side.NEXT,
    "since": _Side.SINCE,
    "until": _Side.UNTIL,
    "this": None,
    "plain": None,
}


@lru_cache(maxsize=2)
def _grammar(language: str) -> _Grammar:
    table, names = WORDS["relative"][language], full_names("weekdays", language)
    numbers = {name: day for day, name in enumerate(names)}
    leads = {word: side for name, side in _LEADS.items() for word in table["leads"][name]}
    verbs = table["verbs"]
    return _Grammar(
        _counted_forms(table),
        _weekday_form(table["words"], language, leads),
        numbers,
        leads,
        frozenset(table["leads"]["this"]),
        language == "fr",
        re.compile(verbs["clause"]),
        *(re.compile("|".join(verbs[tense])) for tense in ("past", "future")),
        *(re.compile(verbs[name]) for name in ("no_verbs", "infinitive", "announcing", "reduced")),
        *(re.compile(rf"[\s,]*(?:{verbs[name]})") for name in ("adverbial", "participle")),
    )


def _counted_forms(table: dict[str, Any]) -> tuple[tuple[int, re.Pattern[str]], ...]:
    figure = not_behind(table["words"]["figure"])
    return tuple(
        (int(by), re.compile(rf"{figure}(?<![\w-])(?:{form})(?![\w-])"))
        for by, form in table["counted"].items()
    )


def _weekday_form(words: dict[str, Any], language: str, leads: Iterable[str]) -> re.Pattern[str]:
    day, month = ("|".join(full_names(of, language)) for of in ("weekdays", "months"))
    lead, last, next_ = any_of(leads), words["last"] or "(?!)", words["next"] or "(?!)"
    following = Template(words["not_before"]).substitute(days=day, months=month)
    behind = not_behind(words["not_after"])
    return re.compile(
        rf"(?:(?<![\w'])(?P<lead>{lead})|(?=(?:{day})\s(?:{last}|{next_})\b)|{behind})"
        rf"\b(?P<day>{day})\b"
        rf"(?:\s(?:(?P<last>{last})|(?P<next>{next_}))\b|(?!{following}))"
    )


# --- days ----------------------------------------------------------------------------------

_Meaning = tuple[Span, date]


def _counted(plain: str, grammar: _Grammar, today: date) -> Iterator[_Meaning]:
    for by, form in grammar.counted:
        for match in form.finditer(plain):
            yield Span(*match.span()), today + timedelta(days=by)


def _weekdays(text: str, plain: str, grammar: _Grammar, today: date) -> Iterator[_Meaning]:
    around: list[Span] = []
    for match in islice(grammar.weekday.finditer(plain), _MOST):
        if not around or around[-1].end <= match.start():
            around = _sentences_of_line(text[:_READ], match.start())
        sentence = next((one for one in around if one.start <= match.start() < one.end), None)
        side = _side(match, plain, sentence, grammar) if sentence else None
        forward = (grammar.numbers[match["day"]] - today.weekday()) % 7
        by = _days_away(side, forward) if side else None
        this = match["lead"] in grammar.this
        if by is not None and not (this and abs(by) > _NEAREST):  # "ce mardi" is the nearest
            start = match.start("day") if match["lead"] else match.start()
            yield Span(start, match.end()), today + timedelta(days=by)


def _sentences_of_line(text: str, at: int) -> list[Span]:
    start = text.rfind("\n", 0, at) + 1
    end = text.find("\n", at)
    return sentences(text[start : end if end >= 0 else len(text)], start)


def _days_away(side: _Side, forward: int) -> int | None:
    """How many days a day of the week is away.

    Args:
        side: where it lies.
        forward: days to the next such day, 0 to 6; 0 is the day of the article, which a word
            of the past or the present means, and a word of the future may or may not.
    """
    if side is _Side.LAST:
        return forward - 7
    if side is _Side.NEXT:
        return forward or 7
    if side is _Side.PAST:
        return forward and forward - 7
    if side is _Side.PRESENT:
        return None if forward else 0
    if not forward:
        return None
    return forward - 7 if side is _Side.SINCE else forward


def _side(match: re.Match[str], plain: str, sentence: Span, grammar: _Grammar) -> _Side | None:
    """Where a weekday lies; None when nothing tells."""
    if match["last"] or match["next"]:
        return _Side.LAST if match["last"] else _Side.NEXT
    if not (match["lead"] or grammar.bare):
        return None
    said = grammar.leads.get(match["lead"] or "")
    if said in (_Side.LAST, _Side.NEXT, _Side.SINCE):
        return said
    tense = _tense(match, plain, sentence, grammar)
    if said is _Side.UNTIL:
        return _Side.UNTIL if tense in (_Side.FUTURE, _Side.PRESENT) else None
    return tense


# --- the tense of a clause -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Verb:
    """A verb form where it stands, and its side; an infinitive has none."""

    start: int
    end: int
    side: _Side | None


def _tense(match: re.Match[str], plain: str, sentence: Span, grammar: _Grammar) -> _Side | None:
    """The side of the verb that a day goes with; the present when no form tells another."""
    pieces = _clauses(plain, sentence, grammar)
    at = next(i for i, one in enumerate(pieces) if one.start <= match.start("day") < one.end)
    verbs = _verbs(plain, pieces[at], grammar)
    fronted = not plain[pieces[at].start : match.start()].strip(" ,")
    if verbs and verbs[0].start > match.start() and not fronted:
        return None  # of its subject: "le chanteur disparu lundi sera honoré"
    if verbs:
        return _nearest(match, plain, verbs, grammar)
    if at and not fronted and not grammar.adverbial.match(plain, pieces[at].start):
        participle = grammar.participle.match(plain, pieces[at].start)
        known = participle and not grammar.future.search(f"est {participle[0].strip(' ,')}")
        return _Side.PAST if known else None
    for index in _beside(plain, pieces, at):
        verbs = _verbs(plain, pieces[index], grammar)
        if verbs:
            return _nearest(match, plain, verbs, grammar)
    return _Side.PRESENT


def _clauses(plain: str, sentence: Span, grammar: _Grammar) -> list[Span]:
    """A sentence split into clauses; a separator begins the next one."""
    cuts = [one.start() for one in grammar.clause.finditer(plain, sentence.start, sentence.end)]
    edges = [sentence.start, *(cut for cut in cuts if cut > sentence.start), sentence.end]
    return [Span(a, b) for a, b in pairwise(edges) if b > a]


def _beside(plain: str, pieces: Sequence[Span], at: int) -> list[int]:
    """The neighbouring clauses, across commas, that may hold the verb; nearest first."""
    if len(plain[pieces[at].start : pieces[at].end].split()) > _APART:
        return []
    after = _across(plain, pieces, range(at + 1, len(pieces)), 0)
    before = _across(plain, pieces, range(at - 1, -1, -1), 1)
    return [*before, *after] if at else after


def _across(plain: str, pieces: Sequence[Span], indices: range, shift: int) -> list[int]:
    """Two pieces at most, as long as only commas part them."""
    found = []
    for index in islice(indices, 2):
        if plain[pieces[index + shift].start] != ",":
            break
        found.append(index)
    return found


def _verbs(plain: str, piece: Span, grammar: _Grammar) -> list[_Verb]:
    """The verb forms of a clause in their order; of two that overlap, the first."""
    # What only looks like a verb is put out of sight, in as many characters.
    clause = grammar.no_verbs.sub(lambda one: "-" * len(one[0]), plain[piece.start : piece.end])
    forms = ((grammar.future, _Side.FUTURE), (grammar.past, _Side.PAST), (grammar.infinitive, None))
    found = [
        _Verb(piece.start + one.start(), piece.start + one.end(), side)
        for form, side in forms
        for one in form.finditer(clause)
    ]
    apart: list[_Verb] = []
    for verb in sorted(found, key=lambda verb: verb.start):
        if not apart or apart[-1].end <= verb.start:
            apart.append(verb)
    return apart


def _nearest(
    match: re.Match[str], plain: str, verbs: Sequence[_Verb], grammar: _Grammar
) -> _Side | None:
    """The side of the verb that governs a weekday: the last before it, else the first after."""
    before = [verb for verb in verbs if verb.end <= match.start()]
    if not before:
        return verbs[0].side
    verb = before[-1]
    if verb.side is None and len(before) > 1 and before[-2].side is _Side.FUTURE:
        return _Side.FUTURE  # "va tenter de rouvrir lundi"
    between = plain[verb.end : match.start()].strip()
    if verb.side is _Side.FUTURE and grammar.reduced.search(between):
        return None
    announces = grammar.announcing.search(plain, verb.start, verb.end)
    return None if announces and between and verb.side is _Side.PAST else verb.side
