"""Names of files that are no UTF-8: kept so that the file is found again, shown legibly."""

from __future__ import annotations

import os

import pytest

from retrieval.text.file_names import is_utf8, kept_name, legible, path_of, shown_name, told
from retrieval.vocabulary import LeftOut, Unreadable

NAMES = [
    b"/a/caf\xe9.txt",
    "/a/café.txt".encode(),
    "/a/cafe\u0301.txt".encode(),
    b"/a/caf\xc3\xa9\xe9.txt",
    "/a/caf\uefe9.txt".encode(),
    b"/a/caf%E9.txt",
    b"/a/caf\xee\xbe\xa9.txt\xee\xbe",
    b"/a/caf\xee\xee\xbe\xa9",
    b"/a/\x80\xff\n\t\x1b[1m",
    b"/a/" + b"\xe9" * 255,
]


@pytest.mark.skipif(os.name == "nt", reason="names are no bytes there")
def test_a_kept_name_is_of_one_file() -> None:
    """It can be encoded, is that of no other file, and leads back to the same bytes."""
    kept = [kept_name(os.fsdecode(name)) for name in NAMES]
    assert len({text.encode() for text in kept}) == len(NAMES)
    assert [os.fsencode(path_of(text)) for text in kept] == NAMES


def test_a_name_in_utf8_is_kept_as_it_is() -> None:
    """Archives made before know their files under the same names."""
    for name in ("/a/café.txt", "/a/cafe\u0301.txt", "/a/b c%E9\n.txt", "/a/\U0001f600\ue000"):
        assert kept_name(name) == name
        assert str(path_of(name)) == name


def test_the_files_of_a_folder_are_kept_below_it() -> None:
    """Pruning finds what was in a folder by the beginning of the kept names."""
    folder = os.fsdecode(b"/a/dossier \xe0 voir")
    assert kept_name(f"{folder}/caf\udce9.txt").startswith(f"{kept_name(folder)}/")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("caf\udce9.txt", "café.txt"),
        ("caf\uefe9.txt", "café.txt"),
        ("\udc9cuvre \udc80.txt", "œuvre €.txt"),
        ("a\udc81\ud800b", "a��b"),
        ("a\nb\tc\x1b[31m\x85\u2028", "a�b�c�[31m��"),
        ("a\u202etxt.exe", "a�txt.exe"),
        ("cafe\u0301 été\u202f😀", "cafe\u0301 été\u202f😀"),
    ],
)
def test_a_shown_name_is_legible_and_harmless(name: str, shown: str) -> None:
    """Stray bytes are read as Windows-1252; what a terminal obeys is replaced, on one line."""
    assert shown_name(name) == shown
    assert shown_name(shown) == shown


def test_a_report_can_be_printed() -> None:
    """Of a report the source is a name; the detail may have several lines."""
    problem = Unreadable("a\n\udce9", "unknown_format", "two\nlines .\udce9")
    assert told(problem) == Unreadable("a�é", "unknown_format", "two\nlines .é")
    left = LeftOut("\udce9", "unknown_format", ".\udce9")
    assert told(left) == LeftOut("é", "unknown_format", ".é")
    assert legible("Où\n\udce9") == "Où\né"


def test_a_name_that_is_no_utf8_is_told() -> None:
    """Half of a pair is no character of a name."""
    assert is_utf8("/a/café\uefe9")
    assert not is_utf8("/a/caf\udce9")
