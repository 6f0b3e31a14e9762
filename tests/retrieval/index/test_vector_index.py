"""The vector index, embedded, and what other clients see of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from retrieval.errors import IndexDamaged
from retrieval.index.vectors import (
    BATCH,
    Bounds,
    VectorIndex,
    VectorRecord,
    create_vectors,
    open_vectors,
    persisted_batches,
)


def vectors_of(count: int) -> NDArray[np.float32]:
    """So many vectors of length 1, the same every time."""
    found = np.random.default_rng(7).standard_normal((count, 16)).astype(np.float32)
    lengths: NDArray[np.float32] = np.linalg.norm(found, axis=1, keepdims=True)
    return found / lengths


def record(id_: int, published: int | None = 20170524) -> VectorRecord:
    """A window of an article."""
    return VectorRecord(id_, f"Phrase {id_}.", "0a1b2c3d4e", 0, "Titre", None, "fr", published)


def fill(index: VectorIndex, count: int) -> NDArray[np.float32]:
    """Put windows 1 to ``count`` in."""
    vectors = vectors_of(count)
    index.add([record(id_) for id_ in range(1, count + 1)], vectors)
    return vectors


def test_nearest_first_with_cosines(tmp_path: Path) -> None:
    """A window's own vector finds it with cosine 1; an opening later finds the same."""
    with create_vectors(tmp_path / "chroma", 40, "windows") as index:
        vectors = fill(index, 40)
        index.settle()
    with open_vectors(tmp_path / "chroma", "windows") as index:
        found = index.query(vectors[4], 3)
        assert found[0][0] == 5
        assert found[0][1] == pytest.approx(1.0, abs=1e-5)
        assert [cosine for _, cosine in found] == sorted((c for _, c in found), reverse=True)
        assert found[1][1] == pytest.approx(float(np.sort(vectors @ vectors[4])[-2]), abs=1e-5)
        assert len(index.query(vectors[0], 500)) == index.count() == 40


def test_deleted_windows_are_gone(tmp_path: Path) -> None:
    """What was deleted is found no more, also after an opening."""
    with create_vectors(tmp_path / "chroma", 10, "windows") as index:
        vectors = fill(index, 10)
        index.settle()
    with open_vectors(tmp_path / "chroma", "windows") as index:
        index.delete([3, 4])
    with open_vectors(tmp_path / "chroma", "windows") as index:
        assert index.ids() == set(range(1, 11)) - {3, 4}
        assert {id_ for id_, _ in index.query(vectors[2], 10)}.isdisjoint({3, 4})


def test_other_clients_can_read_the_collection(tmp_path: Path) -> None:
    """Texts and metadata are there, the date as an integer, the unknown left out."""
    import chromadb
    from chromadb.config import Settings

    with create_vectors(tmp_path / "chroma", 2, "windows") as index:
        index.add([record(1), record(2, None)], vectors_of(2))
    client = chromadb.PersistentClient(
        str(tmp_path / "chroma"), settings=Settings(anonymized_telemetry=False)
    )
    found = client.get_collection("windows", embedding_function=None).get(ids=["1", "2"])
    client.close()  # type: ignore[attr-defined]
    assert found["documents"] == ["Phrase 1.", "Phrase 2."]
    assert found["metadatas"] is not None
    assert found["metadatas"][0]["published"] == 20170524
    assert "published" not in found["metadatas"][1]
    assert "outlet" not in found["metadatas"][1]


@pytest.mark.parametrize("total", [0, 1, 2, 1_999, 10_000, 10_001, 25_007, 110_000])
def test_batches_leave_nothing_to_repeat_at_an_opening(total: int) -> None:
    """They add up, stay small, and each share of them reaches Chroma's threshold."""
    batches = list(persisted_batches(total))
    threshold = total // max(1, -(-total // 10_000))
    assert sum(batches) == total
    assert max(batches, default=0) <= 2_000
    waiting = 0
    for batch in batches:
        waiting += batch
        waiting = 0 if waiting >= threshold else waiting
    assert waiting == 0


def test_missing_index_is_named(tmp_path: Path) -> None:
    """Opening what is not there is an error with its path, and makes nothing."""
    with pytest.raises(IndexDamaged) as caught:
        open_vectors(tmp_path / "none", "windows")
    assert caught.value.key == "index_missing"
    assert not (tmp_path / "none").exists()


def test_asks_keep_to_what_a_server_gives() -> None:
    """Chroma Cloud gives 300 at a time, any other server what it says, and no name is like it."""
    assert Bounds.of_server("api.trychroma.com", 1_000) == Bounds(300, 300)
    assert Bounds.of_server("chroma.example", 5_461).records == BATCH
    assert Bounds.of_server("chroma.example", 166).records == 166
    assert Bounds.of_server("nottrychroma.com", 5_461).results > 300


def test_small_batches_and_pages_hold_the_same(tmp_path: Path) -> None:
    """What is written, listed and deleted in parts is whole."""
    with create_vectors(tmp_path, 40, "windows") as index:
        index.bounds = Bounds(records=7, results=9)
        rows = np.random.default_rng(1).standard_normal((40, 8)).astype(np.float32)
        index.add([record(number) for number in range(40)], rows)
        assert index.ids() == set(range(40))
        assert len(index.query(rows[3], 40)) == 9
        index.delete(list(range(20)))
        assert index.ids() == set(range(20, 40))
