"""The days that "hier" and "jeudi" mean in an article of a known day."""

from __future__ import annotations

import time
from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from retrieval.text.relative_days import days_meant
from retrieval.vocabulary import PublicationDate

THURSDAY = PublicationDate(2019, 7, 18)


def _told(
    text: str, published: PublicationDate | None = THURSDAY, language: str = "fr"
) -> list[tuple[str, str]]:
    return [
        (text[span.start : span.end], str(day))
        for span, day in days_meant(text, published, language)
    ]


@pytest.mark.parametrize(
    ("text", "published", "told"),
    [
        (
            "La sonde Mistral, du Verdais, s'est posée sur Mars jeudi à 4 h 12.",
            THURSDAY,
            [("jeudi", "2019-07-18")],
        ),
        (
            "Le confinement entre en vigueur mardi à midi dans tout le Verdais.",
            PublicationDate(2020, 3, 17),
            [("mardi", "2020-03-17")],
        ),
        (
            "Hier, le président avait annoncé que les écoles resteraient fermées.",
            PublicationDate(2020, 3, 17),
            [("Hier", "2020-03-16")],
        ),
        (
            "Un séisme de magnitude 5,4 a secoué Port-Alban jeudi à 3 h 20.",
            PublicationDate(2021, 9, 2),
            [("jeudi", "2021-09-02")],
        ),
        (
            "Le Verdais a rouvert mercredi son ambassade à Kessel, avec six agents.",
            PublicationDate(2022, 10, 5),
            [("mercredi", "2022-10-05")],
        ),
    ],
)
def test_the_days_of_the_cases(
    text: str, published: PublicationDate, told: list[tuple[str, str]]
) -> None:
    """The day that a reader would count back to from the date of the article."""
    assert _told(text, published) == told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Avant-hier, il a plu.", [("Avant-hier", "2019-07-16")]),
        ("Il a plu hier soir.", [("hier soir", "2019-07-17")]),
        ("Il pleut aujourd’hui.", [("aujourd’hui", "2019-07-18")]),
        ("Il a plu ce matin, et demain ?", [("ce matin", "2019-07-18"), ("demain", "2019-07-19")]),
        ("Il pleuvra après-demain.", [("après-demain", "2019-07-20")]),
        ("Il avait plu ce matin-là.", []),
        ("Le monde de demain et d'aujourd'hui.", []),
    ],
)
def test_words_that_count_from_the_article(text: str, told: list[tuple[str, str]]) -> None:
    """ "Hier" is the day before the article, whatever the tense; figures of speech are none."""
    assert _told(text) == told


@pytest.mark.parametrize(
    ("text", "day"),
    [
        # over: the last one, that of publication included
        ("Le maire a fermé la route lundi.", "2019-07-15"),
        ("Lundi, à Lyon, le maire a fermé la route.", "2019-07-15"),
        ("Le maire, lundi, a fermé la route.", "2019-07-15"),
        ("Elle est morte dimanche à Paris.", "2019-07-14"),
        ("Le ministre recevait lundi les maires.", "2019-07-15"),
        ("Ils manifestèrent lundi.", "2019-07-15"),
        ("La grève, entamée lundi, se poursuit.", "2019-07-15"),
        ("La route est rouverte, a indiqué lundi la préfecture.", "2019-07-15"),
        ("L'accident, a-t-il dit jeudi, est grave.", "2019-07-18"),
        # to come
        ("La ligne rouvrira lundi.", "2019-07-22"),
        ("Le maire doit se rendre samedi à Nice.", "2019-07-20"),
        ("Le maire va tenter de rouvrir la ligne lundi.", "2019-07-22"),
        ("Le procès est attendu mardi.", "2019-07-23"),
        ("La route est fermée jusqu'à lundi.", "2019-07-22"),
        ("La route est fermée depuis lundi.", "2019-07-15"),
        # said by itself
        ("La réunion de lundi dernier.", "2019-07-15"),
        ("Le match de jeudi dernier.", "2019-07-11"),
        ("Le match de jeudi prochain.", "2019-07-25"),
        ("Le maire a rouvert la ligne ce lundi.", "2019-07-15"),
    ],
)
def test_a_day_of_the_week_by_the_tense_of_its_verb(text: str, day: str) -> None:
    """A verb of the past means the last such day, one of the future the coming one."""
    assert [told for _, told in _told(text)] == [day]


