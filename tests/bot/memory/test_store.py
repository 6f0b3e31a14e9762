"""What the bot remembers on disk: kept, found again, forgotten, and shown to administrators."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.memory.conversation import turns_of
from bot.memory.members import MemberStore
from bot.memory.schema import VERSION
from bot.memory.store import FILE_NAME, Store, time_of
from bot.memory.subjects import SubjectStore
from bot.memory.values import AuditEntry, PendingQuestion, Place, StoredAnswer, StoredSource
from bot.telegram.admin.order_store import Book
from bot.telegram.groups import moved_chats
from retrieval.errors import ForeignFile
from retrieval.vocabulary import Span
from tests.bot.cli.conftest import Kiosque, kiosque

__all__ = ["kiosque"]

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
ANA, BOB = Place(1, 0, 1), Place(2, 0, 2)
CITED = StoredSource(1, "a1", 0, 4, "Oui.", "Titre", None, "2021-05", None, Span(0, 3), "d1")
UNMARKED = replace(CITED, number=2, answer=None)


def kept(place: Place, question: str, at: datetime = NOW) -> StoredAnswer:
    """An answer."""
    return StoredAnswer(0, place, at, "fr", question, "extractive", "Oui. [1]")


def test_answers_are_found_again_in_the_next_process(tmp_path: Path) -> None:
    """An answer has its sources, its messages, its viewer and its votes after a restart."""
    with Store(tmp_path / "bot.db") as store:
        number = store.add_answer(kept(ANA, "Un ?"), [CITED, UNMARKED])
        store.set_messages(number, 1, [40, 41])
        store.set_viewer(number, 42)
        store.vote(number, 2, NOW, good=True)
    with Store(tmp_path / "bot.db") as store:
        found = store.answer_shown_in(1, 41)
        assert found is not None
        assert (found.id, found.question, found.viewer, found.at) == (number, "Un ?", 42, NOW)
        assert store.sources(number) == [CITED, UNMARKED]
        assert [(vote.user, vote.good) for vote in store.votes()] == [(2, True)]
        assert store.answer(number + 1) is None


UNDONE = {
    12: ("DROP TABLE unanswered", "ALTER TABLE pending DROP COLUMN begun"),
    11: ("DROP TABLE updates", "DROP TABLE claims"),
    10: ("DROP TABLE members", "DROP TABLE admissions"),
    9: (
        "DROP INDEX sources_by_article",
        "DROP TABLE erratum_readers",
        "DROP TABLE errata",
        "ALTER TABLE notices DROP COLUMN reply",
    ),
    8: tuple(f"DROP TABLE {name}" for name in ("news", "notices", "digests", "subjects")),
    7: ("DROP TABLE understandings",),
    6: ("DROP TABLE reports", "ALTER TABLE answers DROP COLUMN reason"),
    5: ("DROP TABLE moves",),
    4: ("ALTER TABLE sources DROP COLUMN digest",),
    3: tuple(f"ALTER TABLE sources DROP COLUMN {name}" for name in ("answer_start", "answer_stop")),
    2: ("DROP TABLE orders",),
}
"""What makes a memory one of the version before, by version."""


@pytest.mark.parametrize("version", range(1, VERSION))
def test_a_memory_of_an_earlier_kiosque(tmp_path: Path, version: int) -> None:
    """What an earlier version kept is found again, and what it did not know can now be kept."""
    path = tmp_path / "bot.db"
    with Store(path) as store:
        old = store.add_answer(kept(ANA, "Un ?"), [UNMARKED])
    with closing(sqlite3.connect(path)) as made:
        for later in range(VERSION, version, -1):
            for statement in UNDONE[later]:
                made.execute(statement)
        made.execute(f"PRAGMA user_version = {version}")
    for _ in range(2):
        with Store(path) as store:
            new = store.add_answer(kept(ANA, "Deux ?"), [CITED])
            digest = UNMARKED.digest if version >= 4 else ""
            assert store.sources(old) == [replace(UNMARKED, digest=digest)]
            assert store.sources(new) == [CITED]
            assert Book(store).names() == {}
            assert moved_chats(store) == []
            assert SubjectStore(store).waiting() == []
            assert MemberStore(store).members() == []


def test_a_conversation_is_recent_and_of_its_place(tmp_path: Path) -> None:
    """Only what was said here, lately and since /new is part of it, oldest first."""
    with Store(tmp_path / "bot.db") as store:
        store.add_answer(kept(ANA, "Vieux ?", NOW - timedelta(hours=2)), [])
        for question in ("Un ?", "Deux ?", "Trois ?"):
            store.add_answer(kept(ANA, question), [])
            store.add_answer(kept(BOB, "Autre ?"), [])
        since = NOW - timedelta(hours=1)
        assert [one.question for one in store.last(ANA, since, 2)] == ["Deux ?", "Trois ?"]
        assert [turn.text for turn in turns_of(store.last(ANA, since, 1))] == [
            "Trois ?",
            "Oui. [1]",
        ]
        store.end_conversation(ANA)
        assert store.last(ANA, since, 2) == []
        assert len(store.last(BOB, since, 9)) == 3


def test_what_is_forgotten_is_gone_from_the_file(tmp_path: Path) -> None:
    """After forgetting, no question of the user is in the bytes of the file."""
    with Store(tmp_path / "bot.db") as store:
        number = store.add_answer(kept(ANA, "Question très secrète ?"), [CITED])
        store.vote(number, 1, NOW, good=False)
        store.set_language(1, "en")
        store.end_conversation(ANA)
        assert store.forget(1) == 1
        assert (store.votes(), store.language(1)) == ([], None)
    for path in tmp_path.iterdir():
        assert "très secrète".encode() not in path.read_bytes()


def test_old_questions_are_not_kept(tmp_path: Path) -> None:
    """What is older than is to be kept is deleted with all that belongs to it."""
    with Store(tmp_path / "bot.db") as store:
        store.add_answer(kept(ANA, "Vieux ?", NOW - timedelta(days=91)), [CITED])
        new = store.add_answer(kept(ANA, "Neuf ?"), [])
        assert store.forget_before(NOW - timedelta(days=90)) == 1
        assert store.answer(new) is not None


def test_the_audit(tmp_path: Path) -> None:
    """What administrators did is kept in its order."""
    with Store(tmp_path / "bot.db") as store:
        acts = [AuditEntry(NOW, 5, "index", "a.txt"), AuditEntry(NOW, 5, "cancel", "a.txt")]
        for act in acts:
            store.add_act(act)
        rows = store.rows("SELECT at, user, action, detail FROM acts ORDER BY id")
        assert [AuditEntry(time_of(row[0]), *row[1:]) for row in rows] == acts


def test_a_file_of_something_else(tmp_path: Path) -> None:
    """A database that is not ours is refused, and left as it was."""
    path = tmp_path / "bot.db"
    path.write_bytes(b"not a database at all, only some bytes" * 100)
    with pytest.raises(ForeignFile):
        Store(path)
    assert path.read_bytes().startswith(b"not a database")


def test_feedback(kiosque: Kiosque, tmp_path: Path) -> None:
    """``kiosque feedback`` shows the thumbs with questions and answers, and as JSON."""
    assert "Aucun lecteur" in kiosque(tmp_path, "feedback").out
    with Store(tmp_path / FILE_NAME) as store:
        number = store.add_answer(kept(ANA, "Un ?"), [CITED])
        store.vote(number, 1, NOW, good=True)
        store.vote(number, 2, NOW, good=False)
    shown = kiosque(tmp_path, "feedback").out
    assert "👍 1, 👎 1" in shown
    assert "Un ?" in shown
    (first, second) = kiosque(tmp_path, "feedback", "--json").json
    assert {first["good"], second["good"]} == {True, False}
    assert first["answer"] == "Oui. [1]"
    assert "user" not in first


def test_what_was_forgotten_is_not_kept_after_all(tmp_path: Path) -> None:
    """An answer that ends after its asker had all forgotten leaves nothing behind."""
    with Store(tmp_path / "bot.db") as store:
        store.add_pending(PendingQuestion(ANA, 7, NOW, "Un ?"))
        store.forget(ANA.user)
        assert store.add_answer(replace(kept(ANA, "Un ?"), asked=7), [CITED]) == 0
        assert store.last(ANA, NOW - timedelta(days=1), 9) == []
        store.add_pending(PendingQuestion(BOB, 8, NOW, "Deux ?"))
        assert store.add_answer(replace(kept(BOB, "Deux ?"), asked=8), [CITED]) > 0
