"""The one way from a question to its answer, without a model, over the sample archive."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.answering.chain import answer_chain
from bot.answering.pipeline import checked
from bot.answering.request import Event, Finished, Limit, Request, Retrieved, Searching
from bot.app import Kiosque
from config.settings import Settings
from retrieval.errors import BadQuestion
from retrieval.vocabulary import Answer, Notice, Reason, Status, Turn
from tests.bot.answering.conftest import Ask
from tests.sample_home import DATA, TODAY

STATIONS = "Combien de stations aura la ligne T2 ?"


def days(answer: Answer) -> list[str]:
    """The dates of the articles that an answer cites, in its order."""
    return [str(one.citations[0].article.published) for one in answer.statements]


def test_a_sure_sentence_answers(ask: Ask) -> None:
    """Verbatim, with its quote exact and the words that answer marked inside it."""
    answer = ask(STATIONS)
    assert answer.status in {Status.EXTRACTIVE, Status.PASSAGES}
    cited = answer.sources or answer.passages
    first = cited[0]
    assert first.article.text[first.start : first.end] == first.quote
    assert "dix-sept stations" in first.quote
    assert answer.confidence is not None
    assert 0 <= answer.confidence <= 1


@pytest.mark.parametrize("question", [STATIONS, "Qui est la maire de Vaubrelles ?", "bonjour"])
def test_both_ways_through_it_give_the_same(app: Kiosque, question: str) -> None:
    """The pipeline itself, and the LangChain Runnable that joins its stages."""

    async def of(events: Callable[[Request], object]) -> list[Event]:
        return [event async for event in events(Request(question, TODAY))]  # type: ignore[attr-defined]

    plain = asyncio.run(of(app.answering.pipeline.events))
    joined = asyncio.run(of(answer_chain(app.answering.pipeline).astream))
    assert [type(one) for one in plain] == [type(one) for one in joined]
    first, second = plain[-1], joined[-1]
    assert isinstance(first, Finished)
    assert isinstance(second, Finished)
    for one in (first.answer, second.answer):
        one.timings_ms.clear()
    assert first.answer == second.answer


def test_events_come_in_their_order(app: Kiosque) -> None:
    """Understood, found, answered; and each stage is timed."""

    async def events() -> list[Event]:
        return [event async for event in app.answering.pipeline.events(Request(STATIONS, TODAY))]

    searching, retrieved, finished = asyncio.run(events())
    assert isinstance(searching, Searching)
    assert isinstance(retrieved, Retrieved)
    assert retrieved.passages >= retrieved.articles > 0
    assert isinstance(finished, Finished)
    timings = finished.answer.timings_ms
    assert {"understand", "search", "read", "answer", "total"} <= set(timings)


@pytest.mark.parametrize(
    "question", ["Que sait-on du tramway T2 ?", "résume le projet de tramway T2 à Vaubrelles"]
)
def test_an_overview_is_a_dated_list(ask: Ask, question: str) -> None:
    """A sentence an article, oldest first, each about the subject."""
    answer = ask(question)
    assert answer.status is Status.EXTRACTIVE
    assert answer.evolution
    assert days(answer) == sorted(days(answer))
    articles = [one.citations[0].article for one in answer.statements]
    assert len({one.id for one in articles}) == len(articles) >= 2
    assert all("tram" in f"{one.title} {one.text}".casefold() for one in articles)


def test_a_day_lists_what_was_published(ask: Ask) -> None:
    """Nothing of another day."""
    answer = ask("Que s'est-il passé le 12 octobre 2016 ?")
    assert answer.status is Status.EXTRACTIVE
    assert set(days(answer)) == {"2016-10-12"}


def test_a_day_without_articles_is_refused(ask: Ask) -> None:
    """The reason is the period, not that the question is vague."""
    answer = ask("Que s'est-il passé le 3 mars 1990 ?")
    assert answer.refusal is not None
    assert answer.refusal.reason is Reason.OUT_OF_PERIOD


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("bonjour", Reason.NOT_A_QUESTION),
        ("merci beaucoup !", Reason.NOT_A_QUESTION),
        ("et du coup ca donne quoi finalement ?", Reason.TOO_VAGUE),
        ("Qui est la maire de Vaubrelles en 1990 ?", Reason.OUT_OF_PERIOD),
    ],
)
def test_what_is_refused_and_why(ask: Ask, question: str, reason: Reason) -> None:
    """With what the archive covers."""
    answer = ask(question)
    assert answer.refusal is not None
    assert answer.refusal.reason is reason
    assert answer.refusal.coverage.articles > 0


def test_ordinary_french_is_no_order(ask: Ask) -> None:
    """A question about instructions is a question."""
    answer = ask("Pourquoi le préfet donne-t-il de nouvelles consignes aux maires ?")
    assert answer.refusal is None or answer.refusal.reason is not Reason.NOT_A_QUESTION


def test_off_topic_is_no_answer(ask: Ask) -> None:
    """What nobody wrote is not said, whatever shares a word with it."""
    for question in ("C'est quoi la capitale de la Mongolie ?", "Qui a peint la Joconde ?"):
        assert ask(question).status in {Status.REFUSED, Status.PASSAGES}


def test_a_relative_day_is_told(ask: Ask) -> None:
    """ "mercredi" in a quote is told as the day that it means."""
    answer = ask("Quand les élus de Vaubrelles ont-ils adopté le tracé de la ligne T2 ?")
    cited = answer.sources or answer.passages
    if any("mercredi" in one.quote for one in cited):
        told = [dict(one.values) for one in answer.notices if one.key == "day_told"]
        assert {"words": "mercredi", "date": "2016-10-12"} in told


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "x" * 3_000])
def test_what_cannot_be_asked(text: str) -> None:
    """Nothing, or more than is read."""
    with pytest.raises(BadQuestion):
        checked(text, 2_000)


@pytest.fixture(scope="module")
def superseded(sample_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kiosque]:
    """An archive in which later articles change what earlier ones say."""
    home = tmp_path_factory.mktemp("superseded")
    shutil.copytree(sample_home / "models", home / "models", copy_function=os.link)
    with Kiosque(Settings(home=home), lambda: TODAY) as app:
        app.indexer().index([DATA / "cases" / "superseded"])
        yield app


@pytest.mark.parametrize(
    "question", ["L'ambassade à Kessel est-elle ouverte ?", "Qui est ambassadeur à Kessel ?"]
)
def test_the_later_article_comes_first(superseded: Kiosque, question: str) -> None:
    """Of what changed, the later is shown first; both with their dates."""
    answer = asyncio.run(superseded.answering.answer(Request(question, TODAY)))
    cited = answer.sources or answer.passages
    days = [str(one.article.published) for one in cited]
    assert "2022-10" in " ".join(days)
    if answer.statements:
        assert days == sorted(days, reverse=True)


def test_an_outlet_asked_for_is_searched_first(ask: Ask) -> None:
    """Where it answers, nothing of another is shown."""
    answer = ask("Combien de spectateurs au festival selon Le Fanal ?")
    cited = answer.sources or answer.passages
    assert {one.article.outlet for one in cited} == {"Le Fanal"}
    assert answer.understood is not None
    assert answer.understood.outlets == ("Le Fanal",)
    assert "outlet" in {notice.key for notice in answer.notices}


def test_an_outlet_that_has_nothing_is_left(ask: Ask) -> None:
    """The whole archive is searched then, and that is said."""
    answer = ask("Combien de stations aura la ligne T2 selon Le Fanal ?")
    cited = answer.sources or answer.passages
    assert "Le Fanal" not in {one.article.outlet for one in cited}
    assert answer.understood is not None
    assert answer.understood.outlets == ()
    assert "outlet_left" in {notice.key for notice in answer.notices}


def _with(app: Kiosque, request: Request) -> Answer:
    return asyncio.run(app.answering.answer(request))


def test_limits_of_the_words_can_be_left(app: Kiosque) -> None:
    """Without its period and its outlet, a question is one of the whole archive."""
    text = "Combien de spectateurs au festival en 1998 selon Le Fanal ?"
    refused = _with(app, Request(text, TODAY))
    assert refused.refusal is not None
    assert refused.refusal.reason is Reason.OUT_OF_PERIOD
    assert refused.understood is not None
    assert refused.understood.period is not None
    within = _with(app, Request(text, TODAY, without=Limit.PERIOD))
    assert within.refusal is None
    assert within.understood is not None
    assert (within.understood.period, within.understood.outlets) == (None, ("Le Fanal",))
    anywhere = _with(app, Request(text, TODAY, without=Limit.ALL))
    assert anywhere.understood is not None
    assert (anywhere.understood.period, anywhere.understood.outlets) == (None, ())


def test_a_day_keeps_its_day(app: Kiosque) -> None:
    """What was published on a day is nothing without the day."""
    text = "Que s'est-il passé le 12 octobre 2016 ?"
    answer = _with(app, Request(text, TODAY, without=Limit.ALL))
    assert answer.understood is not None
    assert answer.understood.period is not None


def test_a_follow_up_says_what_it_was_understood_as(app: Kiosque) -> None:
    """With the words that it carries; asked again by that, it needs no turns."""
    turns = (Turn("user", "Combien de stations aura la ligne T2 en 2016 ?"),)
    answer = _with(app, Request("Et combien de kilomètres ?", TODAY, turns))
    known = answer.understood
    assert known is not None
    assert known.period is not None
    assert "T2" in known.question
    assert Notice("understood_as", (("question", known.question),)) in answer.notices
    again = _with(app, Request("Et combien de kilomètres ?", TODAY, known=known))
    for one in (answer, again):
        one.timings_ms.clear()
    assert replace(again, question=answer.question) == answer
    free = replace(known, period=None)
    assert _with(app, Request("Et combien de kilomètres ?", TODAY, known=free)).understood == free
