"""Which files have changed, without opening one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from retrieval.vocabulary import Unreadable
from retrieval.web.watch import FolderChanges, scan
from tests.retrieval.library import write_article, write_folder

NOW = 1_000_000.0


def aged(folder: Path, seconds: float = 60.0) -> None:
    """Let everything in a folder have been written so long before ``NOW``."""
    for path in folder.rglob("*"):
        os.utime(path, (NOW - seconds, NOW - seconds))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of three articles, written a minute ago."""
    made = write_folder(tmp_path / "articles", 3)
    aged(made)
    return made


def test_only_what_changed_is_news(folder: Path) -> None:
    """A second look finds nothing; then what was added, changed, or gone."""
    first = scan([folder], {}, NOW)
    known = first.changed
    assert [Path(path).name for path in known] == [f"article-00{n}.md" for n in range(3)]
    assert scan([folder], known, NOW) == FolderChanges()
    (folder / "sub").mkdir()
    added = write_article(folder / "sub", 7)
    changed = write_article(folder, 1, "Une phrase de plus.")
    gone = folder / "article-002.md"
    gone.unlink()
    (folder / "image.png").write_bytes(b"no source")
    news = scan([folder], known, NOW)
    assert (sorted(news.changed), news.vanished) == ([str(changed), str(added)], [str(gone)])


def test_a_row_beside_a_file_is_part_of_it(folder: Path) -> None:
    """When ``metadata.csv`` changes, what it speaks of is to be read again."""
    known = scan([folder], {}, NOW).changed
    (folder / "metadata.csv").write_text("source,author\narticle-000.md,Anne\n", encoding="utf-8")
    aged(folder)
    assert set(scan([folder], known, NOW).changed) == set(known)


def test_a_file_that_is_being_written_waits(folder: Path) -> None:
    """One that was changed less than two seconds ago is for the next round."""
    os.utime(folder / "article-001.md", (NOW - 1, NOW - 1))
    news = scan([folder], {}, NOW)
    assert (len(news.changed), news.waiting, news.vanished) == (2, 1, [])
    assert len(scan([folder], {}, NOW + 1.5).changed) == 3


def test_a_clock_that_is_ahead_stops_nothing(folder: Path) -> None:
    """A file from the future is read: waiting would never end."""
    os.utime(folder / "article-001.md", (NOW + 3600, NOW + 3600))
    assert scan([folder], {}, NOW).waiting == 0


def test_a_folder_that_is_away_has_lost_nothing(folder: Path) -> None:
    """A disk that is not there, or an empty mount point, is a problem and no removal."""
    known = scan([folder], {}, NOW).changed
    away = folder.rename(folder.with_name("away"))
    news = scan([folder], known, NOW)
    assert (news.vanished, news.problems) == ([], [Unreadable(str(folder), "watch_missing")])
    folder.mkdir()
    news = scan([folder], known, NOW)
    assert (news.vanished, news.problems) == ([], [Unreadable(str(folder), "watch_empty")])
    folder.rmdir()
    away.rename(folder)
    assert scan([folder], known, NOW) == FolderChanges()


def test_a_folder_has_one_name(folder: Path) -> None:
    """By a link, from elsewhere, beside another whose name begins alike: the files are the same."""
    known = scan([folder], {}, NOW).changed
    link = folder.with_name("link")
    link.symlink_to(folder)
    write_folder(folder.with_name("articles-2"), 1)
    assert scan([link], known, NOW) == FolderChanges()
    assert scan([folder.with_name("articles-2")], known, NOW + 1e9).vanished == []
