"""Makes the network of the reader, once, in the folder of models of `KIOSQUE_HOME`."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from retrieval.crossencoder.tensors import READER_ID, TrainedTensors
from retrieval.embedding import files
from retrieval.embedding.conversion import ensure_folder, ensure_model
from retrieval.errors import ModelUnavailable


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
    return files.damaged(reader_folder(home))


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
    embedding = ensure_model(home, _ignore)
    folder = ensure_folder(reader_folder(home), lambda fresh: _build(embedding, fresh), again=again)
    return ReaderFiles(folder / files.GRAPH_FILE, embedding)


def _build(embedding: Path, folder: Path) -> None:
    from retrieval.crossencoder.network import write_crossencoder

    try:
        write_crossencoder(TrainedTensors(), embedding, folder)
    except (ValueError, KeyError) as error:
        raise ModelUnavailable("model_damaged", path=embedding) from error
    files.seal(folder)
    for old in folder.parent.glob("reader-*"):
        if old.is_dir() and old.name != READER_ID:
            shutil.rmtree(old, ignore_errors=True)


def _ignore(_done: int, _of: int) -> None:
    """Tell nobody."""
