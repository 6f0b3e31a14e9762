"""Texts in, vectors out: multilingual-e5-small in process, or an endpoint.

``open_embedder`` is the way in; everything else follows the `Embedder` protocol. Nothing heavy
is imported or loaded here.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from retrieval.embedding.embedder import Embedder, EmbeddingChoice, Progress
from retrieval.embedding.local import LocalEmbedder, LocalModel, has_device
from retrieval.embedding.model import (
    GRAPH_FILE,
    MODEL_ID,
    TOKENIZER_FILE,
    damaged,
    ensure_model,
    model_folder,
)
from retrieval.errors import BadSettings, ModelUnavailable

__all__ = [
    "Embedder",
    "EmbeddingChoice",
    "Progress",
    "open_embedder",
    "reconvert",
    "verify",
]

_DIMENSION = 384
_SAMPLE_BYTES = 1 << 16


def open_embedder(
    choice: EmbeddingChoice, home: Path, progress: Progress | None = None
) -> Embedder:
    """The embedder that was chosen, ready to be warmed or used.

    Args:
        choice: an endpoint, a model folder, or neither: the built-in model.
        home: the data folder, where the built-in model is made at its first use.
        progress: called with the steps of the conversion, which takes seconds.

    Raises:
        BadSettings: a GPU is set for the built-in model, or ONNX Runtime was not made for one.
        ModelUnavailable: no such folder or files, or nothing to make the model from.
        StorageFull: there is no room, or no right, to write the model.
    """
    if choice.base_url:
        from retrieval.embedding.endpoint import EndpointEmbedder

        return EndpointEmbedder(choice)
    if choice.device != "cpu" and choice.model_dir is None:
        raise BadSettings("embedding_device_builtin", device=choice.device)
    if choice.device != "cpu" and not has_device(choice.device):
        raise BadSettings("embedding_device_absent", device=choice.device)
    if choice.model_dir is not None:
        return LocalEmbedder(_named(choice.model_dir, choice), choice.threads)
    folder = ensure_model(home, progress or _ignore)
    query, passage = choice.prefixes(MODEL_ID)
    model = LocalModel(MODEL_ID, folder, query, passage, _DIMENSION, builtin=True)
    return LocalEmbedder(model, choice.threads)


def verify(home: Path) -> tuple[str, ...]:
    """The names of the built-in model's files that are missing or damaged; reads them all."""
    return damaged(model_folder(home))


def reconvert(home: Path, progress: Progress | None = None) -> None:
    """Make the built-in model anew.

    Raises:
        ModelUnavailable: there is nothing to make it from.
        StorageFull: there is no room, or no right, to write it.
    """
    ensure_model(home, progress or _ignore, again=True)


def _named(folder: Path, choice: EmbeddingChoice) -> LocalModel:
    """A model of somebody else's; its folder's name and content make its id."""
    for name in (GRAPH_FILE, TOKENIZER_FILE):
        if not (folder / name).is_file():
            raise ModelUnavailable("model_file_missing", path=folder / name)
    name = folder.resolve().name
    slug = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-") or "model"
    model_id = f"{slug}-{_fingerprint(folder)}"
    return LocalModel(model_id, folder, *choice.prefixes(name), device=choice.device)


def _fingerprint(folder: Path) -> str:
    """A few characters that change with the model: sizes, and both ends of each file."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.iterdir() if path.is_file()):
        size = path.stat().st_size
        digest.update(f"{path.name} {size}\n".encode())
        with path.open("rb") as file:
            digest.update(file.read(_SAMPLE_BYTES))
            file.seek(max(0, size - _SAMPLE_BYTES))
            digest.update(file.read(_SAMPLE_BYTES))
    return digest.hexdigest()[:12]


def _ignore(_done: int, _of: int) -> None:
    """Tell nobody."""
