"""Periods: what French and English questions name, on a day that is an argument."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from retrieval.text.periods import find_day, find_period, is_about_now, is_guessed, names
from retrieval.vocabulary import Period

TODAY = date(2026, 11, 23)  # a Monday

NAMED = [
    # days
    ("Que s'est-il passé le 24 mai 2017 ?", "2017-05-24", "2017-05-24"),
    ("le 1er mai 2017", "2017-05-01", "2017-05-01"),
    ("24/05/2017", "2017-05-24", "2017-05-24"),
    ("24.05.2017", "2017-05-24", "2017-05-24"),
    ("2017-05-24", "2017-05-24", "2017-05-24"),
    ("on May 24, 2017", "2017-05-24", "2017-05-24"),
    ("24 May 2017", "2017-05-24", "2017-05-24"),
    ("du 3 au 7 mai 2017", "2017-05-03", "2017-05-07"),
    ("hier", "2026-11-22", "2026-11-22"),
    ("avant-hier", "2026-11-21", "2026-11-21"),
    ("avant hier", "2026-11-21", "2026-11-21"),
    ("yesterday", "2026-11-22", "2026-11-22"),
    ("du 28 février au 3 mars 2017", "2017-02-28", "2017-03-03"),
    ("du 28 décembre au 3 janvier 2017", "2016-12-28", "2017-01-03"),
    ("from February 28 to March 3, 2017", "2017-02-28", "2017-03-03"),
    ("28 February to 3 March 2017", "2017-02-28", "2017-03-03"),
    ("lundi dernier", "2026-11-16", "2026-11-16"),
    ("last Friday", "2026-11-20", "2026-11-20"),
    ("ces derniers jours", "2026-11-13", "2026-11-23"),
    ("24/05/17", "2017-05-24", "2017-05-24"),
    ("hier soir", "2026-11-22", "2026-11-22"),
    ("mardi", "2026-11-17", "2026-11-17"),
    ("mardi dernier", "2026-11-17", "2026-11-17"),
    ("lundi", "2026-11-16", "2026-11-16"),
    ("ce lundi", "2026-11-23", "2026-11-23"),
    ("la grève de mardi", "2026-11-17", "2026-11-17"),
    ("What happened on Tuesday?", "2026-11-17", "2026-11-17"),
    ("les trois derniers jours", "2026-11-20", "2026-11-23"),
    ("ces dernières 24 heures", "2026-11-22", "2026-11-23"),
    ("in the last 48 hours", "2026-11-21", "2026-11-23"),
    ("l'après-midi du 24 mai 2017", "2017-05-24", "2017-05-24"),
    ("l'avant-match du 24 mai 2017", "2017-05-24", "2017-05-24"),
    ("lundi 13 janvier 2020", "2020-01-13", "2020-01-13"),
    # weeks
    ("la semaine du 22 mai 2017", "2017-05-22", "2017-05-28"),
    ("la semaine du 24 mai 2017", "2017-05-22", "2017-05-28"),
    ("the week of May 22, 2017", "2017-05-22", "2017-05-28"),
    ("cette semaine", "2026-11-23", "2026-11-29"),
    ("la semaine dernière", "2026-11-16", "2026-11-22"),
    ("last week", "2026-11-16", "2026-11-22"),
    ("les deux dernières semaines", "2026-11-09", "2026-11-23"),
    ("over the past two weeks", "2026-11-09", "2026-11-23"),
    ("ce week-end", "2026-11-21", "2026-11-22"),
    ("le week-end dernier", "2026-11-21", "2026-11-22"),
    ("last weekend", "2026-11-21", "2026-11-22"),
    # months
    ("en mai 2017", "2017-05-01", "2017-05-31"),
    ("en fevrier 2020", "2020-02-01", "2020-02-29"),
    ("EN FÉVRIER 2020", "2020-02-01", "2020-02-29"),
    ("le mois dernier", "2026-10-01", "2026-10-31"),
    ("ce mois-ci", "2026-11-01", "2026-11-30"),
    ("il y a 3 mois", "2026-08-01", "2026-08-31"),
    ("in the last three months", "2026-08-23", "2026-11-23"),
    ("entre mai et juin 2017", "2017-05-01", "2017-06-30"),
    ("de décembre à mars 2017", "2016-12-01", "2017-03-31"),
    ("en février dernier", "2026-02-01", "2026-02-28"),
    ("en décembre dernier", "2025-12-01", "2025-12-31"),
    ("last February", "2026-02-01", "2026-02-28"),
    ("fin mai 2017", "2017-05-21", "2017-05-31"),
    ("mi-mai 2017", "2017-05-11", "2017-05-20"),
    ("début mai 2017", "2017-05-01", "2017-05-10"),
    ("in late May 2017", "2017-05-21", "2017-05-31"),
    ("mid-May 2017", "2017-05-11", "2017-05-20"),
    ("ces derniers mois", "2026-05-23", "2026-11-23"),
    ("en mai", "2026-05-01", "2026-05-31"),
    ("en décembre", "2025-12-01", "2025-12-31"),
    ("en novembre", "2026-11-01", "2026-11-30"),
    ("au mois de mai", "2026-05-01", "2026-05-31"),
    ("in March", "2026-03-01", "2026-03-31"),
    ("fin mai", "2026-05-21", "2026-05-31"),
    ("entre mars et mai", "2026-03-01", "2026-05-31"),
    ("de novembre à février", "2025-11-01", "2026-02-28"),
    ("05/2017", "2017-05-01", "2017-05-31"),
    ("entre fin juin et mi-juillet 2020", "2020-07-11", "2020-07-20"),
    ("neige en février 2018, mais vendredi ?", "2018-02-01", "2018-02-28"),
    ("in recent months", "2026-05-23", "2026-11-23"),
    ("entre mars et juin 2018", "2018-03-01", "2018-06-30"),
    ("between March and June 2018", "2018-03-01", "2018-06-30"),
    # seasons and parts of years
    ("au printemps dernier", "2026-03-01", "2026-05-31"),
    ("l'hiver dernier", "2025-12-01", "2026-02-28"),
    ("last spring", "2026-03-01", "2026-05-31"),
    ("cet été", "2026-06-01", "2026-08-31"),
    ("this summer", "2026-06-01", "2026-08-31"),
    ("début 2017", "2017-01-01", "2017-04-30"),
    ("au premier trimestre 2017", "2017-01-01", "2017-03-31"),
    ("the first half of 2017", "2017-01-01", "2017-06-30"),
    ("au dernier semestre 2017", "2017-07-01", "2017-12-31"),
    ("au dernier trimestre 2017", "2017-10-01", "2017-12-31"),
    ("third half of 2017", "2017-01-01", "2017-12-31"),
    ("au début de l'année", "2026-01-01", "2026-04-30"),
    ("fin de l'année dernière", "2025-09-01", "2025-12-31"),
    ("l'été 2016", "2016-06-01", "2016-08-31"),
    ("l'hiver 2016", "2016-12-01", "2017-02-28"),
    ("fin 2016", "2016-09-01", "2016-12-31"),
    ("mi-2016", "2016-05-01", "2016-08-31"),
    ("début 2016", "2016-01-01", "2016-04-30"),
    ("early 2016", "2016-01-01", "2016-04-30"),
    # years
    ("Combien de soldats en 2017 ?", "2017-01-01", "2017-12-31"),
    ("the 2017 summit", "2017-01-01", "2017-12-31"),
    ("l'an dernier", "2025-01-01", "2025-12-31"),
    ("l’an dernier", "2025-01-01", "2025-12-31"),
    ("l'annee derniere", "2025-01-01", "2025-12-31"),
    ("last year", "2025-01-01", "2025-12-31"),
    ("cette année", "2026-01-01", "2026-12-31"),
    ("il y a deux ans", "2024-01-01", "2024-12-31"),
    ("two years ago", "2024-01-01", "2024-12-31"),
    ("ces trois dernières années", "2023-11-23", "2026-11-23"),
    ("ces cinq dernières années", "2021-11-23", "2026-11-23"),
    ("au cours des 5 dernieres annees", "2021-11-23", "2026-11-23"),
    ("dans les années 1990", "1990-01-01", "1999-12-31"),
    ("les années 80", "1980-01-01", "1989-12-31"),
    ("la mode des années 80", "1980-01-01", "1989-12-31"),
    ("les années 20", "2020-01-01", "2029-12-31"),
    ("in the 1980s", "1980-01-01", "1989-12-31"),
    ("the 80s", "1980-01-01", "1989-12-31"),
    ("le bilan des combats en 2017", "2017-01-01", "2017-12-31"),
    ("over the last few years", "2021-11-23", "2026-11-23"),
    # open ends
    ("avant mai 2017", None, "2017-04-30"),
    ("before May 2017", None, "2017-04-30"),
    ("jusqu'en 2016", None, "2016-12-31"),
    ("until 2016", None, "2016-12-31"),
    ("après 2016", "2017-01-01", None),
    ("depuis le sommet de juillet 2016", "2016-07-01", None),
    ("since 2016", "2016-01-01", None),
    ("depuis 2019", "2019-01-01", None),
    ("depuis mardi", "2026-11-17", None),
    ("since Tuesday", "2026-11-17", None),
    ("jusqu'à mardi", None, "2026-11-17"),
    ("depuis mai", "2026-05-01", None),
    ("depuis 3 mois", "2026-08-23", None),
    ("depuis plus de deux ans", "2024-11-23", None),
    ("depuis quelques jours", "2026-11-13", None),
    ("depuis le début de l'année", "2026-01-01", None),
    ("depuis la semaine dernière", "2026-11-16", None),
    ("dès 2019", "2019-01-01", None),
    ("depuis février dernier", "2026-02-01", None),
    ("à partir de 2016", "2016-01-01", None),
    # several
    ("entre 2014 et 2016", "2014-01-01", "2016-12-31"),
    ("de 2014 à 2016", "2014-01-01", "2016-12-31"),
    ("between 2014 and 2016", "2014-01-01", "2016-12-31"),
    ("2016-2017", "2016-01-01", "2017-12-31"),
    ("fin 2016 et en 2017", "2016-09-01", "2017-12-31"),
    ("de mars 2017 à avril 2018", "2017-03-01", "2018-04-30"),
]


@pytest.mark.parametrize(("text", "first", "last"), NAMED, ids=[row[0] for row in NAMED])
def test_period_that_is_named(text: str, first: str | None, last: str | None) -> None:
    """A question's expression is the interval of days that a reader means by it."""
    period = find_period(text, TODAY)
    assert period is not None
    assert (period.first and str(period.first), period.last and str(period.last)) == (first, last)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Qui est le maire de Mirvolle ?",
        "2.017 soldats",
        "2 017 soldats",
        "les 2000 soldats",
        "Que peut-on acheter avec 2000 euros ?",
        "plus de 2000 manifestants",
        "1999% des voix",
        "le 31 février 2017",
        "le 32/13/2017",
        "aujourd'hui",
        "au quai 20171",
        "l'hiver, les marcheurs",
        "Mars attaque",
        "en mai 68",
        "le 14 juillet",
        "le mardi",
        "les mardis",
        "le Journal du dimanche",
        "Robinson et Vendredi",
        "Black Friday",
        "mardi gras",
        "mardi prochain",
        "next Tuesday",
        "du lundi au vendredi",
        "ouvert le week-end",
        "la semaine prochaine",
        "les 52 ans de David Hallyday",
    ],
)
def test_no_period_is_named(text: str) -> None:
    """Quantities, impossible dates and months without a year are no period."""
    assert find_period(text, TODAY) is None


