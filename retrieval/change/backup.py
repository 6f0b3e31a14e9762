"""Backups: one file that holds the archive and what goes with it, and the way back.

The copy of each database is SQLite's own online backup: one moment of it, while others read
and write. Indexes are not in it: they are made from the archive, without embedding.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import tempfile
import zipfile
import zlib
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from retrieval.archive.reader import ArchiveReader
from retrieval.archive.schema import connect
from retrieval.archive.writer import ArchiveStore
from retrieval.change.commit import WriteSession, commit_change
from retrieval.change.repair import archive_problems
from retrieval.change.report import Progress, Silent
from retrieval.errors import (
    ArchiveDamaged,
    ArchiveInconsistent,
    ArchiveMissing,
    BadUse,
    ForeignFile,
    NotFound,
)
from retrieval.index.build import write_through
from retrieval.index.generations import ARCHIVE, RESTORING, Places
from retrieval.storage import storage_faults, writer_lock
from retrieval.text.file_names import shown_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from retrieval.change.commit import Options
    from retrieval.vocabulary import Coverage

_MANIFEST = "kiosque-backup.json"
_FORMAT = 1
_PAGES = 4_096  # copied at a time; readers and the writer go on in between
_MAX_RATIO = 2_000  # of a packed file: what unpacks to more is a bomb


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was made or brought back.

    Args:
        path: the file.
        made: when.
        articles: how many articles it holds.
        bytes: its size.
    """

    path: Path
    made: datetime
    articles: int
    bytes: int


def backup(places: Places, path: Path, others: Sequence[str], *, replaced: bool = False) -> Backup:
    """Write a backup; the bot and writers may go on meanwhile.

    Args:
        places: where the archive is.
        path: the file to write.
        others: databases and folders of the home that go with the archive.
        replaced: write over a file that is there.

    Raises:
        NotFound: there is no archive, or no folder for the file.
        BadUse: the file is there already.
        StorageFull: no room, or no right, to write it.
        ArchiveDamaged: the archive cannot be read.
    """
    if path.exists() and not replaced:
        raise BadUse("backup_exists", path=str(path))
    if not path.parent.is_dir():
        raise NotFound("path_missing", path=str(path.parent))
    with ArchiveReader(places.archive) as reader:
        articles = reader.coverage().articles
    made = datetime.now(UTC).replace(microsecond=0)
    manifest = {"format": _FORMAT, "made": made.isoformat(), "articles": articles}
    partial = path.with_name(f".{path.name}.part")
    with storage_faults(path):
        try:
            with zipfile.ZipFile(
                partial, "w", zipfile.ZIP_DEFLATED, compresslevel=1, strict_timestamps=False
            ) as packed:
                packed.writestr(_MANIFEST, json.dumps(manifest))
                for name in (ARCHIVE, *others):
                    _pack(packed, places.home / name, name, path)
            write_through(partial)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
    return Backup(path, made, articles, path.stat().st_size)


def inspect(path: Path) -> Backup:
    """What a backup holds, as it says itself.

    Raises:
        NotFound: there is no such file.
        BadUse: it is no backup of ours.
    """
    with _opened(path) as packed:
        return _manifest(packed, path)


def restore(
    places: Places,
    path: Path,
    others: Sequence[str],
    options: Options,
    progress: Progress | None = None,
) -> Coverage:
    """Bring a backup back, whole, in place of the archive that is there.

    The indexes are made beside and everything is swapped at once: a bot that runs answers
    from what was there, then from what is brought back. Files of readers and uploads that
    exist are left as they are: what somebody had deleted must not come back.

    Args:
        places: where the archive is, or is going to be.
        path: the backup.
        others: databases and folders of the home that may come with the archive; whatever else
            the file holds, settings above all, is left in it.
        options: how long the past is kept, and who does it.
        progress: called at each stage and step.

    Returns:
        What the archive covers now.

    Raises:
        NotFound: there is no such file.
        BadUse: it is no backup of ours, or damaged.
        ArchiveBusy: another process is writing.
        StorageFull: no room, or no right, to write; nothing has changed.
    """
    with _opened(path) as packed, writer_lock(places.home), storage_faults(places.home):
        manifest = _manifest(packed, path)
        with tempfile.TemporaryDirectory(dir=places.home, prefix=RESTORING) as folder:
            beside = replace(places, home=Path(folder))
            _unpack(packed, ARCHIVE, beside.archive, path)
            if not _is_sound(beside.archive):
                raise BadUse("backup_damaged", path=str(path), detail=ARCHIVE)
            detail: dict[str, object] = {"sources": [shown_name(path)]}
            detail["made"] = manifest.made.isoformat()
            change = _made_ready(places, beside, options, detail, progress or Silent())
            places.generation(change).parent.mkdir(exist_ok=True)
            os.replace(beside.generation(change), places.generation(change))
            _set_damaged_aside(places.archive)
            _swap(beside.archive, places.archive)
        _unpack_missing(packed, others, places.home, path)
        with ArchiveStore(places.archive) as store:
            WriteSession(places, store, Silent(), options.keep_generations).drop_generations()
    with ArchiveReader(places.archive) as reader:
        return reader.coverage()


