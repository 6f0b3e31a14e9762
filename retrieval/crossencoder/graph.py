"""Writes the cross-encoder as an ONNX graph, on the graph of the embedding model.

Up to the last layer that was not trained, nodes and weights are those of the embedding
model: its file of weights is linked into the folder, and both networks map the same bytes.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import BinaryIO

import numpy as np
import onnx

from retrieval.crossencoder.engine import (
    EPSILON,
    FIRST_TRAINED,
    HEADS,
    LAYERS,
    TrainedTensors,
)
from retrieval.embedding.conversion import Graph
from retrieval.embedding.model import GRAPH_FILE, WEIGHTS_FILE, write_manifest
from retrieval.errors import ModelUnavailable
from retrieval.process import Connection, report

_SHARED_FILE = "embedding.bin"
_LAST_SHARED = f"l{FIRST_TRAINED - 1}.oln.out"


def convert(connection: Connection, embedding: Path, folder: Path) -> None:
    """In a child process: fill a folder with the network."""

    def work() -> None:
        try:
            write_crossencoder(TrainedTensors(), embedding, folder)
        except (ValueError, KeyError) as error:
            raise ModelUnavailable("model_damaged", path=embedding) from error
        write_manifest(folder)

    report(connection, work)


def write_crossencoder(tensors: TrainedTensors, embedding: Path, folder: Path) -> None:
    """Write the graph and its weights into a folder.

    Args:
        tensors: what was trained.
        embedding: the folder of the embedding model.
        folder: where to.

    Raises:
        OSError: the folder cannot be written to.
        ValueError: the embedding model is not the one that it should be.
    """
    _share(embedding / WEIGHTS_FILE, folder / _SHARED_FILE)
    base = onnx.load_model(str(embedding / GRAPH_FILE), load_external_data=False).graph
    with (folder / WEIGHTS_FILE).open("wb") as out:
        network = _CrossEncoder(tensors, out, base)
        hidden = network.segmented(_LAST_SHARED)
        for layer in range(FIRST_TRAINED, LAYERS):
            hidden = network.layer(f"l{layer}.", hidden)
        (folder / GRAPH_FILE).write_bytes(network.judged(hidden))


def _share(source: Path, target: Path) -> None:
    """Have the same bytes under another name: by a link, or a copy where there are none."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


class _CrossEncoder(Graph):
    """The graph: the embedding model's as far as it goes, then what was trained."""

    def __init__(self, tensors: TrainedTensors, out: BinaryIO, base: onnx.GraphProto) -> None:
        super().__init__(tensors, out, HEADS, EPSILON)
        names = [node.output[0] for node in base.node]
        self._nodes += base.node[: names.index(_LAST_SHARED) + 1]
        used = {each for node in self._nodes for each in node.input}
        self._constants += [each for each in base.initializer if each.name in used]
        for constant in self._constants:
            for entry in constant.external_data:
                if entry.key == "location":
                    entry.value = _SHARED_FILE

    def segmented(self, hidden: str) -> str:
        """Adds the vector of its segment, question or window, to each token."""
        kind = self.node("Gather", [self.vector("seg"), "segments"], "segment", axis=0)
        return self.node("Add", [hidden, kind], "segmented")

    def judged(self, hidden: str) -> bytes:
        """Relevance by the first token, two logits a token for the span; the finished model."""
        first = self.constant("first_token", np.array(0, np.int64))
        whole = self.node("Gather", [hidden, first], "whole", axis=1)
        weights = [self.vector("rel.w"), self.vector("rel.b")]
        self.node("Gemm", [whole, *weights], "relevance", transB=1)
        ends = self.constant("span.columns", self._tensors.vector("span.w").T)
        self.node("MatMul", [hidden, ends], "span.product")
        self.node("Add", ["span.product", self.vector("span.b")], "spans")
        outputs: dict[str, list[int | str]] = {
            "relevance": ["texts", 1],
            "spans": ["texts", "tokens", 2],
        }
        return self.serialised("reader", ["input_ids", "segments"], outputs)
