"""Putting questions to an archive: what counts as found, right and cited."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.app import Kiosque
from bot.evaluation.questions import KnownQuestion, Paragraph, SquadSet
from bot.evaluation.run import answered, ranked, temporary_archive
from config.settings import Settings
from retrieval.change import Silent
from tests.bot.evaluation.samples import OFF_TOPIC, STATIONS
from tests.sample_home import TODAY


@pytest.fixture(scope="module")
def app(sample_home: Path) -> Iterator[Kiosque]:
    """Kiosque over the sample articles."""
    with Kiosque(Settings(home=sample_home), lambda: TODAY) as app:
        yield app


def test_rank_is_that_of_the_gold_quote(app: Kiosque) -> None:
    """The first passage that holds the quote counts, in the right article only."""
    elsewhere = replace(STATIONS, articles=("crue-mirvolle.txt",))
    unquoted = replace(STATIONS, quotes=("ces mots ne sont nulle part",))
    outcomes = ranked(app, [STATIONS, elsewhere, unquoted, OFF_TOPIC], Silent())
    assert [outcome.rank for outcome in outcomes] == [0, None, None]
    unread = ranked(app, [STATIONS, elsewhere, unquoted, OFF_TOPIC], Silent(), reader=False)
    assert [outcome.rank for outcome in unread] == [0, None, None]


def test_answers_are_judged(app: Kiosque) -> None:
    """Right needs what must be said, cited the right article too; refusing may be right."""
    wrong = replace(STATIONS, must_contain=(("dix-huit",),))
    elsewhere = replace(STATIONS, articles=("crue-mirvolle.txt",))
    first, second, third, last = answered(app, [STATIONS, wrong, elsewhere, OFF_TOPIC], Silent())
    assert (first.right, first.cited, first.said, first.inexact_quotes) == (True, True, True, 0)
    assert (second.right, second.cited) == (False, False)
    assert (third.right, third.cited) == (True, False)
    assert (last.said, last.right, last.answerable) == (False, False, False)
    assert "dix-sept" in first.text
    assert first.milliseconds > 0


def test_squad_set_has_an_archive_of_its_own(app: Kiosque) -> None:
    """Paragraphs are searched apart from the articles, and the archive is gone afterwards."""
    squad = SquadSet(
        (
            Paragraph("p0", "Phare", "Le phare de Port-Lannec a été allumé en 1874."),
            Paragraph("p1", "Marché", "Le marché de Brume ouvre le mardi matin à huit heures."),
        ),
        (
            KnownQuestion("a", "Quand le marché ouvre-t-il ?", articles=("p1",)),
            KnownQuestion("b", "En quelle année le phare a-t-il été allumé ?", articles=("p0",)),
            replace(OFF_TOPIC, articles=("p0",)),
        ),
    )
    with temporary_archive(app, squad, Silent()) as inside:
        assert inside.reader.coverage().articles == 2
        assert inside.settings.home != app.settings.home
        outcomes = ranked(inside, squad.questions, Silent(), paragraphs=True)
        home = inside.settings.home
    assert [(outcome.id, outcome.rank) for outcome in outcomes] == [("a", 0), ("b", 0)]
    assert not home.exists()
    assert app.reader.coverage().articles == 14
