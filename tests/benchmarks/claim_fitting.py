"""Fits ``config/claims.toml`` anew on the train split of questions over the news export.

    python -m tests.benchmarks.claim_fitting           search for each claim, fit, write the file
    python -m tests.benchmarks.claim_fitting --again   fit on the signs of the last run

A softmax regression over the signs of claims that are written, altered or absent
(`tests.benchmarks.claim_cases`). Its limits are chosen on the same claims, each judged by a
regression that has seen none of its article. Each claim is searched for, which takes a quarter
of an hour. The same data give the same file.
"""

from __future__ import annotations

import argparse
import random
import sys
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bot.answering.checking.signs import NAMES
from bot.answering.checking.verdicts import CLASSES, MAX_SPREAD, VerdictModel, standing_of
from bot.answering.findings import Standing
from bot.app import Kiosque
from config.settings import Settings
from tests.benchmarks.claim_cases import OWN_WORDING, claim_set, evidence_of, export_home
from tests.benchmarks.common import ROOT, Setup

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_FILE = ROOT / "config" / "claims.toml"
_ARTICLES, _LEFT_OUT = 130, 65
"""Articles of the train split that are in the archive, and others that are not."""
_SIGNS = "claim-signs.npz"
_FOLDS = 10
_SEED = 5
_SHRINK = 5e-3
"""How much large weights cost."""
_STEPS = 400
_FALSE = 0.05
"""The share of all claims that may be falsely written, free ones and others counting the same."""
_LIMITS = tuple(round(0.3 + 0.01 * at, 2) for at in range(65))
_UNNAMED = (0.5, 0.6, 0.7)
_HEAD = """\
# How a claim stands beside the window of an article that comes nearest to it: a softmax regression,
# made by `python -m tests.benchmarks.claim_fitting` of the train split of questions about the news:
# statements that are written, altered in one way, or whose article is not there; and sentences of
# the same articles, as they are and altered by rule. See bot/answering/checking/verdicts.py.

# The least probability of "written", and of "altered" where nothing can be named that differs.
# Chosen on the same split, each claim judged without the articles of its tenth.
"""


@dataclass(frozen=True, slots=True)
class KnownClaims:
    """The signs of claims whose verdict is known, a row each.

    Args:
        values: the signs, in the order of `NAMES`.
        kinds: the place of each right verdict in `CLASSES`.
        articles: the article that each is made of.
        own: whether it is near the article's own wording.
        vetoed: whether a number or a date is certainly given nowhere.
        named: whether what differs can be named.
    """

    values: Floats
    kinds: NDArray[np.int64]
    articles: NDArray[np.str_]
    own: NDArray[np.bool_]
    vetoed: NDArray[np.bool_]
    named: NDArray[np.bool_]

    def only(self, chosen: NDArray[np.bool_]) -> KnownClaims:
        """Some of them."""
        return KnownClaims(**{name: getattr(self, name)[chosen] for name in self.__slots__})

    def save(self, path: Path) -> None:
        """Keep them."""
        np.savez(path, **{name: getattr(self, name) for name in self.__slots__})

    @classmethod
    def load(cls, path: Path) -> KnownClaims:
        """Those that were kept."""
        with np.load(path) as arrays:
            return cls(**{name: arrays[name] for name in cls.__slots__})


def collected(setup: Setup) -> KnownClaims:
    """Search for each claim of the train split.

    Raises:
        AbsentError: the questions or the export are not there.
    """
    known = claim_set(setup, "train", _ARTICLES, _LEFT_OUT)
    with export_home(setup, known.articles) as home, Kiosque(Settings(home=home)) as app:
        pairs = list(zip(known.cases, evidence_of(app, known.cases), strict=True))
    found = [(case, one.signs) for case, one in pairs if one.signs is not None]
    return KnownClaims(
        np.array([signs.values for _, signs in found]),
        np.array([CLASSES.index(case.kind) for case, _ in found]),
        np.array([case.article for case, _ in found]),
        np.array([case.way in OWN_WORDING for case, _ in found]),
        np.array([signs.vetoed for _, signs in found]),
        np.array([signs.is_named for _, signs in found]),
    )


def fitted(known: KnownClaims) -> VerdictModel:
    """The regression of some claims: kinds and wordings count the same, however many there are."""
    mean, scale = known.values.mean(axis=0), known.values.std(axis=0)
    mean[0], scale[0] = 0.0, 1.0  # the bias
    scale[scale < 1e-9] = 1.0
    spread = np.clip((known.values - mean) / scale, -MAX_SPREAD, MAX_SPREAD)
    groups = known.kinds + len(CLASSES) * known.own
    shares = 1 / np.bincount(groups)[groups]
    shares /= shares.sum()
    weights = _descended(spread, np.eye(len(CLASSES))[known.kinds], shares)
    return VerdictModel(mean, scale, weights, 1.0, 1.0)


