"""Word files: what a person sees in them, in its order."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from docx import Document

from retrieval.vocabulary import Draft
from tests.retrieval.reading.conftest import Reading
from tests.retrieval.reading.samples import saved, word_file, word_file_of, word_paragraph

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


def _read(reading: Reading, folder: Path, raw: bytes) -> Draft:
    path = folder / "a.docx"
    path.write_bytes(raw)
    drafts, problems = reading(path)
    assert problems == []
    return drafts[0]


def test_paragraphs_headings_and_tables_in_order(tmp_path: Path, reading: Reading) -> None:
    """A table stands between the paragraphs that it stands between; its rows are lines."""
    document = Document()
    document.add_heading("Le pont de Brigny", 0)
    document.add_paragraph("Il ouvre demain.")
    table = document.add_table(2, 2)
    for place, text in enumerate(["Ville", "Prix", "Brigny", "3 €"]):
        table.cell(place // 2, place % 2).text = text
    document.add_heading("La suite", 1)
    document.add_paragraph("Une ligne\nune autre.")
    draft = _read(reading, tmp_path, saved(document))
    assert draft.title == "Le pont de Brigny"
    assert draft.text == (
        "Le pont de Brigny\n\nIl ouvre demain.\n\nVille | Prix\nBrigny | 3 €\n\nLa suite\n\n"
        "Une ligne\nune autre."
    )


def test_the_properties_are_claims(tmp_path: Path, reading: Reading) -> None:
    """Title, author, day and language are the document's own; a date line comes first."""
    document = Document()
    document.add_paragraph("Le pont est ouvert à tous.")
    properties = document.core_properties
    properties.title, properties.author = "Un été", "Anne Lô"
    properties.created, properties.language = datetime(2017, 5, 24, 9, tzinfo=UTC), "fr-FR"
    draft = _read(reading, tmp_path, saved(document))
    assert (draft.title, draft.author, draft.language) == ("Un été", "Anne Lô", "fr")
    assert str(draft.published) == "2017-05-24"
    document.paragraphs[0].insert_paragraph_before("Publié le 3 mai 2016")
    assert str(_read(reading, tmp_path, saved(document)).published) == "2016-05-03"


def test_a_template_says_nothing(tmp_path: Path, reading: Reading) -> None:
    """The author and the day that come with the library's template are nobody's."""
    draft = _read(reading, tmp_path, word_file("Le pont est ouvert."))
    assert (draft.author, draft.published) == (None, None)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"<w:p><w:r><w:t>Un </w:t></w:r><w:ins><w:r><w:t>grand </w:t></w:r></w:ins>"
         b"<w:del><w:r><w:delText>petit </w:delText></w:r></w:del>"
         b"<w:r><w:t>pont.</w:t></w:r></w:p>",
         "Un grand pont."),
        (b"<w:sdt><w:sdtContent>" + word_paragraph(b"Un pont.") + b"</w:sdtContent></w:sdt>",
         "Un pont."),
        (b"<w:p><w:hyperlink><w:r><w:t>Un lien</w:t></w:r></w:hyperlink></w:p>", "Un lien"),
        (b"<w:p><w:r><w:t>week</w:t><w:noBreakHyphen/><w:t>end</w:t></w:r></w:p>", "week-end"),
        (b"<w:tbl><w:tr><w:tc>" + word_paragraph(b"Dehors")
         + b"<w:tbl><w:tr><w:tc>" + word_paragraph(b"Dedans") + b"</w:tc></w:tr></w:tbl>"
         + b"</w:tc></w:tr></w:tbl>", "Dehors Dedans"),
    ],
)  # fmt: skip
def test_what_is_seen_is_read(tmp_path: Path, reading: Reading, body: bytes, text: str) -> None:
    """Inserted text, forms and links are read; deleted text is not; nothing is read twice."""
    assert _read(reading, tmp_path, word_file_of(body)).text == text


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (_OLE + "EncryptedPackage".encode("utf-16-le"), "password"),
        (_OLE, "old_word"),
        (b"PK\x03\x04 and nothing more", "damaged"),
        (word_file_of(b""), "no_text"),
        (b"", "empty"),
    ],
)
def test_what_is_no_word_file(tmp_path: Path, reading: Reading, raw: bytes, reason: str) -> None:
    """A password, an old ``.doc`` and a damaged file have their reasons."""
    path = tmp_path / "a.docx"
    path.write_bytes(raw)
    assert [problem.reason for problem in reading(path)[1]] == [reason]
