"""A conversation: what a line means, what is remembered, what goes on."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.memory.conversation import (
    Cited,
    Command,
    Conversation,
    Ended,
    Exchange,
    Order,
    Unknown,
    continued,
    meaning,
    record,
    recorded,
    still_quoted,
)
from retrieval.vocabulary import Turn
from tests.bot.samples import ANSWERED, ARTICLE, NEAR, OTHER, QUOTE, REFUSED, citation

NOW = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)
TALK = Conversation("t").followed_by("Combien ?", ANSWERED, "4.000. [1]", NOW)


def exchange(thread: str, minutes: int, question: str = "Qui ?") -> Exchange:
    """A question asked so many minutes ago."""
    return Exchange(thread, NOW - timedelta(minutes=minutes), question, "Lui.", "answered")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("/new", Order(Command.NEW)),
        (" /Nouveau ", Order(Command.NEW)),
        ("/sources  2", Order(Command.SOURCES, "2")),
        ("/oublié", Order(Command.FORGET)),
        ("/aide\x00", Order(Command.HELP)),
        ("/QUITTER", Order(Command.QUIT)),
        ("/sorces 2", Unknown("sorces", "sources")),
        ("/x", Unknown("x", None)),
        ("/", Unknown("", None)),
        ("Qui a dit /new ?", "Qui a dit /new ?"),
        ("a\x1b[2Jb\t", "a [2Jb"),
        ("😀", "😀"),
        ("", None),
        (" \x01\x7f\r\n", None),
    ],
)
def test_what_a_line_means(line: str, expected: object) -> None:
    """Commands have French and English names; without a slash a line is a question."""
    assert meaning(line) == expected


def test_exchange_keeps_where_it_quoted() -> None:
    """An exchange has the answer as it was read and the place of each quote."""
    (one,) = TALK.exchanges
    assert (one.question, one.answer, one.status, one.at) == (
        "Combien ?", "4.000. [1]", "answered", NOW,
    )  # fmt: skip
    first, second = one.sources
    assert ARTICLE.text[first.start : first.end] == QUOTE
    assert (first.number, first.article_id, first.digest) == (1, ARTICLE.id, ARTICLE.digest)
    assert second.number == 2
    assert TALK.followed_by("Où ?", REFUSED, "Non.", NOW).exchanges[-1].sources == ()


def test_turns_are_the_last_and_begin_with_a_question() -> None:
    """So many turns at most, a question and its answer together, oldest first."""
    talk = TALK.followed_by("Où ?", REFUSED, "Non.", NOW)
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
        talk = talk.followed_by(str(n), REFUSED, "Non.", NOW)
    assert len(talk.exchanges) == 50
    assert talk.exchanges[-1].question == "99"


def test_last_conversation_goes_on_for_an_hour() -> None:
    """The thread of the last question goes on with all its exchanges, if it is recent."""
    kept = [exchange("a", 50), exchange("b", 40), exchange("a", 30)]
    assert continued(kept, NOW) == Conversation("a", (kept[0], kept[2]))
    assert continued(kept, NOW + timedelta(minutes=30)) is not None
    assert continued(kept, NOW + timedelta(minutes=31)) is None
    assert continued(kept, NOW - timedelta(minutes=31)) is None  # a clock that was set back
    assert continued([], NOW) is None


def test_conversation_left_for_another_is_over() -> None:
    """After a new conversation was asked for, the one before does not come back."""
    kept: list[Exchange | Ended] = [exchange("a", 50), exchange("b", 30), Ended("b", NOW)]
    assert continued(kept, NOW) is None
    assert continued([*kept, exchange("c", 1)], NOW) == Conversation("c", (exchange("c", 1),))


@pytest.mark.parametrize("kept", [TALK.exchanges[0], exchange("a", 1), Ended("b", NOW)])
def test_record_is_read_back(kept: Exchange | Ended) -> None:
    """What is written as JSON is read as it was."""
    assert recorded(json.loads(json.dumps(record(kept)))) == kept


_WHOLE = record(TALK.exchanges[0])
_SOURCE = _WHOLE["sources"][0]


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        "text",
        {},
        _WHOLE | {"at": "2026-11-25T09:30:00"},
        _WHOLE | {"at": "yesterday"},
        _WHOLE | {"at": 3},
        _WHOLE | {"question": None},
        _WHOLE | {"answer": ["x"]},
        _WHOLE | {"sources": 1},
        _WHOLE | {"sources": ["x"]},
        _WHOLE | {"sources": [_SOURCE | {"start": float("inf")}]},
        _WHOLE | {"sources": [_SOURCE | {"start": 9, "end": 3}]},
        _WHOLE | {"sources": [_SOURCE | {"answer": {"start": 0, "end": 3}}]},
        _WHOLE | {"sources": [_SOURCE | {"answer": "x"}]},
        {name: value for name, value in _WHOLE.items() if name != "status"},
    ],
)
def test_damaged_record_is_told(value: object) -> None:
    """What is no exchange is one kind of error, whatever it is."""
    with pytest.raises(ValueError, match=r"."):
        recorded(value)


def test_what_came_near_is_kept_like_a_source() -> None:
    """The passages of a question without a sure answer can be opened again, as they were marked."""
    talk = Conversation("t").followed_by("?", NEAR, "…", NOW)
    (exchange,) = talk.exchanges
    again = recorded(json.loads(json.dumps(record(exchange))))
    assert again == exchange
    articles = {article.id: article for article in (ARTICLE, OTHER)}
    assert tuple(still_quoted(one, articles) for one in exchange.sources) == NEAR.passages


def test_record_of_an_earlier_version() -> None:
    """A record from before the words that answer were marked is read, with none marked."""
    before = {name: value for name, value in _SOURCE.items() if name != "answer"}
    exchange = recorded(_WHOLE | {"sources": [before]})
    assert isinstance(exchange, Exchange)
    assert exchange.sources[0].answer is None


def test_quote_that_does_not_stand_any_more() -> None:
    """A quote is shown again only from the very text it was cut from."""
    cited = TALK.exchanges[0].sources[0]
    assert still_quoted(cited, {ARTICLE.id: ARTICLE}) == citation(1, QUOTE)
    changed = replace(ARTICLE, digest="d9")
    assert still_quoted(cited, {ARTICLE.id: changed}) is None
    assert still_quoted(cited, {}) is None
    beyond = Cited(1, ARTICLE.id, ARTICLE.digest, 10_000, 10_001)
    assert still_quoted(beyond, {ARTICLE.id: ARTICLE}) is None
