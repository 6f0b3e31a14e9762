"""A claim and the windows that it is held against, read into words that can be looked up. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

from retrieval.text.analysis import Term, analyse, fold, related, terms, words
from retrieval.vocabulary import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from retrieval.vocabulary import Article

    Rarity = Callable[[str], float]

_PREFIX = 5
"""Letters that words of two languages, or of one family, have in common."""
_MOST_BEFORE = 1
"""Words between the beginning of a claim and the name of its subject: "la ligne T2"."""
_ALIKE = 0.7
"""What a word of the same beginning counts."""


@dataclass(frozen=True, slots=True)
class Ground:
    """A window that a claim is held against.

    Args:
        article: it stands in it.
        passage: the passage around it.
        window: where it stands.
        cosine: its nearness in meaning to the claim.
        probability: what the reader gives it, as if the claim were a question.
    """

    article: Article
    passage: Span
    window: Span
    cosine: float
    probability: float

    def text(self, span: Span) -> str:
        """A part of the article."""
        return self.article.text[span.start : span.end]


@dataclass(frozen=True, slots=True)
class ClaimReading:
    """A claim, and what it is read with.

    Args:
        text: the claim.
        language: its language.
        rarity: the weight of a term, from 0 for one that stands everywhere to 1.
        today: the day of the check.
    """

    text: str
    language: str
    rarity: Rarity
    today: date


@dataclass(frozen=True, slots=True)
class KnownWords:
    """The terms of a text, to be looked up."""

    terms: frozenset[str]
    beginnings: frozenset[str]

    @classmethod
    def of(cls, text: str, language: str) -> KnownWords:
        """Read them, in the text's language and as written."""
        found = frozenset(analyse(text, language)) | frozenset(w.folded for w in words(text))
        return cls(found, frozenset(one[:_PREFIX] for one in found if len(one) >= _PREFIX))

    def and_also(self, others: frozenset[str]) -> KnownWords:
        """With further terms."""
        return KnownWords(self.terms | others, self.beginnings)

    def match(self, term: Term) -> float:
        """How surely a term stands among them, 0 to 1."""
        written = fold(term.text)
        if term.term in self.terms or written in self.terms:
            return 1.0
        if not related(term.term).isdisjoint(self.terms):
            return 1.0
        if term.is_number or len(written) < _PREFIX:
            return 0.0
        return _ALIKE if written[:_PREFIX] in self.beginnings else 0.0


@dataclass(frozen=True, slots=True)
class ClaimWords:
    """The words of a claim, read once for all windows."""

    text: str
    language: str
    terms: tuple[Term, ...]
    weights: Mapping[str, float]

    @classmethod
    def of(cls, reading: ClaimReading) -> ClaimWords:
        """Read a claim."""
        found = {one.term: one for one in reversed(terms(reading.text, reading.language))}
        weights = {term: reading.rarity(term) for term in found}
        return cls(reading.text, reading.language, tuple(found.values()), weights)

    def share(self, held: KnownWords) -> float:
        """The share of its words, weighed, that stand among some."""
        whole = sum(self.weights.values())
        met = sum(self.weights[one.term] * held.match(one) for one in self.terms)
        return met / whole if whole else 0.0

    def rarest(self, held: KnownWords) -> float:
        """The weight of the rarest word that does not stand among some."""
        missing = (self.weights[one.term] for one in self.terms if not held.match(one))
        return max(missing, default=0.0)

    def unsaid(self, held: KnownWords) -> tuple[str, ...]:
        """The words that do not stand among some, the rarest first."""
        missing = [one for one in self.terms if not held.match(one)]
        return tuple(one.text for one in sorted(missing, key=lambda one: -self.weights[one.term]))

    def wording_missing(self, held: KnownWords) -> float:
        """The share of its words that are neither names nor numbers and do not stand among some."""
        said = [one for one in self.terms if not (one.is_name or one.is_number)]
        whole = sum(self.weights[one.term] for one in said)
        missing = sum(self.weights[one.term] * (1 - held.match(one)) for one in said)
        return missing / whole if whole else 0.0

    @property
    def names(self) -> tuple[Term, ...]:
        """Words written as names, but the first of the sentence."""
        return tuple(one for one in self.terms if one.is_name and one.start > 1)

    def subject_resumed(self, sentence: str, language: str, around: KnownWords) -> frozenset[str]:
        """The terms of its subject, where a sentence only takes that up again: "La ligne", "Elle".

        The subject is named in the passage or its title, and no name stands before what the
        sentence says of it in the claim's own words.

        Args:
            sentence: of an article.
            language: the article's.
            around: the words of its passage and title.
        """
        ordered = sorted(self.terms, key=lambda one: one.start)
        first = next((at for at, one in enumerate(ordered) if one.is_name), len(ordered))
        subject = list(takewhile(lambda one: one.is_name, ordered[first:]))
        said = {one.term for one in ordered[first + len(subject) :]}
        before = list(takewhile(lambda one: one.term not in said, terms(sentence, language)))
        named = any(one.is_name or not one.start for one in before)
        if (
            max(first, len(before)) > _MOST_BEFORE
            or named
            or not all(around.match(one) for one in subject)
        ):
            return frozenset()
        return frozenset(one.term for one in subject)
