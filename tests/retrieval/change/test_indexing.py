"""What indexing does to the archive and both indexes."""

from __future__ import annotations

from pathlib import Path

import pytest

from retrieval.archive.reader import ArchiveReader
from retrieval.change import Indexer, Kind, Options, verify
from retrieval.errors import BadSettings, ModelMismatch, NotFound
from retrieval.index.generations import Generation, Places
from retrieval.reading import CleaningRules
from retrieval.vocabulary import State
from tests.retrieval.hashed_embedder import HashedEmbedder
from tests.retrieval.library import indexer, write_article, write_folder


def test_new_articles_are_added_and_found_on_both_sides(tmp_path: Path) -> None:
    """An article is found by its words and by its vector, and its spans are exact."""
    home, folder = tmp_path / "home", write_folder(tmp_path / "in", 3)
    embedder = HashedEmbedder()
    report = indexer(home, embedder).index([folder])
    assert (report.added, report.changed, report.unchanged) == (3, 0, 0)
    assert report.embedded == embedder.embedded > 0
    with ArchiveReader(home / "archive.db") as reader:
        number = reader.live_generation() or 0
        with Generation(Places(home), number) as generation:
            (passage, _), *_ = generation.lexical.search(["tramway"], 5)
            query = embedder.embed_query("Le tramway 1. Le tramway numéro 1 a fait parler de lui.")
            (window, _), *_ = generation.vectors.query(query, 1)
        row = reader.windows([window])[window]
        found = reader.passages([passage])[passage]
        article = reader.article(row.article_id)
    assert found.article_id == row.article_id
    assert article.text[found.start : found.end] == found.text
    assert "tramway" in article.text[row.start : row.end]


def test_indexing_again_changes_nothing(tmp_path: Path) -> None:
    """The second run finds everything unchanged, embeds nothing and makes no generation."""
    home, folder = tmp_path / "home", write_folder(tmp_path / "in", 3)
    embedder = HashedEmbedder()
    first = indexer(home, embedder).index([folder])
    known, numbers = embedder.embedded, Places(home).numbers()
    second = indexer(home, embedder).index([folder])
    assert (second.added, second.changed, second.unchanged) == (0, 0, 3)
    assert (second.passages, second.windows) == (first.passages, first.windows)
    assert embedder.embedded == known
    assert Places(home).numbers() == numbers


def test_changed_file_replaces_its_passages_everywhere(tmp_path: Path) -> None:
    """No id of the old revision is left in any index, and only new sentences are embedded."""
    home, folder = tmp_path / "home", write_folder(tmp_path / "in", 6)
    embedder = HashedEmbedder()
    indexer(home, embedder).index([folder])
    before = embedder.embedded
    write_article(folder, 1, "Une girafe traverse la place.")
    report = indexer(home, embedder).index([folder])
    assert (report.added, report.changed, report.unchanged) == (0, 1, 5)
    assert embedder.embedded == before + 1
    assert verify(Places(home)) == []
    with ArchiveReader(home / "archive.db") as reader:
        changed = next(e for e in reader.entries() if e.state is State.CORRECTED)
        assert reader.article(changed.id).revision == 2


def test_missing_file_is_reported_and_kept(tmp_path: Path) -> None:
    """An article whose file is gone stays live until somebody asks for pruning."""
    home, folder = tmp_path / "home", write_folder(tmp_path / "in", 3)
    indexer(home).index([folder])
    (folder / "article-001.md").unlink()
    report = indexer(home).index([folder])
    assert (report.removed, report.pruned) == (1, False)
    with ArchiveReader(home / "archive.db") as reader:
        assert reader.coverage().articles == 3


def test_pruning_withdraws_and_return_restores(tmp_path: Path) -> None:
    """A pruned article is found no more; when its file is back, it is live again."""
    home, folder = tmp_path / "home", write_folder(tmp_path / "in", 4)
    embedder = HashedEmbedder()
    indexer(home, embedder).index([folder])
    known = embedder.embedded
    (folder / "article-001.md").unlink()
    assert indexer(home, embedder).index([folder], prune=True).removed == 1
    assert indexer(home, embedder).index([folder], prune=True).removed == 0
    with ArchiveReader(home / "archive.db") as reader:
        assert reader.coverage().articles == 3
        assert sum(e.state is State.WITHDRAWN for e in reader.entries()) == 1
    assert verify(Places(home)) == []
    write_article(folder, 1)
    assert indexer(home, embedder).index([folder]).added == 1
    assert embedder.embedded == known
    assert verify(Places(home)) == []


