"""Numbers beside what they count, and later articles that overtake what was written."""

from __future__ import annotations

import pytest

from bot.answering.checking.claim_words import ClaimReading, Ground
from bot.answering.checking.counts import agreeing, counted, replaced
from bot.answering.checking.rivals import later_rival
from retrieval.vocabulary import PublicationDate, Span
from tests.bot.answering import made
from tests.sample_home import TODAY

CLAIM = "La ligne T2 du tramway de Vaubrelles transporte 38 500 personnes par jour."
FIRST = "La ligne T2 du tramway de Vaubrelles transporte 38 500 personnes par jour."


def ground(text: str, day: PublicationDate, title: str = "") -> Ground:
    """A window that is all of an article."""
    whole = Span(0, len(text))
    return Ground(made.article(text, title, day), whole, whole, 0.9, 0.9)


def rival(claim: str, *grounds: Ground) -> str | None:
    """What overtakes a claim that the first of some windows has written."""
    reading = ClaimReading(claim, "fr", lambda _term: 1.0, TODAY)
    found = later_rival(reading, grounds[0], grounds)
    return None if found is None else found.article.text


def test_a_number_agrees_with_what_it_counts() -> None:
    """The same value of another thing is no agreement; units of one measure are."""
    said = counted("312 personnes ont reçu 40 euros.", "fr")
    assert agreeing(said, counted("312 euros pour 40 personnes", "fr")) == 0
    assert agreeing(said, counted("312 personnes, 40 €", "fr")) == 1
    assert agreeing((), counted("312 personnes", "fr")) == 0


def test_a_number_is_replaced_by_one_of_the_same_thing() -> None:
    """Of another thing, or beside the claim's own, a number replaces nothing."""
    said = counted("Il a pris sept ans de prison.", "fr")
    (one,) = replaced(said, counted("condamné à trois ans de prison", "fr"))
    assert (one.said.value, one.given.value) == (7, 3)
    assert replaced(said, counted("condamné à 3 000 euros", "fr")) == ()
    assert replaced(said, counted("entre trois et sept ans de prison", "fr")) == ()


@pytest.mark.parametrize(
    "later",
    [
        "La ligne T2 du tramway de Vaubrelles transporte désormais 45 000 personnes par jour.",
        "La ligne T2 du tramway de Vaubrelles ne transporte pas 38 500 personnes par jour.",
    ],
)
def test_a_later_article_overtakes(later: str) -> None:
    """Another number of the same thing, or a denial in the same words, of a later day alone."""
    first = ground(FIRST, PublicationDate(2021, 3, 1))
    assert rival(CLAIM, first, ground(later, PublicationDate(2023, 5, 2))) == later
    assert rival(CLAIM, first, ground(later, PublicationDate(2020, 5, 2))) is None


@pytest.mark.parametrize(
    "later",
    [
        "La ligne T1 du tramway de Tolvanec transporte 45 000 personnes par jour.",
        "Une panne de la ligne T2 à Vaubrelles a duré 45 minutes, selon 12 personnes.",
        "La ligne T2 du tramway de Vaubrelles transporte 38 500 personnes, la T1 45 000 personnes.",
        "La ligne T2 du tramway de Vaubrelles reste très empruntée par ses usagers.",
    ],
)
def test_another_fact_overtakes_nothing(later: str) -> None:
    """Of another line, of another thing, or where the claim's number stands as well."""
    first = ground(FIRST, PublicationDate(2021, 3, 1))
    assert rival(CLAIM, first, ground(later, PublicationDate(2023, 5, 2))) is None


def test_the_size_of_a_place_overtakes_no_number_of_its_people() -> None:
    """What is counted proves no fact, under another name ("maison") neither."""
    claim = "260 habitants ont quitté leur maison à Mirvolle."
    later = "Le huit féminin de Mirvolle, un village de 2 300 habitants, est champion."
    first = ground(claim, PublicationDate(2019, 3))
    assert rival(claim, first, ground(later, PublicationDate(2024, 5, 20))) is None


def test_two_events_of_their_days_do_not_deny_each_other() -> None:
    """A match in January and one in April; a new toll of the same day's fire does."""
    claim = "Kerloc a battu Brume devant 400 spectateurs."
    first = ground(
        "Kerloc a battu Brume samedi devant 400 spectateurs.", PublicationDate(2022, 1, 10)
    )
    again = "Kerloc a battu Brume samedi devant 600 spectateurs."
    assert rival(claim, first, ground(again, PublicationDate(2022, 4, 11))) is None
    corrected = ground(again, PublicationDate(2022, 1, 11))
    assert rival(claim, first, corrected) == again


@pytest.mark.parametrize(
    ("first", "later", "denies"),
    [
        ("pour 2021", "pour 2022", False),
        ("en mars 2021", "en mars 2022", False),
        ("au 1er mars 2021", "au 1er mars 2022", False),
        ("pour 2021", "pour 2021", True),
        ("pour 2021", "au 3 mai 2021", True),
        ("en 2021", "selon le maire", True),
    ],
)
def test_different_years_do_not_deny_each_other(first: str, later: str, denies: bool) -> None:
    """A budget of one year and that of the next; a new figure for the same year does."""
    claim = f"Le budget de Kerloc est de 12 millions d'euros {first}."
    said = ground(claim, PublicationDate(2020, 11, 3))
    text = f"Le budget de Kerloc est de 14 millions d'euros {later}."
    other = ground(text, PublicationDate(2021, 11, 4))
    assert (rival("Le budget de Kerloc est de 12 millions d'euros.", said, other) == text) is denies
    assert denies or rival(claim, said, other) is None


def test_a_claim_of_a_time_is_not_overtaken_by_another_time() -> None:
    """What held in 2019 is not denied by what holds in 2023."""
    claim = "En 2019, la ligne T2 du tramway de Vaubrelles transportait 38 500 personnes par jour."
    first = ground(claim, PublicationDate(2020, 3, 1))
    later = "La ligne T2 du tramway de Vaubrelles transporte 45 000 personnes par jour en 2023."
    assert rival(claim, first, ground(later, PublicationDate(2023, 5, 2))) is None


def test_of_several_the_latest_is_shown() -> None:
    """The newest figure is what a reader wants."""
    texts = [
        f"La ligne T2 du tramway de Vaubrelles transporte {n} personnes par jour."
        for n in ("41 000", "45 000", "43 000")
    ]
    days = [PublicationDate(2022, 1), PublicationDate(2024, 1), PublicationDate(2023, 1)]
    grounds = [ground(text, day) for text, day in zip(texts, days, strict=True)]
    assert rival(CLAIM, ground(FIRST, PublicationDate(2021, 3, 1)), *grounds) == texts[1]
