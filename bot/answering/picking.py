"""Chooses what is shown without a model: sentences of the articles, or the nearest passages.

Pure. The reader gives each window the probability that it answers and marks the words; here
it is decided which sentence is shown for a window, and whether it is sure enough to be called
an answer. The limits are in ``config/thresholds.toml``, chosen on questions that the figures
are not reported on.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.answering.quotes import sentence_around
from config import data
from retrieval.text.analysis import analyse, fold
from retrieval.text.prose import is_prose, widened
from retrieval.text.segmentation import sentences
from retrieval.vocabulary import Article, Citation, Span, Statement

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from retrieval.vocabulary import Hit, Passage

_LONGEST = 400
"""Characters of a sentence that is shown; a longer one is shown as the window has it."""
_LOOKED_AT = 12
"""Windows, best first, among which sentences are looked for."""
_READ_CHARS = 20_000
_MAX_NEAR = 3
"""Passages that are shown as coming near."""
_EXCERPT = 600
"""Characters of a passage that is shown as coming near."""
_SAME = 0.7
"""Share of the terms of the shorter of two sentences that say the same."""
_SAME_SUBJECT = 0.3
"""The same share when they speak of the same thing."""
_ORDERS = re.compile("|".join(data.load("words/writing.toml")["orders"]))


@dataclass(frozen=True, slots=True)
class PickingLimits:
    """Thresholds of ``config/thresholds.toml``: probabilities; the last two, shares of the best.

    Args:
        sure: a best window as probable as this is an answer.
        near: where the best is as probable as this, what comes nearest is shown.
        also: a further sentence must be as probable as this share of the best.
        newer: the same for one of a later article that may change the answer.
    """

    sure: float
    near: float
    also: float
    newer: float


def load_limits() -> PickingLimits:
    """The limits that come with Kiosque."""
    return PickingLimits(**data.load("thresholds.toml")["picking"])


@dataclass(frozen=True, slots=True)
class Pick:
    """A sentence that may be shown, with the words that answer and its probability."""

    article: Article
    span: Span
    answer: Span | None
    probability: float

    @property
    def text(self) -> str:
        """The sentence."""
        return self.article.text[self.span.start : self.span.end]

    @property
    def day(self) -> str:
        """The publication date as a sortable string; "" when unknown."""
        return str(self.article.published or "")

    def cited(self, number: int) -> Citation:
        """The sentence as a citation."""
        return Citation(
            number, self.article, self.text, self.span.start, self.span.end, self.answer
        )


def pick_sentences(hits: Sequence[Hit]) -> list[Pick]:
    """The sentences of the best windows that are prose, most probable first, each once."""
    found: list[Pick] = []
    for hit in hits[:_LOOKED_AT]:
        pick = _pick(hit)
        if pick is None or any(_overlap(pick, other) for other in found):
            continue
        found.append(pick)
    return found


def _pick(hit: Hit) -> Pick | None:
    article, marked = hit.evidence.article, hit.answer
    window = Span(hit.window.start, hit.window.end)
    span = _sentence(article, window, marked)
    if marked is not None and not is_sayable(article.text[span.start : span.end]):
        # A headline is no sentence: the same words may stand in one below it.
        marked = _said_again(article.text, marked, window.end)
        if marked is None:
            return None
        span = _sentence(article, window, marked)
    if not is_sayable(article.text[span.start : span.end]):
        return None
    span = widened(article.text, span)
    inside = marked is not None and span.start <= marked.start and marked.end <= span.end
    return Pick(article, span, marked if inside else None, hit.probability)


def _sentence(article: Article, window: Span, marked: Span | None) -> Span:
    """The sentence with the words that answer; else, and where it is too long, the window."""
    span = sentence_around(article.text, marked, _LONGEST) if marked else window
    return window if span == marked else span


def _said_again(text: str, words: Span, end: int) -> Span | None:
    """Where words stand again, before an end."""
    start = text.find(text[words.start : words.end], words.end, end)
    return None if start < 0 else Span(start, start + words.end - words.start)


def is_sayable(text: str) -> bool:
    """Whether a sentence may be shown: prose that gives no orders to a machine."""
    return is_prose(text) and not gives_orders(text)


def gives_orders(text: str) -> bool:
    """Whether a text addresses a language model: such a sentence proves nothing."""
    return bool(_ORDERS.search(fold(text[:1_000].replace("’", "'"))))


def choose_answers(
    found: Sequence[Pick],
    question: frozenset[str],
    limits: PickingLimits,
    max_sentences: int,
    *,
    about_now: bool,
) -> list[Pick]:
    """The sentences that answer; empty when none is sure enough.

    A later article that speaks of the same subject may change the answer: it needs less to
    stand beside the best, and comes before it.

    Args:
        found: sentences, the most probable first.
        question: the terms of the question.
        limits: when a sentence is said.
        max_sentences: how many at most.
        about_now: whether the question is how things stand today.
    """
    if not found or found[0].probability < limits.sure:
        return []
    best = found[0]
    subject = question & _terms(best)
    later: list[Pick] = []
    others: list[Pick] = []
    for one in found[1:]:
        if len(later) + len(others) == max_sentences - 1:
            break
        alike = about_now or _shared(one, best) >= _SAME_SUBJECT
        newer = one.day > best.day and alike and subject <= _terms(one)
        share = limits.newer if newer else limits.also
        kept = (best, *later, *others)
        if one.probability < share * best.probability:
            continue
        if not any(says_the_same(one, other, later=newer) for other in kept):
            (later if newer else others).append(one)
    return [*sorted(later, key=lambda one: one.day, reverse=True), best, *others]


def _terms(pick: Pick) -> frozenset[str]:
    """The terms of an article, to compare subjects."""
    article = pick.article
    return frozenset(analyse(f"{article.title}\n{article.text[:_READ_CHARS]}", article.language))


def is_dated(kept: Sequence[Pick]) -> bool:
    """Whether the latest of several days comes first: sentences are then shown with dates."""
    days = [one.day for one in kept]
    return len(set(days)) > 1 and days[0] == max(days)


def nearest(hits: Sequence[Hit], limits: PickingLimits) -> tuple[Citation, ...]:
    """The nearest passages, numbered: excerpts, each with a marked sentence.

    Passages that say the same are shown once. Nothing is, where not even the best comes near.

    Args:
        hits: what the reader has read, the most probable first.
        limits: how probable the best window is where something comes near.
    """
    if not hits or hits[0].probability < limits.near:
        return ()
    kept: list[Pick] = []
    known: set[int] = set()
    for hit in hits:
        if len(kept) == _MAX_NEAR:
            break
        pick = _pick(hit)
        if hit.evidence.passage.id in known or pick is None:
            continue
        known.add(hit.evidence.passage.id)
        near = _excerpted(pick, hit.evidence.passage)
        if not any(_shared(near, other) >= _SAME for other in kept):
            kept.append(near)
    return tuple(one.cited(number) for number, one in enumerate(kept, 1))


def _excerpted(pick: Pick, passage: Passage) -> Pick:
    """A sentence in an excerpt of its passage, marked."""
    text = pick.article.text
    inside = Span(max(pick.span.start, passage.start), min(pick.span.end, passage.end))
    span = excerpt(text, Span(passage.start, passage.end), inside, _EXCERPT)
    return replace(pick, span=span, answer=inside if inside != span else None)


def excerpt(text: str, passage: Span, span: Span, chars: int) -> Span:
    """A part of a passage around a span, in whole sentences, up to a length.

    Args:
        text: the article's.
        passage: where the passage stands in it.
        span: what is in the excerpt whatever its length.
        chars: how long the excerpt may be.
    """
    if passage.end - passage.start <= chars:
        return passage
    around = sentences(text[passage.start : passage.end], passage.start)
    start, end = span.start, span.end
    after = [one for one in around if one.end > end]
    before = [one for one in reversed(around) if one.start < start]
    while after or before:
        # What follows explains more often than what stands before: two after for one before.
        take_after = bool(after) and (not before or end - span.end <= 2 * (span.start - start))
        one = after.pop(0) if take_after else before.pop(0)
        if max(end, one.end) - min(start, one.start) > chars:
            break
        start, end = min(start, one.start), max(end, one.end)
    return Span(start, end)


def statements(kept: Iterable[Pick]) -> tuple[Statement, ...]:
    """Sentences as statements: each its own citation, in the order given."""
    return tuple(Statement(one.text, (one.cited(number),)) for number, one in enumerate(kept, 1))


def says_the_same(one: Pick, other: Pick, *, later: bool = False) -> bool:
    """Whether two sentences share nearly all terms, or mark the same words.

    Of a later article the same words may say something else: that somebody was replaced.
    """
    if _shared(one, other) >= _SAME:
        return True
    return not later and bool(_answer(one)) and _answer(one) == _answer(other)


def _shared(one: Pick, other: Pick) -> float:
    """The share of the shorter sentence's terms that the other has."""
    first, second = (frozenset(analyse(each.text, each.article.language)) for each in (one, other))
    smaller = min(len(first), len(second))
    return len(first & second) / smaller if smaller else 1.0


def _answer(one: Pick) -> str:
    marked = one.answer
    return fold(one.article.text[marked.start : marked.end]).strip(" .,;") if marked else ""


def _overlap(one: Pick, other: Pick) -> bool:
    same = one.article.id == other.article.id
    return same and one.span.overlaps(other.span)
