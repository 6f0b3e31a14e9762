"""What becomes of a sentence that a model wrote: said with its quotes, or dropped, and why."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.answering.decision import Opinion, Trust, belief
from bot.answering.declining import declines
from bot.answering.drafting import Draft

if TYPE_CHECKING:
    from bot.answering.gate import Gate, Quote
    from bot.answering.prepared import Prepared
    from retrieval.vocabulary import Statement

_LOG = logging.getLogger(__name__)
_UNJUDGED = 0.01
"""A sentence that was not among the promising ones seldom answers."""


class Editor:
    """Lets through what the articles support and what answers the question.

    Args:
        prepared: the question, with the sentences that may answer it.
        gate: what a sentence must meet.
        trust: how much the model's opinion of the evidence weighs.
        most: statements in an answer.
    """

    def __init__(self, prepared: Prepared, gate: Gate, trust: Trust, most: int) -> None:
        self._prepared = prepared
        self._gate = gate
        self._trust = trust
        self._most = most
        self.draft = Draft()
        self.opinion = Opinion()

    @property
    def is_full(self) -> bool:
        """Whether no more is to be said."""
        return len(self.draft.statements) >= self._most

    @property
    def is_hopeful(self) -> bool:
        """Whether the model may be asked for an answer: the best sentence would be let through."""
        return self._is_enough(self._prepared.best, chosen=True)

    @property
    def is_answered(self) -> bool:
        """Whether the best sentence answers though the model wrote nothing that may be said."""
        return self._is_enough(self._prepared.best, chosen=False)

    def consider(self, sentence: str) -> Statement | None:
        """The statement that a sentence becomes; None when it is not said."""
        if declines(sentence):
            self.opinion = replace(self.opinion, declined=True)
            return None
        checked = self._gate.check(sentence)
        if checked.fault is not None:
            self._drop(checked.text, checked.fault.value)
            return None
        if self.draft.holds(checked.text):
            return None
        if not any(self._answers(quote) for quote in checked.quotes):
            self._drop(checked.text, "beside the question")
            return None
        return self.draft.add(checked.text, checked.quotes)

    def _answers(self, quote: Quote) -> bool:
        """Whether what a sentence is taken from answers the question, all told."""
        alone = self._prepared.probability(quote.evidence.article.id, quote.span) or _UNJUDGED
        return self._is_enough(alone, chosen=True)

    def _is_enough(self, evidence: float, *, chosen: bool) -> bool:
        told = belief(evidence, self.opinion, self._trust, chosen=chosen)
        return told >= self._trust.say_above

    def _drop(self, text: str, why: str) -> None:
        self.draft.dropped += 1
        _LOG.info("A sentence was not said (%s): %.200s", why, text)
