"""The calibration: a regression that is right, and tables that Kiosque can read."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pytest

from bot.answering.relevance import FEATURES
from tests.benchmarks.calibrate import fit, main
from tests.sample_home import DATA, indexed_home


def test_the_regression_finds_the_odds() -> None:
    """Without features the bias is the log of the odds; weighting a row is repeating it."""
    x, y = np.zeros((4, 1)), np.array([1.0, 0.0, 0.0, 0.0])
    assert fit(x, y, np.ones(4)) == pytest.approx([np.log(1 / 3), 0])
    assert fit(x, y, np.array([3.0, 1, 1, 1])) == pytest.approx([0, 0], abs=1e-9)


def test_the_regression_is_at_its_best() -> None:
    """No small step from the weights found lowers the penalised loss; a penalty shrinks them."""
    random = np.random.default_rng(1)
    x = random.normal(size=(300, 3))
    y = (x @ [2.0, -1.0, 0.0] + random.normal(size=300) > 0.5).astype(float)

    def loss(weights: np.ndarray) -> float:
        margin = weights[0] + x @ weights[1:]
        return float(np.logaddexp(0, margin).sum() - (y * margin).sum() + weights[1:] @ weights[1:])

    found = fit(x, y, np.ones(300), c=0.5)
    assert found[1] > 0 > found[2]
    for step in random.normal(scale=1e-3, size=(50, 4)):
        assert loss(found) < loss(found + step)
    assert abs(fit(x, y, np.ones(300), c=0.01)[1]) < found[1]


def test_the_tables_are_those_of_the_thresholds(
    tmp_path_factory: pytest.TempPathFactory,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What is printed first is the part of thresholds.toml that it replaces, every weight in it."""
    home = indexed_home(tmp_path_factory)
    lines = (DATA / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    questions = tmp_path / "some.jsonl"
    questions.write_text("\n".join(lines[::3]), encoding="utf-8")
    assert main([str(home), str(questions), "--weights", "2"]) == 0
    printed, _, figures = capsys.readouterr().out.partition("\nCross-validated:")
    relevance = tomllib.loads(printed)["relevance"]
    assert set(relevance["weights"]) == set(FEATURES)
    assert relevance["weights"]["close"] > 0
    assert "refusal precision" in figures
    assert main([str(home), str(home / "none.jsonl")]) == 2