def test_only_what_lies_under_the_given_folders_can_be_missing(tmp_path: Path) -> None:
    """Indexing one folder says nothing about the articles of another."""
    home = tmp_path / "home"
    one, two = write_folder(tmp_path / "one", 0), write_folder(tmp_path / "two", 2)
    only = write_article(one, 5)
    indexer(home).index([one, two])
    only.unlink()
    assert indexer(home).index([two], prune=True).removed == 0
    assert indexer(home).index([one], prune=True).removed == 1


def test_unreadable_file_is_not_a_missing_one(tmp_path: Path) -> None:
    """A file that cannot be read today keeps its article, and stops no other."""
    home, folder = tmp_path / "home", write_folder(tmp_path / "in", 2)
    indexer(home).index([folder])
    (folder / "article-000.md").write_bytes(b"")
    write_article(folder, 5)
    report = indexer(home).index([folder], prune=True)
    assert (report.added, report.removed, len(report.unreadable)) == (1, 0, 1)


def test_plan_writes_nothing(tmp_path: Path) -> None:
    """A plan tells what would happen, and leaves not even a folder behind."""
    home, folder = tmp_path / "home", write_folder(tmp_path / "in", 2)
    report = indexer(home).plan([folder])
    assert (report.added, report.dry_run) == (2, True)
    assert {item.kind for item in report.items} == {Kind.ADDED}
    assert not home.exists()


def test_missing_path_is_refused_before_anything(tmp_path: Path) -> None:
    """A path that does not exist makes no archive."""
    with pytest.raises(NotFound) as caught:
        indexer(tmp_path / "home").index([tmp_path / "nowhere"])
    assert caught.value.key == "path_missing"
    assert not (tmp_path / "home").exists()


def test_folder_without_articles_leaves_an_empty_archive(tmp_path: Path) -> None:
    """Nothing to index is not an error, and there is nothing to search either."""
    (tmp_path / "in").mkdir()
    report = indexer(tmp_path / "home").index([tmp_path / "in"])
    assert (report.added, report.windows) == (0, 0)
    with ArchiveReader(tmp_path / "home" / "archive.db") as reader:
        assert reader.live_generation() is None
    assert verify(Places(tmp_path / "home")) == []


def test_other_model_is_refused(tmp_path: Path) -> None:
    """Vectors of two models never meet in one archive."""
    home, folder = tmp_path / "home", write_folder(tmp_path / "in", 1)
    indexer(home).index([folder])
    with pytest.raises(ModelMismatch) as caught:
        indexer(home, HashedEmbedder("another")).index([folder])
    assert caught.value.facts == {"made": "hashed-64", "asked": "another"}


def test_other_sizes_are_refused(tmp_path: Path) -> None:
    """Passages of two sizes never meet in one archive."""
    home, folder = tmp_path / "home", write_folder(tmp_path / "in", 1)
    indexer(home).index([folder])
    other = Indexer(Places(home), HashedEmbedder(), CleaningRules(), Options(passage_chars=500))
    with pytest.raises(BadSettings):
        other.index([folder])


def test_ids_stay_when_the_archive_is_made_again(tmp_path: Path) -> None:
    """An article's id depends on where it comes from and nothing else."""
    folder = write_folder(tmp_path / "in", 3)
    found = []
    for home in (tmp_path / "one", tmp_path / "two"):
        indexer(home).index([folder])
        with ArchiveReader(home / "archive.db") as reader:
            found.append({entry.id for entry in reader.entries()})
    assert found[0] == found[1]
    assert all(len(id_) == 10 for id_ in found[0])


def test_many_replacements_do_not_pile_up(tmp_path: Path) -> None:
    """What is replaced stays in the base, so a small archive's is made afresh now and then."""
    home, folder = tmp_path / "home", write_folder(tmp_path / "in", 12)
    indexer(home).index([folder])
    sizes = []
    for turn in range(6):
        write_article(folder, 1, " ".join(f"Tour {turn}, fait numéro {n}." for n in range(60)))
        indexer(home).index([folder])
        (*_, number) = Places(home).numbers()
        sizes.append(Places(home).sizes(number)[1])
    assert max(sizes) > 0
    assert sizes != sorted(sizes)
    assert max(sizes) <= 256
    assert len(Places(home).numbers()) <= 2
    assert verify(Places(home)) == []
