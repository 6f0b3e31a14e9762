"""The dirty export: how it is made, and what reading leaves of it."""

from __future__ import annotations

import random
from pathlib import Path

from tests.benchmarks.dirty import (
    UNSEEN,
    Dirty,
    accepted_rules,
    dirty_articles,
    make_dirty,
    measure,
)

_PARAGRAPHS = ("Le pont de Royec est fermé.", "Le maire a promis une réouverture en mai.")


def test_the_same_seed_makes_the_same_export() -> None:
    """Figures of two days can be compared: nothing in the making is left to chance."""
    assert dirty_articles(copies=1) == dirty_articles(copies=1)
    assert dirty_articles(copies=1) != dirty_articles(copies=1, seed=12)


def test_a_dirty_article_holds_all_of_the_clean_one() -> None:
    """Each paragraph stands in the dirty text, and what is the page's is listed."""
    dirty = make_dirty("Le pont", _PARAGRAPHS, random.Random(3))  # noqa: S311
    assert all(paragraph in dirty.text for paragraph in _PARAGRAPHS)
    assert all(piece in dirty.text for piece in dirty.page)


def test_what_is_left_and_lost_is_counted(tmp_path: Path) -> None:
    """A piece of the page that no rule knows is found in its passage; lost words are counted."""
    unknown = "Zone réservée du site"
    soiled = Dirty("Le pont", f"Le pont  {unknown}  Il est fermé.", (unknown,), ("Il est fermé.",))
    lossy = Dirty("Le quai", "Le quai est ouvert.", (), ("Le quai est ouvert le jeudi.",))
    outcome = measure([soiled, lossy], tmp_path)
    assert (outcome.soiled, outcome.lost) == (1, 2)


def test_little_of_the_page_is_left_and_nothing_lost(tmp_path: Path) -> None:
    """Under one passage in a hundred holds something of the page; no word of an article goes."""
    outcome = measure(dirty_articles(copies=8), tmp_path)
    assert outcome.soiled < 0.01 * outcome.passages
    assert outcome.lost == 0


def test_accepted_proposals_clean_an_unknown_newspaper(tmp_path: Path) -> None:
    """Proposals take most of what built-in rules do not know, and no word of an article."""
    articles = dirty_articles(copies=8, wording=UNSEEN)
    before = measure(articles, tmp_path)
    rules, count = accepted_rules(articles, tmp_path)
    after = measure(articles, tmp_path, rules)
    assert count > 10
    assert after.soiled < 0.5 * before.soiled
    assert after.lost == 0
