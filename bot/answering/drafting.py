"""The statements of an answer while a model writes it: numbered, counted, and what is to know."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from retrieval.vocabulary import Citation, Statement, Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.answering.gate import Quote
    from retrieval.vocabulary import Article


@dataclass(slots=True)
class Draft:
    """What was said so far, and what was not.

    A quote keeps the number that it was given first; statements that say the same are said once.
    """

    statements: list[Statement] = field(default_factory=list)
    dropped: int = 0
    cut: bool = False
    _numbers: dict[tuple[str, int, int], Citation] = field(default_factory=dict)

    def add(self, text: str, quotes: Sequence[Quote], speaker: str | None = None) -> Statement:
        """Number the quotes of a sentence that may be said.

        Args:
            text: the sentence.
            quotes: what supports it.
            speaker: who says it, where it is an article's own and does not name them.
        """
        cited = tuple(dict.fromkeys(self._citation(quote) for quote in quotes))
        statement = Statement(text, cited, speaker)
        self.statements.append(statement)
        return statement

    def holds(self, text: str) -> bool:
        """Whether a sentence was said already, in the same words."""
        return any(one.text.casefold() == text.casefold() for one in self.statements)

    @property
    def articles(self) -> tuple[Article, ...]:
        """The articles cited, each once."""
        cited = (c.article for one in self.statements for c in one.citations)
        return tuple({article.id: article for article in cited}.values())

    @property
    def status(self) -> Status:
        """Whether all that was written was said."""
        return Status.PARTIAL if self.dropped or self.cut else Status.ANSWERED

    def _citation(self, quote: Quote) -> Citation:
        article, span = quote.evidence.article, quote.span
        key = (article.id, span.start, span.end)
        if key not in self._numbers:
            text = article.text[span.start : span.end]
            number = len(self._numbers) + 1
            self._numbers[key] = Citation(number, article, text, span.start, span.end)
        return self._numbers[key]