def test_the_words_of_a_period_are_those_of_the_question() -> None:
    """``words`` is a span of the question as it was typed, accents and capitals included."""
    for text in ("Qu'a dit le maire En Février 2020 ?", "Œuvres vendues l’an dernier à Évry"):
        period = find_period(text, TODAY)
        assert period is not None
        assert period.words in text
        assert period.words in ("Février 2020", "l’an dernier")


def test_today_moves_what_is_relative() -> None:
    """What is said of now counts from the day of the question, across ends of years."""
    assert find_period("hier", date(2020, 3, 1)) == Period(
        date(2020, 2, 29), date(2020, 2, 29), "hier"
    )
    assert find_period("le mois dernier", date(2020, 1, 31)) == Period(
        date(2019, 12, 1), date(2019, 12, 31), "le mois dernier"
    )
    assert find_period("ces deux dernières années", date(2024, 2, 29)) == Period(
        date(2022, 2, 28), date(2024, 2, 29), "ces deux dernières années"
    )


def test_this_winter_is_the_one_that_is_not_over() -> None:
    """In February, this winter began last year, and the last one the year before."""
    february = date(2021, 2, 10)
    this, last = find_period("cet hiver", february), find_period("l'hiver dernier", february)
    assert this == Period(date(2020, 12, 1), date(2021, 2, 28), "cet hiver")
    assert last == Period(date(2019, 12, 1), date(2020, 2, 29), "hiver dernier")


