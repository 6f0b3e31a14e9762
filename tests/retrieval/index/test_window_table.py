"""The windows as arrays: filters and scores that leave nothing out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from retrieval.errors import IndexDamaged
from retrieval.index.table import TableWriter, WindowTable
from retrieval.packed import floats, packed
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
    assert many.tolist() == pytest.approx([0.5, 0.5, 0.5, 0.5, 0.0])
    assert table.cosines(query, np.array([4])).tolist() == [0.0]
    assert table.cosines(query, np.array([3])).tolist() == [many[3]]


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
    rows = np.arange(5)
    assert np.array_equal(copied.vectors_of(rows), table.vectors_of(rows))


def _random_vectors(count: int) -> NDArray[np.float32]:
    found = np.random.default_rng(3).standard_normal((count, 384)).astype(np.float32)
    lengths: NDArray[np.float32] = np.linalg.norm(found, axis=1, keepdims=True)
    return found / lengths


def _written(folder: Path, vectors: NDArray[np.float32]) -> WindowTable:
    with TableWriter(folder, *vectors.shape) as writer:
        writer.add([(at, at, None, None, None) for at in range(len(vectors))], vectors)
        writer.finish()
    return WindowTable(folder)


def test_packed_vectors_keep_their_cosines(tmp_path: Path) -> None:
    """Half the room costs a few hundred-thousandths of a cosine, in all slices of many rows."""
    vectors = _random_vectors(5_000)
    table = _written(tmp_path, vectors)
    assert (tmp_path / "packed.npy").stat().st_size < vectors.nbytes / 2 + 200
    exact = vectors @ vectors[7]
    every = np.arange(len(vectors))
    assert np.abs(table.cosines(vectors[7], every) - exact).max() < 1e-4
    assert np.abs(table.cosines(vectors[7], every[1::4]) - exact[1::4]).max() < 1e-4


def test_vectors_of_an_earlier_release_are_read_and_packed_when_copied(tmp_path: Path) -> None:
    """Its floats are scored as they are; the layer that grows out of them is written small."""
    vectors = _random_vectors(40)
    _written(tmp_path / "old", vectors)
    (tmp_path / "old" / "packed.npy").unlink()
    np.save(tmp_path / "old" / "vectors.npy", vectors)
    old = WindowTable(tmp_path / "old")
    for rows in (np.arange(40), np.arange(3)):
        assert np.allclose(old.cosines(vectors[2], rows), vectors[rows] @ vectors[2], atol=1e-6)
    with TableWriter(tmp_path / "next", 40, 384) as writer:
        writer.copy(old)
        writer.finish()
    assert np.load(tmp_path / "next" / "packed.npy").dtype == np.int16
    assert np.abs(WindowTable(tmp_path / "next").vectors_of(np.arange(40)) - vectors).max() < 2e-5


def test_packing_what_was_packed_changes_nothing() -> None:
    """Vectors go from layer to layer, and through the archive, without growing worse."""
    every = np.arange(-32_767, 32_768, dtype=np.int16)
    assert np.array_equal(packed(floats(every)), every)
    assert packed(np.array([1.00001, -1.1], dtype=np.float32)).tolist() == [32_767, -32_767]


@pytest.mark.parametrize(
    ("before", "after"),
    [(b"<i2", b">i2"), (b"<i2", b"<i4"), (b"<i2", b"<u2"), (b", 4)", b", 3)"), (b"(5,", b"(4,")],
)
def test_header_that_tells_other_numbers_is_refused(
    table: WindowTable, tmp_path: Path, before: bytes, after: bytes
) -> None:
    """A wrong bit in it must not give wrong scores: order, width, sign and shape are looked at."""
    del table
    path = tmp_path / "packed.npy"
    content = path.read_bytes()
    assert before in content
    path.write_bytes(content.replace(before, after, 1))
    with pytest.raises(IndexDamaged):
        WindowTable(tmp_path)


def test_incomplete_table_is_refused(tmp_path: Path) -> None:
    """Fewer windows than announced are an error at once, not at the next search."""
    with TableWriter(tmp_path, 2, 4) as writer:
        writer.add([(1, 1, None, None, None)], np.ones((1, 4), dtype=np.float32))
        with pytest.raises(IndexDamaged):
            writer.finish()
