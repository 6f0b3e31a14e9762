"""A damaged, busy or full home: a clear sentence, the right exit code, and nothing lost."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from retrieval.embedding.model import model_folder
from retrieval.storage import writer_lock
from tests.bot.cli.conftest import QUESTION, Kiosque, Ran
from tests.sample_home import ARTICLES

ROOT = Path(__file__).parents[3]
TEXT = "Le préfet a évacué la cité.\n\nLes élèves ont été logés à l'école de la forêt, dit-il."


@contextmanager
def another_writer(home: Path) -> Iterator[int]:
    """Another process that holds the archive; gives its number."""
    program = (
        "import sys; from pathlib import Path; from retrieval.storage import writer_lock\n"
        "with writer_lock(Path(sys.argv[1])): print(flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(home)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process.pid
        process.communicate()


def test_second_writer(kiosque: Kiosque, unchanged: Path, tmp_path: Path) -> None:
    """The second writer is told who holds the archive; readers are not disturbed."""
    (tmp_path / "new.txt").write_text(TEXT, encoding="utf-8")
    with another_writer(unchanged) as pid:
        assert str(pid) in kiosque(unchanged, "index", tmp_path / "new.txt").failed(1)
        ran = kiosque(unchanged, "index", tmp_path / "new.txt", "--json")
        assert ran.failed_in_json(1) == "archive_busy"
        assert kiosque(unchanged, "ask", QUESTION).code == 0
        assert kiosque(unchanged, "doctor").code == 0
        assert kiosque(unchanged, "index", "--dry-run", tmp_path / "new.txt").code == 0
    with writer_lock(unchanged):
        pass  # it is free again


def test_another_embedding_model(
    kiosque: Kiosque, unchanged: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """An index of another model is never searched nor added to: both models are named."""
    other = tmp_path / "other-model"
    shutil.copytree(model_folder(unchanged), other, copy_function=os.link)
    (tmp_path / "new.txt").write_text(TEXT, encoding="utf-8")
    with monkeypatch.context() as patch:
        patch.setenv("KIOSQUE_EMBEDDING__MODEL_DIR", str(other))
        said = kiosque(unchanged, "ask", QUESTION).failed(1)
        assert "other-model" in said
        assert "multilingual-e5-small" in said
        for words in (["search", QUESTION], ["index", tmp_path / "new.txt"]):
            assert kiosque(unchanged, *words, "--json").failed_in_json(1) == "model_mismatch"
        assert kiosque(unchanged, "articles").code == 0


def test_missing_model(
    kiosque: Kiosque, unchanged: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A model folder that is not there is named, with what such a folder holds."""
    with monkeypatch.context() as patch:
        patch.setenv("KIOSQUE_EMBEDDING__MODEL_DIR", str(tmp_path / "nowhere"))
        for words in (["ask", QUESTION], ["index", ARTICLES]):
            assert "model.onnx" in kiosque(unchanged, *words).failed(1)


def test_damaged_archive_takes_no_article(kiosque: Kiosque, own_home: Path) -> None:
    """An archive that cannot be read is not written over: it may still be saved by a person."""
    damaged = b"no archive " * 10_000
    (own_home / "archive.db").write_bytes(damaged)
    assert "archive.db" in kiosque(own_home, "index", ARTICLES).failed(1)
    assert (own_home / "archive.db").read_bytes() == damaged


def test_damaged_index_is_said(kiosque: Kiosque, own_home: Path) -> None:
    """Where a question meets a damaged index it is answered, or told how to repair it."""
    for path in (own_home / "generations").glob("*/lexical/*"):
        path.write_bytes(path.read_bytes()[:20])
    ran = kiosque(own_home, "ask", QUESTION)
    assert ran.code == 0 or "kiosque doctor --repair" in ran.failed(1)


# --- the disk --------------------------------------------------------------------------------


def with_room_for(size: int, home: Path, *words: str | Path) -> Ran:
    """Run a command in a process that can write no file beyond so many bytes."""
    program = (
        "import resource, sys; limit = int(sys.argv[1])\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))\n"
        "from bot.cli import main; sys.exit(main(sys.argv[2:]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(size), *map(str, words)],
        cwd=ROOT,
        env=os.environ | {"KIOSQUE_HOME": str(home), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


@pytest.mark.skipif(sys.platform == "win32", reason="no limit of the size of files there")
@pytest.mark.parametrize("size", [0, 20_000, 400_000, 700_000])
def test_full_disk(size: int, kiosque: Kiosque, unchanged: Path, tmp_path: Path) -> None:
    """Wherever the room runs out, the change is dropped whole, and said in a sentence."""
    folder = tmp_path / "new"
    folder.mkdir()
    for number in range(12):
        paragraphs = [f"{TEXT} Au point {number} {part}." * 6 for part in range(5)]
        (folder / f"{number}.txt").write_text("\n\n".join(paragraphs), encoding="utf-8")
    said = with_room_for(size, unchanged, "index", folder).failed(1)
    assert "place" in said
    assert kiosque(unchanged, "index", folder, "--dry-run", "--json").json["added"] == 12


@pytest.mark.skipif(sys.platform == "win32", reason="no limit of the size of files there")
def test_question_on_a_full_disk(unchanged: Path) -> None:
    """SQLite wants a little room even to read; without any, a question is answered all the same."""
    for room in (0, 100_000):
        ran = with_room_for(room, unchanged, "ask", QUESTION)
        assert (ran.code, "dix-sept stations" in " ".join(ran.out.split())) == (0, True), room


@pytest.mark.skipif(sys.platform == "win32", reason="no limit of the size of files there")
def test_full_disk_before_the_model(tmp_path: Path) -> None:
    """With no room for the model, nothing is left half made, and the sentence names the place."""
    said = with_room_for(1_000_000, tmp_path / "home", "index", ARTICLES).failed(1)
    assert str(tmp_path / "home") in said
    assert not list((tmp_path / "home").rglob("*.onnx"))
