"""``withdraw``, ``correct``, ``rollback``, ``history``, ``rebuild``: what people type."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from tests.bot.cli.conftest import QUESTION, Kiosque


@pytest.fixture
def cited(kiosque: Kiosque, own_home: Path) -> str:
    """The id of the article that answers the sample question."""
    ran = kiosque(own_home, "ask", QUESTION, "--json")
    return str(ran.json["sources"][0]["article_id"])


def cites(kiosque: Kiosque, home: Path) -> list[str]:
    """The ids of the articles that the sample question's answer cites."""
    return [
        source["article_id"] for source in kiosque(home, "ask", QUESTION, "--json").json["sources"]
    ]


def test_withdrawn_article_is_cited_no_more(kiosque: Kiosque, own_home: Path, cited: str) -> None:
    """By its beginning too; afterwards a rollback brings it back into the answers."""
    ran = kiosque(own_home, "withdraw", cited[:6], "--reason", "plainte", "--by", "Ada", "--json")
    assert (ran.code, ran.json["withdrawn"][0]["article_id"]) == (0, cited)
    assert cited not in cites(kiosque, own_home)
    assert kiosque(own_home, "show", cited, "--json").json["state"] == "withdrawn"
    newest = kiosque(own_home, "history", "--json").json[0]
    assert (newest["action"], newest["by"]) == ("withdraw", "Ada")
    assert newest["detail"]["reason"] == "plainte"
    assert kiosque(own_home, "rollback", "--json").json["undone"]["id"] == newest["id"]
    assert cited in cites(kiosque, own_home)


def test_withdrawing_twice_is_told(kiosque: Kiosque, own_home: Path, cited: str) -> None:
    """Nothing is done a second time, and the sentence says why."""
    assert kiosque(own_home, "withdraw", cited).code == 0
    assert "déjà retiré" in kiosque(own_home, "withdraw", cited).failed(2)


def test_correction_answers_at_once(
    kiosque: Kiosque, own_home: Path, cited: str, tmp_path: Path
) -> None:
    """A dry run shows what would change and changes nothing; then the answer is the new text."""
    path = tmp_path / "corrigé.txt"
    path.write_text("La ligne T2 aura vingt-deux stations, corrige la mairie.\n", "utf-8")
    planned = kiosque(own_home, "correct", cited, path, "--dry-run", "--json").json
    assert (planned["change"], planned["changes"]["paragraphs"]["changed"]) == (0, 1)
    assert kiosque(own_home, "history", "--json").json[0]["action"] == "index"
    assert kiosque(own_home, "correct", cited, path).code == 0
    answer = kiosque(own_home, "ask", QUESTION, "--json").json
    assert "vingt-deux stations" in answer["text"]
    shown = kiosque(own_home, "show", cited, "--json").json
    assert (shown["state"], shown["revision"]) == ("corrected", planned["revision"] + 1)


def test_nothing_to_take_back_is_told(kiosque: Kiosque, own_home: Path) -> None:
    """Down to the empty archive, and no further."""
    assert kiosque(own_home, "rollback").code == 0
    assert kiosque(own_home, "articles", "--json").json == []
    assert "annulé" in kiosque(own_home, "rollback").failed(2)
    assert (
        kiosque(own_home, "rollback", "--dry-run", "--json").failed_in_json(2) == "nothing_to_undo"
    )


def test_history_is_read_by_people(kiosque: Kiosque, own_home: Path, cited: str) -> None:
    """Who, when, what, in the reader's language."""
    kiosque(own_home, "withdraw", cited, "--reason", "plainte fondée", "--by", "Ada")
    shown = " ".join(kiosque(own_home, "history").out.split())
    for expected in ("Ada", "retrait", "plainte fondée", "14 articles ajoutés"):
        assert expected in shown


def test_answers_that_cited_an_article(
    kiosque: Kiosque, own_home: Path, cited: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer given in a chat is listed under the article that it cites, and only there."""
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{QUESTION}\n"))
    assert kiosque(own_home, "chat").code == 0
    found = kiosque(own_home, "answers", "--citing", cited, "--json").json
    assert [(one["question"], one["from"]) for one in found] == [(QUESTION, "chat")]
    others = [a["article_id"] for a in kiosque(own_home, "articles", "--json").json]
    other = next(id_ for id_ in others if id_ not in cites(kiosque, own_home))
    assert kiosque(own_home, "answers", "--citing", other, "--json").json == []


def test_rebuild_takes_other_sizes(
    kiosque: Kiosque, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other lengths are refused by ``index`` until ``rebuild`` has made everything anew."""
    monkeypatch.setenv("KIOSQUE_INDEXING__WINDOW_CHARS", "500")
    assert kiosque(own_home, "index", ".", "--json").failed_in_json(2) == "sizes_mismatch"
    made = kiosque(own_home, "rebuild", "--json").json
    assert (made["from"]["window_chars"], made["to"]["window_chars"]) == (280, 500)
    assert kiosque(own_home, "ask", QUESTION, "--json").json["sources"]
    assert kiosque(own_home, "doctor").code == 0


def test_compact_makes_the_base_anew(kiosque: Kiosque, own_home: Path, cited: str) -> None:
    """Done when asked for, and with ``--if-due`` only when enough has changed; nothing is lost."""
    kiosque(own_home, "withdraw", cited)
    made = kiosque(own_home, "compact", "--json").json
    assert (made["before"] > 0, made["after"]) == (True, 0)
    assert kiosque(own_home, "compact", "--if-due", "--json").json["change"] is None
    assert kiosque(own_home, "history", "--json").json[0]["action"] == "compact"
    assert kiosque(own_home, "doctor").code == 0


def test_backup_and_restore(kiosque: Kiosque, own_home: Path, cited: str, tmp_path: Path) -> None:
    """A backup replaces an archive only when somebody says so."""
    file = tmp_path / "sauvegarde.zip"
    assert kiosque(own_home, "backup", file, "--json").json["articles"] == 14
    assert kiosque(own_home, "backup", file, "--json").failed_in_json(2) == "backup_exists"
    kiosque(own_home, "withdraw", cited)
    assert "--yes" in kiosque(own_home, "restore", file).failed(2)
    assert kiosque(own_home, "restore", file, "--yes", "--json").json["articles"] == 14
    assert cited in cites(kiosque, own_home)
    assert kiosque(own_home, "doctor").code == 0
