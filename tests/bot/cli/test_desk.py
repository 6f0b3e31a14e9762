"""``kiosque gaps``, ``status`` and ``members``, as people and programs read them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.memory.members import AdmissionRequest, AdmissionState, MemberStore
from bot.memory.store import Store
from bot.memory.updates import UpdateStore
from bot.memory.values import TERMINAL, Place, StoredAnswer
from retrieval.web.watch_store import EntryRecord, WatchStore
from tests.bot.cli.conftest import Kiosque

DAY = 86_400.0

PISCINE = "Quand rouvrira la piscine de Vaubrelles ?"


def ask_in_vain(home: Path, *users: int, question: str = PISCINE) -> None:
    """Questions of users that found nothing."""
    with Store(home / "bot.db") as store:
        for user in users:
            place, now = Place(user, 0, user), datetime.now(UTC)
            store.add_answer(StoredAnswer(0, place, now, "fr", question, "refused", "…"), [])


def test_gaps_by_subject(kiosque: Kiosque, own_home: Path) -> None:
    """Several people's subject is shown, one person's is counted, a terminal's own is shown."""
    ask_in_vain(own_home, 71, 72)
    ask_in_vain(own_home, 73, question="Où habite Jean Dupont à Kerluz ?")
    ask_in_vain(own_home, TERMINAL, question="Qui finance le théâtre de Lansec ?")
    ran = kiosque(own_home, "gaps")
    assert PISCINE in ran.out
    assert "théâtre" in ran.out
    assert "Dupont" not in ran.out
    value = kiosque(own_home, "gaps", "--json").json
    assert (value["questions"], value["withheld"]) == (4, 1)
    first = value["gaps"][0]
    assert set(first) == {"question", "questions", "people", "refused", "last"}
    assert (first["questions"], first["people"], first["refused"]) == (2, 2, 2)


def test_gaps_of_a_bot_that_nobody_asked(kiosque: Kiosque, empty_home: Path) -> None:
    """Nothing is made, and nothing is said to be missing."""
    assert "chaque question a trouvé" in kiosque(empty_home, "gaps", "--since", "2026-11").out
    assert not (empty_home / "bot.db").exists()


@pytest.mark.parametrize("given", ["hier", "2026-13", "", "9999999999"])
def test_gaps_since_no_date(kiosque: Kiosque, empty_home: Path, given: str) -> None:
    """What is no date is a sentence."""
    kiosque(empty_home, "gaps", "--since", given).failed(2)


def test_gaps_of_a_damaged_memory(kiosque: Kiosque, own_home: Path) -> None:
    """A file that is none of ours is a sentence."""
    (own_home / "bot.db").write_bytes(b"not a database" * 100)
    kiosque(own_home, "gaps").failed(1)


def follow(home: Path, url: str, days: int, checked_days: float) -> None:
    """A feed that brought something each day, until it stopped."""
    with WatchStore(home / "watch.db") as store:
        store.add_feed(url)
        for day in range(days):
            store.save(entries={url: {str(day): EntryRecord("1")}}, now=day * DAY)
        store.save([replace(store.feed(url), checked=checked_days * DAY)], now=days * DAY)


def test_status_of_everything(kiosque: Kiosque, own_home: Path) -> None:
    """Articles, last change, feeds with their rhythm, questions, what waits, model, disk."""
    ask_in_vain(own_home, 71, 72)
    with Store(own_home / "bot.db") as store:
        updates = UpdateStore(store)
        for number, at in enumerate((60, 0, 120)):
            updates.put(number, number, json.dumps({"message": {"date": at}}))
            if not number:
                updates.take(1, 8)  # by a worker: it does not wait any more
    follow(own_home, "https://fanal.example/feed", 30, 40)
    follow(own_home, "https://phare.example/feed", 30, 29.5)
    value = kiosque(own_home, "status", "--json").json
    assert value["articles"] > 10
    assert value["newest"] >= value["oldest"]
    assert value["last_change"]["action"] == "index"
    assert value["week"] == {"asked": 2, "refused": 2, "unsure": 0}
    assert value["updates"] == {"waiting": 2, "oldest": "1970-01-01T00:00:00+00:00"}
    assert value["model"] is None
    assert value["disk"]["used_bytes"] > 1_000
    silent, well = value["feeds"]
    assert (silent["silent"], silent["usual_s"], silent["silence_s"]) == (True, DAY, 11 * DAY)
    assert not well["silent"]
    shown = kiosque(own_home, "status").out
    assert "2 flux suivis, dont silencieux" in shown
    assert "SILENCIEUX" in shown
    assert "en attente\u00a0: 2" in shown


def test_status_without_an_archive(kiosque: Kiosque, empty_home: Path) -> None:
    """One sentence says how to begin."""
    kiosque(empty_home, "status").failed(2)


def test_status_of_a_damaged_list_of_feeds(kiosque: Kiosque, own_home: Path) -> None:
    """A file that is none of ours is a sentence."""
    (own_home / "watch.db").write_bytes(b"not a database" * 100)
    kiosque(own_home, "status").failed(1)


def test_members_are_listed_and_removed(kiosque: Kiosque, own_home: Path) -> None:
    """Who was admitted by code and who asks to be; a number that is no member's is an error."""
    assert "0 lecteur admis" in kiosque(own_home, "members").out
    now = datetime.now(UTC)
    with Store(own_home / "bot.db") as store:
        members = MemberStore(store)
        for user, name in ((71, "Ana\x1b[2J Petit"), (72, "Zoé")):
            members.ask(AdmissionRequest(0, user, name, "fr", "482913", now))
        assert members.decide(1, AdmissionState.ADMITTED, now, "Chef")
    shown = kiosque(own_home, "members").out
    assert "1 lecteur admis" in shown
    assert "par Chef" in shown
    assert "Zoé, nᵒ 72, code 482913" in shown
    assert "\x1b" not in shown
    value = kiosque(own_home, "members", "--json").json
    assert [one["id"] for one in value["members"]] == [71]
    assert [(one["id"], one["code"]) for one in value["requests"]] == [(72, "482913")]
    assert "0 lecteur admis" in kiosque(own_home, "members", "remove", "71").out
    assert "nᵒ 71" in kiosque(own_home, "members", "remove", "71").failed(2)
    assert "donner" in kiosque(own_home, "members", "donner").failed(2)
    assert "Il manque ID" in kiosque(own_home, "members", "remove").failed(2)
