"""``chrono``, ``dossier`` and ``verify``: what people type, and what they type wrong."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from tests.bot.cli.conftest import Kiosque

SUBJECT = "ligne T2"


def test_chronology_has_a_line_an_article(kiosque: Kiosque, sample_home: Path) -> None:
    """Oldest first, each an exact quote; programs read what `ask` gives them."""
    ran = kiosque(sample_home, "chrono", SUBJECT)
    assert ran.code == 0
    assert "– 12 octobre 2016" in ran.out
    answer = kiosque(sample_home, "chrono", SUBJECT, "--json").json
    days = [source["published"] for source in answer["sources"]]
    assert len(days) >= 3
    assert all(one <= other for one, other in pairwise(days))
    assert len({source["article_id"] for source in answer["sources"]}) == len(days)
    assert next(n["key"] for n in answer["notices"]) == "chronology"


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("la culture du manioc au Brésil",), "not_in_archive"),
        (("ligne T2", "--since", "2031"), None),
        (("???",), "not_a_question"),
        (("bonjour",), "not_a_question"),
    ],
)
def test_nothing_is_told(
    kiosque: Kiosque, sample_home: Path, words: tuple[str, ...], reason: str | None
) -> None:
    """A subject without articles has no dossier: the exit code is 3, and no file is written."""
    ran = kiosque(sample_home, "chrono", *words, "--json")
    assert (ran.code, ran.json["statements"]) == (3, [])
    assert reason in (None, ran.json["reason"])
    made = kiosque(sample_home, "dossier", *words, "-o", "rien.md")
    assert made.code == 3
    assert made.out
    assert not Path("rien.md").exists()


def test_subject_of_everything_is_bounded(kiosque: Kiosque, sample_home: Path) -> None:
    """A word of nearly every article gives thirty lines at most, never an error."""
    ran = kiosque(sample_home, "chrono", "ville", "--json")
    assert ran.code in (0, 3)
    assert len(ran.json["statements"]) <= 30
    assert kiosque(sample_home, "chrono", "a" * 100_000, "--json").code == 2


@pytest.mark.parametrize("name", ["t2.md", "T2.DOCX"])
def test_dossier_is_written_and_stands(kiosque: Kiosque, own_home: Path, name: str) -> None:
    """The file verifies; when its article is withdrawn, the exit code is 1, and it says why."""
    made = kiosque(own_home, "dossier", SUBJECT, "-o", name, "--json")
    assert (made.code, made.json["file"]) == (0, name)
    whole = kiosque(own_home, "verify", name)
    assert (whole.code, "citations tiennent" in whole.out) == (0, True)
    first = made.json["sources"][0]["article_id"]
    kiosque(own_home, "withdraw", first, "--reason", "plainte")
    ran = kiosque(own_home, "verify", name)
    assert ran.code == 1
    assert "[1] retirée" in ran.out
    assert "plainte" in ran.out
    found = kiosque(own_home, "verify", name, "--json").json
    assert found["counts"]["withdrawn"] == 1
    assert found["quotes"][0]["state"] == "withdrawn"
    assert found["quotes"][0]["article_id"] == first


def test_dossier_goes_to_standard_output(kiosque: Kiosque, sample_home: Path) -> None:
    """Without a file, as Markdown."""
    ran = kiosque(sample_home, "dossier", SUBJECT)
    assert (ran.code, ran.out.startswith("# Dossier")) == (0, True)


def test_file_is_not_replaced_unasked(kiosque: Kiosque, sample_home: Path) -> None:
    """One that is there stays, unless --force says otherwise; other endings are no dossier."""
    Path("t2.md").write_text("mien", "utf-8")
    assert "existe déjà" in kiosque(sample_home, "dossier", SUBJECT, "-o", "t2.md").failed(2)
    assert Path("t2.md").read_text("utf-8") == "mien"
    assert kiosque(sample_home, "dossier", SUBJECT, "-o", "t2.md", "--force").code == 0
    assert ".docx" in kiosque(sample_home, "dossier", SUBJECT, "-o", "t2.pdf").failed(2)
    kiosque(sample_home, "dossier", SUBJECT, "-o", "absent/t2.md").failed(2)


def test_what_cannot_be_verified(kiosque: Kiosque, sample_home: Path) -> None:
    """A missing file, a folder, and a file that is no dossier: a sentence each, exit code 2."""
    Path("article.md").write_text("Un article.[^1]\n\n[^1]: Une note.\n", "utf-8")
    Path("casse.docx").write_bytes(b"PK\x03\x04 rien")
    assert "absent.md" in kiosque(sample_home, "verify", "absent.md").failed(2)
    kiosque(sample_home, "verify", ".").failed(2)
    assert "pas un dossier" in kiosque(sample_home, "verify", "article.md").failed(2)
    key = kiosque(sample_home, "verify", "casse.docx", "--json").failed_in_json(2)
    assert key == "dossier_unreadable"
