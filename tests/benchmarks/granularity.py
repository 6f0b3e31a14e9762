"""What would be lost if the vector index held one vector a passage instead of one a window.

The vector of a passage is the mean of those of its windows, so that nothing is embedded again.
Three ways are compared, each by exact scores, on questions about real articles: windows rank;
passages rank; passages propose some hundreds, and their windows rank those. Only real vectors
tell: the archive is that of `indexing`, finished or not, as far as its windows are embedded.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrieval.archive.tables import BYTES_A_NUMBER
from retrieval.embedding import EmbeddingChoice, open_embedder
from retrieval.packed import KINDS, floats
from tests.benchmarks.common import AbsentError, Setup, caption
from tests.benchmarks.results import table

TITLE = "One vector a passage"
_PROPOSED = (100, 300)
_TEN = 10
_LETTERS = 60


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


def report(setup: Setup) -> str:
    """A table with a row for each way.

    Raises:
        AbsentError: there is no archive yet, or there are no questions.
    """
    archive = setup.news_home / "archive.db"
    if not archive.is_file():
        raise AbsentError(f"{archive}: no archive yet; the part `indexing` makes it")
    setup.ensure_model()
    passages, texts = _embedded(archive)
    known = _known(setup, texts)
    orders: dict[str, list[NDArray[np.intp]]] = {}
    for one in known:
        best = passages.by_windows(one.vector)
        means = np.argsort(-(passages.means @ one.vector))
        orders.setdefault("windows rank", []).append(np.argsort(-best)[:_TEN])
        orders.setdefault("passages rank", []).append(means[:_TEN])
        for count in _PROPOSED:
            near = means[:count]
            name = f"{count} passages are proposed, windows rank"
            orders.setdefault(name, []).append(near[np.argsort(-best[near])][:_TEN])
    rows: list[tuple[object, ...]] = []
    for name, found in orders.items():
        pairs = zip(found, orders["windows rank"], strict=True)
        same = np.mean([len(set(some) & set(exact)) / _TEN for some, exact in pairs])
        shares = (f"{_share(found, known, k):.3f}" for k in (1, 5, _TEN))
        rows.append((name, *shares, f"{same:.4f}"))
    counts = (
        f"{len(passages.windows)} windows, {len(passages.means)} passages, {len(known)} questions."
    )
    head = ("exact scores", "passage first", "in 5", "in 10", "the same ten")
    return f"{caption('onnxruntime')} {counts}\n\n{table(head, rows)}"


def _embedded(archive: Path) -> tuple[_Passages, dict[int, str]]:
    """The passages whose windows have vectors, and their texts by their places."""
    with closing(sqlite3.connect(f"file:{archive}?mode=ro", uri=True)) as connection:
        rows = connection.execute(
            f"SELECT w.passage, v.vector, {BYTES_A_NUMBER}"  # noqa: S608
            " FROM windows w JOIN vectors v ON v.digest = w.digest"
            " ORDER BY w.passage, w.id"
        ).fetchall()
        ids, owners = np.unique([row[0] for row in rows], return_inverse=True)
        places = {int(id_): at for at, id_ in enumerate(ids)}
        texts = connection.execute(
            "SELECT p.id, substr(r.text, p.start + 1, p.stop - p.start)"
            " FROM passages p JOIN revisions r ON r.id = p.revision"
        )
        letters = {places[id_]: _letters(text) for id_, text in texts if id_ in places}
    kept = np.frombuffer(b"".join(row[1] for row in rows), KINDS[rows[0][2]])
    vectors = floats(kept.reshape(len(rows), -1))
    return _Passages.of(vectors, owners), letters


def _share(found: Sequence[NDArray[np.intp]], known: Sequence[_Known], k: int) -> float:
    pairs = zip(found, known, strict=True)
    return float(np.mean([not one.answers.isdisjoint(order[:k].tolist()) for order, one in pairs]))


def _known(setup: Setup, texts: Mapping[int, str]) -> list[_Known]:
    """The development questions whose quote stands in one of the passages."""
    questions = setup.data("train/news_questions.jsonl").read_text(encoding="utf-8")
    embedder = open_embedder(EmbeddingChoice(), setup.work)
    found = []
    for row in map(json.loads, questions.splitlines()):
        if row["split"] == "dev" and row.get("quote"):
            quote = _letters(row["quote"])[:_LETTERS]
            answers = frozenset(at for at, text in texts.items() if quote in text)
            if answers:
                found.append(_Known(embedder.embed_query(row["question"]), answers))
    return found


def _letters(text: str) -> str:
    return "".join(letter for letter in text.lower() if letter.isalnum())
