"""Sources that the tests make: Word files, feeds, and hostile ones of each kind."""

from __future__ import annotations

import io
import zipfile

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
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(word_file("a"))) as package,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as bomb,
    ):
        for name in package.namelist():
            bomb.writestr(name, main if name == "word/document.xml" else package.read(name))
    return out.getvalue()


def word_paragraph(text: bytes) -> bytes:
    """A paragraph of a Word file, as XML."""
    return b"<w:p><w:r><w:t>" + text + b"</w:t></w:r></w:p>"


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
