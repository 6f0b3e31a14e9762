"""From the signs of a claim to its verdict: a softmax regression fitted on a training split. Pure.

The weights are data (``config/claims.toml``), fitted on claims of a training split that are
written, altered in one way, or absent (tests/benchmarks/results.md says how). "Written" needs
the most: to be called written without being so is the worst fault. A number or date that is
certainly given nowhere forbids it, whatever the weights say.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from bot.answering.checking.signs import NAMES
from bot.answering.findings import CheckedClaim, Standing
from config import data

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bot.answering.checking.claim_evidence import ClaimEvidence
    from bot.answering.checking.signs import Signs
    from retrieval.vocabulary import Article, Span

MAX_SPREAD = 3.0
"""Spreads from its mean that a sign counts, so that no rare one decides alone."""
_NEAR = 0.25
"""The share of a claim's words that a window has, where it is shown as near."""

_MOST_WORDS = 3
"""Words that are named, where neither a number nor a date nor a name differs."""

CLASSES = ("written", "altered", "absent")
"""What the regression tells apart, in the order of its columns."""
_STANDINGS = (Standing.WRITTEN, Standing.PARTLY, Standing.ABSENT)


@dataclass(frozen=True, slots=True)
class VerdictModel:
    """A fitted regression, and when its word is taken.

    Args:
        mean: of each sign.
        scale: of each sign.
        weights: a row a sign, a column a class.
        written: the least probability of "written".
        unnamed: the least probability of "altered" where nothing can be named that differs.
    """

    mean: NDArray[np.float64]
    scale: NDArray[np.float64]
    weights: NDArray[np.float64]
    written: float
    unnamed: float

    def probabilities(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """The probability of each of `CLASSES`, for one vector of signs or a row each."""
        spread = np.clip((values - self.mean) / self.scale, -MAX_SPREAD, MAX_SPREAD)
        logits = spread @ self.weights
        raised = np.exp(logits - logits.max(axis=-1, keepdims=True))
        shares: NDArray[np.float64] = raised / raised.sum(axis=-1, keepdims=True)
        return shares


@dataclass(frozen=True, slots=True)
class ClaimVerdict:
    """How a claim stands, and how probable that is."""

    standing: Standing
    probability: float


@lru_cache(maxsize=1)
def load_verdict_model() -> VerdictModel:
    """The regression that comes with Kiosque.

    Raises:
        ValueError: it was fitted on other signs.
    """
    table = data.load("claims.toml")
    rows = table["signs"]
    if tuple(rows) != NAMES:
        raise ValueError("config/claims.toml was fitted on other signs")
    values = np.array([rows[name] for name in NAMES])
    return VerdictModel(
        values[:, 0], values[:, 1], values[:, 2:], table["written"], table["unnamed"]
    )


def verdict_of(signs: Signs, model: VerdictModel) -> ClaimVerdict:
    """The verdict on a claim.

    Args:
        signs: the claim beside the window that comes nearest.
        model: the regression.
    """
    shares = tuple(map(float, model.probabilities(signs.values)))
    standing = standing_of(shares, model, vetoed=signs.vetoed, named=signs.is_named)
    probability = dict(zip(_STANDINGS, shares, strict=True)).get(standing, max(shares[:2]))
    return ClaimVerdict(_altered(signs) if standing is Standing.PARTLY else standing, probability)


def standing_of(
    shares: tuple[float, ...], model: VerdictModel, *, vetoed: bool, named: bool
) -> Standing:
    """What a claim is called; ``PARTLY`` for all that is altered.

    Args:
        shares: the probability of each of `CLASSES`.
        model: has the limits.
        vetoed: whether a number or a date is certainly given nowhere.
        named: whether what differs can be named.
    """
    written, altered, absent = shares
    if written >= model.written and not vetoed:
        return Standing.WRITTEN
    if absent >= max(altered, written):
        return Standing.ABSENT
    if vetoed or (altered >= written and (named or altered >= model.unnamed)):
        return Standing.PARTLY
    return Standing.NEAR


def _altered(signs: Signs) -> Standing:
    """Contradicted where one denies what the other says; partly where it can be told what differs.

    Where all words of a claim stand in the window, nothing is sure.
    """
    if signs.denies and not signs.discrepancies:
        return Standing.CONTRADICTED
    return Standing.PARTLY if signs.discrepancies or signs.unsaid else Standing.NEAR


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict with the spans that it rests on, before these are numbered."""

    claim: CheckedClaim
    spans: tuple[tuple[Article, Span], ...] = ()


def judgement_of(found: ClaimEvidence, model: VerdictModel) -> Judgement:
    """The verdict without a chat model.

    Args:
        found: what was found for the claim.
        model: the regression.
    """
    text, signs = found.assertion.text, found.signs
    if signs is None:
        return Judgement(CheckedClaim(text, Standing.ABSENT))
    verdict = verdict_of(signs, model)
    standing = verdict.standing
    near = signs["window"] >= _NEAR
    spans = ((signs.ground.article, signs.ground.window),)
    if standing is Standing.WRITTEN and found.rival is not None:
        rival = (found.rival.article, found.rival.window)
        claim = CheckedClaim(text, Standing.CONTRADICTED, (), (), verdict.probability)
        return Judgement(claim, (*spans, rival))
    partly = standing is Standing.PARTLY
    differing = (signs.discrepancies or signs.unsaid[:_MOST_WORDS]) if partly else ()
    claim = CheckedClaim(text, standing, (), differing, verdict.probability)
    return Judgement(claim, spans if near or standing is not Standing.ABSENT else ())
