"""The process that parses: it bounds itself, then answers one source after the other.

See `retrieval.reading.confinement`, which starts it.
"""

from __future__ import annotations

import json
import math
import os
import sys
import time
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING

from retrieval.reading.confinement import Answer, receive, refusal, send
from retrieval.reading.parsing import COLLECTIONS, parse
from retrieval.reading.pieces import Limits, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

try:
    import resource
except ImportError:  # Windows: the parent still bounds the time
    resource = None  # type: ignore[assignment]

_DETAIL_CHARS = 300
_MAX_CHARS = 20_000_000  # of text: what is compressed may be longer than its file


def main() -> None:
    """Serve until the pipe closes; the argument holds the limits."""
    limits = Limits(**json.loads(sys.argv[1]))
    incoming, outgoing = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # What a library prints must not be taken for an answer.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    _bound_memory(limits.memory_mb)
    with suppress(EOFError, BrokenPipeError, KeyboardInterrupt):
        send(outgoing, b"ready")
        while True:
            form, path, raw = (receive(incoming) for _ in range(3))
            for answer in _answers(form.decode(), os.fsdecode(path) or raw, limits):
                _bound_time(limits.seconds)
                send(outgoing, json.dumps(answer).encode())
            if answer.get("refused") == "too_complex":
                break  # memory that was once exhausted is in pieces
    os._exit(0)  # no library has anything to finish


def _answers(form: str, source: bytes | str, limits: Limits) -> Iterator[Answer]:
    """What the source says of itself, its pieces, and the end or a refusal."""
    _bound_time(limits.seconds)
    left = _MAX_CHARS
    try:
        parsed = parse(form, source, limits)
        yield {"about": asdict(parsed.about)}
        for piece in parsed.pieces:
            left -= len(piece.text) + len(piece.raw)
            if left < 0:
                yield refusal("too_long", f"{_MAX_CHARS} characters allowed")
                return
            yield {"piece": asdict(piece)}
            if form in COLLECTIONS:  # one of its articles is bounded, not their number
                left = _MAX_CHARS
        yield {}
    except Refused as refused:
        yield refusal(refused.reason, refused.detail[:_DETAIL_CHARS])
    except (MemoryError, RecursionError):
        yield refusal("too_complex")
    except ImportError as error:  # a library that is not there says nothing of the source
        yield refusal("unreadable", str(error)[:_DETAIL_CHARS])
    except Exception as error:  # a library may fail in any way on hostile bytes
        yield refusal("damaged", f"{type(error).__name__}: {error}"[:_DETAIL_CHARS])


def _bound_memory(megabytes: int) -> None:
    if resource is None:
        return
    bytes_ = megabytes * 1_000_000
    with suppress(ValueError, OSError):  # a system may not know it, or have a lower one
        resource.setrlimit(resource.RLIMIT_DATA, (bytes_, bytes_))
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _bound_time(seconds: float) -> None:
    """Let the system end this process if it computes too long, even without a parent."""
    if resource is None:
        return
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    with suppress(ValueError, OSError):
        resource.setrlimit(
            resource.RLIMIT_CPU, (math.ceil(time.process_time() + seconds) + 1, hard)
        )
