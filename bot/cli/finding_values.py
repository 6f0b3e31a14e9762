"""What programs read of a check, or of a quote that was looked for: an answer and its verdicts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.answering.findings import CheckReport, QuoteReport
from bot.cli.json_values import answer_as_json, source_as_json

if TYPE_CHECKING:
    from bot.answering.findings import CheckedClaim, QuoteMatch
    from bot.messages.catalogue import Catalogue
    from retrieval.vocabulary import Answer


def finding_as_json(answer: Answer, texts: Catalogue, model: str = "") -> dict[str, Any]:
    """``check --json``, ``quote --json``: as ``ask --json``, with the verdicts if any."""
    value = answer_as_json(answer, texts, model)
    if isinstance(answer, CheckReport):
        claims = [_checked_claim(claim) for claim in answer.claims]
        return {**value, "claims": claims, "skipped": answer.skipped, "unread": answer.unread}
    if isinstance(answer, QuoteReport):
        matches = [_quote_match(match) for match in answer.matches]
        publication = answer.publication.value
        return {**value, "quote": answer.quote, "publication": publication, "matches": matches}
    return value


def _checked_claim(claim: CheckedClaim) -> dict[str, Any]:
    """A claim with its verdict; of ``near`` and ``absent``, sources are only what is nearest."""
    probability = claim.probability
    return {
        "text": claim.text,
        "verdict": claim.standing.value,
        "probability": None if probability is None else round(probability, 3),
        "differs": [{"detail": d.detail.value, "words": d.words} for d in claim.discrepancies],
        "sources": [source_as_json(citation) for citation in claim.citations],
    }


def _quote_match(match: QuoteMatch) -> dict[str, Any]:
    differences = [
        {"kind": one.kind.value, "asked": one.asked, "published": one.published}
        for one in match.differences
    ]
    source = source_as_json(match.citation)
    return {**source, "likeness": round(match.likeness, 3), "differences": differences}
