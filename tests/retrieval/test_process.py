"""Child processes: messages both ways, limits, and an end with their parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path

import psutil
import pytest

from retrieval import errors
from retrieval.errors import ArchiveDamaged, KiosqueError
from retrieval.process import (
    NICENESS,
    ChildDied,
    ChildProcess,
    give_way,
    messages,
)
from tests.retrieval.children import echo, endure, fail, introduce, work

ROOT = Path(__file__).parents[2]
_SCRIPT = """
import sys, time
from retrieval.process import ChildProcess
from tests.retrieval.children import echo
child = ChildProcess(echo)
child.connection.send("ready")
print(child.connection.recv(), child.pid, flush=True)
"""
_BUSY = _SCRIPT.replace("echo", "toil").replace('child.connection.send("ready")', "")
_PATH = {**os.environ, "PYTHONPATH": str(ROOT)}


@pytest.mark.skipif(os.name == "nt", reason="no sessions")
def test_it_runs_a_function_with_its_arguments() -> None:
    """The child has its arguments and a session of its own, and not the parent's modules."""
    child = ChildProcess(introduce, "é", 2)
    assert child.connection.recv() == ("é", 2, False, True)
    assert child.wait() == 0
    assert child.end() == 0


def test_big_messages_arrive_whole() -> None:
    """Messages are as long as they are, both ways."""
    child = ChildProcess(echo)
    for value in (b"", b"x" * 3_000_000, {"a": [1, 2]}):
        child.connection.send(value)
        assert child.connection.recv() == value
    child.end()


def test_a_message_that_is_too_long_is_not_read() -> None:
    """A parent that names a bound is safe from what its child may send."""
    child = ChildProcess(echo)
    child.connection.send("x" * 1000)
    with pytest.raises(EOFError):
        child.connection.recv_bytes(100)
    child.end()


def test_a_child_that_fails_is_seen() -> None:
    """Its end shows at the next message, and in its exit code."""
    child = ChildProcess(fail)
    with pytest.raises(EOFError):
        child.connection.recv()
    assert child.wait() == 1
    child.end()
    with pytest.raises(OSError, match="ended"):
        child.connection.send("more")


@pytest.mark.skipif(os.name == "nt", reason="no signals")
def test_ending_is_patient_first() -> None:
    """A child is asked to end, and killed when it does not."""
    child = ChildProcess(echo)
    child.connection.send(1)
    child.connection.recv()
    assert child.is_alive()
    assert child.end(patience_s=20) == -signal.SIGTERM
    assert not child.is_alive()
    stubborn = ChildProcess(endure)
    stubborn.connection.recv()
    assert stubborn.end(patience_s=0.05) == -signal.SIGKILL


@pytest.mark.skipif(os.name == "nt", reason="no signals")
def test_ending_wakes_a_thread_that_waits() -> None:
    """Another thread that waits for a message learns of the end."""
    child = ChildProcess(echo)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(child.connection.recv)
        child.end()
        with pytest.raises(EOFError):
            waiting.result(timeout=30)


def test_a_thread_may_start_one() -> None:
    """It need not be the main thread."""
    with ThreadPoolExecutor(1) as pool:
        child = pool.submit(ChildProcess, introduce, "x", 1).result()
    assert child.connection.recv()[:2] == ("x", 1)
    child.end()


@pytest.mark.parametrize("ways", [["-c", _SCRIPT], ["-"], ["script.py"]])
def test_any_kind_of_program_may_start_one(ways: list[str], tmp_path: Path) -> None:
    """Scripts need no main guard and may come by standard input; the child ends with them."""
    (tmp_path / "script.py").write_text(_SCRIPT, "utf-8")
    done = subprocess.run(
        [sys.executable, *ways], input=_SCRIPT, cwd=tmp_path, env=_PATH, text=True,
        stdout=subprocess.PIPE, check=True, timeout=60,
    )  # fmt: skip
    ready, pid = done.stdout.split()
    assert ready == "ready"
    if psutil.pid_exists(int(pid)):
        assert psutil.wait_procs([psutil.Process(int(pid))], timeout=20)[1] == []


@pytest.mark.skipif(os.name == "nt", reason="ends with its next message there")
def test_a_busy_child_ends_with_its_parent() -> None:
    """A child that neither sends nor receives ends too when its parent is gone."""
    done = subprocess.run(
        [sys.executable, "-c", _BUSY], env=_PATH, text=True, stdout=subprocess.PIPE, check=True,
        timeout=60,
    )  # fmt: skip
    busy, pid = done.stdout.split()
    assert busy == "busy"
    if psutil.pid_exists(int(pid)):
        assert psutil.wait_procs([psutil.Process(int(pid))], timeout=20)[1] == []


def test_nothing_is_imported_from_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file named as a library, among the articles, is never run."""
    for name in ("json", "pickle", "struct", "subprocess"):
        (tmp_path / f"{name}.py").write_text("open('run', 'w').close()\n")
    monkeypatch.chdir(tmp_path)
    child = ChildProcess(introduce, "x", 1)
    assert child.connection.recv()[:2] == ("x", 1)
    child.end()
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("kind", [kind for kind in vars(errors).values() if isinstance(kind, type)])
def test_errors_of_ours_cross_the_border(kind: type[KiosqueError]) -> None:
    """A child sends an error as it is: class, key and facts."""
    child = ChildProcess(echo)
    child.connection.send(kind("index_missing", path="x"))
    error = child.connection.recv()
    child.end()
    assert (type(error), error.key, error.facts) == (kind, "index_missing", {"path": "x"})
    assert str(error) == str(ArchiveDamaged("index_missing", path="x"))


@pytest.mark.parametrize(
    ("fault", "error"),
    [("", None), ("lost", FileNotFoundError), ("odd", RuntimeError), ("exit", ChildDied)],
)
def test_work_ends_with_its_result_or_its_error(fault: str, error: type[Exception] | None) -> None:
    """The parent has the messages, then the error of the child, whatever it was."""
    child, found = ChildProcess(work, fault), []
    with pytest.raises(error) if error else nullcontext() as raised:
        for message in messages(child):
            found.append(message)
    child.end()
    assert found == [1, 2]
    if raised and isinstance(raised.value, ChildDied):
        assert raised.value.status == 7


@pytest.mark.skipif(sys.platform != "linux", reason="threads have no priority of their own")
def test_only_the_thread_itself_gives_way() -> None:
    """A thread that works behind the others is nicer than before; nobody else is."""
    mine = os.getpriority(os.PRIO_PROCESS, 0)
    with ThreadPoolExecutor(1, initializer=give_way) as pool:
        niceness = pool.submit(os.getpriority, os.PRIO_PROCESS, 0).result()
    assert niceness == max(mine, NICENESS)
    assert os.getpriority(os.PRIO_PROCESS, 0) == mine
