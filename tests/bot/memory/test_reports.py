"""What the desk is told of the memory: questions left without an answer, until forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.memory.reports import ReportMemory, UnansweredCounts
from bot.memory.store import Store
from bot.memory.values import Place, StoredAnswer

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
WEEK_AGO = NOW - timedelta(days=7)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A memory."""
    with Store(tmp_path / "bot.db") as opened:
        yield opened


def add(store: Store, user: int, text: str, status: str, reason: str = "", days: int = 0) -> None:
    """Store an answer."""
    at = NOW - timedelta(days=days)
    place = Place(user, 0, user)
    store.add_answer(StoredAnswer(0, place, at, "fr", text, status, "…", reason=reason), [])


def test_refused_and_unsure_questions(store: Store) -> None:
    """Those of the archive, of these days; a greeting, and what was answered, are none."""
    add(store, 1, "Un ?", "refused", "not_in_archive")
    add(store, 2, "Deux ?", "passages")
    add(store, 2, "Bonjour", "refused", "not_a_question")
    add(store, 2, "Et ?", "refused", "too_vague")
    add(store, 2, "Trois ?", "extractive")
    add(store, 2, "Vieux ?", "refused", "not_in_archive", days=8)
    found = ReportMemory(store).unanswered(WEEK_AGO)
    assert [(one.text, one.asker, one.refused) for one in found] == [
        ("Deux ?", 2, False),
        ("Un ?", 1, True),
    ]
    assert ReportMemory(store).counts(WEEK_AGO) == UnansweredCounts(5, 1, 1)


def test_who_said_forget_is_in_no_report(store: Store) -> None:
    """Their questions are deleted, and so neither shown nor counted."""
    add(store, 1, "Un ?", "refused", "not_in_archive")
    add(store, 2, "Deux ?", "passages")
    store.forget(1)
    assert [one.text for one in ReportMemory(store).unanswered(WEEK_AGO)] == ["Deux ?"]
    assert ReportMemory(store).counts(WEEK_AGO) == UnansweredCounts(1, 0, 1)


def test_what_administrators_were_told(tmp_path: Path) -> None:
    """It survives a restart, per administrator, until it is over."""
    with Store(tmp_path / "told.db") as store:
        ReportMemory(store).note("feed", "https://a.example", 5, "1")
        ReportMemory(store).note("feed", "https://a.example", 6, "1")
        ReportMemory(store).note("feed", "https://a.example", 5, "2")
    with Store(tmp_path / "told.db") as store:
        memory = ReportMemory(store)
        memory.drop("feed", "https://a.example", 6)
        assert memory.sent("feed") == {("https://a.example", 5): "2"}
        assert memory.sent("gaps") == {}
