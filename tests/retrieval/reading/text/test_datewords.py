"""Date words: what people write, read as precisely as they write it."""

from __future__ import annotations

from datetime import date

import pytest

from retrieval.reading.text.datewords import dateline_date, dates_in, masthead_date, read_written
from tests.bounds import bounded

_TODAY = date(2026, 11, 29)


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("7 juill. 2016", "2016-07-07"), ("7 Juil. 2016", "2016-07-07"),
        ("12 sept. 2019", "2019-09-12"), ("3 févr. 2018", "2018-02-03"),
        ("3 fevr 2018", "2018-02-03"), ("15 aout 2014", "2014-08-15"),
        ("1er mai 2019", "2019-05-01"), ("1 er mai 2019", "2019-05-01"),
        ("ler mai 1919", "1919-05-01"), ("2nd May 2019", "2019-05-02"),
        ("May 2nd, 2019", "2019-05-02"), ("November 7, 2008 Friday", "2008-11-07"),
        ("Friday, November 7, 2008", "2008-11-07"), ("Ven 12 mai 2019 - 14:05", "2019-05-12"),
        ("12.05.2019", "2019-05-12"), ("12/5/19", "2019-05-12"), ("12/5/30", "1930-05-12"),
        ("1.5.2019", "2019-05-01"), ("05/24/2017", "2017-05-24"), ("2017/05/24", "2017-05-24"),
        ("18 mars 2020, p. 12", "2020-03-18"), ("18\u00a0mars\u202f2020 (page 12)", "2020-03-18"),
        ("le 12 mai 2019 à 08h05, modifié le 13 mai", "2019-05-12"),
        ("Mis à jour le 13 mai 2019, publié le 12 mai 2019", "2019-05-12"),
        ("Paris, le 5 août 2014", "2014-08-05"), ("Numéro 45 – 3 mars 2011", "2011-03-03"),
        ("N° 4321 du 12/05/2019", "2019-05-12"), ("3-avr-18", "2018-04-03"),
        ("03-févr.-19", "2019-02-03"), ("12-déc-2016", "2016-12-12"), ("1-août-98", "1998-08-01"),
    ],
)  # fmt: skip
def test_days(words: str, meant: str) -> None:
    """Abbreviated months, ordinals, hours, pages and numbers of the paper around a day."""
    written = read_written(words, _TODAY)
    assert written is not None
    assert str(written.date) == meant


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("samedi 3 et dimanche 4 avril 2021", "2021-04-03"), ("3-4 avril 2021", "2021-04-03"),
        ("3 – 4 avril 2021", "2021-04-03"), ("3/4 avril 2021", "2021-04-03"),
        ("03-04/04/2021", "2021-04-03"), ("Samedi 12 & dimanche 13 déc. 2020", "2020-12-12"),
        ("1er, 2 et 3 mai 2021", "2021-05-01"), ("May 3-4, 2021", "2021-05-03"),
        ("samedi 30 avril et dimanche 1er mai 2016", "2016-04-30"),
        ("31 décembre 2020 et 1er janvier 2021", "2020-12-31"),
        ("31 décembre-1er janvier 2021", "2020-12-31"), ("mai-juin 2018", "2018-05"),
        ("juillet/août 2018", "2018-07"), ("décembre 2018-janvier 2019", "2018-12"),
        ("05/2017", "2017-05"), ("avr.-18", "2018-04"),
        ("printemps 2019", "2019"), ("Été 2019", "2019"),
        ("hiver 2018-2019", "2018"), ("T2 2019", "2019"), ("3e trimestre 2019", "2019"),
    ],
)  # fmt: skip
def test_editions_of_several_days_and_months(words: str, meant: str) -> None:
    """An edition is dated by its first day or month; a season is no more than its year."""
    written = read_written(words, _TODAY)
    assert written is not None
    assert str(written.date) == meant


