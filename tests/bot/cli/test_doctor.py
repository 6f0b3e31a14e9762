"""``kiosque doctor``: says what is wrong and what to do, and puts right what can be."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.cli import main
from retrieval.crossencoder.engine import reader_folder
from retrieval.embedding.model import model_folder
from tests.bot.cli.conftest import Kiosque, Ran

QUESTION = "Combien de stations aura la ligne T2 ?"


def _live(home: Path) -> Path:
    (generation,) = (home / "generations").iterdir()
    return generation


def _remove_chroma(home: Path) -> None:
    shutil.rmtree(_live(home) / "chroma")


def _spoil_chroma(home: Path) -> None:
    (_live(home) / "chroma" / "chroma.sqlite3").write_bytes(b"garbage" * 1000)


def _cut_lexical(home: Path) -> None:
    for path in (_live(home) / "lexical").iterdir():
        if path.is_file():
            path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _cut_table(home: Path) -> None:
    for path in (_live(home) / "table").iterdir():
        path.write_bytes(path.read_bytes()[:10])


def _remove_generations(home: Path) -> None:
    shutil.rmtree(home / "generations")


def _spoil_model(home: Path) -> None:
    _spoil(model_folder(home))


def _spoil_reader(home: Path) -> None:
    _spoil(reader_folder(home))


def _spoil(folder: Path) -> None:
    """Other bytes of the same length in the biggest file, which a start does not read."""
    biggest = max(folder.iterdir(), key=lambda path: path.stat().st_size)
    copied = biggest.with_suffix(".copy")
    shutil.copy(biggest, copied)
    with copied.open("r+b") as file:
        file.write(os.urandom(1000))
    copied.replace(biggest)


def _spoil_archive(home: Path) -> None:
    (home / "archive.db").write_bytes(os.urandom(300_000))


def _cut_archive(home: Path) -> None:
    path = home / "archive.db"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def wrong(ran: Ran) -> list[str]:
    """The checks that failed, after seeing that each says what was found and what to do."""
    assert ran.code == (0 if ran.json["ok"] else 1)
    for check in ran.json["checks"]:
        assert set(check) == {"check", "ok", "found", "do"}
        assert check["found"]
        assert "{" not in check["found"]
        assert check["ok"] or check["do"]
    return [check["check"] for check in ran.json["checks"] if not check["ok"]]


def test_sound_archive(kiosque: Kiosque, sample_home: Path) -> None:
    """All is well: 0, each check named, and the versions that a report of a fault needs."""
    ran = kiosque(sample_home, "doctor", "--json")
    assert (list(ran.json), wrong(ran)) == (["ok", "repaired", "checks", "trust"], [])
    assert [check["check"] for check in ran.json["checks"]] == [
        "python", "home", "indexes", "model", "reader", "writer",
    ]  # fmt: skip
    assert "chromadb" in ran.json["checks"][0]["found"]
    people = kiosque(sample_home, "doctor")
    assert (people.code, people.err) == (0, "")
    assert "Tout va bien" in people.out
    assert "vecteurs des fenêtres" in people.out


def test_chroma_server_that_is_away(
    kiosque: Kiosque, sample_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server is a check of its own, which names it and says what to do, without its password."""
    monkeypatch.setenv("KIOSQUE_CHROMA__URL", "http://ana:s3cret@127.0.0.1:9")
    ran = kiosque(sample_home, "doctor", "--json")
    assert wrong(ran) == ["chroma", "indexes"]
    (server,) = (check for check in ran.json["checks"] if check["check"] == "chroma")
    assert "http://127.0.0.1:9" in server["found"]
    assert "s3cret" not in ran.out


def test_home_without_articles(kiosque: Kiosque, empty_home: Path) -> None:
    """Before the first article nothing is wrong, and what to do next is said."""
    ran = kiosque(empty_home, "doctor", "--json")
    assert wrong(ran) == []
    assert any("kiosque index" in (check["do"] or "") for check in ran.json["checks"])
    assert kiosque(empty_home, "doctor", "--repair").code == 0


def test_model_that_was_not_made_yet(kiosque: Kiosque, tmp_path: Path) -> None:
    """Before the first index there is no model: no damage, nothing to repair, nothing made."""
    home = tmp_path / "fresh"
    for words in ([], ["--repair"]):
        ran = kiosque(home, "doctor", *words, "--json")
        assert (wrong(ran), ran.json["repaired"]) == ([], False)
        (model,) = (check for check in ran.json["checks"] if check["check"] == "model")
        assert "kiosque index" in model["do"]
    people = kiosque(home, "doctor", "--repair")
    assert (people.code, people.err) == (0, "")
    assert "refait" not in people.out
    assert "pas encore préparé" in people.out
    assert not home.exists()


