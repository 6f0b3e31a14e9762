"""Bad files and questions: a clear sentence, the right exit code, and nothing lost."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bot.cli.conftest import QUESTION, Kiosque

TEXT = "Le préfet a évacué la cité.\n\nLes élèves ont été logés à l'école de la forêt, dit-il."
LINES = (
    '{"id": "1", "title": "Le facteur", "text": "Le facteur de Brume est passé deux fois."}\n'
    '{"id": "2", "title": \n'
    '{"id": "3", "title": "La boulangère", "text": "La boulangère de Brume a gagné le prix."}\n'
)


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


@pytest.mark.parametrize("ending", ["txt", "md", "html", "pdf", "docx", "xml", "jsonl", "csv"])
@pytest.mark.parametrize(
    ("make", "reasons"),
    [
        (_empty, {"empty", "no_records", "missing_column", "no_text"}),
        (_blank, {"empty", "no_records", "missing_column", "no_text"}),
        (_noise, {"binary", "encoding", "damaged", "bad_json", "bad_csv", "missing_column"}),
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


def test_names_of_any_bytes(kiosque: Kiosque, own_home: Path, tmp_path: Path) -> None:
    """Files are read, and told legibly, for people and programs; nothing reaches the terminal."""
    folder = tmp_path / "ann\udce9es"
    try:
        folder.mkdir()
        (folder / "caf\udce9.txt").write_text(TEXT, encoding="utf-8")
        (folder / "vide\udce9\x1b[31m\n.txt").touch()
    except OSError as error:  # macOS, Windows
        pytest.skip(f"no such names here: {error}")
    ran = kiosque(own_home, "index", folder, "--json")
    assert (ran.code, ran.json["added"], ran.err) == (0, 1, "")
    shown = str(tmp_path / "années" / "videé�[31m�.txt")
    assert ran.json["unreadable"] == [{"source": shown, "reason": "empty"}]
    people = kiosque(own_home, "index", folder, "--explain").out
    assert "videé�[31m�.txt" in people.replace("\n    ", "")
    assert kiosque(own_home, "check", folder / "caf\udce9.txt").code == 0
    for command in ("index", "check", "evaluate"):
        message = kiosque(own_home, command, folder / "où\udce9.txt").failed(2)
        assert str(tmp_path / "années" / "oùé.txt") in message


def test_words_of_an_old_terminal(kiosque: Kiosque, own_home: Path, tmp_path: Path) -> None:
    """What is typed in Windows-1252 is read as it was meant, and names new files so."""
    unknown = kiosque(own_home, "withdraw", "caf\udce9", "--reason", "d\udce9pass\udce9")
    assert "café" in unknown.failed(2)
    assert kiosque(own_home, "follow", "le caf\udce9 du port", "--json").code == 0
    assert "café" in kiosque(own_home, "following", "--json").out
    assert kiosque(own_home, "backup", tmp_path / "gard\udce9.zip", "--json").code == 0
    assert (tmp_path / "gardé.zip").exists()
    assert kiosque(own_home, "restore", tmp_path / "gard\udce9.zip", "--yes", "--json").code == 0


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
    """A folder where there is nothing to read is a failure; it is told what it holds."""
    _folder(tmp_path / "photos")
    for options in ([], ["--dry-run"]):
        ran = kiosque(unchanged, "index", tmp_path / "photos", *options)
        assert ran.code == 1
        assert "1 fichier d’un format qui ne se lit pas (.jpg)" in ran.out
        assert str(tmp_path / "photos") in ran.err
        assert "Markdown" in ran.err
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
