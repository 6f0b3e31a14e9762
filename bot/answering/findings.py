"""What a check or a search for a quote finds: answers with verdicts, as frozen values.

Both are answers (`retrieval.vocabulary.Answer`), so that every front shows, keeps and opens them
like any other: what is written stands in their statements, each a quote of an article.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from retrieval.vocabulary import Answer

if TYPE_CHECKING:
    from retrieval.vocabulary import Citation, Coverage


class Standing(StrEnum):
    """How a claim stands beside the archive.

    ``NEAR`` is said where nothing is sure: an article comes near, and decides nothing.
    """

    WRITTEN = "written"
    CONTRADICTED = "contradicted"
    PARTLY = "partly"
    NEAR = "near"
    ABSENT = "absent"


class Detail(StrEnum):
    """What of a claim an article does not say."""

    NUMBER = "number"
    DATE = "date"
    NAME = "name"
    WORD = "word"


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """Words of a claim that no cited article gives, and what kind of detail they are."""

    detail: Detail
    words: str


@dataclass(frozen=True, slots=True)
class CheckedClaim:
    """One claim of a text, and how it stands.

    Args:
        text: the sentence, as it was given.
        standing: its verdict.
        citations: what is written, the surest first; of ``NEAR`` and ``ABSENT``, what comes
            nearest, if anything does.
        discrepancies: of ``PARTLY``, what the articles do not give.
        probability: of the verdict, 0 to 1; None when a model gave it.
    """

    text: str
    standing: Standing
    citations: tuple[Citation, ...] = ()
    discrepancies: tuple[Discrepancy, ...] = ()
    probability: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport(Answer):
    """A text checked against the archive.

    Args:
        claims: in the order of the text.
        skipped: sentences that assert nothing that can be checked.
        unread: claims beyond those that one check reads.
        coverage: what the archive holds.
    """

    claims: tuple[CheckedClaim, ...]
    skipped: int
    unread: int
    coverage: Coverage


class Publication(StrEnum):
    """Whether a quote was published."""

    EXACT = "exact"
    NEAREST = "nearest"
    NEVER = "never"


class DifferenceKind(StrEnum):
    """How a quote differs from what was published."""

    CHANGED = "changed"
    ADDED = "added"
    LEFT_OUT = "left_out"
    SPELLING = "spelling"


@dataclass(frozen=True, slots=True)
class QuoteDifference:
    """One difference.

    Args:
        kind: of which kind.
        asked: words of the quote; "" where it leaves some out.
        published: words of the article; "" where the quote adds some.
    """

    kind: DifferenceKind
    asked: str
    published: str


@dataclass(frozen=True, slots=True)
class QuoteMatch:
    """A published span beside a quote."""

    citation: Citation
    differences: tuple[QuoteDifference, ...]
    likeness: float


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteReport(Answer):
    """A quote looked for in the archive.

    Args:
        quote: the words looked for.
        publication: whether they were published.
        matches: where they stand, or what is nearest; none when nothing is.
        coverage: what the archive holds.
    """

    quote: str
    publication: Publication
    matches: tuple[QuoteMatch, ...]
    coverage: Coverage
