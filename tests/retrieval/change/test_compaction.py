"""The base of the indexes is made anew beside, and nothing that happens meanwhile is lost."""

from __future__ import annotations

import os
import shutil
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import pytest

from retrieval.archive.reader import ArchiveReader
from retrieval.change import rebuild_generation, verify
from retrieval.change.commit import writing
from retrieval.change.compaction import Attempts, compact, compact_if_due, is_due, may_try
from retrieval.errors import ArchiveBusy, Failed, IndexDamaged, StorageFull
from retrieval.index.base import CHROMA, TABLE
from retrieval.index.generations import LEXICAL, Generation, Places
from retrieval.index.tail import TAIL
from retrieval.storage import compaction_lock, writer_lock
from tests.retrieval.library import (
    SIZES,
    Meanwhile,
    editor,
    indexer,
    live,
    search,
    write_article,
    write_folder,
)

TIMES = 3


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An archive of twenty articles, and one that came upon its base."""
    folder = write_folder(tmp_path / "in", 20)
    indexer(tmp_path / "home").index([folder])
    write_article(folder, 20)
    indexer(tmp_path / "home").index([folder])
    return tmp_path / "home"


def generation(home: Path) -> Generation:
    """The live generation."""
    with ArchiveReader(home / "archive.db") as reader:
        return Generation(Places(home), reader.live_generation() or 0)


def titles(home: Path, question: str) -> set[str]:
    """The titles of what a question finds."""
    return {one.article.title for one in search(home, question)}


def test_small_change_shares_the_base(home: Path) -> None:
    """An article that is added is a layer beside the base, which is neither copied nor changed."""
    with generation(home) as opened:
        assert opened.base.number < opened.number
        _, added = Places(home).sizes(opened.number)
        assert added == sum(map(len, opened.table.layers[1:])) > 0
        folder = Places(home).generation(opened.number)
    assert not (folder / "chroma").exists()
    assert not (folder / "table").exists()
    assert "Le forêt 20" in titles(home, "Le forêt numéro 20")
    assert verify(Places(home)) == []


def test_what_is_withdrawn_is_hidden_and_comes_back(home: Path) -> None:
    """A withdrawal names windows of the base and of a layer; a rollback shows the same again."""
    with ArchiveReader(home / "archive.db") as reader:
        ids = {entry.title: entry.id for entry in reader.entries()}
    before = {title: titles(home, title) for title in ("Le port 2", "Le forêt 20")}
    editor(home).withdraw([ids["Le port 2"], ids["Le forêt 20"]], "test")
    assert verify(Places(home)) == []
    assert not {"Le port 2", "Le forêt 20"} & (titles(home, "Le port 2") | titles(home, "forêt 20"))
    with generation(home) as opened:
        layers = opened.tail.names
        assert len(opened.tail.gone) > 0
    editor(home).rollback()
    assert verify(Places(home)) == []
    assert {title: titles(home, title) for title in before} == before
    with generation(home) as opened:
        assert opened.tail.names == layers
        assert len(opened.tail.gone) == 0


def test_changes_made_meanwhile_stand_upon_the_new_base(home: Path, tmp_path: Path) -> None:
    """Added and withdrawn while the base is made: all there afterwards, and nothing twice."""
    with ArchiveReader(home / "archive.db") as reader:
        (first, *_) = [entry.id for entry in reader.entries() if entry.title == "Le tramway 1"]
        old = reader.live_generation() or 0

    def change() -> None:
        write_article(tmp_path / "in", 21)
        assert indexer(home).index([tmp_path / "in"]).added == 1
        editor(home).withdraw([first], "test")

    made = compact(Places(home), SIZES, Meanwhile(change))
    assert made.before > 0
    assert made.after > 0
    assert verify(Places(home)) == []
    assert len(live(home)) == 21
    assert "Le hôpital 21" in titles(home, "Le hôpital numéro 21")
    assert "Le tramway 1" not in titles(home, "Le tramway 1")
    with generation(home) as opened:
        assert opened.base.number == opened.number == made.change > old
    editor(home).rollback()
    assert verify(Places(home)) == []
    assert "Le tramway 1" in titles(home, "Le tramway 1")
    assert compact(Places(home), SIZES).after == 0
    assert verify(Places(home)) == []
    assert len(Places(home).numbers()) == 1


def test_article_that_left_before_the_base_was_made_comes_back(home: Path) -> None:
    """A rollback brings windows back that the new base never held: they get a layer."""
    with ArchiveReader(home / "archive.db") as reader:
        (first, *_) = [entry.id for entry in reader.entries() if entry.title == "Le tramway 1"]
    editor(home).withdraw([first], "test")
    compact(Places(home), SIZES)
    editor(home).rollback()
    assert verify(Places(home)) == []
    assert "Le tramway 1" in titles(home, "Le tramway 1")
    for number in range(30, 30 + TIMES):
        write_article(home.parent / "in", number)
        indexer(home).index([home.parent / "in"])
        assert verify(Places(home)) == []
    assert len(live(home)) == 21 + TIMES


def test_second_one_is_turned_away(home: Path) -> None:
    """Two at once would fill the disk for one of them to be thrown away."""
    told: list[str] = []

    def second() -> None:
        with pytest.raises(ArchiveBusy) as caught:
            compact(Places(home), SIZES)
        told.append(caught.value.key)

    compact(Places(home), SIZES, Meanwhile(second))
    assert told == ["compaction_busy"]
    assert verify(Places(home)) == []


def test_a_writer_is_waited_for_at_the_end(home: Path) -> None:
    """Who writes when the base is made delays it, which is said: the work is not thrown away."""
    with ExitStack() as writer:

        class Waiting(Meanwhile):
            """Has the writer end once it is waited for."""

            def stage(self, name: str, total: int | None) -> None:
                """A stage begins."""
                del total
                if name == "wait":
                    writer.close()

        meanwhile = Waiting(lambda: writer.enter_context(writer_lock(home)))
        assert compact(Places(home), SIZES, meanwhile).after == 0
    assert verify(Places(home)) == []


def test_base_that_was_made_anew_meanwhile_stays(home: Path) -> None:
    """A repair, or a backup brought back, is not undone by a base of the time before."""
    with pytest.raises(Failed) as caught:
        compact(Places(home), SIZES, Meanwhile(lambda: rebuild_generation(Places(home))))
    assert caught.value.key == "compaction_overtaken"
    assert verify(Places(home)) == []
    assert not Places(home).next_base.exists()


def test_what_a_killed_one_left_is_deleted_by_the_next_writer(home: Path, tmp_path: Path) -> None:
    """The folder of a base that nobody makes any more takes no room for long."""
    left = Places(home).next_base
    (left / "table").mkdir(parents=True)
    (left / "table" / "vectors.npy").write_bytes(b"half")
    write_article(tmp_path / "in", 21)
    indexer(home).index([tmp_path / "in"])
    assert not left.exists()


def test_base_that_cannot_be_written_is_the_disk_s_fault(home: Path, tmp_path: Path) -> None:
    """What was just made and cannot be read is no damage of the live index, which stays."""
    places = Places(home)
    before = places.numbers()
    # Moved at once: who deletes file by file may meet one that the builder just adds.
    elsewhere = Meanwhile(lambda: places.next_base.rename(tmp_path / "elsewhere"))
    with pytest.raises(StorageFull):
        compact(places, SIZES, elsewhere)
    assert not places.next_base.exists()
    assert places.numbers() == before
    assert verify(places) == []


def test_lost_chroma_is_mended_by_a_new_base(home: Path) -> None:
    """What the new base replaces need not be readable."""
    places = Places(home)
    shutil.rmtree(places.generation(places.numbers()[0]) / CHROMA)
    compact(places, SIZES)
    assert verify(places) == []


@pytest.mark.parametrize("part", [LEXICAL, TABLE])
def test_damage_is_told_before_the_base_is_made(home: Path, part: str) -> None:
    """Nobody waits an hour to hear that the live index cannot be read."""
    places, meanwhile = Places(home), Meanwhile(lambda: None)
    base, number = places.numbers()
    shutil.rmtree(places.generation(base if part == TABLE else number) / part)
    with pytest.raises(IndexDamaged):
        compact(places, SIZES, meanwhile)
    assert not meanwhile.done
    assert not places.next_base.exists()


@pytest.mark.parametrize("text", ['{"format": 9}', "[]", '{"base": 1', ""])
def test_tail_that_nobody_can_read_costs_no_base(home: Path, text: str) -> None:
    """Of a later release, damaged, endless: it is said, its base stays, doctor mends it."""
    places = Places(home)
    base, number = places.numbers()
    (places.generation(number) / "seal.json").unlink()
    told = places.generation(number) / TAIL / "tail.json"
    told.write_text(text, "utf-8")
    if not text:
        os.truncate(told, 1 << 40)  # a terabyte that takes no room
    (problem,) = verify(places)
    assert problem.key == ("index_newer" if "format" in text else "index_damaged")
    with pytest.raises(IndexDamaged):
        compact(places, SIZES)
    with writing(places, SIZES):
        assert places.numbers() == [base, number]
    rebuild_generation(places)
    assert verify(places) == []
    assert len(places.numbers()) == 1


def test_due_by_the_share_that_came_upon_the_base(home: Path) -> None:
    """One article of twenty-one is more than 2 % and less than half; then nothing is left to do."""
    places = Places(home)
    assert is_due(places, 0.02)
    assert may_try(places, 0.02, Attempts(), 0.0)
    assert not may_try(places, 0.02, Attempts(1, again_at=9.0), 8.0)
    with writer_lock(home):
        assert not may_try(places, 0.02, Attempts(), 0.0)
    assert compact_if_due(places, SIZES, 0.5) is None
    assert compact_if_due(places, SIZES, 0.02) is not None
    assert not is_due(places, 0.0)


def test_base_that_another_process_just_made_is_not_made_again(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two see at once that it is due: the one that waits for the other looks again."""
    places = Places(home)

    def later(home: Path, wait_s: float) -> AbstractContextManager[None]:
        rebuild_generation(places)
        return compaction_lock(home, wait_s)

    number = places.numbers()[-1]
    monkeypatch.setattr("retrieval.change.compaction.compaction_lock", later)
    assert compact_if_due(places, SIZES, 0.02) is None
    assert places.numbers() == [number + 1]
