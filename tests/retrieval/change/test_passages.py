"""A base whose graph holds passages finds what one of windows finds, through every change."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from retrieval.archive.archive_after import COPIES
from retrieval.archive.reader import ArchiveReader
from retrieval.change import Indexer, Options, rebuild_generation, verify
from retrieval.change.backup import backup, restore
from retrieval.change.commit import dropped_if_unfinished
from retrieval.change.compaction import compact
from retrieval.change.editor import Editor
from retrieval.errors import Failed
from retrieval.index.base import CHROMA, TABLE
from retrieval.index.build import build_next_base
from retrieval.index.entries import Form
from retrieval.index.generations import Generation, Places
from retrieval.reading import CleaningRules
from retrieval.search import HybridSearch, Query, SearchOptions
from tests.retrieval.hashed_embedder import HashedEmbedder
from tests.retrieval.library import SIZES, write_article, write_folder

PASSAGES, WINDOWS = Form("passages"), Form("windows")
MANIFEST = "seal.json"
ALWAYS_CHROMA = SearchOptions(exact_below=0, narrow_below=0)
QUESTIONS = ("Le tramway numéro 1", "Que dit la mairie du port ?", "Une girafe sur la place")


def index(places: Places, folder: Path, options: Options = SIZES) -> None:
    """Take a folder in, and withdraw what has gone from it."""
    Indexer(places, HashedEmbedder(), CleaningRules(), options).index([folder], prune=True)


def asked(places: Places, question: str, k: int = 10) -> list[tuple[str, str, float]]:
    """What a reader is shown who opens the archive now, with its scores; Chroma is asked."""
    with ArchiveReader(places.archive) as reader:
        search = HybridSearch(places, reader, HashedEmbedder(), ALWAYS_CHROMA)
        with closing(search):
            found = search.search(Query(question), k).evidence
    return [(one.article.title, one.window.text, round(one.score, 5)) for one in found]


def live(places: Places) -> Generation:
    """The live generation."""
    with ArchiveReader(places.archive) as reader:
        return Generation(places, reader.live_generation() or 0)


def counts(places: Places) -> tuple[str, int, int]:
    """What Chroma holds, how many of them, and how many windows there are."""
    with live(places) as generation:
        return generation.base.kind, generation.vectors.count(), len(generation.table)


def test_both_kinds_answer_the_same_through_every_change(tmp_path: Path) -> None:
    """Added, changed, withdrawn, undone, and made anew: the same passages, windows and scores."""
    folder = write_folder(tmp_path / "in", 12)
    homes = [Places(tmp_path / "w", form=WINDOWS), Places(tmp_path / "p", form=PASSAGES)]

    def same() -> None:
        for question in QUESTIONS:
            one, other = (asked(places, question) for places in homes)
            assert one == other
            assert one
        assert [verify(places) for places in homes] == [[], []]

    for places in homes:
        index(places, folder)
    same()
    write_article(folder, 1, "Une girafe traverse la place.")
    write_article(folder, 12)
    (folder / "article-003.md").unlink()
    for places in homes:
        index(places, folder)
    same()
    assert "girafe" in asked(homes[1], QUESTIONS[2])[0][1]
    for places in homes:
        Editor(places, HashedEmbedder, CleaningRules(), SIZES).rollback()
    same()
    for places in homes:
        index(places, folder)
        rebuild_generation(places)
    same()
    kind, held, windows = counts(homes[1])
    assert kind == "passages"
    assert 0 < held < windows == counts(homes[0])[2]


def test_vector_of_a_passage_is_the_mean_of_its_windows(tmp_path: Path) -> None:
    """Chroma gives each passage for the mean of its windows, at a cosine of one."""
    places = Places(tmp_path / "home", form=PASSAGES)
    index(places, write_folder(tmp_path / "in", 3))
    with live(places) as generation:
        table = generation.base.table
        for passage in np.unique(table.passages):
            mean = table.vectors_of(np.flatnonzero(table.passages == passage)).mean(axis=0)
            (nearest, cosine), *_ = generation.vectors.query(mean / np.linalg.norm(mean), 1)
            assert (nearest, round(cosine, 4)) == (passage, 1.0)


def test_kind_changes_with_the_next_base_and_not_before(tmp_path: Path) -> None:
    """A setting that is changed leaves the base as it is; making the base anew takes it."""
    folder, places = write_folder(tmp_path / "in", 12), Places(tmp_path / "home", form=WINDOWS)
    index(places, folder)
    makers: list[Callable[[Places], object]] = [
        lambda turned: compact(turned, SIZES),
        rebuild_generation,
    ]
    for form, other, make in zip((PASSAGES, WINDOWS), ("windows", "passages"), makers, strict=True):
        turned = replace(places, form=form)
        write_article(folder, 2, f"Une girafe, puis {form.vectors}.")
        index(turned, folder)
        assert counts(turned)[0] == other
        assert verify(turned) == []
        make(turned)
        assert counts(turned)[0] == form.vectors
        assert verify(turned) == []
        assert form.vectors in asked(turned, f"Une girafe, puis {form.vectors}.")[0][1]


def test_base_that_does_not_say_what_it_holds_has_windows(tmp_path: Path) -> None:
    """Bases of earlier releases say nothing, and a small change still stands upon them."""
    folder, places = write_folder(tmp_path / "in", 12), Places(tmp_path / "home", form=WINDOWS)
    index(places, folder)
    before = asked(places, QUESTIONS[0])
    (number,) = places.numbers()
    table = places.generation(number) / "table"
    (table / "entries.json").unlink()
    manifest = places.generation(number) / MANIFEST
    listed = json.loads(manifest.read_text("utf-8"))
    del listed["table/entries.json"]
    manifest.write_text(json.dumps(listed), "utf-8")
    turned = replace(places, form=PASSAGES)
    assert asked(turned, QUESTIONS[0]) == before
    write_article(folder, 13, "Une girafe.")
    index(turned, folder)
    assert len(places.numbers()) == 2
    assert counts(turned)[0] == "windows"


def test_auto_goes_by_the_size_of_the_base() -> None:
    """A small archive has the sharper graph, a big one the smaller."""
    kinds = [Form("auto").kind(windows) for windows in (0, 125_000, 250_000, 5_000_000)]
    assert kinds == ["windows", "windows", "passages", "passages"]
    assert {Form("windows").kind(n) for n in (1, 9_000_000)} == {"windows"}
    assert [Form().has_texts(kind) for kind in ("windows", "passages")] == [True, False]


def test_copies_take_the_place_of_passages_that_are_gone(tmp_path: Path) -> None:
    """Of passages that say the same, sixteen are in Chroma; others are found when these go."""
    folder, places = tmp_path / "in", Places(tmp_path / "home", form=PASSAGES)
    folder.mkdir()
    options = replace(SIZES, linking=False)
    write_folder(folder, 40)
    said = "Le phare de Brume mesure 61 mètres, et sa lampe se voit de loin par temps clair."
    for number in range(2 * COPIES):
        text = f"---\ntitle: Le phare\n---\n{said}\n"
        (folder / f"phare-{number:02}.md").write_text(text, "utf-8")
    index(places, folder, options)
    with live(places) as generation:
        left_out = generation.left_out() or set()
        assert len(left_out) == COPIES
        assert generation.vectors.count() == len(np.unique(generation.base.table.passages)) - COPIES
    for number in range(COPIES):
        (folder / f"phare-{number:02}.md").unlink()
    index(places, folder, options)
    assert verify(places) == []
    assert len(places.numbers()) == 2
    with live(places) as generation:
        scored = set(generation.table.ids_of(generation.table.beside).tolist())
        assert left_out <= scored
    found = asked(places, said, 100)
    assert sum(title == "Le phare" for title, _, _ in found) == COPIES


def test_damaged_graph_of_passages_is_found_and_mended(tmp_path: Path) -> None:
    """The doctor sees a passage that Chroma lost, and makes the base anew, of passages again."""
    places = Places(tmp_path / "home", form=PASSAGES)
    index(places, write_folder(tmp_path / "in", 12))
    before = asked(places, QUESTIONS[0])
    with live(places) as generation:
        generation.vectors.delete(sorted(generation.vectors.ids())[:2])
    (places.generation(places.numbers()[-1]) / MANIFEST).unlink()
    assert [problem.key for problem in verify(places)] == ["index_incomplete"]
    rebuild_generation(places)
    assert verify(places) == []
    assert counts(places)[0] == "passages"
    assert asked(places, QUESTIONS[0]) == before


def test_backup_comes_back_as_is_set_where_it_comes_back(tmp_path: Path) -> None:
    """Indexes are no part of a backup: a base of passages may come back as one of windows."""
    places = Places(tmp_path / "home", form=PASSAGES)
    index(places, write_folder(tmp_path / "in", 6))
    backup(places, tmp_path / "backup.zip", ())
    other = Places(tmp_path / "other", form=WINDOWS)
    other.home.mkdir()
    restore(other, tmp_path / "backup.zip", (), SIZES)
    assert (counts(places)[0], counts(other)[0]) == ("passages", "windows")
    assert asked(other, QUESTIONS[0]) == asked(places, QUESTIONS[0])


@pytest.mark.parametrize("texts", [True, False])
def test_other_programs_find_passages_with_or_without_texts(tmp_path: Path, texts: bool) -> None:
    """The collection is called what it holds; without texts it still says whose each vector is."""
    import chromadb
    from chromadb.config import Settings

    places = Places(tmp_path / "home", form=replace(PASSAGES, texts=texts))
    index(places, write_folder(tmp_path / "in", 2))
    folder = places.generation(places.numbers()[-1]) / "chroma"
    with closing(  # type: ignore[type-var]  # missing in its protocol
        chromadb.PersistentClient(str(folder), settings=Settings(anonymized_telemetry=False))
    ) as client:
        collection = client.get_collection("passages", embedding_function=None)
        found = collection.get(include=["documents", "metadatas"])
    with ArchiveReader(places.archive) as reader:
        passages = reader.passages([int(id_) for id_ in found["ids"]])
    expected = [passages[int(id_)].text if texts else None for id_ in found["ids"]]
    assert found["documents"] == expected
    assert len(expected) == len(passages) > 2
    titles = {str(row["title"]) for row in found["metadatas"] or ()}
    assert titles == {"Le musée 0", "Le tramway 1"}


def test_graph_that_does_not_find_its_entries_is_not_taken_into_use(tmp_path: Path) -> None:
    """It is told as such, not as a fault of the disk, and the live index stays."""
    folder, places = write_folder(tmp_path / "in", 12), Places(tmp_path / "home", form=PASSAGES)
    index(places, folder)
    before, base = asked(places, QUESTIONS[0]), places.next_base

    def estrange(_: int) -> None:
        """Once Chroma has its entries, let the arrays have other vectors."""
        if (base / CHROMA).is_dir():
            path = base / TABLE / "packed.npy"
            np.save(path, np.full_like(np.load(path), 1_000))

    base.mkdir()
    with pytest.raises(Failed, match="build_lossy"), dropped_if_unfinished(places, base):
        build_next_base(places, estrange)
    assert not base.exists()
    assert asked(places, QUESTIONS[0]) == before
