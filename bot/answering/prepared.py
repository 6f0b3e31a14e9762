"""What is known of a question, stage by stage, before a word of its answer is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.answering.events import Passing

if TYPE_CHECKING:
    from bot.answering.candidates import Candidate
    from bot.answering.clock import Clock
    from bot.answering.events import Request
    from bot.answering.understanding import Asked
    from retrieval.search import Found
    from retrieval.vocabulary import Evidence, Span


@dataclass(frozen=True, slots=True)
class Understood(Passing):
    """A question understood: the parts that it asks, and how long that took."""

    request: Request
    asked: tuple[Asked, ...]
    clock: Clock


@dataclass(frozen=True, slots=True)
class Prepared(Passing):
    """All that is known of a question before a word of its answer is written.

    Args:
        request: what was asked.
        asked: the question, understood; two where it asks two.
        found: what was found for each.
        judged: for each, the sentences found, the most probable answer first.
        clock: what was done so far, timed.
    """

    request: Request
    asked: tuple[Asked, ...]
    found: tuple[Found, ...]
    judged: tuple[tuple[Candidate, ...], ...]
    clock: Clock

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """The passages found for each part of the question, best first, each once."""
        ranked = [one.evidence for one in self.found]
        merged = (
            ranks[at] for at in range(max(map(len, ranked))) for ranks in ranked if at < len(ranks)
        )
        return tuple({one.passage.id: one for one in merged}.values())

    @property
    def best(self) -> float:
        """The probability of the most probable sentence; 0 of none."""
        return max((one.probability for found in self.judged for one in found), default=0.0)

    def probability(self, article_id: str, span: Span) -> float:
        """How probably a part of an article answers: as its best sentence does; 0 unjudged."""
        return max(
            (
                one.probability
                for found in self.judged
                for one in found
                if one.evidence.article.id == article_id
                and one.span.start < span.end
                and span.start < one.span.end
            ),
            default=0.0,
        )
