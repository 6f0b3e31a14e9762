"""Pages keep the voice of their own article: what others say in them goes, and is reported."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from retrieval.reading.pages.snippets import read_snippet
from tests.retrieval.reading.conftest import ROOT, Reading

_PAGES = ROOT / "tests" / "data" / "cases" / "voices"
_EXPECTED: dict[str, dict[str, Any]] = tomllib.loads(
    (_PAGES / "expected.toml").read_text(encoding="utf-8")
)


def _missing(parts: list[str], text: str) -> list[str]:
    """The parts that do not stand in a text in their order."""
    missing, start = [], 0
    for part in parts:
        found = text.find(part, start)
        start = max(found, start)
        if found < 0:
            missing.append(part)
    return missing


def test_every_page_has_its_expectation() -> None:
    """No page of the folder is without one, and none is expected that is not there."""
    assert sorted(_EXPECTED) == sorted(path.name for path in _PAGES.glob("*.html"))


@pytest.mark.parametrize("name", sorted(_EXPECTED))
def test_a_page_keeps_its_own_voice(name: str, reading: Reading) -> None:
    """The article's sentences stay in order, other voices go, and each is in the report."""
    drafts, problems = reading(_PAGES / name)
    assert problems == []
    expected, text = _EXPECTED[name], drafts[0].text
    assert _missing(expected["kept"], text) == []
    assert [words for words in expected.get("gone", ()) if words in text] == []
    entries = drafts[0].removed
    told = expected.get("told", ())
    assert [part for part in told if not any(e.startswith(part) for e in entries)] == []


def test_an_article_that_stays_whole_reports_nothing(tmp_path: Path, reading: Reading) -> None:
    """Words of the trade in the classes of the article's own elements take nothing away."""
    path = tmp_path / "page.html"
    path.write_text(
        "<html><head><title>Un pont</title></head><body class='has-sidebar no-comments'>"
        "<main class='with-ads'><article class='post tag-newsletter category-podcast'>"
        "<h1>Un pont</h1><div class='social author-article'>"
        "<p class='barrage'>Le pont de Brigny est ouvert à tous depuis le mois de juin.</p>"
        "<p>Il mesure <span class='tag'>cent mètres</span>, dit <a href='/a'>la maire</a>.</p>"
        "<blockquote><p>« Nous l'avons attendu vingt ans », dit la maire.</p></blockquote>"
        "</div></article></main></body></html>",
        encoding="utf-8",
    )
    drafts, _ = reading(path)
    assert drafts[0].removed == ()
    for words in ("depuis le mois de juin", "cent mètres, dit la maire.", "vingt ans »"):
        assert words in drafts[0].text


def test_elements_named_as_comments_may_be_the_article(tmp_path: Path, reading: Reading) -> None:
    """Where next to nothing is left without a kind of part, that kind is the article."""
    path = tmp_path / "page.html"
    posts = "".join(
        f"<div class='live-comment'><p>{minute}e minute : le ballon passe à côté du but.</p></div>"
        for minute in range(1, 91)
    )
    path.write_text(
        f"<html><head><title>Le match</title></head><body><h1>Le match</h1>{posts}</body></html>",
        encoding="utf-8",
    )
    drafts, _ = reading(path)
    assert "12e minute" in drafts[0].text


def test_an_entry_of_a_feed_keeps_its_own_voice(tmp_path: Path, reading: Reading) -> None:
    """The text that a feed carries is pruned as a page is, and says so."""
    path = tmp_path / "fil.xml"
    path.write_text(
        "<rss version='2.0'><channel><title>Le Fil</title><item><title>La grue</title>"
        "<link>https://fil.example/grue</link><description><![CDATA["
        "<p>La grue du port de Nérac a cédé mardi sans faire de victime.</p>"
        "<blockquote class='twitter-tweet'><p>Six morts sous la grue !</p>&mdash; Truc (@truc)"
        "</blockquote><p>Elle datait de 1961.</p>]]></description></item></channel></rss>",
        encoding="utf-8",
    )
    drafts, _ = reading(path)
    assert drafts[0].text.split("\n") == [
        "La grue du port de Nérac a cédé mardi sans faire de victime.",
        "Elle datait de 1961.",
    ]
    assert drafts[0].removed[0].startswith("embedded post: Six morts")


def test_a_snippet_loses_no_sentence_beside_what_goes() -> None:
    """Text that follows a part that is taken out stays, on a line of its own."""
    snippet = read_snippet("Avant.<div class='ad'>Achetez !</div>Après <s>hier</s> demain.")
    assert snippet.text == "Avant.\nAprès demain."
    assert snippet.removed == ("advertisement: Achetez !", "hidden: hier")


@pytest.mark.parametrize(
    "style",
    [
        "display:none",
        "DISPLAY : none !important",
        "color:red; visibility: hidden",
        "text-indent:-9999px",
        "font-size:0",
        "clip: rect(0 0 0 0)",
    ],
)
def test_style_that_hides(style: str) -> None:
    """Text that CSS keeps off the screen is not read."""
    assert read_snippet(f"<p>Vu.</p><p style='{style}'>Pas vu.</p>").text == "Vu."


@pytest.mark.parametrize(
    "markup",
    [
        "<p style='opacity:0'>Vu.</p>",
        "<p class='hidden md:block'>Vu.</p>",
        "<p class='overflow-hidden'>Vu.</p>",
        "<p><span aria-hidden='true'>V</span>u.</p>",
        "<details><summary>Vu.</summary></details>",
        "<p style='margin-left:-100px;font-size:0.9em'>Vu.</p>",
    ],
)
def test_style_that_does_not_hide(markup: str) -> None:
    """Text that fades in, or is hidden on small screens or from screen readers only, is read."""
    assert read_snippet(markup).text == "Vu."
