"""Elements of an XML file of any size: one record at a time, and the values in it.

An export holds one element for each of its articles. The file is cut into the text of these
elements, and each is parsed alone: a broken record breaks no other, and memory holds one.
No document type is read, so no entity that the file defines is ever expanded. Elements are found
by their names without prefixes.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from html import escape
from html.entities import html5
from typing import TYPE_CHECKING, BinaryIO

from retrieval.reading.claims import one_line
from retrieval.reading.pages.markup import lines_of
from retrieval.reading.pages.snippets import html_field
from retrieval.reading.pieces import Refused
from retrieval.reading.text.cleaning import loosened
from retrieval.reading.text.decoding import STRAY_BYTES, encoding_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lxml.etree import _Element

_CHUNK = 262_144
_MAX_CHARS = 20_000_000  # of one record, or of what stands before the first
_MAX_BROKEN = 10_000
_TOKEN_CHARS = 100  # no token that is looked for is longer
_DECLARED = re.compile(rb"""^\s{0,20}<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.-]+)""", re.I)
_DECLARATION = re.compile(r"<\?xml\s[^>]{0,500}\?>")
_JUNK_CHARS = 10_000  # what a program may have printed before its file
_NAMESPACE = re.compile(r"""\sxmlns(:[\w.-]{1,100})?\s{0,9}=\s{0,9}("[^"<>]*"|'[^'<>]*')""")
# What XML 1.0 forbids; it stands in texts that were pasted from elsewhere.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_REFERENCE = re.compile(r"&(?:(#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});)?")
_OF_XML = frozenset({"amp", "lt", "gt", "quot", "apos"})
_CDATA, _CDATA_END = "<![CDATA[", "]]>"


@dataclass(frozen=True, slots=True)
class XmlRecord:
    """The text of one element; ``whole`` when its end tag was found."""

    text: str
    whole: bool = True


class XmlRecords:
    """The records of a file, and what stands before the first.

    Args:
        file: the bytes, open.
        names: the elements that are records, without a prefix.
        prefixed: they may have a prefix.
        nested: a record may stand in another, and then belongs to it.

    Raises:
        Refused: it is no text, or what stands before the first record is too large.
    """

    def __init__(
        self,
        file: BinaryIO,
        names: Iterable[str],
        *,
        prefixed: bool = False,
        nested: bool = False,
    ) -> None:
        self._parts = _cut(decoded(file), _tokens(names, prefixed), nested)
        self.head = next(self._parts).text
        self._namespaces = dict[str, str]()
        for prefix, address in _NAMESPACE.findall(self.head):
            self._namespaces.setdefault(prefix, address)

    def __iter__(self) -> Iterator[XmlRecord]:
        """The records in their order; can be iterated once.

        Raises:
            Refused: so many are broken that this is no export.
        """
        broken = 0
        for record in self._parts:
            broken += not record.whole
            if broken > _MAX_BROKEN:
                raise Refused("damaged", f"{broken} broken records")
            yield record

    def parse(self, record: XmlRecord) -> _Element | None:
        """The element of a record, mended where XML is broken; None when nothing is left."""
        declared = "".join(f" xmlns{name}={value}" for name, value in self._namespaces.items())
        text = f"<records{declared}>{_with_known_entities(record.text)}</records>"
        root = parsed(text, strict=record.whole)
        return next((child for child in root if isinstance(child.tag, str)), None)

    def beginning(self) -> _Element:
        """The text before the first record, with its open elements closed.

        Raises:
            Refused: nothing can be made of it.
        """
        declaration = _DECLARATION.search(self.head, 0, _JUNK_CHARS)
        begun = self.head[declaration.end() if declaration else 0 :]
        return parsed(_with_known_entities(begun), strict=False)


def parsed(text: str, *, strict: bool = True) -> _Element:
    """The root of some XML; what is broken is mended as well as can be, after a strict try.

    Raises:
        Refused: nothing can be made of it.
    """
    from lxml import etree

    raw = text.encode("utf-8", "ignore")
    for recover in (False, True) if strict else (True,):
        parser = etree.XMLParser(
            encoding="utf-8", recover=recover, resolve_entities=False, no_network=True,
            load_dtd=False, huge_tree=False,
        )  # fmt: skip
        try:
            root = etree.fromstring(raw, parser)
        except etree.XMLSyntaxError:
            continue
        if root is not None:
            return root
    raise Refused("damaged")


