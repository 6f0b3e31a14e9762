"""The history of the conversations: bounded, private, never fatal, never mixed up."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.cli.history import History
from bot.memory.conversation import Cited, Ended, Exchange
from retrieval.errors import StorageFull

ROOT = Path(__file__).parents[3]
NOW = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)
MONTH = timedelta(days=30)


def exchange(n: int, days: float = 0) -> Exchange:
    """An exchange of some days ago."""
    cited = (Cited(1, "a1", "d1", n, n + 5),)
    return Exchange("t", NOW - timedelta(days=days), f"Où {n} ?", "Là.\nOui.", "answered", cited)


@pytest.fixture
def history(tmp_path: Path) -> History:
    """A history that keeps a month."""
    return History(tmp_path / "home" / "chat", MONTH)


def test_what_is_kept_is_read_back(history: History) -> None:
    """Exchanges come back in their order, and the file is its owner's alone."""
    kept = (exchange(1), Ended("t", NOW), exchange(2))
    assert history.load(NOW) == ()
    for one in kept:
        history.append(one)
    assert history.load(NOW) == kept
    assert history.path.stat().st_mode & 0o777 == 0o600
    assert history.path.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    "damage", [b"{\n", b"\xff\xfe\n", b"[" * 100_000 + b"\n", b"\n", b"null\n", b'{"thread": "cut']
)
def test_damaged_line_is_skipped(history: History, damage: bytes) -> None:
    """A damaged line, even the last and cut, costs itself and no other."""
    history.append(exchange(1))
    with history.path.open("ab") as file:
        file.write(damage)
    history.append(exchange(2))
    assert history.load(NOW) == (exchange(1), exchange(2))
    assert len(history.path.read_bytes().splitlines()) == 2


def test_old_is_deleted(history: History) -> None:
    """What is older than it may be kept is neither given nor left in the file."""
    for days in (31, 29, 40, 1):
        history.append(exchange(days, days))
    assert history.load(NOW) == (exchange(29, 29), exchange(1, 1))
    assert b"31" not in history.path.read_bytes()
    assert history.path.stat().st_mode & 0o777 == 0o600


def test_number_is_bounded(history: History) -> None:
    """Only the last thousand exchanges are kept."""
    history.append(exchange(0))
    history.path.write_bytes(history.path.read_bytes() * 1500)
    history.append(exchange(1))
    kept = history.load(NOW)
    assert (len(kept), kept[-1]) == (1000, exchange(1))
    assert len(history.path.read_bytes().splitlines()) == 1000


def test_huge_file_is_read_from_its_end(history: History) -> None:
    """Of a file that somebody blew up, the last megabytes are read, and kept."""
    history.append(exchange(1))
    whole = history.path.read_bytes()
    history.path.write_bytes(b"x" * 10_000_000 + b"\n" + whole)
    assert history.load(NOW) == (exchange(1),)
    assert history.path.read_bytes() == whole


def test_keeping_nothing(tmp_path: Path) -> None:
    """With no days to keep anything, nothing is written, and what was there goes."""
    History(tmp_path, MONTH).append(exchange(1))
    nothing = History(tmp_path, timedelta())
    nothing.append(exchange(2))
    assert nothing.load(NOW) == ()
    assert nothing.path.read_bytes() == b""
    History(tmp_path / "other", timedelta()).append(exchange(1))
    assert not (tmp_path / "other").exists()


def test_forgetting(history: History) -> None:
    """Forgetting deletes the file, and does nothing where there is none."""
    history.forget()
    history.append(exchange(1))
    history.forget()
    assert not history.path.exists()
    assert history.load(NOW) == ()


def test_no_right_to_write(tmp_path: Path) -> None:
    """A folder that is a file is one of our errors, with its path and reason."""
    (tmp_path / "chat").touch()
    with pytest.raises(StorageFull) as caught:
        History(tmp_path / "chat", MONTH).append(exchange(1))
    assert caught.value.key == "history_failed"
    assert caught.value.facts["detail"]


_WRITER = """
import sys
from datetime import timedelta
from pathlib import Path
from bot.cli.history import History
from tests.bot.cli.test_history import MONTH, NOW, exchange
history = History(Path(sys.argv[1]), MONTH)
for n in range(100):
    history.append(exchange(int(sys.argv[2]) + n))
    if n % 20 == 0:
        history.append(exchange(7, 99))  # for the next to delete
        history.load(NOW)
"""


def test_two_chats_at_once(history: History) -> None:
    """Two processes that write, and delete what is old, lose and spoil nothing."""
    command = [sys.executable, "-c", _WRITER, str(history.path.parent)]
    writers = [subprocess.Popen([*command, first], cwd=ROOT) for first in ("1000", "2000")]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    kept = [one.question for one in history.load(NOW) if isinstance(one, Exchange)]
    expected = [[f"Où {first + n} ?" for n in range(100)] for first in (1000, 2000)]
    assert [[q for q in kept if q.startswith(f"Où {d}")] for d in "12"] == expected
