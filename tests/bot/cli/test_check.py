"""``kiosque check`` and ``kiosque quote``: verdicts, JSON, files, exit codes."""

from __future__ import annotations

from pathlib import Path

from tests.bot.cli.conftest import Kiosque

WRITTEN = "Armand Quillivic a été condamné à trois ans de prison, dont deux avec sursis."
QUOTE = "ne peut plus vivre avec un seul axe"


def test_a_claim(kiosque: Kiosque, sample_home: Path) -> None:
    """In words and in JSON, with an exact source."""
    ran = kiosque(sample_home, "check", WRITTEN)
    assert (ran.code, ran.err) == (0, "")
    assert "Le Fanal" in ran.out
    value = kiosque(sample_home, "check", WRITTEN, "--json").json
    (claim,) = value["claims"]
    assert (claim["verdict"], value["skipped"], value["unread"]) == ("written", 0, 0)
    assert claim["sources"][0]["published"] == "2023-04-14"


def test_a_file(kiosque: Kiosque, sample_home: Path, tmp_path: Path) -> None:
    """A file is read; one that is no text, and a folder, is bad use."""
    file = tmp_path / "post.txt"
    file.write_text(f"Bonjour !\n{WRITTEN}\n", encoding="utf-8")
    value = kiosque(sample_home, "check", str(file), "--json").json
    assert (len(value["claims"]), value["skipped"]) == (1, 1)
    file.write_bytes(b"\xff\xfe\x00")
    assert kiosque(sample_home, "check", str(file)).code == 2
    missing = kiosque(sample_home, "check", "psot.txt")
    assert missing.code == 2
    assert "psot.txt n’existe pas" in missing.err
    assert kiosque(sample_home, "check", tmp_path, "--json").failed_in_json(2) == "check_folder"


def test_nothing_to_check(kiosque: Kiosque, sample_home: Path) -> None:
    """Bad use, with a sentence that says what to send."""
    ran = kiosque(sample_home, "check", "Bonjour !")
    assert ran.code == 2
    assert "affirme" in ran.err


def test_nothing_at_all(kiosque: Kiosque, sample_home: Path) -> None:
    """Each command says what it lacks, in its own words."""
    for command in ("check", "quote"):
        ran = kiosque(sample_home, command, " « » ", "--json")
        assert ran.failed_in_json(2) == f"{command}_empty"


def test_a_quote(kiosque: Kiosque, sample_home: Path) -> None:
    """Exact: 0; never published: 3."""
    value = kiosque(sample_home, "quote", QUOTE, "--json").json
    assert (value["publication"], value["matches"][0]["quote"]) == ("exact", QUOTE)
    ran = kiosque(sample_home, "quote", "Le soleil se lèvera sur nos usines fermées")
    assert ran.code == 3
    assert "Jamais publié" in ran.out
