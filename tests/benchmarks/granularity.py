"""What would be lost if the vector index held one vector a passage instead of one a window.

The vector of a passage is the mean of those of its windows, so that nothing is embedded again.
Three ways are compared, each by exact scores, on questions about real articles: windows rank;
passages rank; passages propose some hundreds, and their windows rank those.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from retrieval.index.generations import TABLE
from retrieval.index.table import WindowTable

if TYPE_CHECKING:
    from bot.app import Kiosque

_PROPOSED = (100, 300, 1_000)
_TEN = 10
_LETTERS = 60
Rows = list[tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class _Known:
    """A question's vector, and the places of the passages that answer it."""

    vector: NDArray[np.float32]
    answers: frozenset[int]


@dataclass(frozen=True, eq=False)
class _Passages:
    """The windows of an archive, by their passages.

    Args:
        windows: their vectors.
        starts: the first window of each passage; the others follow it.
        means: of each passage, the mean of its windows, of length 1.
    """

    windows: NDArray[np.float32]
    starts: NDArray[np.intp]
    means: NDArray[np.float32]

    @classmethod
    def of(cls, windows: NDArray[np.float32], owners: NDArray[np.intp]) -> _Passages:
        """The passages of some windows; those of one passage stand together."""
        starts = np.flatnonzero(np.diff(owners, prepend=-1))
        means = np.add.reduceat(windows, starts)
        means /= np.linalg.norm(means, axis=1, keepdims=True)
        return cls(windows, starts, means)

    def by_windows(self, vector: NDArray[np.float32]) -> NDArray[np.float32]:
        """The cosine of each passage's best window."""
        best: NDArray[np.float32] = np.maximum.reduceat(self.windows @ vector, self.starts)
        return best


def report(app: Kiosque, questions: Path, split: str) -> Rows:
    """A row for each way: the right passage first, in 5, in 10; the same ten as windows give.

    Args:
        app: opened on the archive.
        questions: a file of questions about its articles.
        split: the part of the file to use.
    """
    number = app.reader.live_generation() or 0
    table = WindowTable(app.places.generation(number) / TABLE)
    ids, owners = np.unique(table.rows["passage"], return_inverse=True)
    passages = _Passages.of(np.asarray(table.vectors), owners)
    known = _known(app, questions, split, {int(id_): at for at, id_ in enumerate(ids)})
    orders: dict[str, list[NDArray[np.intp]]] = {}
    for one in known:
        best = passages.by_windows(one.vector)
        means = np.argsort(-(passages.means @ one.vector))
        orders.setdefault("windows rank", []).append(np.argsort(-best)[: _PROPOSED[-1]])
        orders.setdefault("passages rank", []).append(means[: _PROPOSED[-1]])
        for count in _PROPOSED:
            near = means[:count]
            name = f"{count} passages proposed, windows rank"
            orders.setdefault(name, []).append(near[np.argsort(-best[near])])
    exact = orders["windows rank"]
    rows: Rows = []
    for name, found in orders.items():
        what = f"{name} ({len(known)} questions): passage first / in 5 / in 10; same ten"
        same = [
            len(set(a[:_TEN]) & set(b[:_TEN])) / _TEN for a, b in zip(found, exact, strict=True)
        ]
        shares = " / ".join(f"{_share(found, known, k):.3f}" for k in (1, 5, _TEN))
        rows.append((what, f"{shares}; {np.mean(same):.4f}"))
    return rows


def _share(found: Sequence[NDArray[np.intp]], known: Sequence[_Known], k: int) -> float:
    pairs = zip(found, known, strict=True)
    return float(np.mean([not one.answers.isdisjoint(order[:k].tolist()) for order, one in pairs]))


def _known(app: Kiosque, questions: Path, split: str, places: dict[int, int]) -> list[_Known]:
    """The questions whose quote stands in one of the archive's passages."""
    rows = map(json.loads, questions.read_text(encoding="utf-8").splitlines())
    texts = {id_: _letters(one.text) for id_, one in app.reader.passages(list(places)).items()}
    found = []
    for row in rows:
        if row["split"] == split and row.get("quote"):
            quote = _letters(row["quote"])[:_LETTERS]
            answers = frozenset(places[id_] for id_, text in texts.items() if quote in text)
            if answers:
                found.append(_Known(app.models.embedder.embed_query(row["question"]), answers))
    return found


def _letters(text: str) -> str:
    return "".join(letter for letter in text.lower() if letter.isalnum())
