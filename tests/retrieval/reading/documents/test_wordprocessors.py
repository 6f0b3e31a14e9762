"""RTF and OpenDocument texts, and the formats that are named with what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from retrieval.reading import ArticleSource, read_content
from retrieval.reading.text.cleaning import CleaningRules
from retrieval.vocabulary import Unreadable
from tests.retrieval.reading.conftest import TODAY, Reading
from tests.retrieval.reading.samples import odt_file, rtf_file

_TEXT = "Le pont de Brigny\n\n« Le pont est ouvert », a dit l’élue Ève Nicolas.\n\nIl a coûté 3 €."


def test_an_rtf_file_is_an_article(tmp_path: Path, reading: Reading) -> None:
    """Accents, quotes and signs beyond Windows are read; a paragraph is a line."""
    path = tmp_path / "a.rtf"
    path.write_bytes(rtf_file(_TEXT))
    [draft], problems = reading(path)
    assert problems == []
    assert (draft.text, draft.title) == (_TEXT, "Le pont de Brigny")
    assert draft.published is None


@pytest.mark.parametrize(
    ("info", "title", "author"),
    [
        (r"{\title Sans titre}{\author HP}{\creatim\yr2019\mo3\dy2}", "Le pont de Brigny", None),
        (r"{\title Le pont de Brigny}{\author \'c8ve Nicolas}", "Le pont de Brigny", "Ève Nicolas"),
        (r"{\title Mod\u232?le article Word}", "Le pont de Brigny", None),
    ],
)
def test_properties_that_the_text_confirms(
    info: str, title: str, author: str | None, tmp_path: Path, reading: Reading
) -> None:
    """The file's title and author count where the text has them too; its date never does."""
    path = tmp_path / "a.rtf"
    path.write_bytes(rtf_file(_TEXT, info))
    [draft], _ = reading(path)
    assert (draft.title, draft.author, draft.published) == (title, author, None)


def test_hidden_and_deleted_text_is_not_read(tmp_path: Path, reading: Reading) -> None:
    """Text under ``\\v`` or ``\\deleted``, links' targets and comments are dropped."""
    head = (
        r"{\v Note cach\'e9e} Le pont {\deleted est ferm\'e9}\v secret\v0  est "
        r'{\field{\*\fldinst{HYPERLINK "https://a.example/x"}}{\fldrslt ouvert}}'
        r"{\*\annotation Commentaire} depuis mardi.\par"
    )
    path = tmp_path / "a.rtf"
    path.write_bytes(rtf_file("Il est beau.", head=head))
    [draft], _ = reading(path)
    assert draft.text == "Le pont  est ouvert depuis mardi.\nIl est beau."


def test_pictures_in_bytes_are_no_text(tmp_path: Path, reading: Reading) -> None:
    """The bytes of a picture may look like anything, and are passed over."""
    raw = rtf_file("Le pont est ouvert.", head=r"{\pict\wmetafile8 @@}")
    path = tmp_path / "a.rtf"
    path.write_bytes(raw.replace(b"@@", b"\\bin9 }}\\par{{ab"))
    assert [draft.text for draft in reading(path)[0]] == ["Le pont est ouvert."]


def test_a_doc_that_is_rtf(tmp_path: Path, reading: Reading) -> None:
    """A ``.doc`` that holds RTF is read as what it is."""
    path = tmp_path / "a.doc"
    path.write_bytes(rtf_file("Le pont est ouvert."))
    assert [draft.text for draft in reading(path)[0]] == ["Le pont est ouvert."]


def test_an_opendocument_text(tmp_path: Path, reading: Reading) -> None:
    """Headings, paragraphs, tables and signs in their order; comments and deleted text are not."""
    body = (
        "<text:tracked-changes><text:p>Supprimé</text:p></text:tracked-changes>"
        "<text:h>Le pont de Brigny</text:h><text:p>Le pont<office:annotation><text:p>À revoir"
        "</text:p></office:annotation> est<text:s/>ouvert<text:line-break/>depuis mardi.</text:p>"
        "<table:table><table:table-row><table:table-cell><text:p>Coût</text:p></table:table-cell>"
        "<table:table-cell><text:p>3 €</text:p></table:table-cell></table:table-row></table:table>"
    )
    meta = (
        "<dc:title>Sans nom 1</dc:title><dc:creator>user</dc:creator><dc:date>2019-03-02</dc:date>"
    )
    path = tmp_path / "a.odt"
    path.write_bytes(odt_file(body, meta))
    [draft], problems = reading(path)
    assert problems == []
    assert draft.text == "Le pont de Brigny\n\nLe pont est ouvert\ndepuis mardi.\n\nCoût | 3 €"
    assert (draft.title, draft.author, draft.published) == ("Le pont de Brigny", None, None)


def test_damaged_opendocument_texts(tmp_path: Path, reading: Reading) -> None:
    """A text without its content, or cut, has its reason."""
    path = tmp_path / "a.odt"
    path.write_bytes(odt_file("<text:p>Le pont</text:p>")[:300])
    assert [problem.reason for problem in reading(path)[1]] == ["damaged"]
    path.write_bytes(odt_file(""))
    assert [problem.reason for problem in reading(path)[1]] == ["no_text"]


@pytest.mark.parametrize(
    ("name", "raw", "reason"),
    [
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old_word"),
        ("a.epub", b"PK\x03\x04" + bytes(26) + b"mimetypeapplication/epub+zip", "ebook"),
        ("a.zip", b"PK\x03\x04" + bytes(100), "package"),
        ("a.pages", b"PK\x03\x04" + bytes(100), "pages_document"),
        ("a.msg", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "outlook_message"),
    ],
)
def test_formats_that_are_named(
    name: str, raw: bytes, reason: str, tmp_path: Path, reading: Reading, rules: CleaningRules
) -> None:
    """What is known and not read says what to do, whether it comes as a file or as bytes."""
    path = tmp_path / name
    path.write_bytes(raw)
    assert reading(path) == ([], [Unreadable(name, reason)])
    assert list(read_content(raw, reason, ArticleSource("o", "g", raw), [], rules, TODAY)) == [
        Unreadable("g", reason)
    ]