@pytest.mark.parametrize(
    "words",
    ["mercredi", "hier", "vendredi 2017", "aujourd'hui 2017", "24 mai 17", "le 3 mai", "12-05-19",
     "an VII", "MCMVII", "2,12 millions en 2019", "x" * 300 + " 3 mai 2019"],
)  # fmt: skip
def test_what_is_none_of_these_forms(words: str) -> None:
    """Nothing is made of a weekday, of a day without a year, or of a number."""
    assert read_written(words, _TODAY) is None


@pytest.mark.parametrize(
    "words",
    ["31 février 2017", "0/0/2017", "2017-13-45", "40 mai 2017", "mis à jour le 3 mai 2019"],
)
def test_what_no_calendar_has(words: str) -> None:
    """A day that does not exist, or that is only said to be of a change, is refused at once."""
    with pytest.raises(ValueError, match=r"."):
        read_written(words, _TODAY)


def test_the_hour_after_a_date() -> None:
    """An hour is kept: an embargo ends at it."""
    for words in ("3 mai 2019 à 06h30", "3 mai 2019, 6:30", "3 mai 2019 - 06:30", "3/5/2019 6h30"):
        written = read_written(words, _TODAY)
        assert written is not None
        assert str(written.hour) == "06:30:00"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("Lundi 4 mars 1907 - N° 63 - Cinq centimes", "4 mars 1907"),
        ("Quarante-troisième année — N° 12 345 — Lundi 4 mars 1907", "4 mars 1907"),
        ("5e Année. — N° 1.234 — Le Numéro : 5 centimes — Mardi 3 juin 1890", "3 juin 1890"),
        ("L’ÉCHO DES ÉTANGS — Jeudi 3 Août 1911.", "3 aout 1911"),
        ("N° 4321 du 12/05/2019", "12/05/2019"), ("Édition du 12 mai 2019", "12 mai 2019"),
        ("Le Courrier daté du 3–4 avril 2021", "3-4 avril 2021"),
        ("mercredi 1er mai 2019 | Brigny", "1er mai 2019"),
        ("29/11/2026 14:02 Le pont de Brigny", ""), ("12 mai 2019 à 14:05", ""),
        ("L’attentat du 4 mars 1907", ""), ("Le pont", ""), ("lundi 4 mars", ""),
    ],
)  # fmt: skip
def test_the_date_of_a_masthead(line: str, words: str) -> None:
    """A date counts with its weekday or the number of the paper; one with an hour is printing."""
    assert masthead_date(line) == words


def test_days_that_a_text_names() -> None:
    """Whole days only, in the forms that people write; impossible ones are passed over."""
    text = "Né le 3 mai 1950, élu le 12/05/2019 puis le 31 février 2020, en mai 2021."
    assert [str(day) for day in dates_in(text, _TODAY)] == ["1950-05-03", "2019-05-12"]


@pytest.mark.parametrize("piece", ["1 ", "1-", "lundi 1 et ", "1er et 2 mai ", "1/", "n 1 "])
def test_hostile_words_take_no_time(piece: str) -> None:
    """Runs of half a date cost no more than their length."""
    with bounded(2):
        assert dates_in(piece * (20_000 // len(piece)), _TODAY) == []
        assert read_written(piece * (190 // len(piece)), _TODAY) is None


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("LESTIAC, 6 fév 2018 (ANI) - Le quai rouvre.", "6 fév 2018"),
        ("Royec, le 6 février 2018 (ANI) – Le quai rouvre.", "6 février 2018"),
        ("ROYEC (Loire), mardi 1er août 2017 /Agence Nord/ -- Le quai.", "1er août 2017"),
        ("ROYEC, Feb 6, 2018 (ANI) - The quay is open.", "Feb 6, 2018"),
        ("Royec, 6 juin 1944 – Les troupes débarquent.", ""),
        ("ROYEC, 6 février (ANI) - Le quai rouvre.", ""),
        ("Le maire, élu le 6 février 2018 (tour unique) - il y tient - a signé.", ""),
        ("Il a dit le 6 février 2018 (ANI) que le quai rouvrait.", ""),
    ],
)
def test_the_dateline_of_an_agency(line: str, words: str) -> None:
    """A place, a whole day and an agency before the dash; a day of history has no agency."""
    assert dateline_date(line) == words
