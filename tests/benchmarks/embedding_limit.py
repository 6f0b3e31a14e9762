"""How fast the chip could embed, and where the time goes instead.

The limit: products of the model's shapes that do nothing else, in 8-bit integers and in
floats, on all cores at once, each from the fastest cache. A passage cannot take less than
its integer products at the first speed and its attention at the second.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import helper, numpy_helper

_ROWS = 512
_HIDDEN, _WIDE, _LAYERS = 384, 1536, 12
_REPEATS = 60
_MATRIX_WEIGHTS = _LAYERS * (4 * _HIDDEN * _HIDDEN + 2 * _HIDDEN * _WIDE)


def best(work: Callable[[], object], rounds: int) -> float:
    """The seconds of the quickest round."""
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return min(taken)


def tokens(home: Path, texts: Sequence[str]) -> list[int]:
    """How many tokens each passage has for the model."""
    from retrieval.embedding.model import model_folder
    from retrieval.embedding.tokens import FewTexts

    return [len(ids) for ids in FewTexts(model_folder(home)).ids([f"passage: {t}" for t in texts])]


def report(home: Path, lengths: Sequence[int], cores: int, reached: float) -> str:
    """The limit, and where the time of a passage goes, as Markdown.

    Args:
        home: holds the built-in model.
        lengths: the tokens of each passage.
        cores: how many work at once.
        reached: passages a second that were measured.
    """
    integers = _peak(_integer_product(), np.uint8, cores)
    floats = _peak(_float_product(), np.float32, cores)
    work = float(np.mean([2 * _MATRIX_WEIGHTS * n for n in lengths]))
    attention = float(np.mean([4 * _LAYERS * _HIDDEN * n * n for n in lengths]))
    bound = 1 / (work / integers + attention / floats)
    shares = _shares(home, int(np.mean(lengths)))
    total = sum(shares.values())
    lines = [
        f"The chip's limit: {cores} cores multiply {integers / 1e9:.0f} GOPS of 8-bit integers "
        f"and {floats / 1e9:.0f} GFLOPS of floats. A passage needs {work / 1e9:.1f} GOP of the "
        f"one and {attention / 1e9:.2f} GFLOP of the other: {bound:.0f} passages/s at most, "
        f"of which {reached:.0f} are reached ({reached / bound:.0%}). "
        "Where one core's time goes:",
        "",
        "| operator | ms a passage | share |",
        "|---|---|---|",
    ]
    for name, spent in shares.most_common(7):
        lines.append(f"| {name} | {spent:.2f} | {spent / total:.0%} |")
    ideal = work / integers * cores * 1000
    lines += ["", f"At the limit, the products of integers would take {ideal:.1f} ms."]
    return "\n".join(lines)


def _integer_product() -> bytes:
    weights = np.random.default_rng(0).integers(-63, 64, (_HIDDEN, _WIDE), dtype=np.int8)
    return _product("MatMulInteger", weights, onnx.TensorProto.UINT8, onnx.TensorProto.INT32)


def _float_product() -> bytes:
    weights = np.random.default_rng(0).random((_HIDDEN, _WIDE), dtype=np.float32)
    return _product("MatMul", weights, onnx.TensorProto.FLOAT, onnx.TensorProto.FLOAT)


def _product(kind: str, weights: NDArray[Any], given: int, made: int) -> bytes:
    """A model that is one product of the feed-forward's shape."""
    node = helper.make_node(kind, ["x", "weights"], ["y"])
    graph = helper.make_graph(
        [node],
        "product",
        [helper.make_tensor_value_info("x", given, [_ROWS, _HIDDEN])],
        [helper.make_tensor_value_info("y", made, [_ROWS, _WIDE])],
        [numpy_helper.from_array(weights, "weights")],
    )
    opsets = [helper.make_opsetid("", 23)]
    return bytes(helper.make_model(graph, opset_imports=opsets, ir_version=10).SerializeToString())


def _peak(model: bytes, kind: type[np.generic], cores: int) -> float:
    """Operations a second, all cores together."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    x = np.ones((_ROWS, _HIDDEN), kind)
    output = np.empty((_ROWS, _WIDE), np.float32 if kind is np.float32 else np.int32)

    sessions = [
        onnxruntime.InferenceSession(model, options, ["CPUExecutionProvider"]) for _ in range(cores)
    ]

    def multiply(session: onnxruntime.InferenceSession) -> None:
        binding = session.io_binding()
        binding.bind_cpu_input("x", x)
        binding.bind_output("y")
        for _ in range(_REPEATS):
            session.run_with_iobinding(binding)

    def everywhere() -> None:
        with ThreadPoolExecutor(cores) as pool:
            list(pool.map(multiply, sessions))

    operations = 2 * output.size * _HIDDEN * _REPEATS * cores
    return operations / best(everywhere, 8)


def _shares(home: Path, length: int) -> Counter[str]:
    """Milliseconds that a text of this length spends in each operator, on one core."""
    from retrieval.embedding.model import model_folder

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.enable_profiling = True
    options.profile_file_prefix = str(home / "profile")
    path = str(model_folder(home) / "model.onnx")
    session = onnxruntime.InferenceSession(path, options, ["CPUExecutionProvider"])
    ids = np.random.default_rng(0).integers(5, 200_000, (1, length))
    for _ in range(_REPEATS // 3):
        session.run(None, {"input_ids": ids})
    profile = Path(session.end_profiling())
    events = json.loads(profile.read_text(encoding="utf-8"))
    profile.unlink()
    shares: Counter[str] = Counter()
    for event in events:
        if event.get("cat") == "Node" and event["name"].endswith("_kernel_time"):
            shares[event["args"]["op_name"]] += event["dur"] / 1000 / (_REPEATS // 3)
    return shares
