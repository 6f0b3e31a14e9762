"""Inline mode: exact quotes to drop into any chat, for those allowed, within bounds."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from bot.app import Kiosque
from bot.messages.catalogue import Catalogue
from bot.telegram.commands import linked
from bot.telegram.inline import MAX_RESULTS, started_by
from bot.telegram.limits import Access
from config.settings import Settings, TelegramSettings
from tests.bot.telegram.bench import QUICK, Bench, Scripted, Setup
from tests.bot.telegram.conftest import Start
from tests.fake_telegram.core import FakeTelegram
from tests.fake_telegram.html import parsed
from tests.fake_telegram.people import Person, new_group

FR = Catalogue("fr")
TYPED = "lichen murets"

MakeSetup = Callable[..., Setup]


@pytest.fixture
def inline(kiosque: Kiosque) -> MakeSetup:
    """A setup with inline mode, in the settings and with BotFather."""

    def made(**more: Any) -> Setup:  # noqa: ANN401
        fake = FakeTelegram()
        fake.world.inline = True
        set_so = kiosque.settings.model_copy(update={"telegram": TelegramSettings(inline=True)})
        return Setup(fake, settings=set_so, **more)

    return made


def said(result: dict[str, Any]) -> str:
    """The text of a result, as a reader sees it."""
    return parsed(result["input_message_content"]["message_text"])[0]


async def test_quotes_are_found_and_dropped(start: Start, inline: MakeSetup) -> None:
    """Each result is words of an article, with outlet and date, and says what found it."""
    setup = inline(script=Scripted())
    async with start(setup) as bench:
        ana, group = Person(setup.fake, "Ana"), new_group(setup.fake, "Rédaction")
        typed = ana.ask_inline(TYPED)
        await setup.fake.until(lambda: typed.answers)
        ana.choose(typed.results[0], group)
        ana.choose(typed.results[0], ana.private)
        await bench.idle()
        texts = await articles(bench)
    assert 1 <= len(typed.results) <= MAX_RESULTS
    for result in typed.results:
        quote = re.split("(?<=[.!?])\u00a0» \\(", said(result))[0].removeprefix("«\u00a0")
        assert any(quote in text for text in texts)
        assert "retrouvée par un programme (@kiosque_test_bot)" in said(result)
        assert result["title"].rstrip("…").strip() in said(result)
    assert "Le lichen, horloge secrète des murets" in typed.results[0]["description"]
    (answered,) = setup.fake.made("answerInlineQuery")
    assert answered.args.flag("is_personal")
    assert answered.args.number("cache_time") <= 60
    assert (group.shown, ana.private.shown) == ([], [])  # what was dropped is no question
    assert setup.script is not None
    assert setup.script.requests == []


async def articles(bench: Bench) -> list[str]:
    """The articles, with single spaces."""
    reader = bench.context.reader
    entries = await asyncio.to_thread(lambda: reader.entries(withdrawn=False, limit=99, offset=0))
    found = [await asyncio.to_thread(reader.article, entry.id) for entry in entries]
    return [" ".join(article.text.split()) for article in found]


async def test_words_of_a_quote_find_its_sentence(start: Start, inline: MakeSetup) -> None:
    """Typed as they stand or nearly, without a question: the sentence comes first."""
    setup = inline()
    async with start(setup):
        typed = Person(setup.fake, "Ana").ask_inline("transporte 38.500 personne par jour")
        await setup.fake.until(lambda: typed.answers)
    assert "La ligne transporte 38 500 personnes par jour." in said(typed.results[0])


async def test_nothing_fits(start: Start, inline: MakeSetup) -> None:
    """It says so, and the button asks the same in private; too few words get a hint."""
    setup = inline(script=Scripted())
    async with start(setup) as bench:
        ana, bob = Person(setup.fake, "Ana"), Person(setup.fake, "Bob", "en")
        typed, empty = ana.ask_inline("recette de gâteau"), bob.ask_inline("  ")
        await setup.fake.until(lambda: typed.answers and empty.answers)
        ana.say(f"/start {typed.button['start_parameter']}")
        bob.say(f"/start {empty.button['start_parameter']}")
        await bench.idle()
        await setup.fake.until(lambda: bob.private.texts)
    assert typed.results == empty.results == []
    assert typed.button["text"] == FR.text("telegram.inline.nothing")
    assert empty.button["text"] == Catalogue("en").text("telegram.inline.hint")
    assert setup.script is not None
    assert [request.text for request in setup.script.requests] == ["recette de gâteau"]
    assert "program" in bob.private.texts[0]


async def test_only_for_those_who_may_ask_in_private(start: Start, inline: MakeSetup) -> None:
    """Others get no quote of the archive."""
    setup = inline(access=Access(users=frozenset({7}), chats=frozenset({-100})))
    async with start(setup):
        theirs = Person(setup.fake, "Ana").ask_inline(TYPED)
        mine = Person(setup.fake, "Bob", id_=7).ask_inline(TYPED)
        await setup.fake.until(lambda: theirs.answers and mine.answers)
    assert theirs.results == []
    assert theirs.button["text"] == FR.text("telegram.inline.not_admitted")
    assert mine.results


async def test_only_the_last_of_several_keys_is_searched_for(
    start: Start, inline: MakeSetup
) -> None:
    """What was typed before is given up, and costs nothing."""
    setup = inline(times=replace(QUICK, typed=0.8))  # longer than a busy machine takes for all
    async with start(setup) as bench:
        ana = Person(setup.fake, "Ana")
        typed = [ana.ask_inline(TYPED[:end]) for end in range(4, len(TYPED) + 1)]
        await setup.fake.until(lambda: typed[-1].answers)
        await bench.idle()
    assert typed[-1].results
    assert not any(one.answers for one in typed[:-1])


async def test_searches_are_counted(start: Start, inline: MakeSetup) -> None:
    """Six times as many as questions; then a line says how long to wait."""
    setup = inline(per_minute=1)
    async with start(setup):
        ana, last = Person(setup.fake, "Ana"), None
        for _ in range(7):
            last = ana.ask_inline("chocolat")
            await setup.fake.until(lambda query=last: query.answers)  # type: ignore[misc]
        other = Person(setup.fake, "Bob").ask_inline(TYPED)
        await setup.fake.until(lambda: other.answers)
    assert last is not None
    assert "attendez" in last.button["text"]
    assert other.results


async def test_a_query_that_is_too_old_is_no_error(
    start: Start, inline: MakeSetup, caplog: pytest.LogCaptureFixture
) -> None:
    """Telegram gives a query up after some seconds; the next is answered."""
    caplog.set_level(logging.WARNING)
    setup = inline()
    async with start(setup) as bench:
        ana = Person(setup.fake, "Ana")
        old = ana.ask_inline(TYPED)
        old.expired = True
        await setup.fake.until(lambda: setup.fake.made("answerInlineQuery", refused=True))
        await bench.idle()
        fresh = ana.ask_inline(TYPED)
        await setup.fake.until(lambda: fresh.answers)
    assert fresh.results
    assert caplog.messages == []


@pytest.mark.parametrize(
    "typed", ["<b>&\"'</i> lichen", "\x00\u202elichen", "lichen " * 60, "'; --"]
)
async def test_whatever_is_typed(start: Start, inline: MakeSetup, typed: str) -> None:
    """It is answered, as a search or as nothing."""
    setup = inline()
    async with start(setup):
        query = Person(setup.fake, "Ana").ask_inline(typed)
        await setup.fake.until(lambda: query.answers)
    assert len(query.answers) == 1


async def test_it_is_off_unless_it_is_set(
    start: Start, inline: MakeSetup, caplog: pytest.LogCaptureFixture
) -> None:
    """No query is asked for then, and /help has no line of it; if BotFather knows nothing, the log
    says so."""
    fake = FakeTelegram()
    fake.world.inline = True
    async with start(Setup(fake)) as bench:
        ana = Person(fake, "Ana")
        ana.ask_inline(TYPED)
        ana.say("/aide")
        await bench.idle()
        await fake.until(lambda: ana.private.texts)
    setup = inline()
    setup.fake.world.inline = False
    async with start(setup):
        bob = Person(setup.fake, "Bob")
        bob.say("/aide")
        await setup.fake.until(lambda: bob.private.texts)
    line = FR.text("telegram.help_inline", bot="@kiosque_test_bot")
    assert not fake.made("answerInlineQuery")
    assert (line in ana.private.texts[0], line in bob.private.texts[0]) == (False, True)
    assert "/setinline" in caplog.text


def test_a_deep_link_has_what_was_typed() -> None:
    """What does not fit into it asks nothing, and so does the link of the other buttons."""
    assert linked(started_by("Où est l’été ?")) == "Où est l’été ?"
    assert linked(started_by("x" * 49)) == linked("inline") == ""
    assert Settings().telegram.inline is False
