"""Fits what `config/reader.toml` says of a logit: on questions that were not trained on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_ROUNDS = 50
_RIDGE = 1e-6


def fit_logistic(ranks: Sequence[float], right: Sequence[bool]) -> tuple[float, float]:
    """The slope and offset whose logistic tells best how often a rank is right (Platt, 1999).

    Args:
        ranks: logit and weighted score of windows, as `ReaderOptions.rank` adds them.
        right: whether each answers.
    """
    values = np.asarray(ranks, np.float64)
    middle, width = float(values.mean()), float(values.std()) or 1.0
    inputs = np.stack([(values - middle) / width, np.ones(len(values))], axis=1)
    targets = np.asarray(right, np.float64)
    weights: NDArray[np.float64] = np.zeros(2)
    for _ in range(_ROUNDS):
        told = 1 / (1 + np.exp(-inputs @ weights))
        spread = (told * (1 - told))[:, None] * inputs
        curve = inputs.T @ spread + _RIDGE * np.eye(2)
        weights -= np.linalg.solve(curve, inputs.T @ (told - targets))
    slope, offset = float(weights[0]) / width, float(weights[1])
    return slope, offset - slope * middle
