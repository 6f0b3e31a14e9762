"""What the lexical index finds, and what it must never take for a query."""

from __future__ import annotations

from pathlib import Path

import pytest

from retrieval.errors import IndexDamaged
from retrieval.index.lexical import LexicalIndex, PassageRecord
from retrieval.scope import Scope

RECORDS = [
    PassageRecord(1, ["otan", "sommet"], ["otan"], 20170524, 20170524, "Le Courrier"),
    PassageRecord(2, ["otan", "irak", "irak"], [], 20170101, 20171231, "La Gazette"),
    PassageRecord(3, ["irak", "paix"], [], None, None, None),
]


@pytest.fixture
def index(tmp_path: Path) -> LexicalIndex:
    """An index of three passages."""
    with LexicalIndex(tmp_path / "lexical", create=True) as made:
        made.add(RECORDS)
    return LexicalIndex(tmp_path / "lexical")


def ids(found: list[tuple[int, float]]) -> list[int]:
    """The passages, best first."""
    return [id_ for id_, _ in found]


def test_repeated_and_rare_terms_rank_first(index: LexicalIndex) -> None:
    """BM25 orders the passages, and a term of the title counts too."""
    assert ids(index.search(["irak"], 5)) == [2, 3]
    assert ids(index.search(["otan"], 5)) == [1, 2]


def test_period_is_exact(index: LexicalIndex) -> None:
    """A date that may fall inside is admitted, another is not, and none never is."""
    assert set(ids(index.search(["otan", "irak"], 5, Scope(20170524, 20170524)))) == {1, 2}
    assert ids(index.search(["otan", "irak"], 5, Scope(last=20170201))) == [2]
    assert ids(index.search(["otan", "irak"], 5, Scope(first=20180101))) == []
    assert set(ids(index.search(["otan", "irak"], 5))) == {1, 2, 3}


def test_outlet_is_exact_and_changes_no_score(index: LexicalIndex) -> None:
    """A filter lets fewer passages through and leaves their scores alone."""
    scope = Scope(outlets=frozenset({"Le Courrier"}))
    assert index.search(["otan"], 5, scope) == index.search(["otan"], 5)[:1]


@pytest.mark.parametrize("term", ['"', "otan AND", "passage:1", "*", "(", "-otan"])
def test_terms_are_never_a_query_language(index: LexicalIndex, term: str) -> None:
    """Whatever a question holds is looked up as it stands."""
    assert index.search([term], 5) == []


def test_no_terms_find_nothing(index: LexicalIndex) -> None:
    """A question of stop words alone is no error."""
    assert index.search([], 5) == []


def test_term_of_two_words_is_one(tmp_path: Path) -> None:
    """An equivalent may have a name of several words; it is found as one."""
    with LexicalIndex(tmp_path, create=True) as made:
        made.add([PassageRecord(7, ["état islamique"])])
    assert ids(made.search(["état islamique"], 5)) == [7]
    assert made.search(["état"], 5) == []


def test_deleted_passages_are_gone(index: LexicalIndex) -> None:
    """Deleting by id takes out that passage and no other."""
    index.delete([1, 3])
    index.commit()
    assert index.ids() == {2}
    assert index.count() == 1
    assert index.document_frequency("otan") <= 2


def test_missing_index_is_named(tmp_path: Path) -> None:
    """Opening what is not there is an error with its path, and makes nothing."""
    with pytest.raises(IndexDamaged) as caught:
        LexicalIndex(tmp_path / "none")
    assert caught.value.key == "index_missing"
    assert not (tmp_path / "none").exists()
