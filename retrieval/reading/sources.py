"""The sources among files and folders, in a stable order."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from config.data import load
from retrieval.errors import NotFound
from retrieval.reading.claims import word_set
from retrieval.reading.metadata import is_metadata, metadata_beside
from retrieval.vocabulary import LeftOut, Unreadable

_ENDINGS = {
    "text": ".txt .text",
    "markdown": ".md .markdown",
    "html": ".html .htm .xhtml",
    "mhtml": ".mht .mhtml",
    "pdf": ".pdf",
    "docx": ".docx .docm .dotx .dotm",
    "rtf": ".rtf",
    "odt": ".odt",
    "mail": ".eml .emlx .mbox",
    "old_word": ".doc .dot",
    "ebook": ".epub",
    "pages_document": ".pages",
    "outlook_message": ".msg .pst",
    "package": ".zip",
    "feed": ".xml .xml.gz .wxr .opml .nitf .newsml .rss .atom",
    "jsonl": ".jsonl .jsonl.gz .ndjson",
    "csv": ".csv .csv.gz .tsv .tsv.gz",
    "json": ".json .json.gz .jsonld",
    "xlsx": ".xlsx .xlsm",
    "foreign_sheet": ".xls .xlsb .ods .numbers",
}
FORMATS = {ending: form for form, endings in _ENDINGS.items() for ending in endings.split()}
"""What each ending of a file's name is read as."""

NAMED = frozenset("old_word ebook pages_document outlook_message package sitemap opml xml".split())
"""Forms without articles: the beginning of a file is enough to say what it is.

Each is the key of the reason that says what to do; of ``xml`` there are several.
"""


def format_of(path: Path) -> str:
    """The form of a file by its name; ``""`` for an unknown ending."""
    name = path.name.lower()
    return next((form for ending, form in FORMATS.items() if name.endswith(ending)), "")


def is_draft_folder(path: Path) -> bool:
    """Whether a file lies where a site generator keeps what is not published."""
    return not word_set("markdown", "draft_folders").isdisjoint(path.parent.parts)


def find_sources(paths: Sequence[Path]) -> Iterator[Path | Unreadable | LeftOut]:
    """The sources among some files and folders, each real file once.

    Folders are walked by name; hidden files, those of the system and ``metadata.csv`` are
    passed over there, and files of other formats are reported as left out. A file that is named
    itself is reported when it cannot be a source. Rows of a ``metadata.csv`` without a file are
    reported.

    Raises:
        NotFound: one of the paths does not exist (key ``path_missing``, fact ``path``);
            raised by the call, before anything is walked.
    """
    for path in paths:
        if not os.path.lexists(path):
            raise NotFound("path_missing", path=str(path))
    return _found(list(paths))


def _found(paths: list[Path]) -> Iterator[Path | Unreadable | LeftOut]:
    seen: set[tuple[int, int]] = set()
    for path in paths:
        try:
            mode = path.stat().st_mode
        except OSError as error:
            yield _unreadable(path, error)
            continue
        if stat.S_ISDIR(mode):
            yield from _walk(path, seen)
        elif not stat.S_ISREG(mode):
            yield Unreadable(str(path), "not_a_file")
        elif is_metadata(path.name):
            yield from metadata_beside(path.parent).problems
        elif not format_of(path):
            yield Unreadable(str(path), "unknown_format", path.suffix)
        elif _first_time(path, seen):
            yield path


def _walk(folder: Path, seen: set[tuple[int, int]]) -> Iterator[Path | Unreadable | LeftOut]:
    """The sources of a folder and those under it; no recursion, depth is not ours to choose."""
    waiting, pages = [folder], set[Path]()
    while waiting:
        path = waiting.pop()
        try:
            if not path.is_dir():
                yield from _listed(path, seen, of_page=path.parent in pages)
            elif _first_time(path, seen):
                names = sorted(os.listdir(path))
                yield from _metadata_problems(path, names)
                shown = [name for name in names if not _is_of_system(name)]
                waiting.extend(path / name for name in reversed(shown))
                pages |= _of_pages(path, shown, inside=path in pages)
        except OSError as error:
            yield _unreadable(path, error)


def _of_pages(folder: Path, names: list[str], *, inside: bool) -> set[Path]:
    """The folders among some names in which a browser has put the parts of a page beside them."""
    if inside:
        return {folder / name for name in names}
    saved: dict[str, list[str]] = load("reading/pages.toml")["saved_page"]
    split = (os.path.splitext(name) for name in names)
    pages = {stem.lower() for stem, ending in split if ending.lower() in saved["pages"]}
    return {
        folder / name
        for name in names
        for ending in saved["endings"]
        if name.lower().endswith(ending.lower()) and name.lower()[: -len(ending)] in pages
    }


def _listed(
    path: Path, seen: set[tuple[int, int]], *, of_page: bool
) -> Iterator[Path | Unreadable | LeftOut]:
    """What a folder has under a name, if it was not met before."""
    if not _first_time(path, seen):
        return
    if of_page:
        yield LeftOut(str(path), "saved_page_part")
    elif not format_of(path):
        yield LeftOut(str(path), "unknown_format", path.suffix.lower())
    else:
        yield path if path.is_file() else Unreadable(str(path), "not_a_file")


def _metadata_problems(folder: Path, names: Sequence[str]) -> Iterator[Unreadable]:
    if any(map(is_metadata, names)):
        metadata = metadata_beside(folder)
        yield from metadata.problems
        if metadata.rows:
            files = (Path(place, name) for place, _, found in os.walk(folder) for name in found)
            yield from metadata.without_file(files)


def _is_of_system(name: str) -> bool:
    """Whether a file or folder is hidden, of the system, or a lock that an office program left."""
    words: dict[str, list[str]] = load("reading/pages.toml")["system_files"]
    folded = name.casefold()
    hidden = name.startswith((".", *words["beginnings"]))
    return hidden or folded in words["names"] or is_metadata(name)


def _first_time(path: Path, seen: set[tuple[int, int]]) -> bool:
    found = path.stat()
    identity = (found.st_dev, found.st_ino)
    if identity in seen:
        return False
    seen.add(identity)
    return True


def _unreadable(path: Path, error: OSError) -> Unreadable:
    return Unreadable(str(path), "unreadable", error.strerror or str(error))
