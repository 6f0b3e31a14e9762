"""The process that parses: bounded, replaced when it is lost, gone with its parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import psutil
import pytest

from retrieval.reading import Limits, Refused, Sandbox
from retrieval.reading.parsing import parse
from retrieval.reading.pieces import Piece
from tests.retrieval.reading.conftest import ROOT
from tests.retrieval.reading.samples import word_file

_WORD = word_file("Le pont est ouvert.")
_DIVS = b"<html><body>" + b"<div>Pont</div>" * 300_000 + b"</body></html>"
_PARENT = """
import sys, time, psutil
from retrieval.reading import Sandbox
parser = Sandbox()
parser("docx", open(sys.argv[1], "rb").read())
print(psutil.Process().children()[0].pid, flush=True)
time.sleep(60)
"""


@pytest.fixture
def bounded() -> Iterator[Sandbox]:
    """A process with limits that tell it apart."""
    with Sandbox(Limits(pages=3, seconds=20, memory_mb=600)) as parser:
        yield parser


def _text(pieces: Iterable[Piece]) -> str:
    """The text of the one article of a source."""
    [piece] = pieces
    return piece.text


def _child() -> psutil.Process:
    """The newest process that this one has started."""
    return max(psutil.Process().children(), key=lambda process: process.create_time())


def test_it_gives_what_parsing_gives(bounded: Sandbox) -> None:
    """Nothing is lost or changed on the way between the processes."""
    assert bounded("docx", _WORD) == parse("docx", _WORD, Limits())


def test_one_process_serves_many(bounded: Sandbox) -> None:
    """It is started once."""
    bounded("docx", _WORD)
    first = _child().pid
    for _ in range(5):
        bounded("docx", _WORD)
    assert _child().pid == first


@pytest.mark.skipif(sys.platform != "linux", reason="other systems bound less")
def test_its_memory_and_time_are_bounded_by_the_system(bounded: Sandbox) -> None:
    """The limits are the kernel's, and no library can talk it out of them."""
    bounded("docx", _WORD)
    child = _child()
    assert child.rlimit(psutil.RLIMIT_DATA) == (600_000_000, 600_000_000)
    assert 20 < child.rlimit(psutil.RLIMIT_CPU)[0] < 60
    assert child.rlimit(psutil.RLIMIT_CORE) == (0, 0)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems bound less")
def test_too_much_memory_is_a_reason() -> None:
    """A page that needs more than it may is refused, and the next source is read."""
    with Sandbox(Limits(memory_mb=256)) as parser:
        with pytest.raises(Refused, match="too_complex"):
            parser("html", _DIVS)
        assert _text(parser("docx", _WORD)) == "Le pont est ouvert."


def test_too_much_time_is_a_reason() -> None:
    """What takes too long is ended, and the next source is read."""
    page = b"<html><body>" + b"<p>Le pont est ouvert.</p>\n" * 3_000_000 + b"</body></html>"
    with Sandbox(Limits(seconds=1.5, memory_mb=8192)) as parser:  # so that time ends first
        parser("docx", _WORD)
        with pytest.raises(Refused, match="took_too_long"):
            parser("html", page)
        assert tuple(parser("docx", _WORD))


def test_a_process_that_died_between_two_sources_costs_none(bounded: Sandbox) -> None:
    """Whoever ended it, the next source is read by another."""
    bounded("docx", _WORD)
    _child().kill()
    assert _text(bounded("docx", _WORD)) == "Le pont est ouvert."


@pytest.mark.skipif(os.name == "nt", reason="no signals")
def test_a_process_that_ran_out_of_its_seconds(bounded: Sandbox) -> None:
    """The system's own limit of computing time is told as time, not as a crash."""
    bounded("docx", _WORD)
    child = _child()
    child.send_signal(signal.SIGXCPU)
    while child.status() != psutil.STATUS_ZOMBIE:  # not waited for: its end is the parent's to see
        time.sleep(0.01)
    with pytest.raises(Refused, match="took_too_long"):
        bounded("docx", _WORD)
    assert tuple(bounded("docx", _WORD))


def test_nothing_is_imported_from_the_folder_of_the_articles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file named as a library, among the articles, is never run."""
    for name in ("json", "docx", "lxml", "zipfile"):
        (tmp_path / f"{name}.py").write_text("open('run', 'w').close()\nraise SystemExit(3)\n")
    monkeypatch.chdir(tmp_path)
    with Sandbox() as parser:
        assert _text(parser("docx", _WORD)) == "Le pont est ouvert."
    assert not (tmp_path / "run").exists()


def test_closing_ends_it() -> None:
    """No process is left behind; a later call starts another."""
    with Sandbox() as parser:
        parser("docx", _WORD)
        child = _child()
    assert not child.is_running()
    assert tuple(parser("docx", _WORD))
    parser.close()


@pytest.mark.skipif(os.name == "nt", reason="no signals")
def test_it_ends_with_its_parent(tmp_path: Path) -> None:
    """A parent that is killed leaves no process behind."""
    file = tmp_path / "a.docx"
    file.write_bytes(_WORD)
    parent = subprocess.Popen(
        [sys.executable, "-c", _PARENT, str(file)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
    )
    with parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    assert psutil.wait_procs([child], timeout=20)[1] == []
