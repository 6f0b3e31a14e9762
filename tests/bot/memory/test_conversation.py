"""A conversation: what is remembered, what goes on, what still stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.memory.conversation import (
    Conversation,
    goes_on,
    in_a_terminal,
    sources_of,
    still_quoted,
)
from bot.memory.store import Store
from bot.memory.values import TERMINAL, Place, StoredAnswer
from retrieval.vocabulary import Turn
from tests.bot.samples import ANSWERED, ARTICLE, NEAR, OTHER, QUOTE, REFUSED, citation

NOW = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)


def exchange(
    minutes: int, thread: int = 1, question: str = "Qui ?", text: str = "Lui."
) -> StoredAnswer:
    """A question asked so many minutes ago in a terminal."""
    place = Place(TERMINAL, thread, TERMINAL)
    at = NOW - timedelta(minutes=minutes)
    return StoredAnswer(0, place, at, "fr", question, "answered", text)


FIRST = exchange(0, question="Combien ?", text="4.000. [1]")
SECOND = exchange(0, question="Où ?", text="Non.")
TALK = Conversation(FIRST.place).followed_by(FIRST, sources_of(ANSWERED))


def test_sources_are_kept_with_their_place() -> None:
    """A conversation has its last answer's sources: the place of each quote, and its article."""
    first, second = TALK.sources
    assert ARTICLE.text[first.start : first.end] == first.quote == QUOTE
    assert (first.number, first.article_id, first.digest) == (1, ARTICLE.id, ARTICLE.digest)
    assert (first.title, first.published) == (ARTICLE.title, "2021-02-18")
    assert second.number == 2
    assert TALK.followed_by(SECOND, sources_of(REFUSED)).sources == ()


def test_turns_are_the_last_and_begin_with_a_question() -> None:
    """So many turns at most, a question and its answer together, oldest first."""
    talk = TALK.followed_by(SECOND, ())
    both = (
        Turn("user", "Combien ?"),
        Turn("assistant", "4.000. [1]"),
        Turn("user", "Où ?"),
        Turn("assistant", "Non."),
    )
    assert talk.turns(6) == talk.turns(4) == both
    assert talk.turns(3) == talk.turns(2) == both[2:]
    assert talk.turns(1) == talk.turns(0) == ()


def test_conversation_remembers_so_much() -> None:
    """A conversation that goes on for ever does not grow for ever."""
    talk = TALK
    for n in range(100):
        talk = talk.followed_by(exchange(0, question=str(n)), ())
    assert len(talk.exchanges) == 50
    assert talk.exchanges[-1].question == "99"


def test_conversation_goes_on_for_an_hour() -> None:
    """A conversation goes on by itself as long as its last answer is recent."""
    exchanges = [exchange(50), exchange(30)]
    assert goes_on(exchanges, NOW)
    assert goes_on(exchanges, NOW + timedelta(minutes=30))
    assert not goes_on(exchanges, NOW + timedelta(minutes=31))
    assert not goes_on(exchanges, NOW - timedelta(minutes=31))  # a clock that was set back
    assert not goes_on([], NOW)


def test_newest_conversation_of_a_terminal(tmp_path: Path) -> None:
    """The conversation of the newest answer comes back whole, and none that was left."""
    with Store(tmp_path / "bot.db") as store:
        assert store.newest(TERMINAL, 9) == []
        for minutes, thread in ((50, 1), (40, 2), (30, 1)):
            store.add_answer(exchange(minutes, thread), [])
        store.add_answer(replace(exchange(1), place=Place(5, 0, 5)), [])
        assert [one.at for one in store.newest(TERMINAL, 9)] == [exchange(50).at, exchange(30).at]
        assert [one.at for one in store.newest(TERMINAL, 1)] == [exchange(30).at]
        store.end_conversation(exchange(0, 1).place)
        assert store.newest(TERMINAL, 9) == []
        store.add_answer(exchange(1, 3), [])
        assert [one.place.thread for one in store.newest(TERMINAL, 9)] == [3]


def test_each_conversation_of_a_terminal_has_its_place() -> None:
    """Two chats at once are two conversations."""
    first, second = in_a_terminal().place, in_a_terminal().place
    assert first.chat == second.chat == TERMINAL
    assert first.thread != second.thread


def test_what_came_near_is_kept_like_a_source(tmp_path: Path) -> None:
    """The passages of a question without a sure answer can be opened again, as they were marked."""
    with Store(tmp_path / "bot.db") as store:
        number = store.add_answer(exchange(0), sources_of(NEAR))
        sources = store.sources(number)
    assert tuple(sources) == sources_of(NEAR)
    articles = {article.id: article for article in (ARTICLE, OTHER)}
    assert tuple(still_quoted(one, articles) for one in sources) == NEAR.passages


def test_quote_that_does_not_stand_any_more() -> None:
    """A quote is shown again only from the very text it was cut from."""
    source = TALK.sources[0]
    assert still_quoted(source, {ARTICLE.id: ARTICLE}) == citation(1, QUOTE)
    changed = replace(ARTICLE, digest="d9")
    assert still_quoted(source, {ARTICLE.id: changed}) is None
    assert still_quoted(replace(source, digest=""), {ARTICLE.id: ARTICLE}) is None
    assert still_quoted(source, {}) is None
    beyond = replace(source, start=10_000, end=10_001)
    assert still_quoted(beyond, {ARTICLE.id: ARTICLE}) is None
