"""Files of the home that several threads and processes use at once."""

from __future__ import annotations

import gc
import os
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from retrieval.storage import FolderLock, is_locked, is_writing, load_array, writer_lock


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


@pytest.mark.filterwarnings("ignore")  # of Python, about what it finds in a damaged header
def test_any_damage_of_an_array_is_told_as_damage(tmp_path: Path) -> None:
    """Whatever bit of the header is turned, the array is loaded or its file called damaged."""
    path, broken = tmp_path / "numbers.npy", tmp_path / "broken.npy"
    np.save(path, np.arange(10))
    whole, refused = path.read_bytes(), 0
    for place in range(128 * 8):
        damaged = bytearray(whole)
        damaged[place // 8] ^= 1 << place % 8
        broken.write_bytes(damaged)
        try:
            load_array(broken)
        except (OSError, ValueError):
            refused += 1
    assert refused > 500


@pytest.mark.skipif(sys.platform == "win32", reason="no locks of folders")
def test_a_folder_is_locked_although_somebody_looks_at_it(tmp_path: Path) -> None:
    """Whoever looks has the folder for a moment: a reader waits, and has its lock."""
    import fcntl

    looking = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(looking, fcntl.LOCK_EX)
    with ThreadPoolExecutor(1) as pool:
        locking = pool.submit(FolderLock, tmp_path)
        time.sleep(0.05)
        os.close(looking)
        lock = locking.result(timeout=30)
    assert is_locked(tmp_path)
    lock.release()
    assert not is_locked(tmp_path)


def test_looking_for_a_writer_turns_none_away(tmp_path: Path) -> None:
    """Who asks whether somebody writes never holds the lock that a writer needs."""
    done = threading.Event()
    seen: list[bool] = []

    def look() -> None:
        while not done.is_set():
            seen.append(is_writing(tmp_path))

    with ThreadPoolExecutor(2) as pool:
        looking = [pool.submit(look) for _ in range(2)]
        for _ in range(100):
            with writer_lock(tmp_path):
                assert is_writing(tmp_path)
        done.set()
    assert [one.result() for one in looking] == [None, None]
    assert seen
    assert not is_writing(tmp_path)
