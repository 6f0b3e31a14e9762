"""A dossier: the dated quotes of a subject, each with a footnote by which it can be verified.

A footnote names the article for people, and ends with a mark for programs, the same in every
language::

    article 3f2a9c01 · 120-340 · sha256 9f86d0… · text 2c26b4…

the article's id, the offsets of the quote in the article's text, the checksum of the quote
(`fingerprint`), and the SHA-256 of the article's text.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from bot.messages.answers import coverage_line, source_line

if TYPE_CHECKING:
    from datetime import date

    from bot.messages.catalogue import Catalogue
    from retrieval.vocabulary import Answer, Citation, Coverage

MARKDOWN, WORD = ".md", ".docx"
FORMATS = (MARKDOWN, WORD)
"""The endings of the files that a dossier can be."""
_NAME_CHARS = 60
_MARK = re.compile(
    r"article\s+([\w-]{1,64})\s*·\s*(\d{1,9})\s*[-–]\s*(\d{1,9})\s*·\s*sha256\s+([0-9a-f]{64})"
    r"\s*·\s*text\s+([0-9a-f]{64})",
    re.ASCII,
)


def plain(text: str) -> str:
    """A text with single spaces and composed accents, without signs that are not seen.

    That is all that an editor or a word processor changes without changing a word.
    """
    shown = (c for c in unicodedata.normalize("NFC", text) if c.isprintable() or c.isspace())
    return " ".join("".join(shown).split())


def fingerprint(quote: str) -> str:
    """The checksum of a quote: the SHA-256 of its `plain` text, in UTF-8."""
    return hashlib.sha256(plain(quote).encode()).hexdigest()


def text_digest(text: str) -> str:
    """The SHA-256 of an article's text as it stands, in UTF-8."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class QuoteMark:
    """What a footnote says for programs; ``start`` and ``end`` count in the article's text."""

    article_id: str
    start: int
    end: int
    quote_sha256: str
    text_sha256: str

    @classmethod
    def of(cls, citation: Citation) -> Self:
        """The mark of a citation."""
        article = citation.article
        return cls(
            article.id,
            citation.start,
            citation.end,
            fingerprint(citation.quote),
            text_digest(article.text),
        )

    @classmethod
    def parse(cls, note: str) -> Self | None:
        """The mark at the end of a footnote; None when it has none that can be read."""
        found = list(_MARK.finditer(note))
        if not found:
            return None
        id_, start, end, quote, text = found[-1].groups()
        return cls(id_, int(start), int(end), quote, text)

    def __str__(self) -> str:
        return (
            f"article {self.article_id} · {self.start}-{self.end}"
            f" · sha256 {self.quote_sha256} · text {self.text_sha256}"
        )


@dataclass(frozen=True, slots=True)
class Dossier:
    """The dated quotes of a subject.

    Args:
        subject: as it was typed.
        made_on: the day it was made.
        coverage: what the archive held that day.
        citations: the quotes, oldest first, numbered from 1.
    """

    subject: str
    made_on: date
    coverage: Coverage
    citations: tuple[Citation, ...]


def dossier_of(answer: Answer, coverage: Coverage, made_on: date) -> Dossier | None:
    """The dossier of a chronology; None when it is only a refusal, or passages that come near."""
    if not answer.statements:
        return None
    return Dossier(answer.question.text, made_on, coverage, answer.sources)


@dataclass(frozen=True, slots=True)
class DossierEntry:
    """A quote as a file shows it: its number, what stands above it, its words, its footnote."""

    number: int
    head: str
    quote: str
    source: str
    url: str
    mark: str


def entries(dossier: Dossier, texts: Catalogue) -> list[DossierEntry]:
    """The quotes of a dossier in the words of a language."""
    return [
        DossierEntry(
            citation.number,
            texts.text(
                "dossier.head",
                date=texts.date(citation.article.published),
                outlet=plain(citation.article.outlet or texts.text("source.unknown_outlet")),
            ),
            plain(citation.quote),
            plain(source_line(texts, citation.article)),
            "".join((citation.article.url or "").split()),
            str(QuoteMark.of(citation)),
        )
        for citation in dossier.citations
    ]


def preface(dossier: Dossier, texts: Catalogue) -> list[str]:
    """What a dossier says of itself: that a program made it, when, and from what."""
    return [
        texts.text("dossier.made", day=texts.date(dossier.made_on)),
        coverage_line(texts, dossier.coverage),
        texts.text("dossier.verify"),
    ]


def file_name(subject: str, form: str) -> str:
    """A name for the file of a dossier: ``dossier-ligne-t2.docx``."""
    folded = unicodedata.normalize("NFKD", subject).encode("ascii", "ignore").decode().lower()
    words = "-".join(re.findall(r"[a-z0-9]+", folded))[:_NAME_CHARS].strip("-")
    return f"dossier-{words}{form}" if words else f"dossier{form}"
