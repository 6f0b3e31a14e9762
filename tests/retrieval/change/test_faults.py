"""Nothing is lost, doubled or half there: kills, two writers, a full disk, damage."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from retrieval.archive.reader import ArchiveReader
from retrieval.archive.writer import ArchiveStore
from retrieval.change import heal, rebuild_generation, verify
from retrieval.errors import ArchiveBusy, ArchiveDamaged, IndexDamaged, StorageFull
from retrieval.index.base import CHROMA, TABLE
from retrieval.index.generations import LEXICAL, Generation, Places
from retrieval.search import HybridSearch, Query, SearchOptions
from retrieval.storage import writer_lock
from tests.retrieval.hashed_embedder import HashedEmbedder
from tests.retrieval.library import indexer, reachable, write_article, write_folder

ROOT = Path(__file__).parents[3]


def start_writer(home: Path, folder: Path, *arguments: object) -> subprocess.Popen[str]:
    """Index a folder in another process."""
    module = "tests.retrieval.change.writer_process"
    command = [sys.executable, "-m", module, str(home), str(folder), *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def articles_found(home: Path) -> set[str]:
    """The titles that a search on both sides finds, after every id was checked."""
    places, embedder = Places(home), HashedEmbedder()
    with ArchiveReader(places.archive) as reader:
        number = reader.live_generation()
        if number is None:
            return set()
        with Generation(places, number) as generation:
            vector = embedder.embed_query("le riverain s'étonne")
            near = [id_ for id_, _ in generation.vectors.query(vector, 5_000)]
            reached = reachable(generation, near)
            windows = reader.windows(reached)
            assert len(windows) == len(reached)
            lexical = generation.lexical.search(["riverain"], 5_000)
            passages = reader.passages([id_ for id_, _ in lexical])
            assert len(passages) == len(lexical)
        found = reader.articles_of(sorted({row.article_id for row in windows.values()}))
        assert set(found) == {passage.article_id for passage in passages.values()}
        return {article.title for article in found.values()}


def titles(count: int) -> set[str]:
    """The titles of a folder of so many articles."""
    from tests.retrieval.library import SUBJECTS

    return {f"Le {SUBJECTS[number % len(SUBJECTS)]} {number}" for number in range(count)}


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("before", "after"), [(4, 10), (20, 24)], ids=["afresh", "copied"])
def test_killed_writer_leaves_the_archive_as_before_or_as_after(
    tmp_path: Path, seed: int, before: int, after: int
) -> None:
    """SIGKILL at any moment: all of a change or nothing of it, and the next run completes it."""
    home, folder = tmp_path / "home", write_folder(tmp_path / "in", before)
    indexer(home).index([folder])
    write_folder(folder, after)
    write_article(folder, 2, "Une girafe traverse la place.")
    writer = start_writer(home, folder, 0.2)
    assert writer.stdout is not None
    writer.stdout.readline()
    time.sleep(random.Random(seed).uniform(0.0, 1.2))  # noqa: S311 - a moment, no secret
    writer.kill()
    writer.wait()
    writer.stdout.close()
    assert verify(Places(home)) == []
    assert articles_found(home) in (titles(before), titles(after))
    report = indexer(home).index([folder])
    assert report.added in (0, after - before)
    assert verify(Places(home)) == []
    assert articles_found(home) == titles(after)


def test_what_was_embedded_before_a_kill_is_not_embedded_again(tmp_path: Path) -> None:
    """Vectors are committed batch by batch, and the next run takes up from there."""
    home, folder = tmp_path / "home", write_folder(tmp_path / "in", 60)
    writer = start_writer(home, folder, 0.3)
    assert writer.stdout is not None
    assert [writer.stdout.readline().strip() for _ in range(3)][-1] == "embedding"
    writer.kill()
    writer.wait()
    writer.stdout.close()
    embedder = HashedEmbedder()
    report = indexer(home, embedder).index([folder])
    assert report.added == 60
    assert 0 < embedder.embedded <= report.windows - 256


def test_second_writer_is_told_who_holds_the_lock(tmp_path: Path) -> None:
    """Two writers at once would lose windows: the second is refused with the first's facts."""
    home, folder = tmp_path / "home", write_folder(tmp_path / "in", 3)
    writer = start_writer(home, folder, 3)
    assert writer.stdout is not None
    assert [writer.stdout.readline().strip() for _ in range(2)][-1] == "embedding"
    with pytest.raises(ArchiveBusy) as caught:
        indexer(home).index([folder])
    assert caught.value.facts["pid"] == writer.pid
    assert set(caught.value.facts) == {"pid", "host", "since", "command"}
    writer.kill()
    writer.wait()
    writer.stdout.close()
    assert indexer(home).index([folder]).added == 3


