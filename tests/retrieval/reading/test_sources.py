"""Finding sources: a stable walk that survives what folders hold."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from retrieval.errors import NotFound
from retrieval.reading import find_sources
from retrieval.vocabulary import LeftOut, Unreadable
from tests.retrieval.reading.conftest import Reading


def _fill(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("Le pont est ouvert.")


def test_a_folder_is_walked_in_order(tmp_path: Path) -> None:
    """By name; hidden files, unknown endings and ``metadata.csv`` are passed over."""
    _fill(
        tmp_path, "b.txt", "a/z.MD", "a/b/c.html", ".hidden.txt", ".git/a.txt", "x.jpg", "c.jsonl"
    )
    (tmp_path / "metadata.csv").write_text("source\n")
    names = [
        item.relative_to(tmp_path).as_posix()
        for item in find_sources([tmp_path])
        if isinstance(item, Path)
    ]
    assert names == ["a/b/c.html", "a/z.MD", "b.txt", "c.jsonl"]


def test_paths_stay_as_they_were_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A relative path stays relative, as the person typed it."""
    _fill(tmp_path, "in/a.txt", "here/b.txt")
    monkeypatch.chdir(tmp_path / "here")
    assert [str(item) for item in find_sources([Path("../in"), Path("b.txt")])] == [
        "../in/a.txt",
        "b.txt",
    ]


def test_a_missing_path_is_an_error_at_once(tmp_path: Path) -> None:
    """A path that does not exist stops the run before anything is read."""
    with pytest.raises(NotFound) as raised:
        find_sources([tmp_path, tmp_path / "nowhere"])
    assert raised.value.facts == {"path": str(tmp_path / "nowhere")}


def test_an_empty_folder_gives_nothing(tmp_path: Path) -> None:
    """A folder without articles is known by the absence of items."""
    assert list(find_sources([tmp_path])) == []


def test_links_are_followed_once(tmp_path: Path) -> None:
    """Loops end, and each real file comes once, under any number of names."""
    _fill(tmp_path, "a/one.txt")
    (tmp_path / "a" / "loop").symlink_to(tmp_path)
    (tmp_path / "b.txt").symlink_to(tmp_path / "a" / "one.txt")
    (tmp_path / "self.txt").symlink_to(tmp_path / "self.txt")
    items = list(find_sources([tmp_path, tmp_path / "a" / "one.txt"]))
    assert [item for item in items if isinstance(item, Path)] == [tmp_path / "a" / "one.txt"]
    assert [item.reason for item in items if isinstance(item, Unreadable)] == ["unreadable"]


def test_what_is_named_is_answered_for(tmp_path: Path) -> None:
    """An unknown ending or a pipe is reported when it is named itself."""
    _fill(tmp_path, "x.jpg")
    os.mkfifo(tmp_path / "pipe.txt")
    items = list(find_sources([tmp_path / "x.jpg", tmp_path / "pipe.txt"]))
    assert [item.reason for item in items if isinstance(item, Unreadable)] == [
        "unknown_format",
        "not_a_file",
    ]
    left = LeftOut(str(tmp_path / "x.jpg"), "unknown_format", ".jpg")
    assert list(find_sources([tmp_path])) == [left]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_forbidden_folder_is_reported(tmp_path: Path) -> None:
    """A folder without permission does not stop the others."""
    _fill(tmp_path, "a/a.txt", "b.txt")
    (tmp_path / "a").chmod(0)
    items = list(find_sources([tmp_path]))
    (tmp_path / "a").chmod(0o700)
    assert [getattr(item, "reason", "") for item in items] == ["unreadable", ""]


def test_metadata_rows_speak_for_files(tmp_path: Path, reading: Reading) -> None:
    """A row gives what it has; empty cells leave the word to the file."""
    _fill(tmp_path, "a.txt")
    (tmp_path / "metadata.csv").write_text(
        "source,title,outlet,published,author,url,language\na.txt,,La Gazette,2017-05,,,en\n"
    )
    draft = reading(tmp_path / "a.txt")[0][0]
    assert (draft.outlet, str(draft.published), draft.language) == ("La Gazette", "2017-05", "en")
    assert draft.title == "Le pont est ouvert"


def test_bad_rows_are_reported_not_fatal(tmp_path: Path, reading: Reading) -> None:
    """A row without a file, and a date that cannot be, each with the row's line."""
    _fill(tmp_path, "2016-01-02.txt")
    metadata = tmp_path / "metadata.csv"
    metadata.write_text("source,published\ngone.txt,2017\n2016-01-02.txt,2017-13-45\n")
    [missing] = [item for item in find_sources([tmp_path]) if isinstance(item, Unreadable)]
    assert (missing.source, missing.reason, missing.detail) == (
        f"{metadata}:2",
        "row_without_file",
        "gone.txt",
    )
    drafts, [bad] = reading(tmp_path / "2016-01-02.txt")
    assert (bad.source, bad.reason) == (f"{metadata}:3", "bad_date")
    assert str(drafts[0].published) == "2016-01-02"


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"name,title\na,b\n", "metadata_column"), (b"\x00\x01", "binary"), (b"", "metadata_column")],
)
def test_a_broken_metadata_file_is_reported(tmp_path: Path, content: bytes, reason: str) -> None:
    """A ``metadata.csv`` that cannot be used is one report; the articles are found."""
    _fill(tmp_path, "a.txt")
    (tmp_path / "metadata.csv").write_bytes(content)
    problem, article = find_sources([tmp_path])
    assert isinstance(problem, Unreadable)
    assert (problem.reason, article) == (reason, tmp_path / "a.txt")


def test_metadata_is_read_again_when_changed(tmp_path: Path, reading: Reading) -> None:
    """One reading serves a folder, until the file is changed."""
    _fill(tmp_path, "a.txt")
    metadata = tmp_path / "metadata.csv"
    for title in ("Un", "Le second"):
        metadata.write_text(f"source,title\na.txt,{title}\n")
        assert reading(tmp_path / "a.txt")[0][0].title == title
