"""Sources that the tests make: Word files, feeds, and hostile ones of each kind."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

from tests.retrieval.reading.pdfwriter import column, pdf

_WORD_START = (
    '<?xml version="1.0"?>{doctype}<w:document'
    ' xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
)
_WORD_END = b"</w:body></w:document>"
_LAUGHS = '<!ENTITY a0 "lolololol">' + "".join(
    f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12)
)


def word_file(*paragraphs: str) -> bytes:
    """A Word file with these paragraphs."""
    from docx import Document

    document = Document()
    for text in paragraphs:
        document.add_paragraph(text)
    return saved(document)


def saved(document: object) -> bytes:
    """The bytes of a Word file or a workbook."""
    out = io.BytesIO()
    document.save(out)  # type: ignore[attr-defined] # a Document, which is no class of its own
    return out.getvalue()


def workbook(rows: list[list[object]]) -> bytes:
    """A workbook of one sheet with these rows."""
    import openpyxl

    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    return saved(book)


def word_file_of(body: bytes, doctype: str = "") -> bytes:
    """A Word file whose body is this XML."""
    main = _WORD_START.format(doctype=doctype).encode() + body + _WORD_END
    return changed(word_file("a"), lambda name, part: main if name == "word/document.xml" else part)


def changed(
    raw: bytes, part: Callable[[str, bytes], bytes], named: Callable[[str], str] = str
) -> bytes:
    """A Word file with other parts, or with parts of other names."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(raw)) as package,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as written,
    ):
        for name in package.namelist():
            written.writestr(named(name), part(name, package.read(name)))
    return out.getvalue()


def word_paragraph(text: bytes) -> bytes:
    """A paragraph of a Word file, as XML."""
    return b"<w:p><w:r><w:t>" + text + b"</w:t></w:r></w:p>"


def rtf_file(text: str, info: str = "", head: str = "") -> bytes:
    """An RTF file with a paragraph for each line; ``info`` and ``head`` are RTF themselves."""
    start = "{\\rtf1\\ansi\\ansicpg1252\\deff0{\\fonttbl{\\f0\\fcharset0 Times;}}"
    body = "".join(map(_rtf_character, text))
    return f"{start}{{\\info{info}}}{head}\n{body}}}".encode("ascii")


def _rtf_character(character: str) -> str:
    if character == "\n":
        return "\\par\n"
    if character in "\\{}":
        return f"\\{character}"
    code = ord(character)
    if code < 128:
        return character
    return f"\\'{code:02x}" if 160 <= code < 256 else f"\\u{code}?"


def odt_file(body: str, meta: str = "") -> bytes:
    """An OpenDocument text whose text and properties are this XML."""
    names = "".join(
        f' xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"'
        for short in ("office", "text", "table", "meta")
    )
    names += ' xmlns:dc="http://purl.org/dc/elements/1.1/"'
    content = f"<office:document-content{names}><office:body><office:text>{body}</office:text>"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        package.writestr("content.xml", f"{content}</office:body></office:document-content>")
        package.writestr(
            "meta.xml",
            f"<office:document-meta{names}><office:meta>{meta}</office:meta></office:document-meta>",
        )
    return out.getvalue()


def feed_of(*items: str, doctype: str = "", head: str = "") -> bytes:
    """An RSS feed with these items, each the inside of its element."""
    inner = "".join(f"<item>{item}</item>" for item in items)
    start = f'<?xml version="1.0" encoding="utf-8"?>{doctype}<rss version="2.0">'
    channel = f"<channel><title>Le Fil</title><link>https://fil.example/</link>{head}{inner}"
    return f"{start}{channel}</channel></rss>".encode()


def lying_zip() -> bytes:
    """A Word file that declares a thousand bytes for a part of ten million."""
    body = word_paragraph(b"a " * 5_000_000)
    raw = word_file_of(body)
    real = len(_WORD_START.format(doctype="")) + len(body) + len(_WORD_END)
    return raw.replace(real.to_bytes(4, "little"), (1000).to_bytes(4, "little"))


def laughs(root: str) -> str:
    """A document type whose last entity stands for billions of characters."""
    return f"<!DOCTYPE {root} [{_LAUGHS}]>"


def hostile() -> dict[str, bytes]:
    """Hostile files by name."""
    page = "<html><body>%s</body></html>"
    return {
        "bomb.docx": word_file_of(word_paragraph(b"a " * 101_000_000)),
        "lying.docx": lying_zip(),
        "laughs.docx": word_file_of(word_paragraph(b"Rire &a11; fin"), laughs("w")),
        "nested.docx": word_file_of(b"<w:sdt>" * 100_000 + b"</w:sdt>" * 100_000),
        "cut.docx": word_file("Un pont.")[:9000],
        "pages.pdf": pdf([[]] * 10_000),
        "password.pdf": pdf([column(["Un secret."])], password="sésame"),
        "cut.pdf": pdf([column(["Un pont."])])[:300],
        "huge.html": (page % ("<p>Le pont est ouvert à tous.</p>\n" * 1_500_000)).encode(),
        "nested.html": (page % ("<div>" * 100_000 + "Un pont" + "</div>" * 100_000)).encode(),
        "nested.xml": feed_of("<description>" + "<a>" * 100_000),
        "nested.md": b"[" * 400_000,
        "other.xml": b'<?xml version="1.0"?><note><to>Anne</to></note>',
    }
