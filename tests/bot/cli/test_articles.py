"""``kiosque articles`` and ``kiosque show``: the list, and one article by its id."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bot.cli.conftest import Kiosque
from tests.sample_home import ARTICLES


def test_list_in_json(kiosque: Kiosque, sample_home: Path) -> None:
    """Every article once, newest first, with the design's fields and a date as precise as known."""
    ran = kiosque(sample_home, "articles", "--json")
    assert (ran.code, ran.err) == (0, "")
    for article in ran.json:
        assert list(article) == [
            "article_id", "title", "outlet", "published", "source", "state", "passages",
        ]  # fmt: skip
        assert article["state"] == "live"
        assert article["passages"] >= 1
    sources = {Path(article["source"]).name: article for article in ran.json}
    assert sorted(sources) == sorted(
        path.name for path in ARTICLES.iterdir() if path.name != "metadata.csv"
    )
    assert sources["crue-mirvolle.txt"]["published"] == "2019-03"
    assert sources["tramway-t2-vote.txt"]["published"] == "2016-10-12"
    dates = [article["published"] for article in ran.json]
    assert dates == sorted(dates, reverse=True)


def test_list_for_people(kiosque: Kiosque, sample_home: Path) -> None:
    """A person sees ids, titles and how many there are."""
    ran = kiosque(sample_home, "articles")
    assert (ran.code, ran.err) == (0, "")
    assert "14 articles" in ran.out
    first = kiosque(sample_home, "articles", "--json").json[0]
    assert first["article_id"] in ran.out


# --- show ---------------------------------------------------------------------------------


@pytest.fixture
def article_id(kiosque: Kiosque, sample_home: Path) -> str:
    """The id of the oldest article."""
    return str(kiosque(sample_home, "articles", "--json").json[-1]["article_id"])


def test_article_in_json(kiosque: Kiosque, sample_home: Path, article_id: str) -> None:
    """Everything that the archive knows of the article, its text included."""
    ran = kiosque(sample_home, "show", article_id, "--json")
    value = ran.json
    assert (ran.code, ran.err) == (0, "")
    assert list(value) == [
        "article_id", "title", "outlet", "author", "published", "url", "source", "language",
        "state", "revision", "digest", "text", "duplicates",
    ]  # fmt: skip
    assert value["duplicates"] == []
    assert (value["article_id"], value["published"], value["revision"]) == (
        article_id,
        "2016-10-12",
        1,
    )
    assert "dix-sept stations" in value["text"]


def test_beginning_of_an_id(kiosque: Kiosque, sample_home: Path, article_id: str) -> None:
    """Four characters that no other id begins with are enough, in any case."""
    whole = kiosque(sample_home, "show", article_id, "--json").out
    assert kiosque(sample_home, "show", article_id[:6].upper(), "--json").out == whole


def test_article_for_people(kiosque: Kiosque, sample_home: Path, article_id: str) -> None:
    """A person reads the title, the outlet, the date in words and the text."""
    ran = kiosque(sample_home, "show", article_id)
    text = " ".join(ran.out.split())
    assert (ran.code, ran.err) == (0, "")
    for piece in ("Vaubrelles dit oui", "12 octobre 2016", "Claire Aubenas", "dix-sept stations"):
        assert piece in text


@pytest.mark.parametrize("given", ["zzzz", "a", "%", "_" * 10, "0" * 200])
def test_unknown_id(given: str, kiosque: Kiosque, sample_home: Path) -> None:
    """An id that no article has is bad use, and the sentence says where ids are shown."""
    assert "kiosque articles" in kiosque(sample_home, "show", given).failed(2)
    assert kiosque(sample_home, "show", given, "--json").failed_in_json(2) == "unknown_article"


@pytest.mark.parametrize("given", ["", "  "])
def test_empty_id(given: str, kiosque: Kiosque, sample_home: Path) -> None:
    """No id at all is bad use, and said as such."""
    assert "est vide" in kiosque(sample_home, "show", given).failed(2)
