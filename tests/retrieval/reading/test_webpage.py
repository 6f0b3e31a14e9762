"""Web pages: what they say of themselves, as precisely as they say it and no more."""

from __future__ import annotations

from pathlib import Path

import pytest

from retrieval.vocabulary import Draft
from tests.retrieval.reading.conftest import Reading

_BODY = "<article><h1>Un pont</h1>{inside}<p>Le pont de Brigny est ouvert à tous.</p></article>"


def _read(reading: Reading, folder: Path, head: str, inside: str = "", foot: str = "") -> Draft:
    path = folder / "page.html"
    body = _BODY.format(inside=inside)
    path.write_text(
        f"<html lang='fr'><head><title>Un pont</title>{head}</head>"
        f"<body>{body}{foot}</body></html>",
        encoding="utf-8",
    )
    drafts, problems = reading(path)
    assert problems == []
    return drafts[0]


@pytest.mark.parametrize(
    ("head", "url"),
    [
        ("<link rel='canonical' href='https://fil.example/pont'>", "https://fil.example/pont"),
        ("<meta property='og:url' content='https://fil.example/b'>", "https://fil.example/b"),
        ("<link rel='canonical' href='javascript:void(0)'>", None),
        ("", None),
    ],
)
def test_the_address_of_a_page(
    tmp_path: Path, reading: Reading, head: str, url: str | None
) -> None:
    """The canonical address is the article's, wherever the page was saved."""
    assert _read(reading, tmp_path, head).url == url


@pytest.mark.parametrize(
    ("head", "inside", "foot", "published"),
    [
        ('<script type="application/ld+json">{"@type": "NewsArticle",'
         ' "datePublished": "2017-05-24T23:30:00-05:00"}</script>', "", "", "2017-05-24"),
        ("<meta property='article:published_time' content='2017-01-01T08:00'>", "", "",
         "2017-01-01"),
        ("", "<time datetime='2017-05-24'>mercredi</time>", "", "2017-05-24"),
        ("", "", "<p>© 1996 Le Fil</p>", "None"),
        ("", "<p>Depuis 1996, le pont attend.</p>", "", "None"),
    ],
)  # fmt: skip
def test_the_date_of_a_page(
    tmp_path: Path, reading: Reading, head: str, inside: str, foot: str, published: str
) -> None:
    """A date that is declared is believed; a lone year in the text is no first of January."""
    assert str(_read(reading, tmp_path, head, inside, foot).published) == published


def test_the_author_is_a_name(tmp_path: Path, reading: Reading) -> None:
    """ "Par" is not part of it."""
    assert (
        _read(reading, tmp_path, "<meta name='author' content='Par Anne Lô'>").author == "Anne Lô"
    )
