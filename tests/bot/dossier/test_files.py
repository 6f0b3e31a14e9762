"""The files of a dossier: what is written is read back, whatever the articles hold."""

from __future__ import annotations

import io
import random
import zipfile
from dataclasses import replace
from datetime import date

import pytest
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.dossier.dossier import (
    FORMATS,
    Dossier,
    QuoteMark,
    dossier_of,
    file_name,
    fingerprint,
    plain,
)
from bot.dossier.filed import MAX_BYTES, MAX_QUOTES, read_dossier
from bot.dossier.files import rendered
from bot.messages.catalogue import Catalogue
from retrieval.errors import BadUse
from retrieval.reading.documents.footnotes import parse_docx_notes, parse_markdown_notes
from retrieval.reading.parsing import Sandbox
from retrieval.reading.pieces import Refused
from retrieval.vocabulary import Citation, Coverage
from tests.benchmarks.fuzz import mutated
from tests.bot.samples import ANSWERED, ARTICLE, QUOTE, REFUSED, citation

FR = Catalogue("fr")
COVERAGE = Coverage(2, None, None)
MADE = date(2026, 11, 23)
NOTES = {".md": "markdown_notes", ".docx": "docx_notes"}
PARSERS = {".md": parse_markdown_notes, ".docx": parse_docx_notes}
HOSTILE = (
    "« Ils [m'ont] *dit* `non` », <b>a-t-elle</b> | ~~lancé~~ & signé[^1]_.",
    "2017. Une année qui commence une phrase",
    "- Un tiret, - et un autre\nsur deux lignes\u00a0: \u00ab\u00a0fin\u00a0\u00bb",
    "# Titre ? + = > rien ![image](http://x.example) &amp; \\ fin",
    "Un mot\u00adcoupé et un espace\u200binvisible",
)


def made(*quotes: str, title: str = ARTICLE.title) -> Dossier:
    """A dossier of these quotes, of an article that holds nothing else."""
    text = "\n".join(quotes)
    article = replace(ARTICLE, text=text, title=title)
    starts = [text.index(quote) for quote in quotes]
    cited = (
        Citation(number, article, quote, start, start + len(quote))
        for number, (quote, start) in enumerate(zip(quotes, starts, strict=True), 1)
    )
    return Dossier("le pont", MADE, COVERAGE, tuple(cited))


@pytest.mark.parametrize("form", FORMATS)
def test_what_is_written_is_read_back(form: str) -> None:
    """Each quote comes back letter for letter but for spaces, with its mark."""
    dossier = made(*HOSTILE)
    found = read_dossier(rendered(dossier, form, FR))
    assert [one.text for one in found] == [plain(quote) for quote in HOSTILE]
    assert [one.mark for one in found] == [QuoteMark.of(one) for one in dossier.citations]


@pytest.mark.parametrize("form", FORMATS)
@settings(max_examples=40)  # a Word file takes a hundredth of a second to write and to read
@given(st.text(min_size=1).filter(plain), st.text(min_size=1))
def test_any_text_comes_back(form: str, quote: str, title: str) -> None:
    """No quote and no title of a hostile article breaks a file."""
    dossier = made(quote, title=title)
    (piece,) = PARSERS[form](rendered(dossier, form, FR))
    mark = QuoteMark.parse(piece.raw)
    assert mark == QuoteMark.of(dossier.citations[0])
    assert fingerprint(piece.text) == mark.quote_sha256


def test_file_says_what_it_is() -> None:
    """That a program made it, when, from what, and how it can be verified."""
    dossier = dossier_of(ANSWERED, COVERAGE, MADE)
    assert dossier is not None
    text = rendered(dossier, ".md", FR).decode()
    for words in ("par un programme", "23 novembre 2026", "2 articles", "kiosque verify", QUOTE):
        assert words in text
    assert "[^2]: Deux ans de travaux" in text
    assert f"article {ARTICLE.id} · 61-99 · sha256 {fingerprint(QUOTE)}" in text
    word = Document(io.BytesIO(rendered(dossier, ".docx", FR)))
    assert next(p.text for p in word.paragraphs if p.style and p.style.name == "Quote") == QUOTE


def test_refusal_is_no_dossier() -> None:
    """What only comes near is not put into a file."""
    assert dossier_of(REFUSED, COVERAGE, MADE) is None


def test_names_of_files() -> None:
    """From the subject, whatever it holds."""
    assert file_name("L'été : ligne T2 ?", ".md") == "dossier-l-ete-ligne-t2.md"
    assert file_name("../../日本", ".docx") == "dossier.docx"
    assert len(file_name("a" * 5_000, ".md")) < 100


def test_mark_is_the_last_one_of_a_note() -> None:
    """A title that imitates a mark is not taken for it; endless numbers are none."""
    mark = QuoteMark.of(citation(1, QUOTE))
    assert QuoteMark.parse(f"article faux · 1-2 · sha256 {'0' * 64} · text {'0' * 64} {mark}") == (
        mark
    )
    assert QuoteMark.parse(str(mark).replace("61-", f"{'9' * 5_000}-")) is None
    assert QuoteMark.parse("une note de la rédaction") is None


@pytest.mark.parametrize(("form", "kind"), [(".md", "text"), (".docx", "docx")])
def test_damaged_files_never_raise_anything_else(form: str, kind: str) -> None:
    """A file with bytes changed is read, or refused with a sentence."""
    chance = random.Random(13)  # noqa: S311 - the same files in every run
    whole = rendered(made(*HOSTILE), form, FR)
    with Sandbox() as parse:
        for _ in range(40):
            raw = mutated(whole, kind, chance)
            try:
                pieces = tuple(parse(NOTES[form], raw))
            except Refused:
                continue
            assert all(isinstance(piece.text, str) for piece in pieces)


def _bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("word/document.xml", b" " * 210_000_000)
    return out.getvalue()


def _notes(count: int) -> bytes:
    mark = QuoteMark.of(citation(1, QUOTE))
    lines = [f"> {QUOTE}[^{n}]\n" for n in range(count)]
    return "\n".join([*lines, *(f"[^{n}]: `{mark}`" for n in range(count))]).encode()


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        (b"", "dossier_without_quotes"),
        (b"Un article, sans note.", "dossier_without_quotes"),
        (b"Une phrase[^1].\n\n[^1]: Une note ordinaire.", "dossier_without_quotes"),
        (b"\x00\xff\xfe" * 1_000, "dossier_unreadable"),
        (b"PK\x03\x04" + b"x" * 100, "dossier_unreadable"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "dossier_unreadable"),
        (b"a" * (MAX_BYTES + 1), "dossier_too_large"),
        (_notes(MAX_QUOTES + 1), "dossier_too_large"),
        (b"[^1]" * 100_000, "dossier_too_large"),
    ],
    ids=["empty", "article", "other-note", "binary", "broken", "doc", "big", "many", "flood"],
)
def test_what_is_no_dossier(raw: bytes, key: str) -> None:
    """A clear error, whatever the file."""
    with pytest.raises(BadUse) as error:
        read_dossier(raw)
    assert error.value.key == key


def test_bomb_is_refused() -> None:
    """A Word file that would grow to 210 MB is not unpacked."""
    with pytest.raises(BadUse) as error:
        read_dossier(_bomb())
    assert error.value.key == "dossier_too_large"
