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
    """An unknown ending or a pipe is reported when it is named itself; the pipe always."""
    _fill(tmp_path, "x.jpg")
    os.mkfifo(tmp_path / "pipe.txt")
    items = list(find_sources([tmp_path / "x.jpg", tmp_path / "pipe.txt"]))
    assert [item.reason for item in items if isinstance(item, Unreadable)] == [
        "unknown_format",
        "not_a_file",
    ]
    left = LeftOut(str(tmp_path / "x.jpg"), "unknown_format", ".jpg")
    pipe = Unreadable(str(tmp_path / "pipe.txt"), "not_a_file")
    assert list(find_sources([tmp_path])) == [pipe, left]


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


def test_rows_name_files_below(tmp_path: Path, reading: Reading) -> None:
    """A row speaks of a file in a folder below by the end of its path, of any system and case."""
    _fill(tmp_path, "Presse/1998/Quai.txt", "Presse/1999/Quai.txt", "Presse/1999/phare.TXT")
    _fill(tmp_path, "Presse/digue.txt")
    rows = [
        "presse\\1998\\QUAI.TXT;Le quai ancien",
        "./Presse/1999/Quai.txt;Le quai neuf",
        "1999/phare.txt;Le phare",
        "D:\\Sauvegarde\\Presse\\digue.txt;La digue",
        "1997/Quai.txt;Aucun",
        "digue.txt;Un autre",
    ]
    (tmp_path / "METADATA.CSV").write_text("Source;Title\n" + "\n".join(rows) + "\n")
    titles = {
        name: reading(tmp_path / "Presse" / name)[0][0].title
        for name in ("1998/Quai.txt", "1999/Quai.txt", "1999/phare.TXT", "digue.txt")
    }
    assert list(titles.values()) == ["Le quai ancien", "Le quai neuf", "Le phare", "La digue"]
    missing = [item for item in find_sources([tmp_path]) if isinstance(item, Unreadable)]
    assert [item.detail for item in missing] == ["1997/Quai.txt", "digue.txt"]


def test_a_flat_row_speaks_of_no_file_below(tmp_path: Path, reading: Reading) -> None:
    """A name alone is that of the file beside; many folders have an ``a.txt``."""
    _fill(tmp_path, "a.txt", "b/a.txt")
    (tmp_path / "metadata.csv").write_text("source,title\na.txt,Le premier\n")
    assert reading(tmp_path / "a.txt")[0][0].title == "Le premier"
    assert reading(tmp_path / "b" / "a.txt")[0][0].title == "Le pont est ouvert"


def test_names_that_differ_by_case_have_rows_of_their_own(tmp_path: Path, reading: Reading) -> None:
    """The row that is written as the file is; a row of another file is not lent."""
    _fill(tmp_path, "Quai.txt", "quai.txt", "Gare.txt", "gare.txt")
    if len(list(tmp_path.iterdir())) < 4:
        pytest.skip("this file system knows no case")
    rows = "source,title\nQuai.txt,Grand\nquai.txt,Petit\nGare.txt,Gare\n"
    (tmp_path / "metadata.csv").write_text(rows)
    names = ("Quai.txt", "quai.txt", "Gare.txt", "gare.txt")
    titles = [reading(tmp_path / name)[0][0].title for name in names]
    assert titles == ["Grand", "Petit", "Gare", "Le pont est ouvert"]


def test_files_of_the_system_are_passed_over(tmp_path: Path) -> None:
    """Locks of office programs, thumbnails and the like are no articles, as hidden files are."""
    _fill(tmp_path, "a.txt", "~$rue.docx", ".~lock.rue.odt#", "Thumbs.db", "Desktop.ini")
    _fill(tmp_path, "__MACOSX/b.txt", "~a.txt")
    assert list(find_sources([tmp_path])) == [tmp_path / "a.txt", tmp_path / "~a.txt"]
