"""Letting others go first: what takes long is done with what they leave of the machine."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress

NICENESS = 10


def give_way() -> None:
    """Have this thread, which is not to be used for anything else, wait for other work.

    Only Linux gives a thread a priority of its own; elsewhere nothing happens.
    """
    if sys.platform == "linux":
        own = os.getpriority(os.PRIO_PROCESS, 0)
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), max(own, NICENESS))
