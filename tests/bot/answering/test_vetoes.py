"""The rules of `bot.answering.vetoes`: only what is certainly given nowhere is vetoed."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.vetoes import first_veto
from retrieval.text.dates import date_mentions
from retrieval.vocabulary import PublicationDate

TODAY = date(2026, 11, 29)
FRIDAY = PublicationDate(2018, 1, 19)
GROUNDS = (
    "Rouen : la halle rouvrira en mars",
    "Le maire de Rouen a annoncé jeudi que la halle, fermée depuis deux ans, rouvrira en mars. "
    "Les travaux, commencés le 4 septembre 2016, ont coûté 3 487 euros par jour, soit "
    "1,2 million d'euros, dont un tiers payé par l'État. En novembre, 45 commerçants et "
    "22 artisans avaient manifesté, à 7h45, contre le retard. La halle date de 1887.",
)


def veto(statement: str, published: PublicationDate | None = FRIDAY) -> str | None:
    """What is vetoed of a statement on the grounds above."""
    return first_veto(statement, GROUNDS, (published,), TODAY)


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("La halle a coûté 2,1 millions d'euros.", "2,1 millions"),
        ("Trente-cinq commerçants ont manifesté.", "Trente-cinq"),
        ("Les travaux ont commencé le 14 septembre 2016.", "14 septembre 2016"),
        ("Les travaux ont commencé le 4 octobre 2016.", "4 octobre 2016"),
        ("Les travaux ont commencé en 2012.", "2012"),
        ("La halle rouvrira en juillet.", "juillet"),
        ("Le maire l'a annoncé lundi.", "lundi"),
        ("Le chantier a coûté 5 euros par jour.", "5"),
        ("Ils ont manifesté à 12h30.", "12h30"),
        ("The market hall cost fifteen million euros.", "fifteen million"),
    ],
)
def test_what_is_given_nowhere_is_vetoed(statement: str, words: str) -> None:
    """A number or a date that the grounds and the days do not give is named."""
    assert veto(statement) == words


@pytest.mark.parametrize(
    "statement",
    [
        "Le maire a annoncé la réouverture de la halle.",
        "La halle a coûté 1,2 million d'euros, soit 1 200 000 euros.",
        "Les travaux coûtaient environ 3 500 euros par jour.",
        "Au total, 67 personnes ont manifesté.",
        "Il y avait 23 commerçants de plus que d'artisans.",
        "L'État a payé 33 % des travaux.",
        "La halle est fermée depuis vingt-quatre mois.",
        "Quatre choses sont dites de la halle.",
        "La halle rouvrira dans les premiers mois de l'année.",
        "Les travaux ont commencé en septembre 2016.",
        "Ils ont manifesté en novembre 2017.",
        "La halle du XIXe siècle, ou 19e siècle, rouvrira.",
        "Forty-five shopkeepers had demonstrated in November.",
    ],
)
def test_what_is_given_passes(statement: str) -> None:
    """Numbers as words, sums, differences, shares, roundings and small counts are given."""
    assert veto(statement) is None


@pytest.mark.parametrize(
    "statement",
    [
        "Le maire l'a annoncé le 18 janvier 2018.",
        "Le maire l'a annoncé le jeudi 18 janvier.",
        "On Thursday, January 18, 2018, the mayor announced it.",
        "Le maire l'a annoncé hier.",
        "Au 19 janvier 2018, la halle était fermée.",
        "La halle est fermée depuis 2016.",
    ],
)
def test_days_are_those_of_publication(statement: str) -> None:
    """A weekday of an article is a day near its publication; a count of years is a year."""
    assert veto(statement) is None


def test_a_day_needs_a_publication() -> None:
    """Without a day of publication, a weekday gives no date."""
    assert veto("Le maire l'a annoncé le 18 janvier 2018.", None) == "18 janvier 2018"
    assert veto("Le maire l'a annoncé le 26 janvier 2018.") == "26 janvier 2018"


def test_a_month_of_publication_gives_its_days() -> None:
    """A day of the month of publication may be meant."""
    assert veto("Le maire l'a annoncé le 25 janvier 2018.", PublicationDate(2018, 1)) is None


def test_a_weekday_may_be_said_of_many() -> None:
    """ "Les dimanches" gives "le dimanche"."""
    assert first_veto("Ouvert le dimanche.", ["Ouvert les dimanches."], [None], TODAY) is None


def test_the_dates_of_a_list_are_read() -> None:
    """Of "les 4 et 5 mai", both days are said; "mars" with a capital is a planet."""
    both = date_mentions("les 4 et 5 mai 2017")
    assert [(one.day, one.month, one.year) for one in both] == [(4, 5, 2017), (5, 5, 2017)]
    assert not date_mentions("Mars est une planète, and he may go")


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_text_is_judged(statement: str, ground: str) -> None:
    """No text of any kind raises; what is vetoed stands in the statement."""
    words = first_veto(statement, (ground,), (FRIDAY, None), TODAY)
    assert words is None or words in statement


@given(st.sampled_from(GROUNDS))
def test_a_ground_never_vetoes_itself(ground: str) -> None:
    """What the grounds say word for word is given."""
    assert veto(ground) is None
