"""Why a question has no answer: decided from its words, its period and the evidence."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot.answering.relevance import light_terms
from bot.answering.understanding import Kind
from retrieval.analysis import fold
from retrieval.vocabulary import Coverage, Reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.answering.understanding import Asked
    from retrieval.vocabulary import Article, Evidence, Period

_ORDERS = re.compile(
    r"\b(?:ignore[zr]?|oublie[zr]?|disregard|forget|repete[zr]?|affiche[zr]?|montre[zr]?|revele[zr]?"
    r"|donne[zr]?|reveal|print|show|repeat|output|bypass|override|contourne[zr]?|override)\b"
    r".{0,60}\b(?:instructions?|consignes?|prompts?|systeme?|regles?|rules?|precede|previous|above"
    r"|directives?|ci-dessus)\b"
    r"|\b(?:system prompt|developer mode|jailbreak|prompt systeme|mode developpeur)\b"
    r"|\b(?:ecris|redige|compose|invente|raconte|write|compose|tell)(?:s|z|-moi| moi| me)?\b.{0,30}"
    r"\b(?:poeme|blague|chanson|histoire|code|script|poem|joke|song|story|haiku)\b"
    r"|\b(?:tu es|you are) (?:maintenant|desormais|now)\b"
)
_CHAT = re.compile(
    r"^\W*(?:(?:bonjour|bonsoir|salut|coucou|hello|hi|hey|merci|thanks|thank you|lol|mdr|ok|okay"
    r"|d'accord|super|genial|bravo|au revoir|bye|a bientot|ca va|test|oui|non|yes|no|haha|ah"
    r"|kiosque|le bot|beaucoup|bien|tout le monde|comment (?:ca va|vas-tu|allez-vous|tu vas)"
    r"|how are you|qui es[- ]tu|who are you|bonne|bon|journee|soiree|nuit|week-end|continuation|a vous"
    r"|a toi|pour tout|vous|nice|day|have a|so much|very|good|morning|evening)\W*)+$"
)
_ASKS = re.compile(
    r"\?|\b(?:qui|que|quoi|quel\w*|quand|ou|combien|comment|pourquoi|est-ce|what|who|when|where|why"
    r"|how|which|veut dire|signifie)\b|^qu'|-(?:il|elle|on|ils|elles|ce)\b"
)


def before_searching(asked: Asked) -> Reason | None:
    """A refusal that needs no evidence: an order, a greeting, or nothing to look for."""
    folded = fold(asked.question.text.replace("’", "'"))
    if _ORDERS.search(folded) or _CHAT.match(folded):
        return Reason.NOT_A_QUESTION
    subject = [t for t in (*asked.terms, *asked.carried) if t.term not in light_terms()]
    if not subject:
        asks_when = asked.question.period is not None
        return (
            Reason.TOO_VAGUE
            if asked.terms or asks_when or _ASKS.search(folded)
            else (Reason.NOT_A_QUESTION)
        )
    if len(subject) == 1 and asked.kind is Kind.OTHER and not _ASKS.search(folded):
        return Reason.TOO_VAGUE
    return None


def after_searching(
    asked: Asked, coverage: Coverage, evidence: Sequence[Evidence], *, denied: bool
) -> Reason:
    """Why the evidence does not answer.

    Args:
        asked: the question understood.
        coverage: what the archive holds.
        evidence: what was found.
        denied: whether a good sentence says the opposite of what the question supposes.
    """
    if is_outside(asked.question.period, coverage):
        return Reason.OUT_OF_PERIOD
    if denied:
        return Reason.FALSE_PREMISE
    if asked.question.period is not None and not evidence:
        return Reason.OUT_OF_PERIOD
    return Reason.NOT_IN_ARCHIVE


def is_outside(period: Period | None, coverage: Coverage) -> bool:
    """Whether a period lies wholly before or after what the archive covers."""
    if period is None or coverage.first is None or coverage.last is None:
        return False
    too_late = period.first is not None and period.first > coverage.last.last_day
    too_early = period.last is not None and period.last < coverage.first.first_day
    return too_late or too_early


def nearest(evidence: Sequence[Evidence], most: int = 3) -> tuple[Article, ...]:
    """The articles that came nearest, each once, best first."""
    found: dict[str, Article] = {}
    for one in evidence:
        found.setdefault(one.article.id, one.article)
    return tuple(found.values())[:most]
