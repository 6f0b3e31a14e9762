"""Files with names of any bytes go through the whole life of a source."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from retrieval.archive.reader import ArchiveReader
from retrieval.change import Kind
from retrieval.reading import find_sources
from retrieval.vocabulary import State
from tests.retrieval.library import editor, indexer, write_article

NAMES = [
    b"caf\xe9.md",
    "café.md".encode(),
    "cafe\u0301.md".encode(),
    "caf\uefe9.md".encode(),
    b"dossier \xe0 voir/\x9cuvre.md",
    b"new\nline\t\x1b[31m.md",
    "rtl\u202edm.txt.md".encode(),
    b"\xe9" * 252 + b".md",
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder whose own name is no UTF-8, with an article under each name."""
    made = tmp_path / os.fsdecode(b"ann\xe9es")
    try:
        for number, name in enumerate(NAMES):
            put(made, name, number)
    except OSError as error:  # macOS, Windows
        pytest.skip(f"no such names here: {error}")
    if len(list(find_sources([made]))) < len(NAMES):
        pytest.skip("names of one look are one here")
    return made


def put(folder: Path, name: bytes, number: int, said: str = "") -> Path:
    """Write an article under a name."""
    path = folder / os.fsdecode(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    return write_article(path.parent, number, said).rename(path)


def states(home: Path) -> dict[str, State]:
    """The state of each article by the number in its title."""
    with ArchiveReader(home / "archive.db") as reader:
        return {entry.title.rpartition(" ")[2]: entry.state for entry in reader.entries()}


def sources(home: Path) -> Sequence[str]:
    """The last part of the name of each source."""
    with ArchiveReader(home / "archive.db") as reader:
        return [entry.source.rpartition("/")[2] for entry in reader.entries()]


def test_every_name_is_read_and_found_again(folder: Path, tmp_path: Path) -> None:
    """The first run adds all, a plan too; the second finds each file unchanged."""
    home = tmp_path / "home"
    assert indexer(home).plan([folder]).added == len(NAMES)
    assert indexer(home).index([folder]).added == len(NAMES)
    again = indexer(home).index([folder], prune=True)
    assert (again.added, again.changed, again.unchanged) == (0, 0, len(NAMES))
    shown = sources(home)
    assert {"café.md", "œuvre.md", "new�line��[31m.md"} <= set(shown)
    assert "".join(shown).isprintable()


def test_what_changes_or_goes_is_told_of_its_own_file(folder: Path, tmp_path: Path) -> None:
    """Of names that look the same, only the one that changed is corrected, or withdrawn."""
    home = tmp_path / "home"
    indexer(home).index([folder])
    put(folder, NAMES[0], 0, "Une girafe traverse la place.")
    (folder / os.fsdecode(NAMES[4])).unlink()
    report = indexer(home).index([folder], prune=True)
    assert (report.added, report.changed, report.removed) == (0, 1, 1)
    (changed,) = (item for item in report.items if item.kind is Kind.CHANGED)
    assert changed.source.endswith("/années/café.md")
    assert changed.title == "Le musée 0"
    assert states(home).get("4", State.WITHDRAWN) is State.WITHDRAWN


def test_a_renamed_file_keeps_its_article(folder: Path, tmp_path: Path) -> None:
    """A disk whose names are put into UTF-8 brings no second article, and loses none."""
    home = tmp_path / "home"
    indexer(home).index([folder])
    renamed = folder / "café corrigé.md"
    (folder / os.fsdecode(NAMES[0])).rename(renamed)
    report = indexer(home).index([folder], prune=True)
    assert (report.added, report.unchanged, report.removed) == (0, len(NAMES), 0)
    renamed.unlink()
    assert indexer(home).index([folder], prune=True).removed == 1


def test_what_cannot_be_read_stops_nothing(folder: Path, tmp_path: Path) -> None:
    """A link to nowhere, a pipe, another format: each is told under a legible name."""
    (folder / "lien\udce9.md").symlink_to("nowhere\udce9")
    os.mkfifo(folder / "tube\udce9.md")
    (folder / "photo\udce9.\udcff").touch()
    (folder / "vide\udce9.md").touch()
    report = indexer(tmp_path / "home").index([folder])
    told = {problem.source.rpartition("/")[2]: problem.reason for problem in report.unreadable}
    assert told == {"liené.md": "unreadable", "tubeé.md": "not_a_file", "videé.md": "empty"}
    assert [(one.detail, one.count) for one in report.left_out] == [(".ÿ", 1)]
    assert report.added == len(NAMES)


def test_a_file_that_cannot_be_read_any_more_is_not_gone(folder: Path, tmp_path: Path) -> None:
    """Its article stays when what is gone is withdrawn."""
    home = tmp_path / "home"
    indexer(home).index([folder])
    (folder / os.fsdecode(NAMES[0])).write_bytes(b"")
    report = indexer(home).index([folder], prune=True)
    assert (len(report.unreadable), report.removed) == (1, 0)


def test_exports_and_rows_of_metadata(tmp_path: Path) -> None:
    """The records of an export are found again; a row names its file as people read it."""
    folder = tmp_path / "in"
    folder.mkdir()
    record = '{"id": "1", "title": "La gare", "text": "La gare de Lons a fermé hier soir."}\n'
    try:
        (folder / "export\udce9.jsonl").write_text(record, encoding="utf-8")
    except OSError as error:
        pytest.skip(f"no such names here: {error}")
    (folder / "not\udce9.txt").write_text("La halle de Dole rouvre lundi.", encoding="utf-8")
    row = "source;title;published\nnoté.txt;Titre de la table;2018-02-03\n"
    (folder / "metadata.csv").write_text(row, encoding="utf-8")
    home = tmp_path / "home"
    report = indexer(home).index([folder])
    assert (report.added, report.unreadable) == (2, ())
    assert indexer(home).index([folder]).unchanged == 2
    with ArchiveReader(home / "archive.db") as reader:
        titles = {entry.title for entry in reader.entries()}
    assert titles == {"La gare", "Titre de la table"}


def test_a_correction_from_such_a_file(folder: Path, tmp_path: Path) -> None:
    """The history names the file legibly."""
    home = tmp_path / "home"
    indexer(home).index([folder / os.fsdecode(NAMES[1])])
    with ArchiveReader(home / "archive.db") as reader:
        (entry,) = reader.entries()
    editor(home).correct(entry.id, put(folder, b"corrig\xe9.md", 1, "Un mot de plus."))
    with ArchiveReader(home / "archive.db") as reader:
        named = [source for change in reader.changes() for source in change.detail["sources"]]
    assert [source.rpartition("/")[2] for source in named] == ["corrigé.md", "café.md"]
