"""``kiosque errata``: what answers quote that is not so any more, and having readers told."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.app import Kiosque as Parts
from bot.memory.conversation import stored_source
from bot.memory.errata import ErratumStore
from bot.memory.store import FILE_NAME, Store
from bot.memory.values import ErratumOutcome, ErratumState, Place, StoredAnswer
from config.settings import Settings
from retrieval.text.segmentation import sentences
from retrieval.vocabulary import Citation
from tests.bot.cli.conftest import QUESTION, Kiosque

QUOTE = "dix-sept stations"
ANA, GROUP, BOB = Place(7, 0, 7), Place(-100_500, 0, 8), Place(9, 0, 9)


@pytest.fixture
def article(kiosque: Kiosque, own_home: Path) -> str:
    """The id of an article that answers cite in two chats and a group; Bob read another part."""
    id_ = str(kiosque(own_home, "articles", "--json").json[-1]["article_id"])
    with Parts(Settings(home=own_home)) as parts:
        found = parts.reader.article(id_)
    with Store(own_home / FILE_NAME) as store:
        spans = [found.text[one.start : one.end] for one in sentences(found.text)]
        wrong = next(one for one in spans if QUOTE in one)
        other = next(one for one in spans if QUOTE not in one)
        for place, quote in ((ANA, wrong), (GROUP, wrong), (BOB, other)):
            start = found.text.index(quote)
            source = stored_source(Citation(1, found, quote, start, start + len(quote)))
            now = datetime.now(UTC)
            store.add_answer(StoredAnswer(0, place, now, "fr", "Quoi ?", "answered", ""), [source])
    return id_


@pytest.fixture
def corrected(kiosque: Kiosque, own_home: Path, article: str, tmp_path: Path) -> str:
    """The same article, once it says something else."""
    text = kiosque(own_home, "show", article, "--json").json["text"]
    path = tmp_path / "corrigé.txt"
    path.write_text(text.replace(QUOTE, "vingt-deux stations"), encoding="utf-8")
    ran = kiosque(own_home, "correct", article, path)
    assert "3 réponses le citent" in ran.out
    assert f"kiosque errata {article}" in " ".join(ran.out.split())
    return article


def test_list_preview_and_send(kiosque: Kiosque, own_home: Path, corrected: str) -> None:
    """The list counts, the preview is the message, sending is noted for the bot, once."""
    listed = " ".join(kiosque(own_home, "errata").out.split())
    assert corrected in listed
    assert "en groupe : 1" in listed.replace("\u00a0", " ")
    (value,) = kiosque(own_home, "errata", "--json").json
    assert (value["answers"], value["wrong"], value["to_tell"]) == (3, 2, 2)
    shown = " ".join(kiosque(own_home, "errata", corrected).out.split())
    for words in ("Rectificatif du", QUOTE, "vingt-deux stations", "2 conversations"):
        assert words in shown
    (message,) = kiosque(own_home, "errata", corrected, "--json").json["messages"]
    assert (message["language"], message["conversations"]) == ("fr", 2)
    assert "dès qu’il tourne" in kiosque(own_home, "errata", corrected, "--send").out
    with Store(own_home / FILE_NAME) as store:
        errata = ErratumStore(store)
        (erratum,) = errata.in_state(ErratumState.SENDING)
        waiting = dict.fromkeys([(7, 0), (-100_500, 0)], ErratumOutcome.WAITING)
        assert errata.outcomes(erratum.id) == waiting
    again = kiosque(own_home, "errata", corrected, "--send", "--json")
    assert again.failed_in_json(2) == "erratum_stands"
    assert "2 en attente" in " ".join(kiosque(own_home, "errata", corrected).out.split())


def test_those_whose_passage_stands(kiosque: Kiosque, own_home: Path, corrected: str) -> None:
    """They are told only when that is asked for."""
    kiosque(own_home, "errata", corrected, "--send")
    begun = kiosque(own_home, "errata", corrected, "--send", "--all", "--json").json
    assert begun["begun"] == 1
    assert "pas changé" in begun["messages"][0]["text"]


def test_all_that_was_changed(
    kiosque: Kiosque, own_home: Path, article: str, tmp_path: Path
) -> None:
    """Where all that was cited stands, an article is listed only when all are asked for."""
    text = kiosque(own_home, "show", article, "--json").json["text"]
    path = tmp_path / "complété.txt"
    path.write_text(f"{text}\n\nLe vote a eu lieu à main levée.\n", encoding="utf-8")
    kiosque(own_home, "correct", article, path)
    assert article not in kiosque(own_home, "errata").out
    listed = kiosque(own_home, "errata", "--all").out
    assert article in listed
    assert "mot pour mot" in listed


def test_nothing_is_wrong(kiosque: Kiosque, own_home: Path, article: str) -> None:
    """An article that is as it was cited is not in the list, and nothing of it is sent."""
    assert "Aucune réponse gardée" in kiosque(own_home, "errata").out
    assert kiosque(own_home, "errata", article, "--send", "--json").failed_in_json(2)
    assert kiosque(own_home, "errata", "--send", "--json").failed_in_json(2) == "missing_value"
    assert kiosque(own_home, "errata", "zzzz", "--json").failed_in_json(2) == "unknown_article"


def test_an_article_that_is_gone(kiosque: Kiosque, own_home: Path, tmp_path: Path) -> None:
    """Taken back as if it had never come: it is shown by what its answers remember."""
    path = tmp_path / "phare.txt"
    path.write_text("Le phare de Kerluz\n\nLe phare de Kerluz est rallumé.\n", encoding="utf-8")
    kiosque(own_home, "index", path)
    with Parts(Settings(home=own_home)) as parts:
        (entry,) = (one for one in parts.reader.entries() if "Kerluz" in one.title)
        found = parts.reader.article(entry.id)
    start = found.text.index("Le phare de Kerluz est")
    cited = Citation(1, found, found.text[start : start + 20], start, start + 20)
    with Store(own_home / FILE_NAME) as store:
        answer = StoredAnswer(0, ANA, datetime.now(UTC), "fr", "Quoi ?", "answered", "")
        store.add_answer(answer, [stored_source(cited)])
    assert f"kiosque errata {entry.id}" in " ".join(kiosque(own_home, "rollback").out.split())
    shown = " ".join(kiosque(own_home, "errata", entry.id).out.split())
    assert "Article retiré : Le phare de Kerluz" in shown.replace("\u00a0", " ")


def test_a_terminal_is_told_once(
    kiosque: Kiosque, own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next ``kiosque chat`` says that an answer of it cites what has changed; not again.

    An article that only answers of terminals cite is said to be in no chat of Telegram.
    """

    def chat(line: str) -> str:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(f"{line}\n".encode())))
        return " ".join(kiosque(own_home, "chat").err.split())

    chat(QUESTION)
    with Store(own_home / FILE_NAME) as store:
        (id_, *_) = ErratumStore(store).cited()
    assert "a changé depuis" not in chat("/aide")
    path = tmp_path / "autre.txt"
    path.write_text("La ligne T2 est abandonnée, dit la mairie de Vaubrelles.\n", encoding="utf-8")
    kiosque(own_home, "correct", id_, path)
    listed = kiosque(own_home, "errata").out
    assert "dans un terminal" in listed
    assert "Telegram" not in listed
    said = chat("/aide")
    assert "a changé depuis" in said
    assert id_ in said
    assert "a changé depuis" not in chat("/aide")


def test_who_only_asks_is_told_once_too(
    kiosque: Kiosque, own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside the next answer of ``kiosque ask``, not in it; nothing for programs."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(f"{QUESTION}\n".encode())))
    kiosque(own_home, "chat")
    with Store(own_home / FILE_NAME) as store:
        (id_, *_) = ErratumStore(store).cited()
    path = tmp_path / "autre.txt"
    path.write_text("La ligne T2 est abandonnée, dit la mairie de Vaubrelles.\n", encoding="utf-8")
    kiosque(own_home, "correct", id_, path)
    assert id_ not in kiosque(own_home, "ask", QUESTION, "--json").err
    told = [kiosque(own_home, "ask", QUESTION) for _ in range(2)]
    assert [id_ in one.err for one in told] == [True, False]
    assert id_ not in told[0].out
