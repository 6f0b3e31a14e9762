"""The shipped weights, the pairs, and the network made of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from retrieval.crossencoder.engine import (
    FIRST_TRAINED,
    LAYERS,
    LENGTH,
    WEIGHTS,
    Pair,
    TrainedTensors,
    best_span,
    ensure_reader,
    join,
    reader_folder,
    tokens_of,
    write_tensors,
)
from retrieval.embedding.tokens import Cut
from retrieval.errors import ModelUnavailable
from tests.sample_home import model_home, new_home


def cut(count: int, first: int = 10) -> Cut:
    """So many tokens of two characters each."""
    return Cut(list(range(first, first + count)), [(2 * at, 2 * at + 2) for at in range(count)])


def test_shipped_weights_are_whole() -> None:
    """The file is the one that the code names, and has every matrix in 7 bits."""
    tensors = TrainedTensors()
    for layer in range(FIRST_TRAINED, LAYERS):
        for part in ("q", "k", "v", "ao", "fi", "fo"):
            codes, scales = tensors.codes(f"l{layer}.{part}.w")
            assert codes.dtype == np.int8
            assert np.abs(codes).max() <= 63
            assert len(scales) == len(codes)
            assert np.isfinite(scales).all()
    assert tensors.vector("seg").shape == (2, 384)


def test_changed_weights_are_refused(tmp_path: Path) -> None:
    """A file that differs in one byte is said to be damaged."""
    content = bytearray(WEIGHTS.read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / "weights.npz").write_bytes(content)
    with pytest.raises(ModelUnavailable):
        TrainedTensors(tmp_path / "weights.npz")


def test_written_tensors_come_back(tmp_path: Path) -> None:
    """What is written is read again, the matrices as codes times scales."""
    codes = np.array([[63, -63], [0, 7]], np.int8)
    matrices = {"l4.q.w": (codes, np.array([0.5, 2.0], np.float32))}
    digest = write_tensors({"rel.b": np.ones(1, np.float32)}, matrices, tmp_path / "w.npz")
    floats = TrainedTensors(tmp_path / "w.npz", digest).floats()
    assert floats["l4.q.w"].tolist() == [[31.5, -31.5], [0.0, 14.0]]
    assert floats["rel.b"].tolist() == [1.0]


def test_damaged_network_is_made_again(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    """A network whose file was cut short is made anew at the next opening."""
    home = new_home(model_home(tmp_path_factory), tmp_path / "home")
    files = ensure_reader(home)
    whole = files.graph.read_bytes()
    files.graph.unlink()  # other homes have the same file
    files.graph.write_bytes(whole[:100])
    assert ensure_reader(home).graph.read_bytes() == whole
    assert reader_folder(home) == files.graph.parent


def test_pair_is_never_too_long() -> None:
    """Question, title and window are cut, and each part keeps its place."""
    pair = join(cut(500), cut(500, 1000), cut(500, 2000))
    assert len(pair.ids) == len(pair.segments) == LENGTH
    assert pair.ids[0] == 0
    assert pair.ids[-1] == 2
    assert pair.ids[pair.body] == 2000
    assert sum(1 for kind in pair.segments if kind == 0) == 38
    assert len(pair.offsets) == LENGTH - pair.body - 1


def test_characters_find_their_tokens() -> None:
    """An answer is told by its first and last token; one that was cut off by none."""
    pair = join(cut(3), cut(2), cut(400))
    assert tokens_of(pair, 5, 8) == (pair.body + 2, pair.body + 3)
    assert tokens_of(pair, 790, 800) is None


def test_best_span_is_in_order() -> None:
    """The span that is chosen starts before it ends, and none is chosen when none is likely."""
    pair = Pair([0] * 8, [0] * 8, 3, [(0, 2), (2, 4), (4, 6), (6, 8)])
    logits = np.full((8, 2), -5.0, np.float32)
    logits[6, 0], logits[3, 1] = 9.0, 9.0  # The likeliest first token is after the last.
    logits[4, 0], logits[5, 1] = 3.0, 3.0
    assert best_span(pair, logits) == (2, 6)
    logits[0] = 4.0
    assert best_span(pair, logits) is None
