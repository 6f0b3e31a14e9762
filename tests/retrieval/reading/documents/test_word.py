"""Word files: what a person sees in them, in its order."""

from __future__ import annotations

import functools
from datetime import UTC, datetime
from pathlib import Path

import pytest
from docx import Document

from retrieval.vocabulary import Draft
from tests.retrieval.reading.conftest import ROOT, Reading
from tests.retrieval.reading.samples import (
    changed,
    saved,
    word_file,
    word_file_of,
    word_paragraph,
)

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
    """What the properties say counts where the text agrees; a date line comes first."""
    document = Document()
    document.add_paragraph("Le pont est ouvert à tous depuis un mois : un bel été 2017.")
    properties = document.core_properties
    properties.title, properties.author = "Un bel été", "Anne Lô"
    properties.created, properties.language = datetime(2017, 5, 24, 9, tzinfo=UTC), "fr-FR"
    draft = _read(reading, tmp_path, saved(document))
    assert (draft.title, draft.author, draft.language) == ("Un bel été", "Anne Lô", "fr")
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


_CASES = ROOT / "tests" / "data" / "cases" / "word-files"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("01_dangling.docx", "Le relais de Mirande ouvrira ses vingt-deux chambres le 3 juin."),
        ("02_footnote.docx", "14 % des commerces de Mirande sont vides."),
        ("05_macro.docx", "La gare de Mirande ferme le 9 décembre."),
    ],
)
def test_files_that_word_opens(reading: Reading, name: str, said: str) -> None:
    """A missing part, a note and macros are no damage; a note belongs to its article."""
    drafts, problems = reading(_CASES / name)
    assert problems == []
    assert said in drafts[0].text


def _strict(raw: bytes) -> bytes:
    """A Word file in the strict variant of ISO/IEC 29500."""
    names = {
        b"http://schemas.openxmlformats.org/wordprocessingml/2006/main": b"http://purl.oclc.org/ooxml/wordprocessingml/main",
        b"http://schemas.openxmlformats.org/officeDocument/2006": b"http://purl.oclc.org/ooxml/officeDocument",
    }  # fmt: skip
    return changed(
        raw, lambda _, part: functools.reduce(lambda p, n: p.replace(*n), names.items(), part)
    )


@pytest.mark.parametrize("ending", [".docx", ".docm", ".dotx", ".dotm"])
def test_variants(tmp_path: Path, reading: Reading, ending: str) -> None:
    """Documents, templates and macro files are read in both variants of the standard."""
    for number, raw in enumerate(
        (word_file("Un pont est ouvert."), _strict(word_file("Un pont.")))
    ):
        path = tmp_path / f"{number}{ending}"
        path.write_bytes(raw)
        drafts, problems = reading(path)
        assert (problems, drafts[0].text[:7]) == ([], "Un pont")


def test_a_part_of_another_name(tmp_path: Path, reading: Reading) -> None:
    """Some services number the main part, and relations lead to it; others write backslashes."""

    def numbered(name: str, part: bytes) -> bytes:
        return part.replace(b"document.xml", b"document2.xml") if name.endswith("rels") else part

    raw = changed(
        word_file("Un pont."), numbered, lambda n: n.replace("document.xml", "document2.xml")
    )
    assert _read(reading, tmp_path, raw).text == "Un pont."
    raw = changed(
        word_file("Un pont."), lambda _, part: part, lambda n: n.replace("word/", "word\\")
    )
    assert _read(reading, tmp_path, raw).text == "Un pont."


_HIDING = (
    b'<w:style w:type="character" w:styleId="Secret"><w:name w:val="Secret"/><w:rPr><w:vanish/>'
    b'</w:rPr></w:style><w:style w:type="character" w:styleId="Note"><w:name w:val="Note"/>'
    b'<w:basedOn w:val="Secret"/></w:style><w:style w:type="paragraph" w:styleId="Interne">'
    b'<w:name w:val="Interne"/><w:rPr><w:vanish/></w:rPr></w:style></w:styles>'
)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"<w:p><w:r><w:t>Un pont.</w:t></w:r><w:r><w:rPr><w:vanish/></w:rPr><w:t> A revoir</w:t>"
         b"</w:r></w:p>", "Un pont."),
        (b'<w:p><w:r><w:t>Un</w:t></w:r><w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t> pont.</w:t>'
         b"</w:r></w:p>", "Un pont."),
        (b'<w:p><w:r><w:t>Un pont.</w:t></w:r><w:r><w:rPr><w:rStyle w:val="Note"/></w:rPr>'
         b"<w:t> A revoir</w:t></w:r></w:p>", "Un pont."),
        (b'<w:p><w:pPr><w:pStyle w:val="Interne"/></w:pPr><w:r><w:t>A revoir</w:t></w:r></w:p>'
         + word_paragraph(b"Un pont."), "Un pont."),
        (b'<w:p><w:pPr><w:pStyle w:val="Interne"/></w:pPr><w:r><w:rPr><w:vanish w:val="false"/>'
         b"</w:rPr><w:t>Un pont.</w:t></w:r></w:p>", "Un pont."),
    ],
)  # fmt: skip
def test_hidden_text(tmp_path: Path, reading: Reading, body: bytes, text: str) -> None:
    """What is hidden, by itself or by the styles it takes after, is not read, and is listed."""

    def styled(name: str, part: bytes) -> bytes:
        return part.replace(b"</w:styles>", _HIDING) if name == "word/styles.xml" else part

    draft = _read(reading, tmp_path, changed(word_file_of(body), styled))
    assert draft.text == text
    assert ("hidden text: A revoir" in draft.removed) is (b"A revoir" in body)


