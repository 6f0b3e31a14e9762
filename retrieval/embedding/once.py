"""What is loaded once for all threads, and how many of them there should be.

Both networks of the product use it: the embedding model and the reader.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

Loaded = TypeVar("Loaded")


class Once(Generic[Loaded]):
    """Makes something at the first call, once for all threads; a failure is tried again."""

    def __init__(self, make: Callable[[], Loaded]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._made: list[Loaded] = []

    def get(self) -> Loaded:
        """The thing; waits while another thread makes it."""
        with self._lock:
            if not self._made:
                self._made.append(self._make())
            return self._made[0]


def cores() -> int:
    """The processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
