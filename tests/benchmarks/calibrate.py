"""The weights of ``config/thresholds.toml``, fitted on questions whose answers are known.

    python -m tests.benchmarks.calibrate HOME QUESTIONS.jsonl [HOME QUESTIONS.jsonl ...]
    python -m tests.benchmarks.calibrate NEWS news.jsonl OWN own.jsonl --weights 1 3

Each HOME is a ``KIOSQUE_HOME`` with an archive, each file questions put to it; ``--weights``
says how much a question of each pair counts. A set that chose weights or thresholds has
been seen: figures to report must come from questions that are in none of these files.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.answering.candidates import Candidate, Weights, load_weights
from bot.answering.extractive import denied, load_limits
from bot.answering.relevance import FEATURES
from bot.evaluation.measures import share
from config.data import path
from retrieval.errors import KiosqueError
from tests.benchmarks.judged import Judged, gathered
from tests.benchmarks.results import table

_FOLDS = 5
_THRESHOLDS = (0.05, 0.08, 0.1, 0.12, 0.14, 0.16, 0.18, 0.2, 0.25, 0.3, 0.4, 0.5)
_RULED_OUT = 0.1
Array = NDArray[np.float64]
Ranked = list[tuple[Judged, list[tuple[Candidate, bool]]]]


def fit(x: Array, y: Array, weight: Array, c: float = 1.0) -> Array:
    """A logistic regression by Newton's method: the bias, then a weight for each column.

    Args:
        x: a row for each sentence.
        y: 1 where it answers, else 0.
        weight: how much each row counts.
        c: the inverse of the L2 penalty; the bias is not penalised.
    """
    rows = np.column_stack([np.ones(len(x)), x])
    ridge = np.eye(rows.shape[1]) / c
    ridge[0, 0] = 0.0
    found = np.zeros(rows.shape[1])
    for _ in range(100):
        likely = 1 / (1 + np.exp(-np.clip(rows @ found, -30, 30)))
        slope = rows.T @ (weight * (likely - y)) + ridge @ found
        curve = (rows.T * (weight * likely * (1 - likely))) @ rows + ridge
        step = np.linalg.solve(curve, slope)
        found -= step
        if np.abs(step).max() < 1e-9:
            break
    return found


def fitted(judged: Sequence[Judged]) -> Weights:
    """The weights that suit some questions; what a rule takes out anyway teaches nothing."""
    rows = [
        (candidate.features, float(right), one.weight)
        for one in judged
        for candidate, right, low in zip(one.found, one.right, one.lowered, strict=True)
        if low > _RULED_OUT
    ]
    if not any(right for _, right, _ in rows):
        raise SystemExit("no sentence answers: are these questions of these archives?")
    x, y, weight = (np.array(column) for column in zip(*rows, strict=True))
    bias, *values = fit(x, y, weight).tolist()
    return Weights(bias, tuple(values))


def crossed(judged: Sequence[Judged]) -> Ranked:
    """Each question, ranked with weights fitted on the other folds' questions."""
    order = np.random.default_rng(0).permutation(len(judged))
    folds = [[judged[at] for at in order[fold::_FOLDS]] for fold in range(_FOLDS)]
    return [
        (one, one.ranked(weights))
        for at, fold in enumerate(folds)
        for weights in [fitted([one for other in folds[:at] + folds[at + 1 :] for one in other])]
        for one in fold
    ]


def report(ranked: Ranked) -> str:
    """How ranked questions fare: the best sentences, and refusals by threshold."""
    quoted = [found for one, found in ranked if one.known.answerable and one.known.quotes]
    first, three, all_ = (
        share(any(right for _, right in found[:depth]) for found in quoted)
        for depth in (1, 3, None)
    )
    said = f"{len(quoted)} with a quote: right in the first {first}, 3 {three}, all {all_}"
    answerable = [one.known.answerable for one, _ in ranked]
    best = [_best([candidate for candidate, _ in found]) for _, found in ranked]
    rows: list[tuple[object, ...]] = []
    for threshold in _THRESHOLDS:
        pairs = list(zip(answerable, (one < threshold for one in best), strict=True))
        precision = share(not known for known, refused in pairs if refused)
        recall = share(refused for known, refused in pairs if not known)
        kept = share(not refused for known, refused in pairs if known)
        rows.append((threshold, precision, recall, kept))
    head = ("refuse_below", "refusal precision", "refusal recall", "answerable answered")
    return f"{len(ranked)} questions, {said}\n\n{table(head, rows)}"


def _best(found: Sequence[Candidate]) -> float:
    """The probability of the best sentence; 0 when one of the best denies the premise."""
    return 0.0 if not found or denied(found, load_limits()) else found[0].probability


def section(weights: Weights) -> str:
    """The ``[relevance]`` tables of ``thresholds.toml`` with other numbers, comments kept."""
    numbers = {"bias": weights.bias, **dict(zip(FEATURES, weights.values, strict=True))}
    text = path("thresholds.toml").read_text(encoding="utf-8")
    written = text[text.index("[relevance]") : text.index("[extractive]")].rstrip()
    for name, number in numbers.items():
        written = re.sub(rf"^{name} = \S+", f"{name} = {number:.2f}", written, flags=re.MULTILINE)
    return "\n".join(line for line in written.splitlines() if line[:1] != "#")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables for ``thresholds.toml``, and how well such weights do."""
    parser = argparse.ArgumentParser(description=__doc__, prog="calibrate")
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("pairs", nargs="+", type=Path, metavar="HOME QUESTIONS.jsonl")
    parser.add_argument("--weights", nargs="+", type=float, help="of each pair; 1 by default")
    given = parser.parse_args(arguments)
    homes, files = given.pairs[::2], given.pairs[1::2]
    weights = given.weights or [1.0] * len(homes)
    if not len(homes) == len(files) == len(weights):
        parser.error("each HOME needs its QUESTIONS.jsonl, and a weight if any has one")
    try:
        each = zip(homes, files, weights, strict=True)
        judged = [one for pair in each for one in gathered(*pair)]
    except KiosqueError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    now = load_weights()
    print(section(fitted(judged)))
    print("\nCross-validated:", report(crossed(judged)))
    print("\nWith today's weights:", report([(one, one.ranked(now)) for one in judged]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
