"""The files of a dossier, Markdown or Word, with real footnotes.

python-docx makes no footnotes. They are a part of their own in the package of a Word file
(ECMA-376, part 1, 17.11): two for the lines that separate them from the text, then one a quote.
"""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from bot.dossier.dossier import WORD, entries, plain, preface

if TYPE_CHECKING:
    from docx.document import Document as DocumentObject
    from docx.text.paragraph import Paragraph

    from bot.dossier.dossier import Dossier, DossierEntry
    from bot.messages.catalogue import Catalogue


def rendered(dossier: Dossier, form: str, texts: Catalogue) -> bytes:
    """The file of a dossier.

    Args:
        dossier: what it holds.
        form: one of `FORMATS`.
        texts: the language of all but the quotes.
    """
    if form == WORD:
        return word_file(dossier, texts)
    return markdown_file(dossier, texts)


# --- Markdown -----------------------------------------------------------------------------

_SPECIAL = re.compile(r"([\\`*_\[\]<>&~|#^]|!$)")
_LIST = re.compile(r"^(\d+)([.)])(?=\s|$)|^([-+=:])")


def markdown_file(dossier: Dossier, texts: Catalogue) -> bytes:
    """The Markdown of a dossier, in UTF-8."""
    title = texts.text("dossier.title", subject=plain(dossier.subject))
    shown = entries(dossier, texts)
    blocks = [
        f"# {escaped(title)}",
        *map(escaped, preface(dossier, texts)),
        *(f"**{escaped(one.head)}**\n\n> {escaped(one.quote)}[^{one.number}]" for one in shown),
        "\n".join(map(_markdown_note, shown)),
    ]
    return ("\n\n".join(blocks) + "\n").encode(errors="replace")


def _markdown_note(entry: DossierEntry) -> str:
    address = f" {_address(entry.url)}" if entry.url else ""
    return f"[^{entry.number}]: {escaped(entry.source)}.{address} `{entry.mark}`"


def _address(url: str) -> str:
    """An address as a link where it may be one."""
    web = urlsplit(url).scheme in ("http", "https") if _is_plain(url) else False
    return f"<{url}>" if web else escaped(url)


def _is_plain(url: str) -> bool:
    return url.isascii() and not re.search(r"[<>\[\]\s]", url)


def escaped(text: str) -> str:
    """A line of text in which nothing is a sign of Markdown."""
    safe = _SPECIAL.sub(r"\\\1", text)
    return _LIST.sub(lambda m: f"{m[1]}\\{m[2]}" if m[1] else f"\\{m[3]}", safe)


# --- Word ---------------------------------------------------------------------------------

_SPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_RAISED = '<w:rPr><w:vertAlign w:val="superscript"/></w:rPr>'
_SEPARATORS = (
    '<w:footnote w:type="separator" w:id="-1"><w:p><w:r><w:separator/></w:r></w:p></w:footnote>'
    '<w:footnote w:type="continuationSeparator" w:id="0"><w:p><w:r>'
    "<w:continuationSeparator/></w:r></w:p></w:footnote>"
)


def word_file(dossier: Dossier, texts: Catalogue) -> bytes:
    """The Word file of a dossier."""
    from docx import Document

    document = Document()
    title = texts.text("dossier.title", subject=plain(dossier.subject))
    properties = document.core_properties
    properties.title, properties.author = title, "Kiosque"
    properties.language = texts.language
    document.add_heading(_safe(title), level=1)
    for line in preface(dossier, texts):
        document.add_paragraph(_safe(line))
    shown = entries(dossier, texts)
    for entry in shown:
        document.add_paragraph().add_run(_safe(entry.head)).bold = True
        quote = document.add_paragraph(_safe(entry.quote), style="Quote")
        _refer(quote, entry.number)
    _add_notes(document, shown)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _refer(paragraph: Paragraph, number: int) -> None:
    """End a paragraph with the reference of a footnote."""
    from docx.oxml.parser import parse_xml

    paragraph._p.append(
        parse_xml(f'<w:r xmlns:w="{_SPACE}">{_RAISED}<w:footnoteReference w:id="{number}"/></w:r>')
    )


def _add_notes(document: DocumentObject, shown: list[DossierEntry]) -> None:
    """Add the part of the footnotes to the package."""
    from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part

    notes = "".join(map(_word_note, shown))
    xml = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        f'<w:footnotes xmlns:w="{_SPACE}">{_SEPARATORS}{notes}</w:footnotes>'
    )
    package: Any = document.part.package
    part = Part(
        PackURI("/word/footnotes.xml"), CONTENT_TYPE.WML_FOOTNOTES, xml.encode("utf-8"), package
    )
    document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)


def _word_note(entry: DossierEntry) -> str:
    text = " ".join(filter(None, (f"{entry.source}.", entry.url, entry.mark)))
    return (
        f'<w:footnote w:id="{entry.number}"><w:p><w:r>{_RAISED}<w:footnoteRef/></w:r>'
        f'<w:r><w:t xml:space="preserve"> {escape(_safe(text))}</w:t></w:r></w:p></w:footnote>'
    )


def _safe(text: str) -> str:
    """A text without what XML cannot hold; no quote has it (`plain`)."""
    return "".join(c for c in text if c.isprintable() or c in "\t\n")
