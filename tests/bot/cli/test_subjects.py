"""``kiosque follow`` and ``kiosque following``: a terminal is a place like a chat."""

from __future__ import annotations

from pathlib import Path

from tests.bot.cli.conftest import Kiosque

QUESTION = "Qui préside l'association du phare de Kerluz ?"
SENTENCE = "La présidente de l'association du phare de Kerluz est Maud Tévenin."


def published(kiosque: Kiosque, home: Path, folder: Path, text: str = SENTENCE) -> None:
    """Index an article."""
    path = folder / "phare.txt"
    path.write_text(f"Le phare et son association\n\n{text}\n", encoding="utf-8")
    assert kiosque(home, "index", path).code == 0


def test_what_is_new_is_shown_once(kiosque: Kiosque, own_home: Path, tmp_path: Path) -> None:
    """After a change, with its quote and source; then nothing, until there is something else."""
    assert "kiosque following" in kiosque(own_home, "follow", QUESTION).out
    assert "Rien de nouveau" in kiosque(own_home, "following", "--new").out
    published(kiosque, own_home, tmp_path)
    ran = kiosque(own_home, "following", "--new")
    assert (ran.code, ran.err) == (0, "")
    assert " ".join(SENTENCE.split()) in " ".join(ran.out.split())
    assert "du nouveau depuis" in ran.out
    assert "Rien de nouveau" in kiosque(own_home, "following", "--new").out


def test_another_name_is_no_news(kiosque: Kiosque, own_home: Path, tmp_path: Path) -> None:
    """An article about a name that differs by a letter does not answer; a part of a name does."""
    kiosque(own_home, "follow", QUESTION)
    kiosque(own_home, "follow", "Que fait Maud Tévenin ?")
    published(kiosque, own_home, tmp_path, SENTENCE.replace("Kerluz", "Kerlez"))
    first, second = kiosque(own_home, "following", "--json").json
    assert (first["news"], len(second["news"])) == ([], 1)
    published(kiosque, own_home, tmp_path, SENTENCE.replace("Maud ", "Mme "))
    first, second = kiosque(own_home, "following", "--json").json
    assert (len(first["news"]), len(second["news"])) == (1, 1)


def test_a_name_in_small_letters(kiosque: Kiosque, own_home: Path, tmp_path: Path) -> None:
    """One that the archive writes as a name is a subject; any other bare word is too vague."""
    assert kiosque(own_home, "follow", "kerluz", "--json").failed_in_json(2) == "follow_too_vague"
    published(kiosque, own_home, tmp_path)
    (subject,) = kiosque(own_home, "follow", "kerluz", "--json").json
    assert subject["question"] == "kerluz"
    assert kiosque(own_home, "ask", "kerluz", "--json").json["reason"] != "too_vague"
    assert kiosque(own_home, "follow", "tramway", "--json").failed_in_json(2) == "follow_too_vague"


def test_json(kiosque: Kiosque, own_home: Path, tmp_path: Path) -> None:
    """Subjects and their news, with exact quotes, for programs."""
    (followed,) = kiosque(own_home, "follow", QUESTION, "--json").json
    assert set(followed) == {"number", "question", "since"}
    published(kiosque, own_home, tmp_path)
    (subject,) = kiosque(own_home, "following", "--json").json
    (item,) = subject["news"]
    assert (item["quote"], item["corrected"]) == (SENTENCE, False)
    text = kiosque(own_home, "show", item["article_id"], "--json").json["text"]
    assert text[item["start"] : item["end"]] == item["quote"]


def test_list_and_remove(kiosque: Kiosque, own_home: Path) -> None:
    """Numbers of the list are those that are removed; the same question is followed once."""
    kiosque(own_home, "follow", QUESTION)
    assert "Déjà suivi" in kiosque(own_home, "follow", QUESTION).out
    assert f"1. {QUESTION}" in " ".join(kiosque(own_home, "follow", "--list").out.split())
    assert "N’est plus suivi" in kiosque(own_home, "follow", "--remove", "1").out
    assert kiosque(own_home, "follow", "--list", "--json").json == []
    assert kiosque(own_home, "follow", "--remove", "1", "--json").failed_in_json(2)


def test_bad_use(kiosque: Kiosque, own_home: Path) -> None:
    """Nothing, marks, and far too much: a sentence, and nothing is followed."""
    for words in ([], ["???"], ["mairie " * 60], ["\x1b[2J"]):
        assert kiosque(own_home, "follow", *words, "--json").failed_in_json(2)
    assert kiosque(own_home, "follow", "--list", "--json").json == []
