"""A model of one's own on a GPU: what can be seen of it on a machine without one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from retrieval.embedding import EmbeddingChoice, open_embedder
from retrieval.embedding.local import E5Engine, has_device
from retrieval.errors import BadSettings

_WORDS, _WIDTH = 20, 4


def model(path: Path, inputs: list[str]) -> Path:
    """A model that gives each token its vector, as exports do, and takes these inputs."""
    numbers = np.random.default_rng(0).normal(size=(_WORDS, _WIDTH)).astype(np.float32)
    nodes = [helper.make_node("Gather", ["words", "input_ids"], ["last_hidden_state"])]
    graph = helper.make_graph(
        nodes,
        "words",
        [helper.make_tensor_value_info(one, TensorProto.INT64, ["b", "t"]) for one in inputs],
        [helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, ["b", "t", _WIDTH])],
        [numpy_helper.from_array(numbers, "words")],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    onnx.save(made, path)
    return path


def test_texts_that_run_together_have_their_own_vectors(tmp_path: Path) -> None:
    """What fills up the shorter texts of a batch counts in none of them."""
    path = model(tmp_path / "model.onnx", ["input_ids", "attention_mask"])
    engine = E5Engine(path, optimise=True)
    texts = [[3, 1, 4, 1, 5], [9], [2, 6]]
    together = engine.vectors(texts)
    assert np.allclose(together, np.stack([engine.vector(ids) for ids in texts]), atol=1e-6)
    assert np.allclose(np.linalg.norm(together, axis=1), 1)


def test_without_a_mask_texts_do_not_run_together(tmp_path: Path) -> None:
    """A model that cannot be told where a text ends is refused, not trusted."""
    engine = E5Engine(model(tmp_path / "model.onnx", ["input_ids"]), optimise=True)
    with pytest.raises(ValueError, match="attention_mask"):
        engine.vectors([[1, 2], [3]])


def test_a_gpu_is_not_for_the_builtin_model(tmp_path: Path) -> None:
    """It is made of integers that only processors multiply fast."""
    with pytest.raises(BadSettings) as caught:
        open_embedder(EmbeddingChoice(device="cuda"), tmp_path)
    assert caught.value.key == "embedding_device_builtin"


@pytest.mark.skipif(has_device("cuda"), reason="this ONNX Runtime was made for a GPU")
def test_a_runtime_without_gpu_is_said(tmp_path: Path) -> None:
    """Without onnxruntime-gpu the setting is refused at once; nothing runs slowly in silence."""
    with pytest.raises(BadSettings) as caught:
        open_embedder(EmbeddingChoice(model_dir=tmp_path, device="cuda"), tmp_path)
    assert (caught.value.key, caught.value.facts) == ("embedding_device_absent", {"device": "cuda"})
