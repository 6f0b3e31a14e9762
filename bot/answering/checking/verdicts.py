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

_MAX_SPREAD = 3.0
"""Spreads from its mean that a sign counts, so that no rare one decides alone."""
_UNNAMED = 0.7
"""The least probability of "altered" where nothing can be named that differs."""
_NEAR = 0.25
"""The share of a claim's words that a window has, where it is shown as near."""

CLASSES = ("written", "altered", "absent")
"""What the regression tells apart, in the order of its columns."""


@dataclass(frozen=True, slots=True)
class VerdictModel:
    """A fitted regression, and when its word is taken.

    Args:
        mean: of each sign.
        scale: of each sign.
        weights: a row a sign, a column a class.
        written: the least probability of "written".
    """

    mean: NDArray[np.float64]
    scale: NDArray[np.float64]
    weights: NDArray[np.float64]
    written: float

    def probabilities(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """The probability of each of `CLASSES`, for one vector of signs or a row each."""
        spread = np.clip((values - self.mean) / self.scale, -_MAX_SPREAD, _MAX_SPREAD)
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
    return VerdictModel(values[:, 0], values[:, 1], values[:, 2:], float(table["written"]))


def verdict_of(signs: Signs, model: VerdictModel) -> ClaimVerdict:
    """The verdict on a claim.

    Args:
        signs: the claim beside the window that comes nearest.
        model: the regression.
    """
    written, altered, absent = map(float, model.probabilities(signs.values))
    if written >= model.written and not signs.vetoed:
        return ClaimVerdict(Standing.WRITTEN, written)
    if absent >= max(altered, written):
        return ClaimVerdict(Standing.ABSENT, absent)
    named = bool(signs.discrepancies) or signs.denies
    if signs.vetoed or (altered >= written and (named or altered >= _UNNAMED)):
        return ClaimVerdict(_altered(signs), altered)
    return ClaimVerdict(Standing.NEAR, max(written, altered))


def _altered(signs: Signs) -> Standing:
    """Contradicted where one denies what the other says; partly where a detail differs."""
    contradicted = signs.denies and not signs.discrepancies
    return Standing.CONTRADICTED if contradicted else Standing.PARTLY


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
    differing = signs.discrepancies if standing is Standing.PARTLY else ()
    claim = CheckedClaim(text, standing, (), differing, verdict.probability)
    return Judgement(claim, spans if near or standing is not Standing.ABSENT else ())
