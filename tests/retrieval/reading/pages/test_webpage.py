"""Web pages: what they say of themselves, as precisely as they say it and no more."""

from __future__ import annotations

from pathlib import Path

import pytest

from retrieval.vocabulary import Draft, LeftOut
from tests.retrieval.reading.conftest import Reading, ReadingAll

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


_ASIDE = "La mairie de Brigny aurait menti sur le prix du pont."


@pytest.mark.parametrize(
    "head",
    [
        "<style>.np { display: none }</style>",
        "<style>@import 'a.css'; h2, .np{color:red;visibility:hidden}</style>",
        "<link rel='stylesheet' href='a.css'><style>.np{display:none!important}</style>",
        "<style>/* a { */ #np{display:none !important}</style>",
        "<style media='screen'>.np{display:none}</style><script>var a = 'pont';</script>",
    ],
)
def test_what_a_style_sheet_of_the_page_hides(tmp_path: Path, reading: Reading, head: str) -> None:
    """A class or an id that its own style sheet takes off the screen is no text."""
    inside = f"<p class='b np' id='np'>{_ASIDE}</p>"
    draft = _read(reading, tmp_path, head, inside)
    assert "Brigny est ouvert" in draft.text
    assert "menti" not in draft.text


@pytest.mark.parametrize(
    "head",
    [
        "<style>.np{display:block}</style>",
        "<style>@media print{.np{display:none}}</style>",
        "<style media='print'>.np{display:none}</style>",
        "<style>.js .np{display:none}</style>",
        "<style>.np{display:none} .open .np{display:block}</style>",
        "<style>.np{display:none}</style><style>.np{display:flex}</style>",
        "<style>#np{display:none} #np:target{display:block}</style>",
        "<style>.np{display:none}</style><link rel='stylesheet' href='a.css'>",
        "<style>.np{display:none}</style><script src='fold.js'></script>",
        "<style>.np{display:none}</style><script>show('.np')</script>",
        "<noscript><style>.np{display:none}</style></noscript>",
        "<style>/* .np{display:none} */</style>",
    ],
)
def test_what_a_style_sheet_may_show(tmp_path: Path, reading: Reading, head: str) -> None:
    """Another medium, a condition, another rule and a program leave the text where it is."""
    inside = f"<p class='b np' id='np'>{_ASIDE}</p>"
    assert "menti" in _read(reading, tmp_path, head, inside).text


@pytest.mark.parametrize("published", [True, False])
def test_a_draft_of_a_medium_export(
    tmp_path: Path, reading_all: ReadingAll, published: bool
) -> None:
    """Medium exports drafts as it does posts, without the moment of publication."""
    when = "<time class='dt-published' datetime='2019-03-02T07:00:00.000Z'>March 2, 2019</time>"
    (tmp_path / "draft_pont.html").write_text(
        '<html><head><title>Un pont</title></head><body><article class="h-entry"><header>'
        '<h1 class="p-name">Un pont</h1></header><section data-field="body"'
        ' class="e-content"><p>Le pont de Brigny est ouvert à tous depuis lundi matin.</p>'
        f"<p>{_ASIDE}</p></section><footer><p>{when if published else ''}</p>"
        "<p>Exported from Medium on November 20, 2026.</p></footer></article></body></html>"
    )
    [item] = reading_all(tmp_path / "draft_pont.html")
    if published:
        assert isinstance(item, Draft)
    else:
        assert isinstance(item, LeftOut)
        assert item.reason == "draft"