def test_a_weekend_is_the_last_that_has_begun() -> None:
    """On a Sunday, this weekend goes on; the last one was the week before."""
    sunday = date(2026, 11, 22)
    this, last = find_period("ce week-end", sunday), find_period("le week-end dernier", sunday)
    assert this == Period(date(2026, 11, 21), sunday, "ce week-end")
    assert last == Period(date(2026, 11, 14), date(2026, 11, 15), "le week-end dernier")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("le 2 septembre", date(2026, 9, 2)),
        ("le 1er décembre", date(2025, 12, 1)),
        ("on September 2", date(2026, 9, 2)),
        ("November 23", TODAY),
        ("le 31 juin", None),
        ("le 29 février", None),
        ("le 2", None),
    ],
)
def test_a_day_without_a_year_is_the_last_one(text: str, day: date | None) -> None:
    """In a question of news, "le 2 septembre" is that of this year, or else of the last."""
    found = find_day(text, TODAY)
    assert (found and found.first) == day


@pytest.mark.parametrize(
    ("text", "guessed"),
    [
        ("en mai", True),
        ("mardi", True),
        ("entre mars et mai", True),
        ("en mai 2017", False),
        ("mardi dernier", False),
        ("en 2017, mardi", False),
        ("", False),
    ],
)
def test_a_bare_month_or_weekday_is_a_guess(text: str, guessed: bool) -> None:
    """Which year or week is meant is not said; another date tells it."""
    assert is_guessed(text, TODAY) is guessed