def decoded(file: BinaryIO) -> Iterator[str]:
    """The text of an XML file in pieces, without characters that XML forbids.

    A byte that the encoding does not have is read as Windows text.

    Raises:
        Refused: it is no text.
    """
    head = file.read(_CHUNK)
    declared = _DECLARED.match(head.lstrip(codecs.BOM_UTF8))
    sample = head[: head.rfind(b">") + 1] or head  # no letter is cut in two
    name = encoding_of(sample, declared[1].decode() if declared else "")
    errors = STRAY_BYTES if name.startswith("utf-8") else "replace"
    decoder = codecs.getincrementaldecoder(name)(errors)
    while head:
        yield _FORBIDDEN.sub("", decoder.decode(head))
        head = file.read(_CHUNK)
    yield _FORBIDDEN.sub("", decoder.decode(b"", final=True))


def _tokens(names: Iterable[str], prefixed: bool) -> re.Pattern[str]:
    """The tokens that begin or end a record; an element of the same name in CDATA does not."""
    prefix = r"(?:[\w.-]{1,40}:)?" if prefixed else ""
    name = rf"{prefix}(?:{'|'.join(map(re.escape, names))})"
    return re.compile(
        rf"(?P<cdata><!\[CDATA\[)|(?P<after>\]\]>)|(?P<open><{name}(?=[\s/>]))"
        rf"|(?P<close></{name}\s{{0,20}}>)"
    )


def _cut(chunks: Iterable[str], tokens: re.Pattern[str], nested: bool) -> Iterator[XmlRecord]:
    """The text before the first record, then the records."""
    cutter = _Cutter(tokens, nested)
    for chunk in chunks:
        yield from cutter.feed(chunk)
    yield from cutter.close()


class _Cutter:
    """Cuts a text that comes in parts; a part is searched twice at most."""

    def __init__(self, tokens: re.Pattern[str], nested: bool) -> None:
        self._tokens = tokens
        self._nested = nested
        self._text = ""
        self._begin = 0  # of what is being cut: a record, or what stands before the first
        self._at = 0
        self._depth = 0
        self._head = True
        self._in_cdata = False
        self._inner = -1  # where a record seems to begin within CDATA

    def feed(self, part: str, *, last: bool = False) -> Iterator[XmlRecord]:
        """The records that end in the next part of the text."""
        self._text += part
        sure = len(self._text) - (0 if last else _TOKEN_CHARS)
        while (token := self._tokens.search(self._text, self._at)) and token.start() < sure:
            yield from self._follow(token)
        self._at = max(self._at, sure)
        if not self._head and not self._depth:
            self._begin = self._at
        self._text, self._at = self._text[self._begin :], self._at - self._begin
        if self._inner >= 0:
            self._inner -= self._begin
        self._begin = 0
        if len(self._text) > _MAX_CHARS:
            yield self._too_large()

    def close(self) -> Iterator[XmlRecord]:
        """The last records, if the file ends in the midst of one."""
        yield from self.feed("", last=True)
        if self._in_cdata and self._inner >= 0:
            yield from self._leave_cdata()
            yield from self.feed("", last=True)
        if self._depth or self._head:
            yield XmlRecord(self._text, whole=self._head)

    def _follow(self, token: re.Match[str]) -> Iterator[XmlRecord]:
        kind = token.lastgroup
        self._at = token.end()
        if kind == "cdata" and self._in_cdata and self._inner >= 0:
            yield from self._leave_cdata()
        elif kind in ("cdata", "after"):
            self._in_cdata, self._inner = kind == "cdata", -1
        elif self._in_cdata:
            if kind == "open" and self._inner < 0:
                self._inner = token.start()
        elif kind == "open":
            yield from self._open(token.start())
        elif self._depth:
            self._depth -= 1
            if not self._depth:
                yield self._taken(token.end())

    def _leave_cdata(self) -> Iterator[XmlRecord]:
        """CDATA cannot hold CDATA: the section was never closed, and its record ends before."""
        yield self._taken(self._inner, whole=self._head)
        self._at, self._inner = self._begin, -1
        self._depth, self._in_cdata, self._head = 0, False, False

    def _open(self, start: int) -> Iterator[XmlRecord]:
        if self._head:
            yield self._taken(start)
            self._head = False
        elif self._depth and not self._nested:
            yield self._taken(start, whole=False)
            self._depth = 0
        elif not self._depth:
            self._begin = start
        self._depth += 1

    def _taken(self, end: int, *, whole: bool = True) -> XmlRecord:
        """The text up to a place where the next record begins."""
        text = self._text[self._begin : end]
        self._begin = end
        return XmlRecord(text, whole)

    def _too_large(self) -> XmlRecord:
        """Let go of a record that is longer than any article.

        Raises:
            Refused: it is what stands before the first record.
        """
        if self._head:
            raise Refused("no_records")
        self._text, self._begin, self._at, self._depth, self._inner = "", 0, 0, 0, -1
        return XmlRecord("", whole=False)


