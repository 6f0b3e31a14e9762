"""Bad input: a clear sentence with what to do, the right exit code, and nothing lost."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from retrieval.archive.lock import writer_lock
from retrieval.embedding.conversion import model_folder
from tests.bot.cli.conftest import Kiosque, Ran
from tests.sample_home import ARTICLES

ROOT = Path(__file__).parents[3]
QUESTION = "Combien de stations aura la ligne T2 ?"
TEXT = "Le préfet a évacué la cité.\n\nLes élèves ont été logés à l'école de la forêt, dit-il."
LINES = (
    '{"id": "1", "title": "Le facteur", "text": "Le facteur de Brume est passé deux fois."}\n'
    '{"id": "2", "title": \n'
    '{"id": "3", "title": "La boulangère", "text": "La boulangère de Brume a gagné le prix."}\n'
)


@pytest.fixture
def unchanged(kiosque: Kiosque, own_home: Path) -> Iterator[Path]:
    """A home whose articles and answers must be afterwards what they were before."""
    articles = kiosque(own_home, "articles", "--json").out
    answer = _answer(kiosque(own_home, "ask", QUESTION, "--json"))
    yield own_home
    assert kiosque(own_home, "articles", "--json").out == articles
    assert _answer(kiosque(own_home, "ask", QUESTION, "--json")) == answer
    assert kiosque(own_home, "doctor").code == 0


def _answer(ran: Ran) -> object:
    assert ran.code == 0
    return ran.json["statements"], ran.json["sources"]


# --- files ---------------------------------------------------------------------------------


def _empty(path: Path) -> None:
    path.touch()


def _blank(path: Path) -> None:
    path.write_text(" \n\n\t\n")


def _noise(path: Path) -> None:
    path.write_bytes(bytes(range(256)) * 80)


def _huge(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(200_000_000)


def _folder(path: Path) -> None:
    path.mkdir()
    (path / "photo.jpg").write_bytes(b"\xff\xd8\xff")


@pytest.mark.parametrize("ending", ["txt", "md", "html", "jsonl", "csv"])
@pytest.mark.parametrize(
    ("make", "reasons"),
    [
        (_empty, {"empty", "no_records", "missing_column", "no_text"}),
        (_blank, {"empty", "no_records", "missing_column", "no_text"}),
        (_noise, {"binary", "encoding", "bad_json", "bad_csv", "missing_column"}),
        (_huge, {"too_large", "binary"}),
    ],
)
def test_file_that_holds_no_article(
    make: Callable[[Path], None],
    reasons: set[str],
    ending: str,
    kiosque: Kiosque,
    sample_home: Path,
    tmp_path: Path,
) -> None:
    """Nothing, noise and 200 MB: the report says why, the sentence what to do, the code is 1."""
    path = tmp_path / f"bad.{ending}"
    make(path)
    before = kiosque(sample_home, "articles", "--json").out
    ran = kiosque(sample_home, "index", path, "--dry-run", "--json")
    assert (ran.code, ran.json["added"]) == (1, 0)
    assert {problem["reason"] for problem in ran.json["unreadable"]} <= reasons
    assert all(problem["source"].startswith(str(path)) for problem in ran.json["unreadable"])
    happened, do = ran.err.splitlines()
    assert happened
    assert do.startswith("→ ")
    assert kiosque(sample_home, "articles", "--json").out == before


def test_one_bad_file_stops_no_other(kiosque: Kiosque, own_home: Path, tmp_path: Path) -> None:
    """Beside every kind of bad file, the good ones are taken in, and each bad one is named."""
    folder = tmp_path / "mixed"
    folder.mkdir()
    for name, make in (("a", _empty), ("b", _noise), ("c", _huge)):
        make(folder / f"{name}.txt")
    (folder / "d.jsonl").write_text(LINES, encoding="utf-8")
    (folder / "e.md").write_text(f"---\ntitle: [broken\n---\n{TEXT}", encoding="utf-8")
    (folder / "f.txt").write_text(TEXT, encoding="utf-8")
    ran = kiosque(own_home, "index", folder, "--json")
    assert (ran.code, ran.json["added"], ran.err) == (0, 3, "")
    assert {p["source"]: p["reason"] for p in ran.json["unreadable"]} == {
        str(folder / "a.txt"): "empty",
        str(folder / "b.txt"): "binary",
        str(folder / "c.txt"): "too_large",
        f"{folder / 'd.jsonl'}:2": "bad_json",
        str(folder / "e.md"): "bad_front_matter",
    }
    people = kiosque(own_home, "index", folder)
    assert "5 sources illisibles" in people.out
    assert kiosque(own_home, "ask", QUESTION).code == 0
    assert kiosque(own_home, "doctor").code == 0


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-16", "utf-16-le", "utf-8-sig"])
def test_text_of_another_encoding(
    encoding: str, kiosque: Kiosque, empty_home: Path, tmp_path: Path
) -> None:
    """Text in the encodings of old machines is read with its accents."""
    path = tmp_path / "ancien.txt"
    path.write_bytes(TEXT.encode(encoding))
    assert kiosque(empty_home, "index", path).code == 0
    (passage,) = kiosque(empty_home, "search", "la forêt", "--json").json["passages"]
    assert "Les élèves ont été logés à l'école de la forêt" in passage["text"]


def test_folder_without_articles(kiosque: Kiosque, unchanged: Path, tmp_path: Path) -> None:
    """A folder where there is nothing to read is a failure, and the formats are named."""
    _folder(tmp_path / "photos")
    for options in ([], ["--dry-run"]):
        ran = kiosque(unchanged, "index", tmp_path / "photos", *options)
        assert ran.code == 1
        assert str(tmp_path / "photos") in ran.err
        assert ".txt" in ran.err
    ran = kiosque(unchanged, "index", tmp_path / "photos", "--json")
    assert (ran.code, ran.json["added"], ran.json["unreadable"]) == (1, 0, [])


def test_missing_path(kiosque: Kiosque, unchanged: Path, tmp_path: Path) -> None:
    """A path that is not there is bad use; what was named beside it is not taken in either."""
    (tmp_path / "bon.txt").write_text(TEXT, encoding="utf-8")
    words = ["index", tmp_path / "bon.txt", tmp_path / "nulle-part"]
    assert "nulle-part" in kiosque(unchanged, *words).failed(2)
    assert kiosque(unchanged, *words, "--json").failed_in_json(2) == "path_missing"
    assert kiosque(unchanged, "index").failed(2)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_unreadable_file(kiosque: Kiosque, unchanged: Path, tmp_path: Path) -> None:
    """A file that may not be read is named with the reason, and the code is 1."""
    path = tmp_path / "secret.txt"
    path.write_text(TEXT, encoding="utf-8")
    path.chmod(0)
    ran = kiosque(unchanged, "index", path, "--json")
    assert (ran.code, ran.json["unreadable"][0]["reason"]) == (1, "unreadable")


@pytest.mark.xfail(
    strict=True,
    reason="retrieval.indexing.indexer._resolved: Path.resolve() raises RuntimeError on a loop",
)
def test_symbolic_link_loops(kiosque: Kiosque, own_home: Path, tmp_path: Path) -> None:
    """A folder that holds itself and a link to itself are passed over; the rest is taken in."""
    folder = tmp_path / "loop"
    folder.mkdir()
    (folder / "self").symlink_to(folder)
    (folder / "a.txt").symlink_to(folder / "a.txt")
    (folder / "b.txt").write_text(TEXT, encoding="utf-8")
    ran = kiosque(own_home, "index", folder, "--json")
    assert (ran.code, ran.json["added"]) == (0, 1)
    assert [p["source"] for p in ran.json["unreadable"]] == [str(folder / "a.txt")]
    assert kiosque(own_home, "index", folder / "a.txt", "--json").code == 1


def test_folder_that_holds_itself(kiosque: Kiosque, own_home: Path, tmp_path: Path) -> None:
    """A folder with a link to itself is walked once."""
    folder = tmp_path / "loop"
    folder.mkdir()
    (folder / "self").symlink_to(folder)
    (folder / "b.txt").write_text(TEXT, encoding="utf-8")
    ran = kiosque(own_home, "index", folder, folder / "self" / "self", "--json")
    assert (ran.code, ran.json["added"], ran.json["unreadable"]) == (0, 1, [])


# --- questions -------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["ask", "search"])
@pytest.mark.parametrize("question", ["", "   ", "\n\t", "\x00\x07"])
def test_empty_question(command: str, question: str, kiosque: Kiosque, sample_home: Path) -> None:
    """A question of nothing is bad use, and the sentence shows how to ask."""
    assert 'kiosque ask "' in kiosque(sample_home, command, question).failed(2)
    assert kiosque(sample_home, command, question, "--json").failed_in_json(2) == "question_empty"


@pytest.mark.parametrize("command", ["ask", "search"])
@pytest.mark.parametrize("question", ["a" * 100_000, "mot " * 25_000, "é?\n" * 33_334])
def test_question_of_100_000_characters(
    command: str, question: str, kiosque: Kiosque, sample_home: Path
) -> None:
    """Such a question is bad use: its length is said, not itself, and which setting allows more."""
    said = kiosque(sample_home, command, question).failed(2)
    assert "answers.max_question_chars" in said
    assert len(said) < 300


def test_long_question_that_is_allowed(
    kiosque: Kiosque, sample_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the setting raised, a question of 100,000 characters is answered or refused."""
    monkeypatch.setenv("KIOSQUE_ANSWERS__MAX_QUESTION_CHARS", "100000")
    question = (QUESTION + " ") * (100_000 // (len(QUESTION) + 1))
    assert kiosque(sample_home, "ask", question).code in (0, 3)


@pytest.mark.parametrize(
    "question",
    [
        "\x1b[31mrouge\x1b[0m ?",
        "\ud800 qui ?",
        "'; DROP TABLE articles; --",
        '"*" AND (',
        "🚊" * 50,
    ],
)
def test_strange_question(question: str, kiosque: Kiosque, sample_home: Path) -> None:
    """Escapes, half characters and query languages are only words."""
    for command in ("ask", "search"):
        for options in ([], ["--json"]):
            ran = kiosque(sample_home, command, question, *options)
            assert ran.code in (0, 3), ran
            assert ran.err == ""
            assert "\x1b" not in ran.out


# --- the archive -----------------------------------------------------------------------------


@contextmanager
def another_writer(home: Path) -> Iterator[int]:
    """Another process that holds the archive; gives its number."""
    program = (
        "import sys; from pathlib import Path; from retrieval.archive.lock import writer_lock\n"
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
    """SQLite needs a little room even to read: without any, a question is told so."""
    assert "place" in with_room_for(0, unchanged, "ask", QUESTION).failed(1)
    assert with_room_for(100_000, unchanged, "ask", QUESTION).code == 0


@pytest.mark.skipif(sys.platform == "win32", reason="no limit of the size of files there")
def test_full_disk_before_the_model(tmp_path: Path) -> None:
    """With no room for the model, nothing is left half made, and the sentence names the place."""
    said = with_room_for(1_000_000, tmp_path / "home", "index", ARTICLES).failed(1)
    assert str(tmp_path / "home") in said
    assert not list((tmp_path / "home").rglob("*.onnx"))
