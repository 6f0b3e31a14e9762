"""What the measurements share: where things are, the machine's name, homes to measure in."""

from __future__ import annotations

import os
import platform
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).parents[2]
Result = TypeVar("Result")
_ROOM = 1 << 30


class AbsentError(Exception):
    """What a measurement needs is not on this machine; the text says what."""


@dataclass(frozen=True, slots=True)
class Setup:
    """Where things are, and how much to do.

    Args:
        shared: the folder of articles, questions and data that are not ours to publish.
        work: kept between runs: the models, and the big archive.
        first: take only so many articles of the big archive; 0 for all.
        runs: how often a command is started.
        articles: how many the archive of `scale` holds.
        anew: make archives anew that earlier runs have left in ``work``.
    """

    shared: Path = ROOT.parent / "shared"
    work: Path = Path(tempfile.gettempdir()) / "kiosque-bench"
    first: int = 0
    runs: int = 7
    articles: int = 50_000
    anew: bool = False

    def data(self, name: str) -> Path:
        """A file or folder of ``shared``.

        Raises:
            AbsentError: it is not there.
        """
        path = self.shared / name
        if not path.exists():
            raise AbsentError(f"{path} is not there (--shared says where to look)")
        return path

    @property
    def news_home(self) -> Path:
        """The home of the big archive, which `indexing` makes and `search` uses."""
        return self.work / f"kiosque-bench-news-{self.first or 'all'}"

    @property
    def scale_home(self) -> Path:
        """The home of the archive with copies, which `scale` makes."""
        return self.work / f"kiosque-bench-scale-{self.articles}"

    def ensure_model(self) -> Path:
        """The folder of models, made: the making is never part of a measurement."""
        from retrieval.crossencoder.engine import ensure_reader
        from retrieval.embedding import EmbeddingChoice, open_embedder

        open_embedder(EmbeddingChoice(), self.work)
        ensure_reader(self.work)
        return self.work / "models"

    def fresh(self, home: Path) -> Path:
        """An empty home that has the models; a home that ``fresh`` made before is emptied."""
        models = self.ensure_model()
        if home.exists():
            (home / "models").unlink()  # a link of ours; another folder's would be refused
            shutil.rmtree(home)
        home.mkdir(parents=True)
        (home / "models").symlink_to(models, target_is_directory=True)
        return home

    @contextmanager
    def temporary_home(self) -> Iterator[Path]:
        """A home with the models and no archive, gone afterwards."""
        with tempfile.TemporaryDirectory(prefix="kiosque-bench-") as folder:
            yield self.fresh(Path(folder) / "home")


@contextmanager
def in_memory() -> Iterator[Path]:
    """A folder in memory where the system has one: faults need no disk, and syncing one takes long.

    It is gone afterwards.
    """
    memory = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it
    usable = memory.is_dir() and shutil.disk_usage(memory).free > _ROOM
    with tempfile.TemporaryDirectory(prefix="kiosque-", dir=memory if usable else None) as folder:
        yield Path(folder)


def alone(work: Callable[..., Result], *arguments: object) -> Result:
    """Do a piece of work in a fresh process, and wait for it."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(work, *arguments).result()


def caption(*packages: str) -> str:
    """The first line of a section: the day, the machine, the versions of what counts here."""
    from tests.benchmarks.embedding import machine

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    versions = [f"Python {platform.python_version()}"]
    versions += [f"{package} {version(package)}" for package in packages]
    return f"{date.today()}; {machine()}, {cores} cores; {', '.join(versions)}."


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which that share of the values lies; nearest rank."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def ms(seconds: float) -> str:
    """A time in milliseconds, as tables show it."""
    return f"{seconds * 1000:.1f}" if seconds < 0.1 else f"{seconds * 1000:.0f}"