def _descended(spread: Floats, right: Floats, shares: Floats) -> Floats:
    """The weights of the least loss, by Nesterov's accelerated descent."""
    cost = np.full((spread.shape[1], 1), _SHRINK)
    cost[0] = 0.0
    curvature = np.linalg.norm(spread.T * np.sqrt(shares), 2) ** 2 / 2 + _SHRINK
    weights = ahead = np.zeros((spread.shape[1], right.shape[1]))
    pace = 1.0
    for _ in range(_STEPS):
        logits = spread @ ahead
        raised = np.exp(logits - logits.max(axis=1, keepdims=True))
        missed = raised / raised.sum(axis=1, keepdims=True) - right
        slope = spread.T @ (missed * shares[:, None]) + cost * ahead
        new = ahead - slope / curvature
        faster = (1 + np.sqrt(1 + 4 * pace * pace)) / 2
        ahead = new + (pace - 1) / faster * (new - weights)
        weights, pace = new, faster
    return weights


def held_out(known: KnownClaims) -> Floats:
    """The probabilities of each claim, by a regression that has seen none of its article."""
    order = sorted(set(known.articles.tolist()))
    random.Random(_SEED).shuffle(order)  # noqa: S311 - folds, no secrets
    places = {article: at % _FOLDS for at, article in enumerate(order)}
    folds = np.array([places[article] for article in known.articles.tolist()])
    found = np.zeros((len(folds), len(CLASSES)))
    for fold in range(_FOLDS):
        model = fitted(known.only(folds != fold))
        found[folds == fold] = model.probabilities(known.values[folds == fold])
    return found


@dataclass(frozen=True, slots=True)
class Scored:
    """How some claims are judged.

    Args:
        right: the share of right verdicts, each kind counting the same.
        false: the share of all that are falsely written, counted so too.
        rows: of each kind, the shares that are called written, altered and absent.
    """

    right: float
    false: float
    rows: Floats

    @classmethod
    def of(cls, known: KnownClaims, shares: Floats, model: VerdictModel) -> Scored:
        """Judge claims by their probabilities."""
        called = [
            _place(standing_of(tuple(row), model, vetoed=bool(vetoed), named=bool(named)))
            for row, vetoed, named in zip(shares.tolist(), known.vetoed, known.named, strict=True)
        ]
        counts = np.zeros((len(CLASSES), len(CLASSES) + 1))
        for kind, place in zip(known.kinds.tolist(), called, strict=True):
            counts[kind, place] += 1
        rows = counts / counts.sum(axis=1, keepdims=True)
        right = float(np.trace(rows[:, :-1])) / len(CLASSES)
        return cls(right, float(rows[1:, 0].sum()) / len(CLASSES), rows)

    def told(self, title: str) -> str:
        """A line of it."""
        right = ", ".join(f"{kind} {self.rows[at, at]:.2f}" for at, kind in enumerate(CLASSES))
        return f"{title}: right {self.right:.3f} ({right}), falsely written {self.false:.3f}"


def _place(standing: Standing) -> int:
    places = {Standing.WRITTEN: 0, Standing.PARTLY: 1, Standing.ABSENT: 2}
    return places.get(standing, len(CLASSES))


def limited(known: KnownClaims, shares: Floats, model: VerdictModel) -> VerdictModel:
    """The regression with the limits that have most claims right, and few falsely written."""
    best, most = replace(model, written=_LIMITS[-1], unnamed=_UNNAMED[-1]), -1.0
    for written, unnamed in product(_LIMITS, _UNNAMED):
        tried = replace(model, written=written, unnamed=unnamed)
        scores = [
            Scored.of(known.only(part), shares[part], tried) for part in (known.own, ~known.own)
        ]
        right = sum(score.right for score in scores) / len(scores)
        false = sum(score.false for score in scores) / len(scores)
        if right > most and false <= _FALSE:
            best, most = tried, right
    return best


def written_out(model: VerdictModel) -> str:
    """The file of a regression."""
    lines = [_HEAD + f"written = {model.written}\nunnamed = {model.unnamed}\n"]
    lines.append("# Of each sign: its mean and its spread, then its weight for written, altered")
    lines.append("# and absent.\n[signs]")
    for name, mean, scale, weights in zip(
        NAMES, model.mean, model.scale, model.weights, strict=True
    ):
        numbers = [f"{mean:.5f}", f"{scale:.5f}", *(f"{weight:.4f}" for weight in weights)]
        lines.append(f"{name} = [{', '.join(numbers)}]")
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Collect, fit, choose the limits, write the file and tell how it does."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    default = Setup()
    parser.add_argument("--shared", type=Path, default=default.shared, help="the data's folder")
    parser.add_argument("--work", type=Path, default=default.work, help="kept between runs")
    parser.add_argument("--again", action="store_true", help="use the signs of the last run")
    parser.add_argument("--out", type=Path, default=_FILE, help="the file to write")
    given = parser.parse_args(arguments)
    setup = Setup(given.shared, given.work)
    kept = setup.work / _SIGNS
    if not given.again:
        setup.work.mkdir(parents=True, exist_ok=True)
        collected(setup).save(kept)
    known = KnownClaims.load(kept)
    shares = held_out(known)
    model = limited(known, shares, fitted(known))
    given.out.write_text(written_out(model), encoding="utf-8")
    for title, part in (("near the wording", known.own), ("in other words", ~known.own)):
        print(Scored.of(known.only(part), shares[part], model).told(title))
    return 0


if __name__ == "__main__":
    sys.exit(main())
