"""Articles that say one thing hundreds of times cut no other article off."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from retrieval.archive.archive_after import COPIES
from retrieval.archive.reader import ArchiveReader
from retrieval.change import rebuild_generation, verify
from retrieval.errors import ArchiveDamaged
from retrieval.index.build import check_generation
from retrieval.index.generations import Generation, Places
from retrieval.index.vectors import VectorRecord
from retrieval.search import HybridSearch, Query, SearchOptions
from tests.retrieval.hashed_embedder import HashedEmbedder
from tests.retrieval.library import SIZES, indexer, reachable, write_article, write_folder

SENTENCE = "Le phare de Brume mesure 61 mètres. "
TITLE = "Le phare de Brume"
ALL = replace(SIZES, linking=False)


def write_repeating(folder: Path, name: str, times: int) -> Path:
    """An article of one line that says one sentence so many times.

    Eleven sentences are a passage, in windows of three and one of two: two vectors.
    """
    path = folder / f"{name}.md"
    path.write_text(f"---\ntitle: {TITLE}\n---\n{SENTENCE * times}\n", encoding="utf-8")
    return path


def live(home: Path) -> Generation:
    """The live generation of an archive."""
    with ArchiveReader(home / "archive.db") as reader:
        return Generation(Places(home), reader.live_generation() or 0)


def holders(home: Path) -> list[str]:
    """The source of each window of the repeating articles that is scored for any question."""
    with ArchiveReader(home / "archive.db") as reader, live(home) as generation:
        rows = reader.windows(reachable(generation))
        articles = reader.articles_of(sorted({row.article_id for row in rows.values()}))
    found = [articles[row.article_id] for row in rows.values()]
    return [Path(article.source).stem for article in found if article.title == TITLE]


def test_every_other_window_is_found(tmp_path: Path) -> None:
    """A thousand windows of one vector: all others are still found by their own."""
    home, folder = tmp_path / "home", write_folder(tmp_path / "in", 40)
    write_repeating(folder, "article-020-phare", 3_000)
    indexer(home).index([folder])
    assert verify(Places(home)) == []
    with live(home) as generation:
        assert len(generation.table) > 1_000
        vectors = generation.base.table.vectors_of(slice(None))
        nearest = [generation.vectors.query(vector, 1)[0] for vector in vectors]
    assert sum(cosine < 0.999 for _, cosine in nearest) <= len(nearest) // 200


def test_repeating_article_is_found_through_chroma(tmp_path: Path) -> None:
    """A few of its windows are in Chroma, and every passage of it is found by its words."""
    home, folder = tmp_path / "home", write_folder(tmp_path / "in", 4)
    write_repeating(folder, "phare", 220)
    indexer(home).index([folder])
    assert len(holders(home)) == 2 * COPIES
    options = SearchOptions(exact_below=0)
    places, embedder = Places(home), HashedEmbedder()
    with ArchiveReader(places.archive) as reader:
        search = HybridSearch(places, reader, embedder, options)
        found = search.search(Query("Combien mesure le phare de Brume ?"), k=200).evidence
        search.close()
    ours = [one for one in found if one.article.title == TITLE]
    assert found[0].article.title == TITLE
    assert len(ours) == 20
    assert all(one.window.text.startswith(SENTENCE.strip()) for one in ours)


def test_small_change_beside_a_repeating_article(tmp_path: Path) -> None:
    """What comes upon its generation keeps the counts right, as does its own change and end."""
    home, folder = tmp_path / "home", write_folder(tmp_path / "in", 8)
    phare = write_repeating(folder, "phare", 220)
    indexer(home).index([folder])
    write_article(folder, 9)
    indexer(home).index([folder])
    assert verify(Places(home)) == []
    phare.write_text(f"---\ntitle: {TITLE}\n---\nUne girafe visite le phare.\n", encoding="utf-8")
    indexer(home).index([folder])
    assert verify(Places(home)) == []
    assert holders(home) == ["phare"]
    write_repeating(folder, "phare", 220)
    indexer(home).index([folder])
    phare.unlink()
    indexer(home).index([folder], prune=True)
    assert verify(Places(home)) == []
    assert holders(home) == []


def test_other_copies_take_the_place_of_those_withdrawn(tmp_path: Path) -> None:
    """What was left out of Chroma is scored when the copies that were in are gone, and back."""
    home, folder = tmp_path / "home", write_folder(tmp_path / "in", 20)
    first = write_repeating(folder, "phare-1", 220)
    write_repeating(folder, "phare-2", 220)
    indexer(home, options=ALL).index([folder])
    assert set(holders(home)) == {"phare-1"}
    first.unlink()
    indexer(home, options=ALL).index([folder], prune=True)
    assert verify(Places(home)) == []
    assert set(holders(home)) == {"phare-2"}
    assert len(holders(home)) >= 2 * COPIES
    write_repeating(folder, "phare-1", 220)
    indexer(home, options=ALL).index([folder])
    assert verify(Places(home)) == []
    assert len(holders(home)) >= 2 * COPIES
    rebuild_generation(Places(home), in_subprocess=True)
    assert verify(Places(home)) == []
    assert len(holders(home)) == 2 * COPIES


@pytest.mark.parametrize(("lost", "sound"), [(1, True), (30, False)])
def test_probe_bears_a_lost_window_and_no_lost_index(
    tmp_path: Path, lost: int, sound: bool
) -> None:
    """A graph may miss a window; one that misses most of them is damaged."""
    home, folder = tmp_path / "home", write_folder(tmp_path / "in", 4)
    report = indexer(home).index([folder])
    with live(home) as generation:
        number, ids = generation.number, generation.table.ids[:lost].tolist()
        elsewhere = np.eye(64, dtype=np.float32)[:1].repeat(len(ids), axis=0)
        records = [VectorRecord(id_, "", "", 0, "", None, "fr", None) for id_ in ids]
        generation.vectors.add(records, elsewhere)
    if sound:
        check_generation(Places(home), number, report.windows, report.passages, ())
        return
    with pytest.raises(ArchiveDamaged) as caught:
        check_generation(Places(home), number, report.windows, report.passages, ())
    assert caught.value.key == "index_damaged"
