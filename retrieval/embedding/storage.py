"""Says "no room" or "no right to write" in the project's words."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from retrieval.errors import StorageFull

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@contextmanager
def writing_to(path: Path) -> Iterator[None]:
    """Around writing: whatever the system refuses becomes `StorageFull`.

    Raises:
        StorageFull: ``disk_full`` or ``home_not_writable``, with the path.
    """
    try:
        yield
    except OSError as error:
        key = "disk_full" if error.errno in _NO_ROOM else "home_not_writable"
        raise StorageFull(key, path=path, reason=error.strerror or type(error).__name__) from error