@pytest.mark.parametrize("limit", [40_000, 150_000, 400_000])
def test_full_disk_changes_nothing(tmp_path: Path, limit: int) -> None:
    """When a write is refused, the error says so and the archive is as it was."""
    home, folder = tmp_path / "home", write_folder(tmp_path / "in", 2)
    indexer(home).index([folder])
    write_folder(folder, 80)
    writer = start_writer(home, folder, 0, limit)
    told, _ = writer.communicate()
    assert told.splitlines()[-1] in ("storage_full", "storage_failed", "build_failed"), told
    assert verify(Places(home)) == []
    assert articles_found(home) == titles(2)
    assert indexer(home).index([folder]).added == 78
    assert articles_found(home) == titles(80)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_home_without_the_right_to_write(tmp_path: Path) -> None:
    """A home that cannot be written is refused in plain words."""
    home, folder = tmp_path / "home", write_folder(tmp_path / "in", 1)
    home.mkdir(mode=0o500)
    with pytest.raises(StorageFull) as caught:
        indexer(home).index([folder])
    assert caught.value.key == "storage_denied"


@pytest.mark.parametrize("part", [CHROMA, LEXICAL, TABLE, ""])
def test_lost_index_is_made_anew_without_embedding(tmp_path: Path, part: str) -> None:
    """A deleted index folder is found by `verify` and rebuilt from the archive's vectors."""
    home, folder = tmp_path / "home", write_folder(tmp_path / "in", 3)
    embedder = HashedEmbedder()
    indexer(home, embedder).index([folder])
    known, places = embedder.embedded, Places(home)
    shutil.rmtree(places.generation(places.numbers()[-1]) / part)
    assert [type(problem) for problem in verify(places)] == [IndexDamaged]
    rebuild_generation(places, embedder=embedder)
    assert verify(places) == []
    assert articles_found(home) == titles(3)
    assert embedder.embedded == known


@pytest.mark.parametrize("part", [CHROMA, LEXICAL, TABLE])
def test_damaged_index_is_healed_or_replaced(tmp_path: Path, part: str) -> None:
    """Garbage in an index is found; a change builds afresh instead of copying it."""
    home, folder = tmp_path / "home", write_folder(tmp_path / "in", 3)
    indexer(home).index([folder])
    places = Places(home)
    for file in (places.generation(places.numbers()[-1]) / part).rglob("*"):
        if file.is_file() and file.stat().st_size > 64:
            file.write_bytes(file.read_bytes()[:40] + b"garbage" * 9)
    assert [type(problem) for problem in verify(places)] == [IndexDamaged]
    write_article(folder, 9)
    assert indexer(home).index([folder]).added == 1
    assert verify(places) == []


def test_search_may_have_the_indexes_healed_by_another_process(tmp_path: Path) -> None:
    """Healing writes in a process of its own and is refused while somebody else writes."""
    home, folder = tmp_path / "home", write_folder(tmp_path / "in", 3)
    indexer(home).index([folder])
    places = Places(home)
    shutil.rmtree(places.generation(places.numbers()[-1]))
    damage = IndexDamaged("index_missing", path="")
    with writer_lock(home), pytest.raises(IndexDamaged):
        heal(places, damage)
    heal(places, damage)
    assert verify(places) == []


def test_questions_that_meet_the_same_damage_are_healed_once(tmp_path: Path) -> None:
    """One question has the indexes made anew; the others wait, and all are answered."""
    home, folder = tmp_path / "home", write_folder(tmp_path / "in", 3)
    indexer(home).index([folder])
    places = Places(home)
    shutil.rmtree(places.generation(places.numbers()[-1]))
    healings: list[IndexDamaged] = []

    def mend(damage: IndexDamaged) -> None:
        healings.append(damage)
        time.sleep(0.2)  # so that the others meet it too
        rebuild_generation(places)

    with (
        ArchiveReader(places.archive) as reader,
        closing(HybridSearch(places, reader, HashedEmbedder(), heal=mend)) as search,
        ThreadPoolExecutor(4) as pool,
    ):
        found = list(pool.map(search.search, [Query("Le tramway")] * 4))
    assert all(one.evidence for one in found)
    assert len(healings) == 1


