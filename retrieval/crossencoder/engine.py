"""The cross-encoder: what was trained, the folder of its network, and running it on ONNX Runtime.

Names of tensors are those of the file of e5-small (``l4.q.w``: rows are outputs), and ``seg``,
``rel.w``, ``rel.b``, ``span.w``, ``span.b``. In the shipped file a matrix of a layer stands as
codes of -63 to 63 and a scale a row, which is what the network runs on. A run holds one pair,
a session has one thread.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from retrieval.embedding.local import open_session
from retrieval.embedding.model import GRAPH_FILE, damaged, ensure_folder, ensure_model, in_child
from retrieval.errors import ModelUnavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from retrieval.embedding.tokens import Cut
    from retrieval.process import Connection


FIRST_TRAINED, LAYERS = 4, 12
"""Layers before the first trained one are those of e5-small."""
HEADS, EPSILON = 12, 1e-12
"""Of the attention and of the normalisations, as in e5-small."""
WEIGHTS = Path(__file__).with_name("weights.npz")
"""The file that is shipped; ``weights.md`` beside it says how it was made."""
WEIGHTS_SHA256 = "8c49f15fe9f80dd0016426c81a074cf5f9944cc48638d65e576ec4cb13da7ac2"
"""Its digest: to be changed with it."""
READER_ID = f"reader-{WEIGHTS_SHA256[:12]}"
"""Names the network that is made of them."""

_MATRIX = re.compile(r"l\d+\.(?:q|k|v|ao|fi|fo)\.w")
_CODES, _SCALES = ".codes", ".scales"


def is_quantised(name: str) -> bool:
    """Whether a tensor is kept as codes and scales: the matrices of the layers."""
    return _MATRIX.fullmatch(name) is not None


class TrainedTensors:
    """What the shipped file holds.

    Args:
        path: the file.
        digest: what its SHA-256 must be; ``""`` for any.

    Raises:
        ModelUnavailable: it is missing, or not what it should be.
    """

    def __init__(self, path: Path = WEIGHTS, digest: str = WEIGHTS_SHA256) -> None:
        try:
            with path.open("rb") as file:
                if digest and hashlib.file_digest(file, "sha256").hexdigest() != digest:
                    raise ValueError("another digest")
                file.seek(0)
                with np.load(file, allow_pickle=False) as arrays:
                    self._arrays = {name: arrays[name] for name in arrays.files}
        except (OSError, ValueError, EOFError, KeyError) as error:
            raise ModelUnavailable("model_source_damaged", path=path) from error

    def vector(self, name: str) -> NDArray[np.float32]:
        """A tensor that is kept as it is.

        Raises:
            KeyError: there is none of this name.
        """
        values: NDArray[np.float32] = self._arrays[name].astype(np.float32)
        return values

    def codes(self, name: str) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
        """A matrix of a layer: its codes, and the scale of each row.

        Raises:
            KeyError: there is none of this name.
        """
        return self._arrays[name + _CODES], self.vector(name + _SCALES)

    def floats(self) -> dict[str, NDArray[np.float32]]:
        """All tensors as floats, to go on training from."""
        found = {}
        for name in self._arrays:
            if name.endswith(_CODES):
                codes, scales = self.codes(name.removesuffix(_CODES))
                found[name.removesuffix(_CODES)] = codes * scales[:, None]
            elif not name.endswith(_SCALES):
                found[name] = self.vector(name)
        return found


def write_tensors(
    vectors: Mapping[str, NDArray[np.float32]],
    matrices: Mapping[str, tuple[NDArray[np.int8], NDArray[np.float32]]],
    path: Path,
) -> str:
    """Write the file that is shipped.

    Args:
        vectors: tensors to keep as they are, by name.
        matrices: codes and scales of those that `is_quantised` names.
        path: where to.

    Returns:
        Its SHA-256.
    """
    arrays: dict[str, NDArray[np.generic]] = dict(vectors)
    for name, (codes, scales) in matrices.items():
        arrays |= {name + _CODES: codes, name + _SCALES: scales.astype(np.float32)}
    with path.open("wb") as out:
        np.savez_compressed(out, allow_pickle=False, **arrays)
    return hashlib.sha256(path.read_bytes()).hexdigest()


@dataclass(frozen=True, slots=True)
class ReaderFiles:
    """Where the parts of the reader are.

    Args:
        graph: the ``.onnx`` file.
        pieces: the folder that its tokenizer looks pieces up in.
    """

    graph: Path
    pieces: Path


def reader_folder(home: Path) -> Path:
    """Where the reader's network is kept."""
    return home / "models" / READER_ID


def damaged_reader(home: Path) -> tuple[str, ...]:
    """The names of the reader's files that are missing or damaged; reads them all."""
    return damaged(reader_folder(home))


