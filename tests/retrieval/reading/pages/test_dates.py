"""Dates of pages: what a page declares or shows with its article, never what visitors see."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from retrieval.vocabulary import Draft
from tests.retrieval.reading.conftest import TODAY, Reading

_SHOWN = "12 mai 2019"
_BODY = (
    "<p>Le pont de Brigny est ouvert à tous, annonce la mairie, après trois ans de travaux.</p>"
    "<p>Les habitants de la rive gauche le traverseront à pied dès samedi, sans payer.</p>"
)


def _read(
    reading: Reading,
    folder: Path,
    head: str = "",
    before: str = "",
    inside: str = "",
    after: str = "",
) -> Draft:
    path = folder / "page.html"
    path.write_text(
        f"<html lang='fr'><head><title>Un pont</title>{head}</head><body>{before}<article>"
        f"<h1>Un pont</h1>{inside}{_BODY}</article>{after}</body></html>",
        encoding="utf-8",
    )
    os.utime(path, (0, 0))
    drafts, problems = reading(path)
    assert problems == []
    return drafts[0]


@pytest.mark.parametrize(
    "shown",
    [
        "<header><div class='date'>Dimanche {day}</div><b>Le Fil du Bocage</b></header>",
        "<div id='date'>Dimanche {day}</div>", "<div class='date-du-jour'>{day}</div>",
        "<p>Nous sommes le {day}, bonne fête aux Saturnin</p>", "<nav><span>{day}</span></nav>",
        "<div class='widget_meteo'>Météo du {day}</div>", "<aside>Agenda : {day}</aside>",
        "<section id='ephemeride'><time datetime='2019-05-12'>{day}</time></section>",
        "<footer>© {day} Le Fil du Bocage</footer>", "<div class='topbar'><span>{day}</span></div>",
        "<ol class='comment-list'><li><time datetime='2019-05-12T10:00'>{day}</time> Bravo</ol>",
        "<p>Dernière mise à jour : {day}</p>", "<div>Imprimé le {day}</div>",
    ],
)  # fmt: skip
@pytest.mark.parametrize("place", ["before", "after"])
def test_days_that_are_shown_to_visitors(
    tmp_path: Path, reading: Reading, shown: str, place: str
) -> None:
    """Banners, almanacs, weather, comments, rights and changes are no dates of an article."""
    found = _read(reading, tmp_path, **{place: shown.format(day=_SHOWN)})
    assert found.published is None


@pytest.mark.parametrize(
    ("inside", "published"),
    [
        (f"<p class='date'>{_SHOWN}</p>", "2019-05-12"),
        (f"<p>Publié le {_SHOWN} à 10h30</p>", "2019-05-12"),
        (f"<header><span class='posted-on'>{_SHOWN}</span></header>", "2019-05-12"),
        ("<time datetime='2019-05-12T22:30:00Z'>à 0 h 30</time>", "2019-05-13"),
        (f"<p>Mis à jour le {_SHOWN}</p>", "None"),
    ],
)  # fmt: skip
def test_a_day_that_is_shown_with_the_article(
    tmp_path: Path, reading: Reading, inside: str, published: str
) -> None:
    """It dates the article beside any banner, in the newspaper's time."""
    banner = "<header><div class='date'>Dimanche 22 novembre 2026</div></header>"
    assert str(_read(reading, tmp_path, "", banner, inside).published) == published


_LD = '<script type="application/ld+json">{{"@type": "NewsArticle", {0}}}</script>'


@pytest.mark.parametrize(
    ("head", "published"),
    [
        ("<meta property='article:published_time' content='2020-03-01T23:30:00Z'>", "2020-03-02"),
        ("<meta property='article:published_time' content='2020-03-01T23:30:00-05:00'>",
         "2020-03-01"),
        (_LD.format('"dateModified": "2020-03-01T23:50:00Z",'
                    ' "datePublished": "2020-03-01T10:30:00Z"'), "2020-03-01"),
        (_LD.format('"datePublished": "2020-03-01T23:30:00.000Z"'), "2020-03-02"),
        ("<meta itemprop='datePublished' content='2020-03-01T23:30:00+00:00'>", "2020-03-02"),
        ("<link rel='canonical' href='https://fil.example/2020/03/01/pont'>", "2020-03-01"),
    ],
)  # fmt: skip
def test_a_declared_moment_is_the_newspapers_day(
    tmp_path: Path, reading: Reading, head: str, published: str
) -> None:
    """What the head declares wins over a banner; a moment in UTC is told in Paris."""
    banner = f"<header><div class='date'>Dimanche {_SHOWN}</div></header>"
    assert str(_read(reading, tmp_path, head, banner).published) == published


@pytest.mark.parametrize("saved", [False, True])
def test_the_day_of_a_visit_is_none(tmp_path: Path, reading: Reading, saved: bool) -> None:
    """A day that is only shown, and is that of the reading or of the saving, says nothing."""
    day = date(2021, 6, 3) if saved else TODAY
    path = tmp_path / "a.html"
    shown = f"<div>{day.day}/{day.month:02}/{day.year}</div>"
    article = f"<article><h1>Un pont</h1>{_BODY}</article>"
    path.write_text(f"<html><body>{shown}{article}</body></html>", encoding="utf-8")
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC).timestamp()
    os.utime(path, (noon, noon if saved else 0))
    [draft] = reading(path)[0]
    assert draft.published is None
    assert any(line.endswith("the day of the reading)") for line in draft.removed) is not saved
    assert any(line.endswith("the file was saved)") for line in draft.removed) is saved


def test_today_counts_where_it_is_declared(tmp_path: Path, reading: Reading) -> None:
    """An article of today is of today when its page declares it."""
    head = f"<meta property='article:published_time' content='{TODAY}T08:00:00+01:00'>"
    assert str(_read(reading, tmp_path, head).published) == str(TODAY)