@pytest.mark.parametrize("place", ["home", "chroma/home"])
@pytest.mark.parametrize("content", [b"cut", None], ids=["cut", "lost"])
def test_questions_are_answered_while_chroma_cannot_be_healed(
    tmp_path: Path, place: str, content: bytes | None
) -> None:
    """Every window is scored instead, whatever the folders above the home are called."""

    def mend(damage: IndexDamaged) -> None:
        raise damage

    home = tmp_path / place
    indexer(home).index([write_folder(tmp_path / "in", 3)])
    places, always_chroma = Places(home), SearchOptions(exact_below=0)
    chroma = places.generation(places.numbers()[-1]) / CHROMA
    (graph,) = chroma.rglob("data_level0.bin")
    graph.unlink() if content is None else graph.write_bytes(content)
    with (
        ArchiveReader(places.archive) as reader,
        closing(HybridSearch(places, reader, HashedEmbedder(), always_chroma, mend)) as search,
    ):
        assert search.search(Query("Le tramway")).evidence


def test_lost_passages_are_said_to_be_lost(tmp_path: Path) -> None:
    """Only Chroma can be done without: other damage in a home called so is told as it is."""

    def mend(damage: IndexDamaged) -> None:
        raise damage

    home = tmp_path / "chroma" / "home"
    indexer(home).index([write_folder(tmp_path / "in", 3)])
    places = Places(home)
    shutil.rmtree(places.generation(places.numbers()[-1]) / LEXICAL)
    with (
        ArchiveReader(places.archive) as reader,
        closing(HybridSearch(places, reader, HashedEmbedder(), heal=mend)) as search,
        pytest.raises(IndexDamaged),
    ):
        search.search(Query("Le tramway"))


def test_damaged_archive_is_named(tmp_path: Path) -> None:
    """Garbage in the SQLite file is an error that names the file, never a traceback."""
    home, folder = tmp_path / "home", write_folder(tmp_path / "in", 3)
    indexer(home).index([folder])
    (home / "archive.db").write_bytes(b"garbage" * 5000)
    with pytest.raises(ArchiveDamaged) as caught:
        indexer(home).index([folder])
    assert caught.value.facts["path"] == str(home / "archive.db")
    assert [problem.key for problem in verify(Places(home))] == [caught.value.key]


def test_archive_that_lost_everything_is_no_new_one(tmp_path: Path) -> None:
    """An empty file beside indexes is damage; without them, or moved away, it is a beginning."""
    home, folder = tmp_path / "home", write_folder(tmp_path / "in", 3)
    home.mkdir()
    (home / "archive.db").touch()
    assert indexer(home).plan([folder]).added == 3
    assert indexer(home).index([folder]).added == 3
    (home / "archive.db").write_bytes(b"")
    for use in (ArchiveReader, ArchiveStore):
        with pytest.raises(ArchiveDamaged) as caught:
            use(home / "archive.db")
        assert caught.value.key == "archive_emptied"
    assert [problem.key for problem in verify(Places(home))] == ["archive_emptied"]
    (home / "archive.db").unlink()
    assert indexer(home).index([folder]).added == 3
    assert verify(Places(home)) == []


def test_generation_is_kept_as_long_as_it_is_read(tmp_path: Path) -> None:
    """What a reader has open stays for it; what nobody reads goes, but for the base in use."""
    home, folder = tmp_path / "home", write_folder(tmp_path / "in", 2)
    places = Places(home)
    indexer(home).index([folder])
    first = places.numbers()
    with Generation(places, first[0]) as generation:
        write_article(folder, 2)
        indexer(home).index([folder])
        assert places.numbers()[0] == first[0]
        second = places.numbers()[-1]
        assert len(generation.table) == generation.vectors.count()
    write_article(folder, 3)
    indexer(home).index([folder])
    assert second not in places.numbers()
    assert places.numbers()[0] == first[0]
    rebuild_generation(places)
    assert len(places.numbers()) == 1


def test_running_reader_sees_a_change_of_another_process(tmp_path: Path) -> None:
    """A reader that is open finds at its next question what another process has indexed."""
    home, folder = tmp_path / "home", write_folder(tmp_path / "in", 2)
    indexer(home).index([folder])
    with ArchiveReader(home / "archive.db") as reader:
        old = reader.live_generation() or 0
        with Generation(Places(home), old) as generation, reader.snapshot():
            assert reader.live_generation() == old
            assert generation.lexical.count()  # what is open stays readable
            write_folder(folder, 5)
            assert start_writer(home, folder, 0).communicate()[0].endswith("done\n")
            assert reader.live_generation() == old  # the search under way goes on
            assert generation.lexical.count() == len(reader.passages(list(range(1, 500))))
        assert reader.live_generation() != old
        assert reader.coverage().articles == 5
    assert articles_found(home) == titles(5)
