"""The archive of the sample articles, and copies of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sample_home import indexed_home, model_home, new_home, pairs_read_once


@pytest.fixture(autouse=True, scope="session")
def _pairs_read_once() -> Iterator[None]:
    """Hundreds of tests put few questions; processes that they start read each time."""
    with pairs_read_once():
        yield


@pytest.fixture(scope="session")
def sample_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home with the sample articles; only to be read."""
    return indexed_home(tmp_path_factory)


@pytest.fixture(scope="session")
def home_of_the_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home with nothing but the model; only to be read."""
    return model_home(tmp_path_factory)


@pytest.fixture
def own_home(sample_home: Path, tmp_path: Path) -> Path:
    """A copy of the sample home, to change."""
    return new_home(sample_home, tmp_path / "home")


@pytest.fixture
def empty_home(home_of_the_model: Path, tmp_path: Path) -> Path:
    """A home without articles, to change."""
    return new_home(home_of_the_model, tmp_path / "home")
