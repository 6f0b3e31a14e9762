"""Files of the home that several threads use at once."""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from retrieval.storage import load_array


class _Circle:
    """An object that only the collector frees, in a few steps of Python."""

    def __init__(self) -> None:
        self.itself = self

    def __del__(self) -> None:
        for _ in range(20):
            pass


@pytest.fixture
def _eager_switches() -> Iterator[None]:
    """Threads change places, and the collector runs, as often as they can."""
    interval, thresholds = sys.getswitchinterval(), gc.get_threshold()
    sys.setswitchinterval(1e-6)
    gc.freeze()
    gc.set_threshold(5)
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)
    sys.setswitchinterval(interval)


@pytest.mark.usefixtures("_eager_switches")
def test_arrays_are_loaded_by_several_threads_at_once(tmp_path: Path) -> None:
    """A load that another one disturbs inside the interpreter gives the array all the same."""
    path = tmp_path / "numbers.npy"
    np.save(path, np.arange(10))
    faults: list[BaseException] = []

    def load() -> None:
        for _ in range(400):
            circles = [_Circle() for _ in range(5)]
            del circles
            try:
                assert load_array(path, mapped=True).sum() == 45
            except BaseException as error:
                faults.append(error)

    threads = [threading.Thread(target=load) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
