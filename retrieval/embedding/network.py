"""Writes multilingual-e5-small as an ONNX graph for ONNX Runtime; the only user of `onnx`.

BERT with post-layer-norm, one fused operator a step, and from token ids straight to the
vector of unit length. A run holds one text, so there is no mask.

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

from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from retrieval.embedding.files import GRAPH_FILE, WEIGHTS_FILE
from retrieval.embedding.protocol import Progress
from retrieval.embedding.weights import BLOCK, Source

_CONTRIB = "com.microsoft"
_OPSETS = (("", 23), (_CONTRIB, 1))
_WEIGHT_LIMIT = 63
_ALIGNMENT = 4096
_INLINE_BYTES = 64


def write_network(source: Source, folder: Path, progress: Progress) -> None:
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
        network.pool(hidden)
    (folder / GRAPH_FILE).write_bytes(network.serialised())
    progress(layers, layers)


class _Network:
    """The graph as it grows: each method adds nodes and names what they put out."""

    def __init__(self, source: Source, out: BinaryIO) -> None:
        self._source = source
        self._out = out
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def embeddings(self) -> str:
        """Word, position and type vectors, added and normalised."""
        hidden = self._source.shape.hidden
        table = self._source.blocks("emb.word", hidden)
        packed = table.codes[:, 0::2] | (table.codes[:, 1::2] << 4)
        words = [self._constant("words", packed), "input_ids"]
        words.append(self._constant("word_scales", table.scales))
        blocks = {"bits": 4, "block_size": BLOCK, "gather_axis": 0, "quantize_axis": 1}
        self._node("GatherBlockQuantized", words, "word", _CONTRIB, **blocks)
        positions = self._source.vector("emb.pos").reshape(-1, hidden)
        kinds = self._source.vector("emb.type").reshape(-1, hidden)
        every = self._constant("positions", positions + kinds[0])
        first = self._constant("first", np.zeros(1, np.int64))
        self._node("Shape", ["input_ids"], "length", start=1, end=2)
        self._node("Slice", [every, first, "length"], "position")
        self._node("Add", ["word", "position"], "placed")
        return self._normalise("placed", "emb.ln")

    def layer(self, at: str, hidden: str) -> str:
        """Self-attention and feed-forward, each added to its input and normalised."""
        heads = self._source.shape.heads
        parts = [self._product(hidden, f"{at}{part}") for part in "qkv"]
        attention = self._node(
            "Attention", parts, f"{at}attention", q_num_heads=heads, kv_num_heads=heads
        )
        mixed = self._product(attention, f"{at}ao")
        hidden = self._normalise(self._node("Add", [hidden, mixed], f"{at}seen"), f"{at}aln")
        wide = self._product(hidden, f"{at}fi")
        narrow = self._product(self._node("Gelu", [wide], f"{at}gelu"), f"{at}fo")
        return self._normalise(self._node("Add", [hidden, narrow], f"{at}thought"), f"{at}oln")

    def pool(self, hidden: str) -> None:
        """The mean over the tokens, of length 1."""
        axes = self._constant("token_axis", np.ones(1, np.int64))
        self._node("ReduceMean", [hidden, axes], "mean", keepdims=0)
        self._node("LpNormalization", ["mean"], "embedding", axis=-1, p=2)

    def serialised(self) -> bytes:
        """The finished model, as the bytes of an ``.onnx`` file."""
        hidden = self._source.shape.hidden
        ids = helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["texts", "tokens"])
        vectors = helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["texts", hidden])
        graph = helper.make_graph(self._nodes, "e5", [ids], [vectors], self._constants)
        opsets = [helper.make_opsetid(*opset) for opset in _OPSETS]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=10)
        return bytes(model.SerializeToString())

    def _product(self, x: str, name: str) -> str:
        """``x`` times a matrix of the source, in 8-bit integers, plus its bias."""
        columns = self._source.shape.feed_forward if name.endswith("fo") else None
        matrix = self._source.blocks(f"{name}.w", columns or self._source.shape.hidden).floats()
        scales = np.abs(matrix).max(axis=1) / _WEIGHT_LIMIT
        scales[scales == 0] = 1
        codes = np.rint(matrix / scales[:, None]).astype(np.int8)
        inputs = [x, self._constant(f"{name}.codes", codes.T)]
        inputs += [self._constant(f"{name}.scales", scales), "", self._vector(f"{name}.b")]
        return self._node("DynamicQuantizeMatMul", inputs, f"{name}.out", _CONTRIB)

    def _normalise(self, x: str, norm: str) -> str:
        inputs = [x, self._vector(f"{norm}.w"), self._vector(f"{norm}.b")]
        epsilon = self._source.shape.epsilon
        return self._node("LayerNormalization", inputs, f"{norm}.out", axis=-1, epsilon=epsilon)

    def _node(
        self, kind: str, inputs: list[str], name: str, domain: str = "", **options: int | float
    ) -> str:
        node = helper.make_node(kind, inputs, [name], name=name, domain=domain)
        node.attribute.extend(helper.make_attribute(key, value) for key, value in options.items())
        self._nodes.append(node)
        return name

    def _vector(self, name: str) -> str:
        return self._constant(name, self._source.vector(name))

    def _constant(self, name: str, values: NDArray[Any]) -> str:
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
