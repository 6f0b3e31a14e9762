"""What becomes of a sentence that a model wrote: said with its quotes, or dropped, and why."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.answering.decision import Opinion, Trust, belief
from bot.answering.declining import declines
from bot.answering.drafting import Draft
from bot.answering.gate import Quote
from bot.answering.speech import said_by
from bot.answering.telling import ended, told
from retrieval.analysis import analyse
from retrieval.vocabulary import Span

if TYPE_CHECKING:
    from bot.answering.candidates import Candidate
    from bot.answering.gate import Gate
    from bot.answering.prepared import Prepared
    from retrieval.vocabulary import Citation, Statement

_LOG = logging.getLogger(__name__)
_UNJUDGED = 0.01
"""A sentence that was not among the promising ones seldom answers."""
_FAR = 1.5
"""How far a sentence must stand above what is cited to be said as well."""
_SAME = 0.6
"""A quote with this share of a sentence's terms leaves little to add."""


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
        alone = max(self._probability(quote) for quote in checked.quotes)
        if self._is_outdone(alone) or not self._is_enough(alone, chosen=True):
            self._drop(checked.text, f"beside the question, {alone:.3f}")
            return None
        text, speaker = told(
            ended(checked.text), checked.quotes[0], self._prepared.asked[0].question.language
        )
        return self.draft.add(text, checked.quotes, speaker)

    def complete(self) -> None:
        """Say the sentence that most probably answers, if the model wrote of lesser ones only."""
        best = max(
            (one for found in self._prepared.judged for one in found if not one.contradicts),
            key=lambda one: one.probability,
            default=None,
        )
        if best is None or not self.draft.statements or self.is_full:
            return
        cited = [c for one in self.draft.statements for c in one.citations]
        alone = (self._prepared.probability(c.article.id, Span(c.start, c.end)) for c in cited)
        if best.probability < _FAR * max(alone) or any(_says_as_much(c, best) for c in cited):
            return
        speaker = said_by(best.evidence.article.text, best.span)
        quote = Quote(best.evidence, best.span)
        self.draft.add(best.text, (quote,), speaker.name if speaker else None)

    def _probability(self, quote: Quote) -> float:
        """How probably what a sentence is taken from answers, by the evidence alone."""
        return self._prepared.probability(quote.evidence.article.id, quote.span) or _UNJUDGED

    def _is_outdone(self, evidence: float) -> bool:
        """Whether another sentence so surely answers that this one is about something else."""
        best = self._prepared.best
        return best >= self._trust.sure and evidence < self._trust.share * best

    def _is_enough(self, evidence: float, *, chosen: bool) -> bool:
        told = belief(evidence, self.opinion, self._trust, chosen=chosen)
        return told >= self._trust.say_above

    def _drop(self, text: str, why: str) -> None:
        self.draft.dropped += 1
        _LOG.info("A sentence of the model was not said: %s", why)
        _LOG.debug("It was: %.200s", text)


def _says_as_much(citation: Citation, best: Candidate) -> bool:
    """Whether a quote shares nearly all the terms of a sentence."""
    quoted = frozenset(analyse(citation.quote, citation.article.language))
    return len(quoted & best.terms) >= _SAME * len(best.terms)