def _field(code: bytes, result: bytes) -> bytes:
    return (
        b'<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>' + code
        + b'</w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>' + result
        + b'</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>'
    )  # fmt: skip


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (_field(b' HYPERLINK "https://a.example" ', b"Un lien"), "Un lien"),
        (_field(b' DATE \\@ "d MMMM yyyy" ', b"29 novembre 2026") + word_paragraph(b"Un pont."),
         "Un pont."),
        (b'<w:p><w:fldSimple w:instr=" TIME "><w:r><w:t>14:02</w:t></w:r></w:fldSimple></w:p>'
         + word_paragraph(b"Un pont."), "Un pont."),
        (b"<w:p><w:del><w:r><w:t>Vieux. </w:t></w:r></w:del><w:moveFrom><w:r><w:t>Ailleurs. </w:t>"
         b"</w:r></w:moveFrom><w:moveTo><w:r><w:t>Un pont.</w:t></w:r></w:moveTo></w:p>",
         "Un pont."),
        (b'<w:p><w:r><w:t>Un</w:t><w:br w:type="page"/><w:t>pont.</w:t></w:r></w:p>', "Un\npont."),
        (b"<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>"
         + word_paragraph(b"Cliquez ici.") + b"</w:sdtContent></w:sdt>"
         + word_paragraph(b"Un pont."),
         "Un pont."),
        (b"<w:p><w:r><w:t>Un pont.</w:t></w:r><w:r><w:pict><w:txbxContent>"
         + word_paragraph(b"Un cadre.") + b"</w:txbxContent></w:pict></w:r>"
         b"<w:r><w:t> Et une gare.</w:t></w:r></w:p>", "Un pont. Et une gare.\n\nUn cadre."),
        (b"<w:tbl><w:tr><w:trPr><w:del/></w:trPr><w:tc>" + word_paragraph(b"Vieux")
         + b"</w:tc></w:tr><w:tr><w:tc>" + word_paragraph(b"Prix")
         + b"</w:tc></w:tr></w:tbl>", "Prix"),
    ],
)  # fmt: skip
def test_codes_moves_and_boxes(tmp_path: Path, reading: Reading, body: bytes, text: str) -> None:
    """Codes of fields, today's date, what was moved away, and placeholders are not read."""
    assert _read(reading, tmp_path, word_file_of(body)).text == text


def test_a_title_of_the_file_yields_to_that_of_the_text(tmp_path: Path, reading: Reading) -> None:
    """The style of a title comes first; a property counts only where the text speaks of it."""
    document = Document()
    document.core_properties.title = "Gare : la fermeture"
    document.add_paragraph("La gare de Brigny, dont la fermeture est annoncée, sera vendue.")
    assert _read(reading, tmp_path, saved(document)).title == "Gare : la fermeture"
    document.add_heading("La gare sera vendue", 0)
    assert _read(reading, tmp_path, saved(document)).title == "La gare sera vendue"


@pytest.mark.parametrize(
    ("font", "code", "seen"),
    [
        ("Times New Roman", "2019", "l’eau"),
        ("Arial", "F092", "l’eau"),
        ("Symbol", "F0A2", "l\u2032eau"),
        ("Wingdings", "F028", "l eau"),
        ("Arial", "zz", "l eau"),
    ],
)
def test_signs_of_other_fonts(
    tmp_path: Path, reading: Reading, font: str, code: str, seen: str
) -> None:
    """A sign is the letter that its font shows, or a space: it never glues two words."""
    sign = f'<w:sym w:font="{font}" w:char="{code}"/>'.encode()
    body = b"<w:p><w:r><w:t>Il boit de l</w:t>" + sign + b"<w:t>eau du puits.</w:t></w:r></w:p>"
    text = _read(reading, tmp_path, word_file_of(body)).text
    assert seen in text.replace("'", "’") or seen in text


@pytest.mark.parametrize(
    "chunk",
    [
        b"<html><body><h1>Le puits</h1><p>Le puits est s\xc3\xa9ch\xc3\xa9.</p></body></html>",
        b"MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n"
        b"Content-Transfer-Encoding: 8bit\r\n\r\n<p>Le puits est s\xc3\xa9ch\xc3\xa9.</p>",
        "Le puits est séché.".encode("cp1252"),
        b"{\\rtf1\\ansi Le puits est s\\'e9ch\\'e9.}",
        word_file("Le puits est séché."),
    ],
)
def test_chunks_of_other_formats(tmp_path: Path, reading: Reading, chunk: bytes) -> None:
    """What Word takes in from a part when it opens the file is text; a relation names the part."""
    space = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    link = b'<w:altChunk xmlns:r="' + space + b'" r:id="c1"/>'
    relation = (
        b'<Relationship Id="c1" Type="' + space + b'/aFChunk" Target="settings.xml"/>'
        b"</Relationships>"
    )

    def part(name: str, old: bytes) -> bytes:
        if name == "word/_rels/document.xml.rels":
            return old.replace(b"</Relationships>", relation)
        return chunk if name == "word/settings.xml" else old

    raw = changed(word_file_of(word_paragraph(b"Avant le puits.") + link), part)
    text = _read(reading, tmp_path, raw).text
    assert "Avant le puits." in text
    assert "Le puits est séché." in text
