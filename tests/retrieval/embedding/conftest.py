"""One real conversion for all the tests of this folder, whatever the number of workers."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from retrieval.embedding import Embedder, EmbeddingChoice, open_embedder
from retrieval.embedding.model import ensure_model, model_folder


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the built-in model; only to be read."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    ensure_model(shared / "embedding-home", lambda _done, _of: None)
    return shared / "embedding-home"


@pytest.fixture(scope="session")
def embedder(home: Path) -> Embedder:
    """The built-in embedder."""
    return open_embedder(EmbeddingChoice(), home)


@pytest.fixture
def folder(home: Path, tmp_path: Path) -> Path:
    """A model folder of one's own, by hard links: a test may replace files, never change them."""
    shutil.copytree(model_folder(home), tmp_path / "my-e5", copy_function=os.link)
    return tmp_path / "my-e5"


@pytest.fixture
def home_to_spoil(home: Path, tmp_path: Path) -> Path:
    """A copy of the data folder that a test may damage."""
    shutil.copytree(model_folder(home), model_folder(tmp_path))
    return tmp_path
