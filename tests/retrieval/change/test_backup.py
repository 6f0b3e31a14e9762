"""Backups: made while others work, brought back whole, and refused when they are none."""

from __future__ import annotations

import sqlite3
import threading
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from retrieval.archive.reader import ArchiveReader
from retrieval.change import Options, verify
from retrieval.change.backup import backup, inspect, restore
from retrieval.errors import BadUse, NotFound
from retrieval.index.generations import Places
from retrieval.search import HybridSearch, Query
from tests.retrieval.hashed_embedder import HashedEmbedder
from tests.retrieval.library import editor, indexer, search, write_article, write_folder

MUSEUM = "Que dit un riverain du musée numéro 0 ?"
OTHERS = ("bot.db", "uploads")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An archive of three articles, an upload, and a database of the bot."""
    home = tmp_path / "home"
    indexer(home).index([write_folder(tmp_path / "in", 3)])
    (home / "uploads").mkdir()
    (home / "uploads" / "note.txt").write_text("reçu", "utf-8")
    with closing(sqlite3.connect(home / "bot.db")) as other:
        other.executescript("CREATE TABLE t (x); INSERT INTO t VALUES (1);")
    return home


def test_backup_comes_back_on_another_machine(home: Path, tmp_path: Path) -> None:
    """All of it, in an empty home, and nothing has to be embedded."""
    made = backup(Places(home), tmp_path / "b.zip", OTHERS)
    other = tmp_path / "other"
    coverage = restore(Places(other), tmp_path / "b.zip", OTHERS, Options())
    assert coverage.articles == made.articles == inspect(tmp_path / "b.zip").articles == 3
    assert search(other, MUSEUM)[0].passage.text == search(home, MUSEUM)[0].passage.text
    assert (other / "uploads" / "note.txt").read_text("utf-8") == "reçu"
    with closing(sqlite3.connect(other / "bot.db")) as copied:
        assert copied.execute("SELECT x FROM t").fetchall() == [(1,)]
    assert verify(Places(other)) == []


def test_restore_goes_back_while_a_reader_has_the_archive_open(home: Path, tmp_path: Path) -> None:
    """A bot that runs uses what is brought back at its next question, without a restart."""
    backup(Places(home), tmp_path / "b.zip", OTHERS)
    with (
        ArchiveReader(home / "archive.db") as reader,
        closing(HybridSearch(Places(home), reader, HashedEmbedder())) as searching,
    ):
        id_ = searching.search(Query(MUSEUM)).evidence[0].article.id
        editor(home).withdraw([id_], "essai")
        write_article(tmp_path / "in", 4)
        indexer(home).index([tmp_path / "in"])
        assert id_ not in {e.article.id for e in searching.search(Query(MUSEUM)).evidence}
        restore(Places(home), tmp_path / "b.zip", OTHERS, Options())
        assert searching.search(Query(MUSEUM)).evidence[0].article.id == id_
        assert reader.coverage().articles == 3
    assert verify(Places(home)) == []
    write_article(tmp_path / "in", 5)
    assert indexer(home).index([tmp_path / "in"]).added == 2


def test_backup_is_one_moment_while_a_writer_works(home: Path, tmp_path: Path) -> None:
    """Each backup made beside changes can be brought back, and is a state that was there."""
    stop = threading.Event()

    def write() -> None:
        for n in range(6, 10):
            write_article(tmp_path / "in", n)
            indexer(home).index([tmp_path / "in"])
        stop.set()

    writer = threading.Thread(target=write)
    writer.start()
    made = [backup(Places(home), tmp_path / "0.zip", ())]
    while not stop.is_set():
        made.append(backup(Places(home), tmp_path / f"{len(made)}.zip", ()))
    writer.join()
    for one in (made[0], made[len(made) // 2], made[-1]):
        other = Places(tmp_path / f"home of {one.path.stem}")
        assert restore(other, one.path, OTHERS, Options()).articles >= 3
        assert verify(other) == []


def test_private_files_are_not_brought_back_over_those_there(home: Path, tmp_path: Path) -> None:
    """What a reader had the bot forget stays forgotten."""
    backup(Places(home), tmp_path / "b.zip", OTHERS)
    with closing(sqlite3.connect(home / "bot.db", isolation_level=None)) as bot:
        bot.execute("DELETE FROM t")
    restore(Places(home), tmp_path / "b.zip", OTHERS, Options())
    with closing(sqlite3.connect(home / "bot.db")) as bot:
        assert bot.execute("SELECT count(*) FROM t").fetchone() == (0,)


def test_backup_is_never_written_over(home: Path, tmp_path: Path) -> None:
    """Unless that is asked for."""
    backup(Places(home), tmp_path / "b.zip", ())
    with pytest.raises(BadUse) as caught:
        backup(Places(home), tmp_path / "b.zip", ())
    assert caught.value.key == "backup_exists"
    backup(Places(home), tmp_path / "b.zip", (), replaced=True)


def test_files_that_are_no_backup_change_nothing(home: Path, tmp_path: Path) -> None:
    """Noise, a zip of something else, a backup cut short, paths that lead outside."""
    good = backup(Places(home), tmp_path / "good.zip", ()).path
    (tmp_path / "noise.zip").write_bytes(b"\x00" * 1000)
    (tmp_path / "cut.zip").write_bytes(good.read_bytes()[:-2000])
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as other:
        other.writestr("readme.txt", "bonjour")
    with zipfile.ZipFile(good) as whole, zipfile.ZipFile(tmp_path / "flipped.zip", "w") as flipped:
        flipped.writestr("kiosque-backup.json", whole.read("kiosque-backup.json"))
        flipped.writestr("archive.db", whole.read("archive.db")[:5000])
    for name in ("noise.zip", "cut.zip", "other.zip", "flipped.zip"):
        with pytest.raises(BadUse):
            restore(Places(home), tmp_path / name, OTHERS, Options())
    with pytest.raises(NotFound):
        restore(Places(home), tmp_path / "none.zip", OTHERS, Options())
    assert search(home, MUSEUM)
    assert verify(Places(home)) == []
    assert not list(home.glob("restoring-*"))


def test_paths_of_a_backup_stay_inside(home: Path, tmp_path: Path) -> None:
    """A hostile name in a backup is passed over."""
    made = backup(Places(home), tmp_path / "b.zip", ()).path
    with zipfile.ZipFile(made, "a") as packed:
        packed.writestr("../outside.txt", "dehors")
        packed.writestr(f"{tmp_path}/absolute.txt", "dehors")
    restore(Places(tmp_path / "deep" / "home"), made, OTHERS, Options())
    assert not (tmp_path / "deep" / "outside.txt").exists()
    assert not (tmp_path / "absolute.txt").exists()


@pytest.mark.parametrize("content", [b"", b"not a database at all" * 300])
def test_backup_replaces_an_archive_that_is_damaged(
    home: Path, tmp_path: Path, content: bytes
) -> None:
    """That is what backups are for; what was there is kept aside."""
    backup(Places(home), tmp_path / "b.zip", ())
    for suffix in ("-wal", "-shm"):
        (home / f"archive.db{suffix}").unlink(missing_ok=True)
    (home / "archive.db").write_bytes(content)
    restore(Places(home), tmp_path / "b.zip", OTHERS, Options())
    assert search(home, MUSEUM)
    assert verify(Places(home)) == []
    assert [path.read_bytes() for path in home.glob("archive.db.damaged-*")] == [content]


def test_a_backup_brings_no_settings(home: Path, tmp_path: Path) -> None:
    """Only what goes with an archive is unpacked: no administrator, no endpoint, no program."""
    made = backup(Places(home), tmp_path / "b.zip", OTHERS).path
    with zipfile.ZipFile(made, "a") as packed:
        for name in ("kiosque.toml", "models/x.onnx", "uploads/../kiosque.toml", "bot.db\\x"):
            packed.writestr(name, "[telegram]\nadmins = [1]\n")
    other = tmp_path / "other"
    restore(Places(other), made, OTHERS, Options())
    names = {path.name for path in other.rglob("*")}
    assert "note.txt" in names
    assert not names & {"kiosque.toml", "x.onnx", "bot.db\\x"}


@pytest.mark.parametrize("name", ["kiosque-backup.json", "archive.db", "uploads/note.txt"])
def test_a_damaged_member_is_told(home: Path, tmp_path: Path, name: str) -> None:
    """Bytes that changed inside a backup end in a sentence, wherever they are."""
    made = backup(Places(home), tmp_path / "b.zip", OTHERS).path
    with zipfile.ZipFile(made) as packed:
        member = packed.getinfo(name)
    raw = bytearray(made.read_bytes())
    start = member.header_offset + 30 + len(name)
    raw[start : start + member.compress_size] = bytes(member.compress_size)
    made.write_bytes(raw)
    with pytest.raises(BadUse) as raised:
        restore(Places(tmp_path / "other"), made, OTHERS, Options())
    assert raised.value.key in ("backup_damaged", "not_a_backup")