def _with_known_entities(text: str) -> str:
    """The text with HTML's named letters in place, and with every other ``&`` as a sign."""
    if "&" not in text:
        return text
    return "".join(part if cdata else _REFERENCE.sub(_letter, part) for part, cdata in _runs(text))


def _runs(text: str) -> Iterator[tuple[str, bool]]:
    at = 0
    while (start := text.find(_CDATA, at)) >= 0:
        end = text.find(_CDATA_END, start)
        if end < 0:
            break
        yield text[at:start], False
        at = end + len(_CDATA_END)
        yield text[start:at], True
    yield text[at:], False


def _letter(reference: re.Match[str]) -> str:
    name = reference[1]
    if not name:
        return "&amp;"
    if name.startswith("#") or name in _OF_XML:
        return reference[0]
    letter = html5.get(f"{name};")
    return escape(letter) if letter else f"&amp;{name};"


# --- values of elements ----------------------------------------------------------------------

_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_CUT_END = re.compile(r"(?:\s{0,9}(?:\[(?:…|\.\.\.)\]|…|\.\.\.))+\s{0,9}$")
# WordPress gives a post without a date the year -0001, which Python takes for 2000.
_RFC_DATE = re.compile(r"(?:[A-Za-z]{3},?\s{1,3})?\d{1,2}\s{1,3}[A-Za-z]{3}\s{1,3}\d{4}\s")
_DAY_CHARS = len("2020-03-02")


def local(element: _Element) -> str:
    """The name of an element without its namespace; ``""`` for a comment or an instruction."""
    tag = element.tag
    return tag.rpartition("}")[2].rpartition(":")[2] if isinstance(tag, str) else ""


def children(element: _Element, *names: str) -> Iterator[_Element]:
    """The children with one of some names, in their order."""
    return (child for child in element if local(child) in names)


def found(element: _Element | None, path: str) -> _Element | None:
    """The first element under a path of names, such as ``head/docdata``."""
    for name in path.split("/"):
        if element is None:
            return None
        element = next(children(element, name), None)
    return element


def descendants(element: _Element, *names: str) -> Iterator[_Element]:
    """The elements below one with one of some names, in the order of reading."""
    return (each for each in element.iter() if local(each) in names and each is not element)


def value(element: _Element | None, path: str = "", attribute: str = "") -> str:
    """The words of an element, or one of its attributes, as one line without markup.

    Args:
        element: where the path starts; None has no value.
        path: names of children; ``""`` for the element itself.
        attribute: without a prefix; ``""`` for the text.
    """
    if path:
        element = found(element, path)
    if element is None:
        return ""
    if attribute:
        return one_line(element.get(attribute) or "")
    return one_line(html_field(" ".join("".join(element.itertext()).split())))


def language(element: _Element) -> str:
    """The ``xml:lang`` of an element, or ``""``."""
    return one_line(element.get(_LANGUAGE) or "")


def iso_moment(words: str) -> str:
    """A day or a moment of ISO 8601, basic or extended, or of RFC 822, in extended form.

    Returns:
        ``2020-03-02``, ``2020-03-02T08:00:00+01:00``, or ``""`` for anything else.
    """
    words = words.strip()
    try:
        if len(words) <= _DAY_CHARS:
            return date.fromisoformat(words).isoformat()
        return datetime.fromisoformat(words).isoformat()
    except ValueError:
        pass
    try:
        return parsedate_to_datetime(words).isoformat() if _RFC_DATE.match(words) else ""
    except (ValueError, TypeError, IndexError, OverflowError):
        return ""


def until(words: str) -> str:
    """The end of an embargo, as a moment with an offset; one without is taken as UTC."""
    iso = iso_moment(words)
    if not iso:
        return ""
    moment = datetime.fromisoformat(iso)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat()


def lines(
    element: _Element, silent: Iterable[str] = (), names: dict[str, str] | None = None
) -> str:
    """The text of an element that holds XHTML or the like, a line for each block.

    Args:
        element: it is changed: names lose their namespaces, silent elements within it go.
        silent: the names of elements that are no text of the article.
        names: elements of other vocabularies, and what they are in HTML.
    """
    from lxml import etree

    for each in element.iter():
        if name := local(each):
            each.tag = (names or {}).get(name, name)
    etree.strip_elements(element, *silent, with_tail=False)
    return lines_of(etree.tostring(element, encoding="unicode", method="html", with_tail=False))


def first_of(*values: str) -> str:
    """The first of some values that is not empty; ``""`` when all are."""
    return next(filter(None, values), "")


def with_standfirst(text: str, standfirst: str) -> str:
    """The text with its standfirst before it, unless it is the beginning of the text itself."""
    lead = loosened(_CUT_END.sub("", standfirst))
    if not lead or lead in loosened(text):
        return text
    return f"{standfirst}\n{text}" if text else standfirst