def test_each_clause_has_its_own_verb() -> None:
    """ "A annoncé lundi que la ligne rouvrira mardi": the one is over, the other to come."""
    assert _told("Le maire a annoncé lundi que la ligne rouvrira mardi.") == [
        ("lundi", "2019-07-15"),
        ("mardi", "2019-07-23"),
    ]
    assert _told("Deux hommes, qui ont été arrêtés lundi, seront jugés vendredi.") == [
        ("lundi", "2019-07-15"),
        ("vendredi", "2019-07-19"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Le marché a lieu le mardi.",  # a habit
        "Le marché a été ouvert du lundi au vendredi.",
        "La réunion de lundi a été annulée.",  # the day of a noun
        "Le maire a annoncé la réouverture de la ligne mardi.",  # of either
        "Il a promis de rouvrir lundi.",  # of the infinitive
        "Le préfet fait le point mercredi.",  # the present says neither
        "Opéra : la première samedi.",  # no verb
        "La ligne rouvrira jeudi.",  # today, or in a week
        "Il a plu jeudi 11 juillet.",  # a date says itself
        "Il a manifesté pour le troisième samedi consécutif.",
        "« Je l'ai vu lundi, et hier aussi », dit-il.",  # said we do not know when
        "Le rocker disparu mercredi sera honoré par un hommage au chanteur mort lundi.",
        "Ce vendredi, le maire a fermé la route.",  # tomorrow, or six days ago
    ],
)
def test_nothing_is_told_when_it_is_not_sure(text: str) -> None:
    """Habits, nouns, infinitives, the present and the speech of others tell no day."""
    assert _told(text) == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("The plane crashed on Tuesday near Lyon.", [("Tuesday", "2019-07-16")]),
        ("The line will reopen on Monday.", [("Monday", "2019-07-22")]),
        ("The match is due to be played on Saturday.", [("Saturday", "2019-07-20")]),
        (
            "The mayor said on Monday that it will be closed next Tuesday.",
            [("Monday", "2019-07-15"), ("Tuesday", "2019-07-23")],
        ),
        ("Yesterday the court ruled.", [("Yesterday", "2019-07-17")]),
        ("It meets on Sundays.", []),
        ("The party plans to vote on Friday.", []),
        ("The shop is closed on Monday.", []),
    ],
)
def test_english(text: str, told: list[tuple[str, str]]) -> None:
    """English says a day with "on"; "will" and "due to" are to come, "-ed" is over."""
    assert _told(text, language="en") == told


@pytest.mark.parametrize("published", [None, PublicationDate(2019), PublicationDate(2019, 7)])
def test_a_day_needs_the_day_of_the_article(published: PublicationDate | None) -> None:
    """An article of July, or of an unknown day, has no "hier"."""
    assert days_meant("Hier, il a plu lundi dernier.", published, "fr") == ()


def test_no_day_is_told_of_a_language_without_words() -> None:
    """What is written in neither French nor English is left as it is."""
    assert days_meant("Gestern, hier, yesterday", THURSDAY, "de") == ()


def test_spans_are_those_of_the_text() -> None:
    """Letters that change their length in lower case, and narrow spaces, move nothing."""
    text = "Œuvres\u202f: «\u00a0oui\u00a0».\nHier, il a plu."
    ((span, day),) = days_meant(text, THURSDAY, "fr")
    assert (text[span.start : span.end], day) == ("Hier", date(2019, 7, 17))
    assert days_meant("İstanbul, hier", THURSDAY, "fr") == ()


WORDS = st.lists(
    st.sampled_from(
        "lundi jeudi dernier prochain ce le a été ouvert sera rouvrira que , . « » hier demain "
        "jusqu'à depuis qui d'ici de à 12 juillet fermé on Monday will last was the to reopen "
        "\n ( ) ; pour".split(" ")
    ),
    max_size=40,
).map(" ".join)


@settings(deadline=None)
@given(WORDS | st.text(max_size=200), st.dates(date(1900, 1, 8), date(2100, 1, 1)))
@example("lundi " * 100, date(2020, 2, 29))
@example("hier", date(2020, 3, 1))
def test_any_text_has_its_days_inside(text: str, day: date) -> None:
    """Whatever is written: spans in their order, inside, near the article's day, no error."""
    published = PublicationDate(day.year, day.month, day.day)
    for language in ("fr", "en"):
        told = days_meant(text, published, language)
        ends = [0, *(edge for span, _ in told for edge in (span.start, span.end)), len(text)]
        assert ends == sorted(ends)
        assert all(abs((one - day).days) <= 7 for _, one in told)


@pytest.mark.parametrize(
    "text",
    [
        "lundi " * 5000, "a " * 15000, "«" * 30000, "a été fermé lundi, " * 2000,
        "é" * 30000 + " lundi", ", lundi" * 4000, "doit " * 6000 + "lundi", "d'" * 15000 + " lundi",
        "pour le " * 4000 + "lundi", "a a a lundi " * 2500, '" lundi ' * 4000,
    ],
    ids=lambda text: repr(text[:10]),
)  # fmt: skip
def test_no_text_takes_long(text: str) -> None:
    """Words repeated to the longest text that is read cost no more than words."""
    before = time.thread_time()
    days_meant(text, THURSDAY, "fr")
    days_meant(text, THURSDAY, "en")
    assert time.thread_time() - before < 1
