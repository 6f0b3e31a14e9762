"""How questions were understood: kept beside their answers, gone with them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.memory.store import Store
from bot.memory.understandings import Understandings
from bot.memory.values import Place, StoredAnswer
from retrieval.vocabulary import Period, Understanding

PLACE = Place(7, 0, 7)
NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


def stored(store: Store) -> int:
    """An answer of somebody."""
    return store.add_answer(StoredAnswer(0, PLACE, NOW, "fr", "Qui ?", "refused", "Rien."), ())


@pytest.mark.parametrize(
    "known",
    [
        Understanding("Qui ?", "fact"),
        Understanding("Qui ? (T2)", "day", ("T2",), Period(date(2017, 1, 1)), ("Le Fanal",)),
        Understanding("Qui ?", "overview", (), Period(None, date(2017, 1, 1), "avant"), ("É", "F")),
    ],
)
def test_it_comes_back_as_it_was(tmp_path: Path, known: Understanding) -> None:
    """In another process too."""
    with Store(tmp_path / "bot.db") as store:
        number = stored(store)
        Understandings(store).add(number, known)
    with Store(tmp_path / "bot.db") as store:
        assert Understandings(store).of(number) == known
        store.forget(PLACE.user)
        assert Understandings(store).of(number) is None


def test_what_cannot_be_read_is_not_known(tmp_path: Path) -> None:
    """A damaged row, one of an answer that is gone, one that never was."""
    with Store(tmp_path / "bot.db") as store:
        number = stored(store)
        understandings = Understandings(store)
        understandings.add(number + 1, Understanding("Qui ?", "fact"))
        assert understandings.of(number + 1) is None
        for value in ("", "[]", "{}", '{"question": 1}', '{"period": {"first": "x"}}'):
            store.rows("INSERT OR REPLACE INTO understandings VALUES (?, ?)", number, value)
            assert understandings.of(number) is None


def test_where_an_answer_is_shown(tmp_path: Path) -> None:
    """The messages in their order; none before it is shown."""
    with Store(tmp_path / "bot.db") as store:
        number = stored(store)
        assert Understandings(store).shown_in(number) == []
        store.set_messages(number, PLACE.chat, [12, 11])
        assert Understandings(store).shown_in(number) == [11, 12]
