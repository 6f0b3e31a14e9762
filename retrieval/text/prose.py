"""Whether a sentence of an article is running prose, which can be shown as an answer.

Pages hold much that is no sentence of the article: headings, captions, credits, bylines, form
labels, links. A sentence of prose ends with a full stop, has a finite verb, and carries none of
their marks. Words and patterns are data (``config/words/prose.toml``, and the rules by
which ``config/reading/cleaning.toml`` cleans whole lines). Verbs are known by frequent forms, by
endings, and by the clitics before them: a tagger would need a model. Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any

from config import data
from retrieval.text.dates import any_of
from retrieval.text.line_breaks import TAG
from retrieval.text.segmentation import sentences
from retrieval.vocabulary import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

WIDENED_CHARS = 400
"""A sentence is not shown with the one before when both are longer than this."""
_PROSE_CHARS = 4_000
_LINE_CHARS = 200  # longer lines are paragraphs, for cleaning as for these rules
_PARAGRAPH_CHARS = 10_000
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_TOKEN = re.compile(r"\w+|[^\w\s]")
_ENDED = re.compile(r"(?:[.!?…][\s\"'’»”)\]]*|;)$")
_ASKED = re.compile(r"\?[\s\"'’»”)\]]*$")
_TRAILING = re.compile(r"(\w+)\s?(?:\.\.\.|…)$")
_NOT_FINITE = re.compile(r"(?:[eio]r|re|ant|é|ée|és|ées)$")
_OPENING = " \t\u00a0\u202f\"'«“‘([–—-•·*"
_INFLECTED_CHARS = 4
_NAMED_SHARE = 0.7
_NAMES = 4


class Oddity(StrEnum):
    """Why a sentence is not running prose."""

    MARKUP = "markup"
    CREDIT = "credit"
    BYLINE = "byline"
    LINK = "link"
    FORM = "form"
    TABLE = "table"
    NAMES = "names"
    HEADING = "heading"
    QUESTION = "question"
    FRAGMENT = "fragment"


_LONE = frozenset({Oddity.QUESTION, Oddity.FRAGMENT, Oddity.NAMES})
"""Beside a sentence of prose these are part of what it says."""


@dataclass(frozen=True, slots=True)
class _Verbs:
    """How finite verbs are known."""

    subjects: frozenset[str]
    clitics: frozenset[str]
    particles: frozenset[str]
    determiners: frozenset[str]
    forms: frozenset[str]
    endings: tuple[str, ...]
    not_endings: frozenset[str]
    prepositions: frozenset[str]

    def finite(self, before: str, word: str) -> bool:
        """Whether a word is a finite verb, or a subject that goes with one.

        Args:
            before: the word or sign before it, in lower case; empty at the start.
            word: as it is written.
        """
        low = word.lower()
        if low in self.subjects and before not in self.prepositions:
            return True
        if not word.islower():
            return not before and self._inflected(low)
        if before in self.clitics and word not in self.particles and not _NOT_FINITE.search(word):
            return True
        return self._inflected(word) or (word in self.forms and before not in self.determiners)

    def _inflected(self, word: str) -> bool:
        if len(word) < _INFLECTED_CHARS or word in self.not_endings or word.endswith("ment"):
            return False
        return word.endswith(self.endings)


@dataclass(frozen=True, slots=True)
class _Leaning:
    """The words that show that a sentence depends on the one before."""

    subject: re.Pattern[str]
    demonstrative: re.Pattern[str]
    impersonal: re.Pattern[str]


@cache
def _table() -> dict[str, Any]:
    return data.load("words/prose.toml")


@cache
def _verbs() -> _Verbs:
    words = _table()["verbs"]
    return _Verbs(
        frozenset(words["subjects"]),
        frozenset(words["clitics"]),
        frozenset(words["particles"]),
        frozenset(words["determiners"]),
        frozenset(words["forms"].split()) | frozenset(words["english"].split()),
        (*words["endings"], *words["english_endings"]),
        frozenset(words["not_endings"].split()) | frozenset(words["not_english"]),
        frozenset(words["prepositions"]),
    )


@cache
def _marks() -> tuple[tuple[Oddity, re.Pattern[str]], ...]:
    marks = _table()["marks"]
    return tuple(
        (oddity, re.compile("|".join(marks[oddity]), re.IGNORECASE))
        for oddity in Oddity
        if oddity in marks
    )


@cache
def _cleaned() -> tuple[tuple[Oddity, re.Pattern[str]], ...]:
    """The rules for whole lines of ``cleaning.toml``, and what each tells of a sentence."""
    oddities = {
        name: Oddity(oddity) for oddity, names in _table()["cleaning"].items() for name in names
    }
    return tuple(
        (oddities[rule["name"]], re.compile(rule["pattern"], re.IGNORECASE))
        for rule in data.load("reading/cleaning.toml")["rule"]
        if rule["name"] in oddities and rule["kind"] != "tail"
    )


def is_prose(text: str) -> bool:
    """Whether a sentence, or a window, can stand as an answer (`why_not`)."""
    return why_not(text) is None


def why_not(text: str) -> Oddity | None:
    """Why a text is not running prose; None when it is.

    A window is what its sentences are: a heading or a link in it tells against all of it; a
    question or a sentence without a verb only when there is no sentence of prose beside it.

    Args:
        text: a sentence or a window of an article, as it stands there.
    """
    if TAG.search(text):
        return Oddity.MARKUP
    spans = sentences(text[:_PARAGRAPH_CHARS])
    read = [span for span in spans if span.end <= _PROSE_CHARS] or spans[:1]
    found = [_of_sentence(text[span.start : span.end]) for span in read]
    grave = next((oddity for oddity in found if oddity and oddity not in _LONE), None)
    if grave or not found:
        return grave or Oddity.FRAGMENT
    return None if None in found else found[0]


def _of_sentence(sentence: str) -> Oddity | None:
    marked = _marked(sentence)
    if marked:
        return marked
    verb = has_finite_verb(sentence)
    if not verb and _is_names(sentence):
        return Oddity.NAMES
    if not _is_ended(sentence):
        return Oddity.HEADING
    if _ASKED.search(sentence):
        return Oddity.QUESTION
    return None if verb else Oddity.FRAGMENT


def _marked(sentence: str) -> Oddity | None:
    """What page marks reveal about a sentence."""
    for oddity, pattern in _marks():
        if pattern.search(sentence):
            return oddity
    if len(sentence) > _LINE_CHARS:
        return None
    return next((oddity for oddity, rule in _cleaned() if rule.fullmatch(sentence)), None)


def _is_ended(sentence: str) -> bool:
    """Whether a sentence is complete: a full stop, and no preposition before dots."""
    cut = _TRAILING.search(sentence[-40:])
    joining = _table()["breaks"]["joining"]
    return bool(_ENDED.search(sentence)) and not (cut and cut[1].lower() in joining)


def _is_names(sentence: str) -> bool:
    words = [word for word in _WORD.findall(sentence) if len(word) > 2]
    named = sum(word[0].isupper() for word in words)
    return len(words) >= _NAMES and named >= _NAMED_SHARE * len(words)


def has_finite_verb(sentence: str) -> bool:
    """Whether a French or English sentence has a finite verb, as far as words tell."""
    verbs = _verbs()
    before = ""
    for word in _TOKEN.findall(sentence):
        if verbs.finite(before, word):
            return True
        if word[0].isalnum() or before:  # what opens a quotation is not before its first word
            before = before if word in "'’" else word.lower()
    return False


@cache
def _leaning() -> _Leaning:
    words = _table()["leaning"]
    start = rf"(?:(?:{any_of(words['connectives'])})\b,?\s+)?"
    return _Leaning(
        re.compile(rf"{start}(?:{any_of(words['subjects'])})(?![\w'’-])", re.IGNORECASE),
        re.compile(
            rf"{start}(?:{any_of(words['demonstratives'])})(?:['’]|\s)"
            rf"(?!(?:{any_of(words['times'])})\b)",
            re.IGNORECASE,
        ),
        re.compile(rf"{start}(?:il|it)\s+(?:{any_of(words['impersonal'])})\b", re.IGNORECASE),
    )


def standalone(text: str) -> bool:
    """Whether a sentence stands alone, without the one before.

    It leans when its subject is a pronoun or a demonstrative: "Il a aussi…", "Cette décision…".
    """
    begun = text.lstrip(_OPENING)[:_LINE_CHARS]
    leaning = _leaning()
    if leaning.impersonal.match(begun):
        return True
    return not (leaning.subject.match(begun) or leaning.demonstrative.match(begun))


def widened(text: str, span: Span) -> Span:
    """A sentence, with the one before it in its paragraph if it depends on it.

    Args:
        text: of the article.
        span: of the sentence, or of a window.

    Returns:
        The span itself when it stands alone, when it opens its paragraph, when what is before
        it is no prose, or when both would be longer than `WIDENED_CHARS`.
    """
    if standalone(text[span.start : span.end]):
        return span
    before = _sentence_before(text, span)
    if before is None or span.end - before.start > WIDENED_CHARS:
        return span
    between = text[before.end : span.start]
    if between.strip() or not is_prose(text[before.start : before.end]):
        return span
    return Span(before.start, span.end)


def _sentence_before(text: str, span: Span) -> Span | None:
    line = max(text.rfind("\n", 0, span.start) + 1, span.start - _PARAGRAPH_CHARS)
    found: Iterator[Span] = reversed(sentences(text[line : span.end], line))
    return next((one for one in found if one.end <= span.start), None)