# --- packing ------------------------------------------------------------------------


def _pack(packed: zipfile.ZipFile, path: Path, name: str, target: Path) -> None:
    if path.is_dir():
        for file in sorted(path.rglob("*")):
            if file.is_file() and not file.name.startswith("."):
                packed.write(file, f"{name}/{file.relative_to(path).as_posix()}")
    elif path.exists() and path.suffix == ".db":
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}-") as folder:
            copy = Path(folder) / path.name
            with (
                closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as live,
                closing(sqlite3.connect(copy)) as taken,
            ):
                live.execute("BEGIN")  # one moment of it: else each change begins the copy anew
                live.execute("SELECT count(*) FROM sqlite_schema").fetchone()
                live.backup(taken, pages=_PAGES, sleep=0.0)
                taken.execute("PRAGMA journal_mode = DELETE")
            packed.write(copy, name)
    elif path.exists():
        packed.write(path, name)


# --- unpacking ----------------------------------------------------------------------


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    if not path.is_file():
        raise NotFound("path_missing", path=str(path))
    try:
        with zipfile.ZipFile(path) as packed:
            yield packed
    except zipfile.BadZipFile as error:
        raise BadUse("backup_damaged", path=str(path), detail=str(error)) from error


@contextmanager
def _damage(path: Path) -> Iterator[None]:
    """What zipfile raises for a member that is cut, altered, encrypted or packed otherwise."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
        raise BadUse("backup_damaged", path=str(path), detail=str(error)) from error


def _manifest(packed: zipfile.ZipFile, path: Path) -> Backup:
    try:
        with _damage(path):
            manifest = json.loads(packed.read(_MANIFEST))
        if manifest["format"] != _FORMAT:
            raise BadUse("backup_newer", path=str(path))
        made = datetime.fromisoformat(manifest["made"])
        return Backup(path, made, int(manifest["articles"]), path.stat().st_size)
    except (KeyError, ValueError, TypeError) as error:
        raise BadUse("not_a_backup", path=str(path)) from error


def _unpack(packed: zipfile.ZipFile, name: str, target: Path, path: Path) -> None:
    """One file of the backup; a name in it is never a path of ours."""
    try:
        member = packed.getinfo(name)
    except KeyError:
        raise BadUse("not_a_backup", path=str(path)) from None
    if member.file_size > _MAX_RATIO * max(1, member.compress_size):
        raise BadUse("backup_damaged", path=str(path), detail=name)
    target.parent.mkdir(parents=True, exist_ok=True)
    with _damage(path), packed.open(member) as source, target.open("wb") as file:
        shutil.copyfileobj(source, file, 1 << 20)


def _unpack_missing(packed: zipfile.ZipFile, others: Sequence[str], home: Path, path: Path) -> None:
    for name in packed.namelist():
        parts = PurePosixPath(name).parts
        wanted = parts and parts[0] in others and ".." not in parts
        if name.endswith("/") or not wanted or ":" in name or "\\" in name:
            continue
        if not (home / name).exists():
            _unpack(packed, name, home / name, path)


def _is_sound(archive: Path) -> bool:
    try:
        with closing(connect(archive)) as connection:
            found = archive_problems(connection, archive)
            return all(isinstance(problem, ArchiveInconsistent) for problem in found)
    except (ArchiveDamaged, ArchiveMissing, ForeignFile):
        return False


# --- the swap -----------------------------------------------------------------------


def _made_ready(
    places: Places,
    beside: Places,
    options: Options,
    detail: dict[str, object],
    progress: Progress,
) -> int:
    """Make the indexes of the archive beside, under a number that no generation ever had."""
    with ArchiveStore(beside.archive) as store:
        store.drop_unfinished()
        store.skip_changes(max([_last_change(places), *places.numbers()], default=0))
        session = WriteSession(beside, store, progress, retention=options.retention)
        change = store.begin("restore", options.by, detail)
        commit_change(session, change, {}, None, afresh=True)
    return change


def _last_change(places: Places) -> int:
    unreadable = suppress(ArchiveMissing, ArchiveDamaged, ForeignFile)
    with unreadable, ArchiveReader(places.archive) as reader:
        return max((change.id for change in reader.changes(1)), default=0)
    return 0


def _set_damaged_aside(archive: Path) -> None:
    """What cannot be read is kept under another name: somebody may want to look at it."""
    if not archive.exists() or _is_sound(archive):
        return
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    for suffix in ("", "-wal", "-shm"):
        part = archive.with_name(archive.name + suffix)
        if part.exists():
            part.replace(part.with_name(f"{archive.name}.damaged-{stamp}{suffix}"))


def _swap(source: Path, target: Path) -> None:
    """Put one database in place of another, in one transaction of those who have it open."""
    if not target.exists():
        os.replace(source, target)
        return
    with closing(sqlite3.connect(source)) as new, closing(connect(target, write=True)) as live:
        new.backup(live)
