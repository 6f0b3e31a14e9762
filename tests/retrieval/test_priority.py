"""Long work lets short work go first."""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from retrieval.process import NICENESS, give_way


@pytest.mark.skipif(sys.platform != "linux", reason="threads have no priority of their own")
def test_only_the_thread_itself_gives_way() -> None:
    """A thread that works behind the others is nicer than before; nobody else is."""
    mine = os.getpriority(os.PRIO_PROCESS, 0)
    with ThreadPoolExecutor(1, initializer=give_way) as pool:
        niceness = pool.submit(os.getpriority, os.PRIO_PROCESS, 0).result()
    assert niceness == max(mine, NICENESS)
    assert os.getpriority(os.PRIO_PROCESS, 0) == mine
