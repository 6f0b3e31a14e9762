"""The archive of the sample articles, and copies of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from retrieval.crossencoder.engine import CrossEncoderEngine, Pair, Verdict
from tests.sample_home import indexed_home, model_home, new_home


@pytest.fixture(autouse=True, scope="session")
def _pairs_read_once() -> Iterator[None]:
    """Remember what the reader's network said of a pair: hundreds of tests put few questions.

    It is a function of its input, so nothing but time is different. Processes that tests start,
    and the tests of the reader itself, have it run each time.
    """
    remembered: dict[tuple[object, ...], Verdict] = {}
    run = CrossEncoderEngine.verdict

    def verdict(engine: CrossEncoderEngine, pair: Pair) -> Verdict:
        key = (tuple(pair.ids), tuple(pair.segments), pair.body, tuple(pair.offsets))
        if key not in remembered:
            remembered[key] = run(engine, pair)
        return remembered[key]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(CrossEncoderEngine, "verdict", verdict)
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