PIECES = st.lists(
    st.sampled_from(
        "le 1er 31 février mai 2017 2000 été printemps 80 semaine du lundi mi- trimestre premier "
        "week-end mardi dimanche semestre third half 24 heures quelques noël prochain jusqu'en mi "
        "avant depuis entre et à jusqu'à il y a deux 999 ans mois "
        "semaines dernier dernière fin début été hiver les années 1990 ce cette last ago since - / "
        ". , hier avant-hier".split(" ")
    )
    | st.text(max_size=6),
    max_size=14,
).map(" ".join)


@settings(deadline=None)
@given(PIECES | st.text(max_size=400), st.dates(date(1990, 1, 1), date(2100, 1, 1)))
@example("il y a 999 ans", date(1990, 1, 1))
@example("29 février 2100", TODAY)
@example("hier " * 1000, TODAY)
@example("au dernier semestre 2017", TODAY)
@example("third half of 2017", TODAY)
@example("quatrième semestre 2017", TODAY)
@example("depuis 999 ans", date(1990, 1, 1))
@example("29 février", date(1990, 1, 1))
def test_any_text_has_a_period_or_none(text: str, today: date) -> None:
    """Whatever is typed, there is no error, and a period's days are in their order."""
    period = find_period(text, today)
    if period is not None:
        assert period.words.strip() in text
        if period.first and period.last:
            assert period.first <= period.last
    find_day(text, today)
    is_guessed(text, today)


@settings(deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_about_now_or_not(text: str) -> None:
    """Neither question that a text is asked of its time raises."""
    assert is_about_now(text) in (True, False)
    assert names(text, Period(date(1900, 1, 1), None)) in (True, False)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("La mission a commencé en février 2016.", True),
        ("Dès 2015, et jusqu'en 2018.", False),
        ("Le budget de 2.016 euros", False),
        ("Le numéro 20167", False),
        ("Rien", False),
    ],
)
def test_text_that_speaks_of_a_year(text: str, said: bool) -> None:
    """A text names a period when it holds one of its years as a word of its own."""
    assert names(text, Period(date(2016, 5, 1), date(2016, 5, 31))) is said


@pytest.mark.parametrize(
    ("text", "now"),
    [
        ("Qui dirige le CHU aujourd'hui ?", True),
        ("Qui dirige le CHU aujourd’hui ?", True),
        ("Où en est le tramway actuellement ?", True),
        ("Who is the mayor now?", True),
        ("Qui dirigeait le CHU en 2017 ?", False),
        ("Who knows?", False),
    ],
)
def test_questions_about_now(text: str, now: bool) -> None:
    """``aujourd'hui``, ``actuellement`` and ``now`` ask how things stand."""
    assert is_about_now(text) is now
