"""``kiosque boilerplate``: what is proposed can be put into ``cleaning.toml`` as it is."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.bot.cli.conftest import Kiosque

_MENU = 'Le Fanal, "le" quotidien [de la côte] depuis 1902'


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """Twenty articles with a line of a menu in each."""
    folder = tmp_path / "export"
    folder.mkdir()
    for n in range(20):
        name = chr(ord("a") + n) * 4
        text = f"Le bac {name} reprend\n\nLe bac {name} reprend ses traversées.\n\n{_MENU}"
        (folder / f"{n}.txt").write_text(text, encoding="utf-8")
    (folder / "metadata.csv").write_text(
        "source,outlet\n" + "".join(f"C:\\Export\\{n}.TXT,Le Fanal\n" for n in range(20))
    )
    return folder


def test_proposals_are_shown_and_not_applied(
    kiosque: Kiosque, empty_home: Path, export: Path
) -> None:
    """The line, its share and its outlet; the archive and the rules stay as they are."""
    ran = kiosque(empty_home, "boilerplate", export)
    assert ran.code == 0
    assert "100" in ran.out
    assert "Le Fanal" in ran.out
    assert "quotidien" in ran.out
    assert not (empty_home / "cleaning.toml").exists()
    assert not (empty_home / "archive.db").exists()
    told = kiosque(empty_home, "boilerplate", export, "--json").json
    assert [(one["text"], one["articles"], one["kind"]) for one in told] == [(_MENU, 20, "line")]


def test_rules_can_be_used_as_they_are(kiosque: Kiosque, empty_home: Path, export: Path) -> None:
    """What is printed with --toml, kept as cleaning.toml, takes the line out, and says so."""
    toml = kiosque(empty_home, "boilerplate", export, "--toml").out
    assert tomllib.loads(toml)["rule"][0]["outlet"] == "Le Fanal"
    (empty_home / "cleaning.toml").write_text(toml, encoding="utf-8")
    assert kiosque(empty_home, "boilerplate", export, "--json").json == []
    ran = kiosque(empty_home, "index", export, "--dry-run", "--explain")
    assert "20, dans 20 articles" in ran.out


def test_no_article_is_said(kiosque: Kiosque, empty_home: Path, tmp_path: Path) -> None:
    """A folder without articles ends with a sentence, and a missing one with another."""
    (tmp_path / "empty").mkdir()
    assert kiosque(empty_home, "boilerplate", tmp_path / "empty").code == 1
    assert kiosque(empty_home, "boilerplate", tmp_path / "none").code == 2
