"""The five articles the project was asked for, and an export, read where they are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from retrieval.reading import CleaningRules, find_sources, read
from retrieval.vocabulary import Draft
from tests.retrieval.reading.conftest import LIMIT_BYTES, ROOT, TODAY

_SHARED = ROOT.parent / "shared"
pytestmark = pytest.mark.skipif(
    not (_SHARED / "articles").is_dir(), reason="the real articles are not beside the project"
)
_GONE = (
    "PHOTO", "AGENCE FRANCE-PRESSE", "©", "Publicité", "Lire également", "Dernières nouvelles",
    "Messages sponsorisés", "Commentez", "date 2017-05",
)  # fmt: skip


@pytest.fixture(scope="module")
def drafts(rules: CleaningRules) -> dict[str, Draft]:
    """The five drafts by file name."""

    def items() -> Iterator[object]:
        for path in find_sources([_SHARED / "articles"]):
            assert isinstance(path, Path)
            yield from read(path, str(path), rules, LIMIT_BYTES, TODAY)

    return {Path(item.source).name: item for item in items() if isinstance(item, Draft)}


def test_every_gold_quote_still_stands(drafts: dict[str, Draft]) -> None:
    """Cleaning takes no quote of the questions away, nor a letter from one."""
    lines = (_SHARED / "eval" / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    for question in map(json.loads, lines):
        texts = [drafts[name].text for name in question["articles"]]
        for quote in question["quotes"]:
            assert any(quote in text for text in texts), quote


def test_nothing_of_the_page_is_left(drafts: dict[str, Draft]) -> None:
    """No credit, advertising, link or date line; the title at most once."""
    assert len(drafts) == 5
    for draft in drafts.values():
        assert not [word for word in _GONE if word in draft.text]
        assert draft.text.count(draft.title) <= 1


def test_dates_come_from_the_rows(drafts: dict[str, Draft]) -> None:
    """A row is surer than the month that stands in the text."""
    dates = sorted(str(draft.published) for draft in drafts.values())
    assert dates == ["2016-12-06", "2017-03-31", "2017-05-24", "2017-05-25", "2021-02-18"]


def test_a_month_in_the_text_is_the_date_without_rows(
    tmp_path: Path, drafts: dict[str, Draft], rules: CleaningRules
) -> None:
    """Without ``metadata.csv``, ``date 2017-05`` dates the article, to the month."""
    for name, draft in drafts.items():
        copy = tmp_path / name
        copy.write_bytes(draft.raw)
        [again] = read(copy, name, rules, LIMIT_BYTES, TODAY)
        assert isinstance(again, Draft)
        assert again.text == draft.text
        assert str(again.published) == (
            "2017-05" if "date 2017-05" in draft.raw.decode() else "None"
        )
