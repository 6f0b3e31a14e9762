"""The regression that judges claims can be made again, and read back."""

from __future__ import annotations

import tomllib

import numpy as np
import pytest

from bot.answering.checking.signs import NAMES
from bot.answering.checking.verdicts import load_verdict_model
from tests.benchmarks.claim_fitting import (
    KnownClaims,
    Scored,
    fitted,
    held_out,
    limited,
    written_out,
)


@pytest.fixture(scope="module")
def known() -> KnownClaims:
    """Claims of three kinds that two signs tell apart, and the others do not."""
    random = np.random.default_rng(1)
    kinds = np.arange(300) % 3
    values = random.normal(size=(300, len(NAMES)))
    values[:, 0] = 1.0
    values[:, 1] += 3.0 * (kinds == 0)
    values[:, 2] += 3.0 * (kinds == 2)
    no = np.zeros(300, bool)
    articles = np.array([f"a{at // 6}" for at in range(300)])
    return KnownClaims(values, kinds, articles, np.arange(300) % 2 == 0, no, no)


def test_the_fit_tells_kinds_apart_on_what_it_has_not_seen(known: KnownClaims) -> None:
    """And the limits keep what is falsely written rare."""
    shares = held_out(known)
    model = limited(known, shares, fitted(known))
    score = Scored.of(known, shares, model)
    assert score.right > 0.75
    assert score.false <= 0.05


def test_the_same_claims_give_the_same_file(known: KnownClaims) -> None:
    """Byte for byte, and a file that can be read."""
    texts = {written_out(fitted(known)) for _ in range(2)}
    assert len(texts) == 1
    assert tuple(tomllib.loads(texts.pop())["signs"]) == NAMES


def test_the_file_that_is_shipped_is_of_these_signs() -> None:
    """Every sign has its weights, and the limits are probabilities."""
    model = load_verdict_model()
    assert model.weights.shape == (len(NAMES), 3)
    assert 1 / 3 < model.written < 1
    assert 1 / 3 < model.unnamed < 1
