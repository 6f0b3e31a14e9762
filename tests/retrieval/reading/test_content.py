"""Content without a path: its form is what its bytes are, and it is read as a file would be."""

from __future__ import annotations

from pathlib import Path

import pytest

from retrieval.reading import (
    ArticleSource,
    Claims,
    CleaningRules,
    Sandbox,
    form_of_content,
    read_content,
)
from retrieval.vocabulary import Draft, Unreadable
from tests.retrieval.reading.conftest import TODAY, Reading
from tests.retrieval.reading.pdfwriter import column, pdf
from tests.retrieval.reading.samples import feed_of, word_file

_WORD = word_file("Le pont est ouvert.")
_PDF = pdf([column(["Le pont est ouvert."])])
_FEED = feed_of("<description>Le pont est ouvert.</description>")
_PAGE = b"<!DOCTYPE html><html><body><article><p>Le pont est ouvert.</p></article></body></html>"


@pytest.mark.parametrize(
    ("raw", "declared", "form"),
    [
        (_PDF, "", "pdf"), (_PDF, "text/html", "pdf"), (b"\xef\xbb\xbf\n" + _PDF, "", "pdf"),
        (_WORD, "application/zip", "docx"), (_WORD[:9000], "application/octet-stream", "docx"),
        (_FEED, "text/html; charset=utf-8", "feed"), (_FEED, "text/xml", "feed"),
        (_FEED.decode().encode("utf-16"), "", "feed"),
        (b'<?xml version="1.0"?><!-- a --><rdf:RDF xmlns="">', "", "feed"),
        (b'<feed xmlns="http://www.w3.org/2005/Atom">', "application/atom+xml", "feed"),
        (_PAGE, "", "html"), (_PAGE, "text/plain", "html"), (_PAGE, "application/xml", "html"),
        (b"<!-- a --> <HTML>", "", "html"), (b"Un pont.", "text/html", "html"),
        (b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml">', "", "html"),
        (b"Un pont.", "", "text"), (b"Un pont.", "text/plain; charset=utf-8", "text"),
        (b"# Un pont", "text/markdown", "markdown"), (b"<p>Un</p>", "text/markdown", "markdown"),
        (b"Un pont.", "application/octet-stream", "text"),
        (b"\x89PNG\r\n\x1a\n", "", ""), (b"\x89PNG\r\n\x1a\n", "text/html", ""),
        (b"PK\x03\x04 a.txt", "", ""), (b"{}", "application/json", "json"),
    ],
)  # fmt: skip
def test_the_form_is_what_the_bytes_are(raw: bytes, declared: str, form: str) -> None:
    """What the first bytes show beats what is declared; neither known is no form."""
    assert form_of_content(raw, declared) == form


@pytest.mark.parametrize(
    ("raw", "form"),
    [
        (_PDF, "pdf"),
        (_WORD, "docx"),
        (_FEED, "feed"),
        (_PAGE, "html"),
        (b"Le pont est ouvert.", "text"),
        (b"---\ntitle: Oui\n---\nLe pont est ouvert.", "markdown"),
    ],
)
def test_each_form_is_read(rules: CleaningRules, parser: Sandbox, raw: bytes, form: str) -> None:
    """The draft has the names that it was given, and what others told of it."""
    source = ArticleSource("https://fil.example/a", "https://fil.example/a?x", raw)
    told = [Claims("list", outlet="La Gazette")]
    [draft] = read_content(raw, form, source, told, rules, TODAY, parser)
    assert isinstance(draft, Draft)
    assert (draft.text, draft.outlet) == ("Le pont est ouvert.", "La Gazette")
    if form != "feed":
        assert (draft.origin, draft.source) == (source.origin, source.given)
        assert draft.raw == raw


def test_it_needs_no_parser_of_ones_own(rules: CleaningRules) -> None:
    """Without one, a call starts one and ends it."""
    [draft] = read_content(_WORD, "docx", ArticleSource("a", "a", _WORD), [], rules)
    assert isinstance(draft, Draft)


@pytest.mark.parametrize(
    ("raw", "form", "reason"), [(b" \n", "pdf", "empty"), (b"GIF89a", "", "unknown_format")]
)
def test_what_is_no_content(rules: CleaningRules, raw: bytes, form: str, reason: str) -> None:
    """Nothing, and what has no form, have their reasons."""
    [problem] = read_content(raw, form, ArticleSource("a", "b", raw), [], rules, TODAY)
    assert problem == Unreadable("b", reason)


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("a.html", _PDF), ("a.txt", _PDF), ("a.pdf", _PAGE), ("a.docx", _PDF), ("a.xml", _PAGE),
        ("a.html", _FEED), ("a.md", _WORD),
    ],
)  # fmt: skip
def test_names_that_lie(tmp_path: Path, reading: Reading, name: str, raw: bytes) -> None:
    """A file is read as what it is when its name says something else."""
    path = tmp_path / name
    path.write_bytes(raw)
    assert [draft.text for draft in reading(path)[0]] == ["Le pont est ouvert."]


def test_a_text_too_long_for_an_article(rules: CleaningRules) -> None:
    """Cleaning takes its time over each line: a text of a million lines is no article."""
    raw = b"Un pont\n" * 200_000
    [problem] = read_content(raw, "text", ArticleSource("a", "a", raw), [], rules, TODAY)
    assert isinstance(problem, Unreadable)
    assert problem.reason == "too_long"
