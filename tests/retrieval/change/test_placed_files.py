"""Files that are read as if they stood elsewhere: planned, taken in, and moved into place."""

from __future__ import annotations

from pathlib import Path

import pytest

from retrieval.archive.reader import ArchiveReader
from retrieval.change import Report
from retrieval.errors import BadUse
from retrieval.reading import PlacedFile
from tests.retrieval.library import indexer

TABLE = "source,outlet,published\n"
TEXT = "Le phare de Kerluz\n\nLe phare a été rallumé samedi par une association de riverains.\n"
RECORDS = '{"text": "La mairie de Lansec ferme le lundi, faute de personnel pour ouvrir."}\n'


def placed(tmp_path: Path, name: str, text: str, table: str = "") -> PlacedFile:
    """A file that waits, with its rows, and the path where it is to stand."""
    waiting = tmp_path / "waiting"
    waiting.mkdir(exist_ok=True)
    content, metadata = waiting / f"1-{name}", waiting / "metadata.csv"
    content.write_text(text, encoding="utf-8")
    if table:
        metadata.write_text(TABLE + table, encoding="utf-8")
    return PlacedFile(content, tmp_path / "uploads" / name, metadata if table else None)


def moved(file: PlacedFile) -> None:
    """Move a file to its path."""
    file.path.parent.mkdir(exist_ok=True)
    file.content.replace(file.path)


@pytest.mark.parametrize(("name", "text"), [("a.txt", TEXT), ("a.jsonl", RECORDS)])
def test_it_is_the_file_that_it_will_be(tmp_path: Path, name: str, text: str) -> None:
    """Nothing lies at the path until the change stands; read there later, nothing is new."""
    home, file = tmp_path / "home", placed(tmp_path, name, text)
    plan = indexer(home).plan([file])
    assert (plan.added, file.path.exists()) == (1, False)

    def place() -> None:
        with ArchiveReader(home / "archive.db") as reader:
            assert len(reader.entries()) == 1
        moved(file)

    done = indexer(home).index([file], place=place)
    assert done.items == plan.items
    again = indexer(home).index([file.path], prune=True)
    assert (again.added, again.changed, again.unchanged, again.removed) == (0, 0, done.added, 0)
    with ArchiveReader(home / "archive.db") as reader:
        assert reader.entries()[0].source.startswith(str(file.path))
        assert reader.changes()[0].detail["sources"] == [str(file.path)]


def test_its_rows_come_before_those_that_are_there(tmp_path: Path) -> None:
    """A row that waits with the file wins; without one, that of the folder counts."""
    file = placed(tmp_path, "a.txt", TEXT, "a.txt,Le Fanal,2019-05-12\n")
    file.path.parent.mkdir()
    rows = TABLE + "a.txt,La Vigie,2001-01-01\nb.txt,La Vigie,2001-01-01\n"
    (file.path.parent / "metadata.csv").write_text(rows, encoding="utf-8")
    other = PlacedFile(file.content, file.path.with_name("b.txt"), file.metadata)
    for one, outlet in ((file, "Le Fanal"), (other, "La Vigie")):
        (item,) = indexer(tmp_path / "home").plan([one]).items
        assert item.outlet == outlet


def test_it_replaces_the_file_at_its_path(tmp_path: Path) -> None:
    """The article of the earlier file changes; that file stays until the change stands."""
    home, file = tmp_path / "home", placed(tmp_path, "a.txt", TEXT)
    file.path.parent.mkdir()
    file.path.write_text(TEXT.replace("samedi", "lundi"), encoding="utf-8")
    indexer(home).index([file.path])
    plan = indexer(home).plan([file], prune=True)
    assert (plan.added, plan.changed, plan.removed) == (0, 1, 0)
    assert "lundi" in file.path.read_text(encoding="utf-8")


def test_no_file_is_moved_without_a_change(tmp_path: Path) -> None:
    """Neither after a no nor after an error; what placing raises does not undo the change."""
    home, file = tmp_path / "home", placed(tmp_path, "a.txt", TEXT)

    def fail(_: Report) -> bool:
        raise BadUse("too_many_changes")

    def full() -> None:
        raise OSError("no room")

    indexer(home).index([file], confirm=lambda _: False, place=lambda: moved(file))
    with pytest.raises(BadUse):
        indexer(home).index([file], confirm=fail, place=lambda: moved(file))
    assert file.content.exists()
    with pytest.raises(OSError, match="no room"):
        indexer(home).index([file], place=full)
    with ArchiveReader(home / "archive.db") as reader:
        assert len(reader.entries()) == 1
