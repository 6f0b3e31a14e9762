"""One archive of the sample articles for all the tests, made and read with the real networks."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
from filelock import FileLock

from bot.app import Kiosque
from config.settings import Settings
from retrieval.crossencoder.engine import CrossEncoderEngine, Pair, Verdict, ensure_reader
from retrieval.embedding.model import ensure_model

DATA = Path(__file__).parent / "data"
ARTICLES = DATA / "articles"
TODAY = date(2026, 11, 23)


def shared_folder(factory: pytest.TempPathFactory) -> Path:
    """The folder of a test run that all its workers see."""
    base = factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


def model_home(factory: pytest.TempPathFactory) -> Path:
    """A home with nothing but the models: converted once for the tests of every folder."""
    home = shared_folder(factory) / "embedding-home"
    ensure_model(home, lambda _done, _of: None)
    ensure_reader(home)
    return home


def indexed_home(factory: pytest.TempPathFactory) -> Path:
    """The home with the sample articles, made by the first worker that asks; only to be read."""
    return home_with(factory, "sample-home", model_home(factory), lambda: [ARTICLES])


def home_with(
    factory: pytest.TempPathFactory, name: str, like: Path, articles: Callable[[], list[Path]]
) -> Path:
    """A home with more articles, made by the first worker that asks; only to be read.

    Args:
        factory: of temporary folders.
        name: tells it apart in the test run.
        like: the home that it begins as.
        articles: gives what is indexed; called only when the home is made.
    """
    home = shared_folder(factory) / name
    with FileLock(home.with_suffix(".lock")):
        if not (home / "archive.db").exists():
            making = new_home(like, home.with_name(f"{name}-in-the-making"))
            with Kiosque(Settings(home=making)) as app:
                app.indexer().index(articles())
            making.rename(home)
    return home


def new_home(like: Path, home: Path) -> Path:
    """A copy of a home that a test may change; the model's files may only be replaced.

    Another test may be reading the home: SQLite's files beside a database come and go with it,
    and hold nothing of what was written before.
    """
    left = shutil.ignore_patterns("models", "*-wal", "*-shm")
    shutil.copytree(like / "models", home / "models", copy_function=os.link)
    shutil.copytree(like, home, dirs_exist_ok=True, ignore=left)
    return home


@contextmanager
def pairs_read_once() -> Iterator[None]:
    """Remember in this process what the reader's network said of a pair of question and window.

    It is a function of its input: nothing but time is different. The tests of the reader itself
    have it run each time.
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
