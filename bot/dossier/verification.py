"""What became of the quotes of a dossier: whether each still stands in the archive.

The decisions are pure (`verdict`); `verified` asks the archive. A file is never trusted: a quote
counts only when its checksum fits it, and its footnote only when it fits the archive.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from bot.answering.notices import nearest
from bot.dossier.dossier import fingerprint, plain, text_digest
from bot.dossier.filed import FiledQuote, read_dossier
from retrieval.text.segmentation import sentences
from retrieval.vocabulary import State

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.dossier.dossier import QuoteMark
    from retrieval.archive.reader import ArchiveReader
    from retrieval.vocabulary import Article

_OPENING, _CLOSING = re.compile(r"[«“„\"]"), re.compile(r"[»”\"]")
_MAX_MARKS = 12
_SEARCHED_CHARS = 200_000
_NOW_CHARS = 600


class QuoteState(StrEnum):
    """What became of a quote of a dossier."""

    STANDS = "stands"
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"
    FOREIGN = "foreign"
    ALTERED = "altered"


@dataclass(frozen=True, slots=True)
class CheckedQuote:
    """A quote of a file, and what became of it.

    Args:
        filed: as the file has it.
        state: what became of it.
        quote: its words, without what an editor wrote around them.
        article: the article that it is of, as it is now; None when that is not known.
        now: the sentence that comes nearest to it today, of a corrected article.
        reason: why its article was withdrawn.
    """

    filed: FiledQuote
    state: QuoteState
    quote: str
    article: Article | None = None
    now: str = ""
    reason: str = ""


@dataclass(frozen=True)
class ArticlePast:
    """An article with its past.

    Args:
        article: as it is now, withdrawn or not.
        revisions: all that are stored, the present one among them.
        reason: why it was withdrawn.
    """

    article: Article
    revisions: Sequence[Article]
    reason: str = ""

    @cached_property
    def by_digest(self) -> dict[str, Article]:
        """The revisions by the digests of their texts."""
        return {text_digest(one.text): one for one in (*self.revisions, self.article)}

    @cached_property
    def text_now(self) -> str:
        """The article's present text, `plain`."""
        return plain(self.article.text)


def verified(raw: bytes, reader: ArchiveReader) -> tuple[CheckedQuote, ...]:
    """What became of each quote of a dossier.

    Args:
        raw: the bytes of the file.
        reader: the archive.

    Raises:
        BadUse: the file is no dossier that can be read.
        ArchiveDamaged: the archive cannot be read.
    """
    filed = read_dossier(raw)
    past: dict[str, ArticlePast | None] = {}
    with reader.snapshot():
        for id_ in {one.mark.article_id for one in filed if one.mark}:
            past[id_] = _past_of(id_, reader)
    return tuple(verdict(one, past[one.mark.article_id] if one.mark else None) for one in filed)


def _past_of(id_: str, reader: ArchiveReader) -> ArticlePast | None:
    """An article by its whole id."""
    found = reader.article_cited(id_)
    if found is None:
        return None
    article, reason = found
    return ArticlePast(article, reader.revisions_of(id_), reason)


def verdict(filed: FiledQuote, past: ArticlePast | None) -> CheckedQuote:
    """What became of a quote.

    Args:
        filed: the quote as the file has it.
        past: the article that its footnote names; None when the archive has none of that id.
    """
    mark = filed.mark
    quote = _unaltered(filed, mark) if mark else None
    if mark is None or quote is None:
        return CheckedQuote(
            filed, QuoteState.ALTERED, plain(filed.text), past.article if past else None
        )
    if past is None:
        return CheckedQuote(filed, QuoteState.FOREIGN, quote)
    false = _false_mark(mark, past)
    if false is not None:
        known = past.article if false is QuoteState.ALTERED else None
        return CheckedQuote(filed, false, quote, known)
    return _standing(filed, quote, past)


def _standing(filed: FiledQuote, quote: str, past: ArticlePast) -> CheckedQuote:
    """What became of a quote that the article once said."""
    article = past.article
    if article.state is State.WITHDRAWN:
        return CheckedQuote(filed, QuoteState.WITHDRAWN, quote, article, reason=past.reason)
    if quote in past.text_now:
        return CheckedQuote(filed, QuoteState.STANDS, quote, article)
    return CheckedQuote(filed, QuoteState.CORRECTED, quote, article, now=_nearest(quote, article))


def _false_mark(mark: QuoteMark, past: ArticlePast) -> QuoteState | None:
    """What is wrong with a mark, as far as the archive tells; None when it may be right."""
    cited = past.by_digest.get(mark.text_sha256)
    if cited is not None:
        there = fingerprint(cited.text[mark.start : mark.end]) == mark.quote_sha256
        return None if there else QuoteState.ALTERED
    # Of an article with a past, the text that was cited may be stored no more.
    was_changed = past.article.revision > 1
    return None if was_changed and mark.start < mark.end else QuoteState.FOREIGN


def _unaltered(filed: FiledQuote, mark: QuoteMark) -> str | None:
    """The words that the checksum is of; None when the file does not have them any more.

    They are the whole paragraph, or stand in quotation marks: other words beside them would be
    read as a part of the quote.
    """
    candidates = _candidates(plain(filed.text))
    return next((one for one in candidates if fingerprint(one) == mark.quote_sha256), None)


def _candidates(text: str) -> Iterator[str]:
    yield text
    openings = [match.end() for match in _OPENING.finditer(text)][-_MAX_MARKS:]
    closings = [match.start() for match in _CLOSING.finditer(text)][-_MAX_MARKS:]
    for start in openings:
        yield from (plain(text[start:end]) for end in closings if end > start)


def _nearest(quote: str, article: Article) -> str:
    """The sentence of an article that comes nearest to a quote."""
    text = article.text[:_SEARCHED_CHARS]
    found = [plain(text[one.start : one.end]) for one in sentences(text)]
    return found[nearest(quote, found)][:_NOW_CHARS] if found else ""