def ensure_reader(home: Path, *, again: bool = False) -> ReaderFiles:
    """The reader's files, made if they are missing or damaged.

    Args:
        home: the data folder. The network takes 15 MB in it beside the embedding model, which
            is made too where another one embeds.
        again: make them even if they look whole.

    Raises:
        ModelUnavailable: what it is made from is missing or damaged.
        StorageFull: there is no room, or no right, to write.
    """
    embedding = ensure_model(home, lambda _done, _of: None)
    folder = ensure_folder(reader_folder(home), lambda fresh: _build(embedding, fresh), again=again)
    return ReaderFiles(folder / GRAPH_FILE, embedding)


def _convert(connection: Connection, embedding: Path, folder: Path) -> None:
    from retrieval.crossencoder.graph import convert  # in the child alone

    convert(connection, embedding, folder)


def _build(embedding: Path, folder: Path) -> None:
    in_child(_convert, embedding, folder)
    for old in folder.parent.glob("reader-*"):
        if old.is_dir() and old.name != READER_ID:
            shutil.rmtree(old, ignore_errors=True)


LENGTH = 128
"""Tokens of a pair, at most."""
_QUESTION, _TITLE = 36, 24
_BEGIN, _END = 0, 2


@dataclass(frozen=True, slots=True)
class Pair:
    """What the network is given, and the way back to the characters of the window.

    Args:
        ids: the tokens.
        segments: 0 for each token of the question, 1 for each after it.
        body: the place of the first token of the window.
        offsets: start and end in the window's text of each of its tokens that fits.
    """

    ids: list[int]
    segments: list[int]
    body: int
    offsets: Sequence[tuple[int, int]]


def title_text(title: str) -> str:
    """What is cut into tokens for a title; an empty one says nothing."""
    return f"{title} : " if title else ""


def join(question: Cut, title: Cut, window: Cut) -> Pair:
    """The pair of a question and a window, from their tokens.

    Args:
        question: the question's tokens.
        title: those of `title_text`.
        window: the window's.
    """
    head = [_BEGIN, *question.ids[:_QUESTION], _END, _END]
    lead = [*head, *title.ids[:_TITLE]]
    room = LENGTH - len(lead) - 1
    ids = [*lead, *window.ids[:room], _END]
    # Both ends of the question's part but the last count to it.
    segments = [0] * (len(head) - 1) + [1] * (len(ids) - len(head) + 1)
    return Pair(ids, segments, len(lead), window.offsets[:room])


def tokens_of(pair: Pair, start: int, end: int) -> tuple[int, int] | None:
    """The first and last token of some characters of the window; None when cut off."""
    inside = [at for at, (low, high) in enumerate(pair.offsets) if low < end and high > start]
    return (pair.body + inside[0], pair.body + inside[-1]) if inside else None


_MAX_ANSWER = 40
"""Tokens of the words that answer, at most."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the network says of a pair.

    Args:
        logit: how much the window answers; its scale is its own.
        span: first and last character of the words that answer, in the window's text; None
            when no token of the window is likelier than none at all.
    """

    logit: float
    span: tuple[int, int] | None


class CrossEncoderEngine:
    """An open cross-encoder; safe to call from several threads.

    Args:
        path: the ``.onnx`` file.

    Raises:
        ValueError: the file is damaged.
    """

    def __init__(self, path: Path) -> None:
        self._session = open_session(path, optimise=False)

    def verdict(self, pair: Pair) -> Verdict:
        """Read a pair.

        Raises:
            ValueError: the model cannot be run.
        """
        feed = {
            "input_ids": np.array([pair.ids], np.int64),
            "segments": np.array([pair.segments], np.int64),
        }
        try:
            relevance, spans = self._session.run(["relevance", "spans"], feed)
        except Exception as error:
            raise ValueError("the model cannot be run") from error
        return Verdict(float(relevance[0, 0]), best_span(pair, spans[0]))


def best_span(pair: Pair, logits: NDArray[np.float32]) -> tuple[int, int] | None:
    """The likeliest run of the window's tokens, in characters of its text.

    Args:
        pair: what was read.
        logits: of being the first and the last token of the answer: two a token.
    """
    body = slice(pair.body, pair.body + len(pair.offsets))
    first, last = logits[body, 0], logits[body, 1]
    if not len(first):
        return None
    sums = np.triu(first[:, None] + last[None, :])
    reach = np.arange(len(first))
    far = reach[None, :] - reach[:, None]
    sums = np.where((far >= 0) & (far < _MAX_ANSWER), sums, -np.inf)
    start, end = divmod(int(sums.argmax()), len(first))
    if sums[start, end] < logits[0].sum():
        return None
    return pair.offsets[start][0], pair.offsets[end][1]
