"""Evidence, the model's opinion and the gate add up as they should."""

from __future__ import annotations

import pytest

from bot.answering.decision import Opinion, Trust, belief, load_trust

TRUST = load_trust()


def test_each_sign_counts_in_its_direction() -> None:
    """Evidence, a yes and a chosen sentence speak for an answer; a no and a refusal against."""
    middle = belief(0.3, Opinion(TRUST.odds_middle), TRUST, chosen=False)
    assert belief(0.6, Opinion(TRUST.odds_middle), TRUST, chosen=False) > middle
    assert belief(0.3, Opinion(TRUST.odds_middle + 1), TRUST, chosen=False) > middle
    assert belief(0.3, Opinion(TRUST.odds_middle - 1), TRUST, chosen=False) < middle
    assert belief(0.3, Opinion(TRUST.odds_middle), TRUST, chosen=True) > middle
    assert belief(0.3, Opinion(TRUST.odds_middle, declined=True), TRUST, chosen=False) < middle


def test_no_opinion_says_nothing() -> None:
    """A model that gives no odds counts neither for nor against."""
    unsaid = belief(0.3, Opinion(), TRUST, chosen=False)
    assert unsaid == pytest.approx(belief(0.3, Opinion(TRUST.odds_middle), TRUST, chosen=False))


@pytest.mark.parametrize("odds", [-50.0, 50.0])
@pytest.mark.parametrize("evidence", [0.0, 1.0])
def test_a_belief_is_a_probability(odds: float, evidence: float) -> None:
    """However sure the signs, the sum stays between 0 and 1."""
    assert 0 < belief(evidence, Opinion(odds), TRUST, chosen=True) < 1


def test_evidence_alone_is_its_probability() -> None:
    """With evidence at full weight and no model, the belief is the evidence's own."""
    alone = Trust(1.0, 3.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    assert belief(0.37, Opinion(), alone, chosen=True) == pytest.approx(0.37)
