"""When dated articles answer one question differently: the sentences to list, oldest first.

Pure, and careful: a list where articles agree is worse than none. Articles differ when one
takes up the figure of the other beside a new one ("passe de 184 à 221 millions"), when an
office has another holder, or when what was open is settled.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.answering.closeness import best_match
from bot.answering.extractive import is_taken_back
from bot.answering.relevance import light_terms
from bot.answering.speech import speaker_of
from bot.answering.understanding import Kind, asked_period
from bot.answering.values import takes_back, values_of
from retrieval.analysis import analyse
from retrieval.segmentation import sentences
from retrieval.vocabulary import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.answering.candidates import Candidate
    from bot.answering.understanding import Asked

_MOST = 4
_LEAST_SHARE = 0.25
"""A sentence less probable than this share of the best is about something else…"""
_SURE_SHARE = 0.5
_SURE = 0.3
"""… and figures that share nothing are compared only where both sentences surely answer."""
_COVERED = 0.7
_COVERED_LATER = 0.6
"""The share of the question's words that a sentence holds by itself."""

_Valued = tuple["Candidate", frozenset[str]]


def changes(asked: Sequence[Asked], judged: Sequence[Sequence[Candidate]]) -> tuple[Candidate, ...]:
    """What dated articles answer differently; two questions are one where both ask who."""
    first, *others = asked
    if not others:
        return differing(first, judged[0])
    if any(one.kind is not Kind.PERSON for one in asked):
        return ()
    period = asked_period(asked)
    together = sorted(
        {(one.evidence.article.id, one.span): one for part in judged for one in part}.values(),
        key=lambda one: -one.probability,
    )
    return differing(replace(first, question=replace(first.question, period=period)), together)


def differing(asked: Asked, judged: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """The best sentences of dated articles that answer differently, oldest first.

    Args:
        asked: the question understood.
        judged: the sentences found for it, the most probable first.

    Returns:
        At most four, one an article; none when they agree, or when only one answers.
    """
    best = max((one.probability for one in judged), default=0.0)
    valued = [
        (one, values)
        for one in judged
        if one.evidence.article.published is not None
        and _is_timely(asked, one)
        and not is_taken_back(one)
        and (values := _values(asked, one))
    ]
    if asked.kind in (Kind.NUMBER, Kind.DATE):
        kept = _figures(asked, valued, best)
    else:
        kept = _best_of_each(v for v in valued if v[0].probability >= best * _LEAST_SHARE)
    kept = _runs(sorted(kept, key=lambda v: _day(v[0])))
    return tuple(one for one, _ in kept[-_MOST:]) if _is_a_change(kept) else ()


def _day(one: Candidate) -> str:
    return str(one.evidence.article.published)


def _is_timely(asked: Asked, one: Candidate) -> bool:
    period = asked.question.period
    return period is None or period.admits(one.evidence.article.published)


def _values(asked: Asked, one: Candidate) -> frozenset[str]:
    if asked.kind is Kind.PERSON and not _names_its_names(asked, one):
        return frozenset()
    if asked.kind not in (Kind.NUMBER, Kind.DATE, Kind.PERSON) and _covered(asked, one) < _COVERED:
        return frozenset()
    article = one.evidence.article.text
    values = values_of(asked, one.text, article, one.span)
    if values and takes_back(one.text):
        before = _sentence_before(one)
        values |= values_of(asked, article[before.start : before.end], article, before)
    return values


def _sentence_before(one: Candidate) -> Span:
    passage = one.evidence.passage
    before = [s for s in sentences(passage.text, passage.start) if s.end <= one.span.start]
    return before[-1] if before else Span(one.span.start, one.span.start)


def _covered(asked: Asked, one: Candidate) -> float:
    """The share of the words of a question that a sentence holds."""
    terms = [t.term for t in (*asked.terms, *asked.carried) if t.term not in light_terms()]
    return sum(bool(best_match(term, one.terms)) for term in terms) / max(len(terms), 1)


def _names_its_names(asked: Asked, one: Candidate) -> bool:
    """Whether a sentence, or its title, holds each name of the question."""
    title = frozenset(analyse(one.evidence.article.title, one.evidence.article.language))
    named = [term.term for term in asked.terms if term.is_name and term.start > 0]
    return all(best_match(term, one.terms | title) for term in named)


def _is_on_the_subject(asked: Asked, one: Candidate) -> bool:
    """Whether the passage of a sentence, with its title, holds what the question names."""
    article = one.evidence.article
    ground = frozenset(analyse(f"{article.title} {one.evidence.passage.text}", article.language))
    terms = [term for term in (*asked.terms, *asked.carried) if term.term not in light_terms()]
    named = [term for term in terms if term.is_name and term.start > 0]
    held = sum(bool(best_match(term.term, ground)) for term in named or terms)
    return held >= (len(named) if named else len(terms) / 2)


def _best_of_each(valued: Iterable[_Valued]) -> list[_Valued]:
    best: dict[str, _Valued] = {}
    for one in valued:
        best.setdefault(one[0].evidence.article.id, one)
    return list(best.values())


def _figures(asked: Asked, valued: Sequence[_Valued], best: float) -> list[_Valued]:
    """Figures that a later article takes up and changes, or that surely answer otherwise."""
    linked = _linked(asked, valued, best * _LEAST_SHARE)
    if linked:
        last = max(_day(one) for one, _ in linked)
        later = (
            v
            for v in valued
            if _day(v[0]) > last
            and _covered(asked, v[0]) >= _COVERED_LATER
            and v[1] - linked[-1][1]
        )
        return [*linked, *_best_of_each(later)]
    sure = max(best * _SURE_SHARE, _SURE)
    return _best_of_each(
        v for v in valued if v[0].probability >= sure and _covered(asked, v[0]) >= _COVERED
    )


def _linked(asked: Asked, valued: Sequence[_Valued], floor: float) -> list[_Valued]:
    """An older figure, and the sentence that repeats it beside a new one."""
    for newer in valued:
        if newer[0].probability < floor:
            continue
        older = [
            v
            for v in valued
            if _day(v[0]) < _day(newer[0])
            and v[1] & newer[1]
            and newer[1] - v[1]
            and _is_on_the_subject(asked, v[0])
            and _is_on_the_subject(asked, newer[0])
        ]
        if older:  # what the article says itself comes before what somebody says in it
            return [min(older, key=lambda v: _is_said(v[0])), newer]
    return []


def _is_said(one: Candidate) -> bool:
    return speaker_of(one.evidence.article.text, one.span) is not None


def _runs(kept: Sequence[_Valued]) -> list[_Valued]:
    """One sentence for each run of articles that say the same, the most probable."""
    runs: list[list[_Valued]] = []
    for one in kept:
        if runs and (one[1] <= runs[-1][-1][1] or _day(one[0]) == _day(runs[-1][-1][0])):
            runs[-1].append(one)
        else:
            runs.append([one])
    return [max(run, key=lambda v: v[0].probability) for run in runs]


def _is_a_change(kept: Sequence[_Valued]) -> bool:
    """Whether there are two answers; of a thing open or denied, one that it is settled."""
    standings = {value for _, values in kept for value in values} & {"open", "denied", "settled"}
    return len(kept) > 1 and (not standings or (len(standings) > 1 and "settled" in standings))