def test_home_is_shown_whole(
    kiosque: Kiosque, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a narrow terminal the path of the home is folded, never cut."""
    monkeypatch.setenv("COLUMNS", "60")
    home = tmp_path / ("a-folder-with-a-long-name-" * 4) / "home"
    out = kiosque(home, "doctor").out
    assert str(home) in "".join(out.split())
    assert "…" not in out


@pytest.mark.parametrize(
    "damage",
    [_remove_chroma, _spoil_chroma, _cut_lexical, _cut_table, _remove_generations],
    ids=lambda damage: damage.__name__.strip("_"),
)
def test_damaged_index_is_repaired(
    damage: Callable[[Path], None], kiosque: Kiosque, own_home: Path
) -> None:
    """Damage to an index is named, its repair loses nothing, and questions are answered again."""
    articles = kiosque(own_home, "articles", "--json").out
    damage(own_home)
    ran = kiosque(own_home, "doctor", "--json")
    assert wrong(ran) == ["indexes"]
    (said,) = (check for check in ran.json["checks"] if not check["ok"])
    assert "generations" in said["found"]
    assert "--repair" in said["do"]
    repaired = kiosque(own_home, "doctor", "--repair", "--json")
    assert (repaired.json["repaired"], wrong(repaired)) == (True, [])
    assert wrong(kiosque(own_home, "doctor", "--json")) == []
    assert kiosque(own_home, "ask", QUESTION).code == 0
    assert kiosque(own_home, "articles", "--json").out == articles


@pytest.mark.parametrize("damage", [_spoil_archive, _cut_archive])
def test_damaged_archive_is_named(
    damage: Callable[[Path], None], kiosque: Kiosque, own_home: Path
) -> None:
    """Nothing can replace the archive: it is named, left as it is, and a copy is asked for."""
    damage(own_home)
    found = (own_home / "archive.db").read_bytes()
    for words in (["doctor", "--json"], ["doctor", "--repair", "--json"]):
        ran = kiosque(own_home, *words)
        assert wrong(ran) == ["indexes"]
        assert "archive.db" in str(ran.json["checks"])
    assert "archive.db" in kiosque(own_home, "ask", QUESTION).failed(1)
    assert kiosque(own_home, "articles", "--json").failed_in_json(1) == "archive_damaged"
    assert (own_home / "archive.db").read_bytes() == found


@pytest.mark.parametrize(("name", "spoil"), [("model", _spoil_model), ("reader", _spoil_reader)])
def test_damaged_model_is_made_again(
    name: str, spoil: Callable[[Path], None], kiosque: Kiosque, own_home: Path
) -> None:
    """Other bytes in a model are found by their digest, and it is made again."""
    spoil(own_home)
    assert wrong(kiosque(own_home, "doctor", "--json")) == [name]
    repaired = kiosque(own_home, "doctor", "--repair", "--json")
    assert (repaired.json["repaired"], wrong(repaired)) == (True, [])


def test_repair_says_what_was_made_again(kiosque: Kiosque, own_home: Path) -> None:
    """Only the model, only the indexes: nothing is said of what was left alone."""
    _spoil_model(own_home)
    out = kiosque(own_home, "doctor", "--repair").out
    assert ("Le modèle a été refait" in out, "Les index ont" in out) == (True, False)
    assert "La lecture" not in out
    _remove_chroma(own_home)
    out = kiosque(own_home, "doctor", "--repair").out
    assert ("Le modèle a été refait" in out, "Les index ont" in out) == (False, True)


def test_other_model_is_named(
    kiosque: Kiosque, own_home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """An index made with another model than that of the settings is a problem, not silence."""
    other = tmp_path / "other-model"
    shutil.copytree(model_folder(own_home), other, copy_function=os.link)
    monkeypatch.setenv("KIOSQUE_EMBEDDING__MODEL_DIR", str(other))
    ran = kiosque(own_home, "doctor", "--json")
    assert wrong(ran) == ["model"]
    assert "other-model" in str(ran.json["checks"])
    monkeypatch.setenv("KIOSQUE_EMBEDDING__MODEL_DIR", str(tmp_path / "nowhere"))
    assert wrong(kiosque(own_home, "doctor", "--json")) == ["model"]


def test_version_without_an_installation(capsys: pytest.CaptureFixture[str]) -> None:
    """``--version`` answers in a checkout that was never installed, too."""
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("kiosque ")
