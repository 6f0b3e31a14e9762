"""The windows as arrays: filters and scores that leave nothing out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from retrieval.errors import IndexDamaged
from retrieval.index.table import TableWriter, WindowTable
from retrieval.scope import Scope
from retrieval.vocabulary import Period, PublicationDate

DATES = ["2016", "2017-05", "2017-05-24", None, "2018-01-01"]


@pytest.fixture
def table(tmp_path: Path) -> WindowTable:
    """Five windows of five articles, with dates as precise as their sources."""
    dates = [PublicationDate.parse(date) if date else None for date in DATES]
    days = [
        (int(f"{date.first_day:%Y%m%d}"), int(f"{date.last_day:%Y%m%d}")) if date else (None, None)
        for date in dates
    ]
    with TableWriter(tmp_path, 5, 4) as writer:
        for at, (first, last) in enumerate(days):
            row = (10 * at, 100 + at, first, last, "Le Courrier" if at % 2 else None)
            writer.add([row], np.eye(5, 4, dtype=np.float32)[at : at + 1])
        writer.finish()
    return WindowTable(tmp_path)


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2017-05-10", "2017-05-20"),
        ("2016-06-01", None),
        (None, "2016-12-31"),
        ("2019", None),
    ],
)
def test_scope_admits_what_the_period_admits(
    table: WindowTable, first: str | None, last: str | None
) -> None:
    """The arrays and `Period.admits` agree on every date, unknown ones included."""
    period = Period(
        PublicationDate.parse(first).first_day if first else None,
        PublicationDate.parse(last).first_day if last else None,
    )
    admitted = [period.admits(PublicationDate.parse(d) if d else None) for d in DATES]
    assert table.inside(Scope.of(period)).tolist() == admitted


def test_outlets_are_exact(table: WindowTable) -> None:
    """Only the outlets asked for; an unknown one has nothing."""
    assert table.inside(Scope(outlets=frozenset({"Le Courrier"}))).tolist() == [0, 1, 0, 1, 0]
    assert not table.inside(Scope(outlets=frozenset({"Autre"}))).any()


def test_cosines_are_exact_for_few_and_for_many_rows(table: WindowTable) -> None:
    """Both ways of reading the vectors give the same scores."""
    query = np.array([0.5, 0.5, 0.5, 0.5], dtype=np.float32)
    many = table.cosines(query, np.arange(5))
    assert many.tolist() == [0.5, 0.5, 0.5, 0.5, 0.0]
    assert table.cosines(query, np.array([4])).tolist() == [0.0]


def test_places_leave_unknown_ids_out(table: WindowTable) -> None:
    """Ids beyond, between and before those of the table are no rows."""
    assert table.places([40, 7, 10, 99, -1]).tolist() == [4, 1]
    assert table.of_passages([102, 7]).tolist() == [2]


def test_copy_takes_more_windows(table: WindowTable, tmp_path: Path) -> None:
    """A copy holds the windows, vectors and outlets of the other table, and those added."""
    with TableWriter(tmp_path / "next", 6, 4) as writer:
        writer.copy(table)
        writer.add([(50, 200, None, None, "Autre")], np.ones((1, 4), dtype=np.float32))
        writer.finish()
    copied = WindowTable(tmp_path / "next")
    assert copied.ids.tolist() == [0, 10, 20, 30, 40, 50]
    assert copied.inside(Scope(outlets=frozenset({"Le Courrier"}))).tolist() == [0, 1, 0, 1, 0, 0]
    assert copied.inside(Scope(outlets=frozenset({"Autre"}))).tolist() == [0, 0, 0, 0, 0, 1]
    assert np.array_equal(copied.vectors[1], table.vectors[1])


def test_incomplete_table_is_refused(tmp_path: Path) -> None:
    """Fewer windows than announced are an error at once, not at the next search."""
    with TableWriter(tmp_path, 2, 4) as writer:
        writer.add([(1, 1, None, None, None)], np.ones((1, 4), dtype=np.float32))
        with pytest.raises(IndexDamaged):
            writer.finish()
