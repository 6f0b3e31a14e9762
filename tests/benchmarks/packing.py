"""Vectors as they are kept against floats of 32 and of 16 bits: what rounding costs, how quick.

The real vectors are the means of passages, whose numbers are no rounded ones yet: those of windows
come out of the archive rounded already. The speeds are those of random vectors.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrieval.embedding import EmbeddingChoice, open_embedder
from retrieval.index.entries import Entries
from retrieval.index.generations import Generation, Places
from retrieval.packed import packed, products
from tests.benchmarks.common import AbsentError, Setup, caption, ms
from tests.benchmarks.results import table

TITLE = "Vectors in half the room"
_QUESTIONS, _TEN = 400, 10
_ROWS, _PICKED, _WIDTH, _SLICE = 300_000, (2_000, 20_000), 384, 1_024
_ROUNDS = 5
Kept = Callable[[NDArray[np.float32]], NDArray[np.generic]]
_KINDS: dict[str, Kept] = {
    "floats of 32 bits": lambda vectors: vectors,
    "floats of 16 bits": lambda vectors: vectors.astype(np.float16),
    "**whole numbers of 16 bits**": packed,
}


def report(setup: Setup) -> str:
    """A table with a row for each way to keep them.

    Raises:
        AbsentError: there is no archive yet, or there are no questions.
    """
    if not (setup.news_home / "archive.db").is_file():
        raise AbsentError(f"{setup.news_home}: no archive yet; the part `indexing` makes it")
    asked, real = _questions(setup), _real(setup.news_home)
    many = _random(_ROWS)
    rows: list[tuple[object, ...]] = [
        (name, *_costs(kept, real, asked), *_speeds(kept(many))) for name, kept in _KINDS.items()
    ]
    head = ("vectors as", "greatest error of a cosine", "the same ten", "the same first")
    speeds = (*(f"{count} picked rows, ms" for count in _PICKED), f"all {_ROWS}, ms")
    counts = f"{len(real)} passages, {len(asked)} questions; the speeds are the best of {_ROUNDS}."
    return f"{caption('numpy')} {counts}\n\n{table((*head, *speeds), rows)}"


def _questions(setup: Setup) -> list[NDArray[np.float32]]:
    setup.ensure_model()
    embedder = open_embedder(EmbeddingChoice(), setup.work)
    lines = setup.data("train/news_questions.jsonl").read_text(encoding="utf-8").splitlines()
    return [embedder.embed_query(json.loads(line)["question"]) for line in lines[:_QUESTIONS]]


def _real(home: Path) -> NDArray[np.float32]:
    places = Places(home)
    with Generation(places, places.numbers()[-1]) as generation:
        entries = Entries(generation.base.table, "passages")
        return entries.vectors(np.arange(len(entries)))


def _random(count: int) -> NDArray[np.float32]:
    drawn = np.random.default_rng(0).standard_normal((count, _WIDTH), dtype=np.float32)
    drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
    return drawn


def _costs(
    kept: Kept, real: NDArray[np.float32], asked: list[NDArray[np.float32]]
) -> tuple[str, ...]:
    rounded, error, same, first = kept(real), 0.0, [], []
    for query in asked:
        exact, scores = real @ query, products(rounded, query)
        error = max(error, float(np.abs(scores - exact).max()))
        best, found = (np.argsort(-each)[:_TEN].tolist() for each in (exact, scores))
        same.append(len({*best} & {*found}) / _TEN)
        first.append(best[0] == found[0])
    return f"{error:.1e}", f"{np.mean(same):.4f}", f"{np.mean(first):.4f}"


def _speeds(kept: NDArray[np.generic]) -> tuple[str, ...]:
    query, drawn = _random(1)[0], np.random.default_rng(1)
    picked = [np.sort(drawn.choice(len(kept), count, replace=False)) for count in _PICKED]
    return tuple(ms(_best(kept, query, rows)) for rows in (*picked, None))


def _best(
    kept: NDArray[np.generic], query: NDArray[np.float32], rows: NDArray[np.intp] | None
) -> float:
    taken = []
    for _ in range(_ROUNDS):
        begun = time.perf_counter()
        products(kept, query, rows)
        taken.append(time.perf_counter() - begun)
    return min(taken)
