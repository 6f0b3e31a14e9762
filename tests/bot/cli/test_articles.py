"""``kiosque articles``: the list that programs read, and the table that people see."""

from __future__ import annotations

from pathlib import Path

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
