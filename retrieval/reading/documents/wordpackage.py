"""The package of a Word file: its parts, found by their relations and parsed safely; its styles."""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from config.data import load
from retrieval.reading.pieces import Refused

MAX_INFLATED = 200_000_000
"""Bytes of all parts of a package, unpacked."""
_MAX_PARTS = 5_000
_CHUNK = 1 << 20
_WORD = (
    "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}",
    "{http://purl.oclc.org/ooxml/wordprocessingml/main}",  # the strict variant
)
_OTHERS = (
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}",
    "{http://schemas.openxmlformats.org/officeDocument/2006/math}",
    "{http://purl.oclc.org/ooxml/officeDocument/math}",
)
_LINKS = (
    "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}",
    "{http://purl.oclc.org/ooxml/officeDocument/relationships}",
)
_RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_MAIN, _CORE = "/officeDocument", "/core-properties"
_DEFAULT = "word/document.xml"


class WordPackage:
    """The parts of a Word file.

    A relation to a part that is not there is passed over, as Word does.

    Args:
        raw: the bytes of the file.

    Raises:
        Refused: a password is needed, it would grow too large, or it is damaged.
    """

    def __init__(self, raw: bytes) -> None:
        _check_sizes(raw)
        self._package = zipfile.ZipFile(io.BytesIO(raw))
        self._names = {_plain(name): name for name in self._package.namelist()}
        self._main = self._related("", _MAIN) or _DEFAULT

    def main(self) -> Any:  # noqa: ANN401 - an element of lxml
        """The document itself.

        Raises:
            Refused: it is not there, or no XML.
        """
        found = self._parsed(self._main)
        if found is None:
            raise Refused("damaged", f"{self._main} is missing or no XML")
        return found

    def beside(self, kind: str) -> Any | None:  # noqa: ANN401
        """A part that belongs to the document, such as ``styles`` or ``footnotes``."""
        related = self._related(self._main, f"/{kind}")
        return self._parsed(related or posixpath.join(posixpath.dirname(self._main), f"{kind}.xml"))

    def properties(self) -> dict[str, str]:
        """The core properties by their names: ``title``, ``creator``, ``created``."""
        core = self._parsed(self._related("", _CORE) or "docProps/core.xml")
        parts = () if core is None else core
        return {str(part.tag).rpartition("}")[2]: part.text or "" for part in parts}

    def referred(self, element: Any) -> bytes:  # noqa: ANN401
        """The bytes of the part that an element of the document refers to; ``b""`` for none."""
        wanted = next((found for one in _LINKS if (found := element.get(f"{one}id"))), "")
        for relation, target in self._relations(self._main):
            if wanted and relation.get("Id") == wanted:
                real = self._names.get(target)
                return self._package.read(real) if real else b""
        return b""

    def _related(self, source: str, kind: str) -> str:
        """The part that a part refers to by a relation of a kind; ``""`` for none that is there."""
        for relation, target in self._relations(source):
            if relation.get("Type", "").endswith(kind) and target in self._names:
                return target
        return ""

    def _relations(self, source: str) -> Iterator[tuple[Any, str]]:
        folder, name = posixpath.split(source)
        relations = self._parsed(posixpath.join(folder, "_rels", f"{name}.rels"))
        for relation in () if relations is None else relations.iter(_RELATION):
            target = str(relation.get("Target", "")).replace("\\", "/")
            yield relation, _plain(posixpath.normpath(posixpath.join(f"/{folder}", target)))

    def _parsed(self, name: str) -> Any | None:  # noqa: ANN401
        """A part as a tree, without entities or anything from outside; None for no XML."""
        real = self._names.get(_plain(name))
        if real is None:
            return None
        try:
            return xml_tree(self._package.read(real))
        except Refused:
            if real == self._names.get(_plain(self._main)):
                raise
            return None


def xml_tree(part: bytes) -> Any:  # noqa: ANN401 - an element of lxml
    """The tree of a part, without entities or anything from outside.

    Raises:
        Refused: it is no XML.
    """
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        return etree.fromstring(part, parser)
    except etree.XMLSyntaxError as error:
        raise Refused("damaged", str(error)[:300]) from error


def name_of(element: Any) -> str:  # noqa: ANN401
    """The name of an element of Word, or of those that stand among them; ``""`` for others."""
    tag = element.tag
    if not isinstance(tag, str):  # a comment, an entity
        return ""
    space, closed, name = tag.rpartition("}")
    return name if f"{space}{closed}" in _KNOWN else ""


def value_of(element: Any, name: str) -> str:  # noqa: ANN401
    """An attribute of an element of Word, in either variant; ``""`` when it is not there."""
    return next((found for one in _WORD if (found := element.get(f"{one}{name}"))), "")


def child(element: Any, *path: str) -> Any | None:  # noqa: ANN401
    """The first element under a path of names, each a child of the one before; None for none."""
    for name in path:
        element = next((one for one in element if name_of(one) == name), None)
        if element is None:
            return None
    return element


def child_value(element: Any, *path: str) -> str:  # noqa: ANN401
    """The attribute ``val`` of the first element under a path of names, or ``""``."""
    found = child(element, *path)
    return value_of(found, "val") if found is not None else ""


def inside(parent: Any, name: str, wrappers: frozenset[str]) -> Iterator[Any]:  # noqa: ANN401
    """The elements of a name in another one or in wrappers in it, no deeper."""
    waiting = list(reversed(parent))
    while waiting:
        element = waiting.pop()
        found = name_of(element)
        if found == name:
            yield element
        elif found in wrappers:
            waiting.extend(reversed(element))


_KNOWN = frozenset((*_WORD, *_OTHERS))


def _plain(name: str) -> str:
    """A part's name as relations write it; some programs write backslashes."""
    return name.replace("\\", "/").lstrip("/").lower()


def _check_sizes(raw: bytes) -> None:
    """Refuse what would grow too large: by what it declares, then by what comes out."""
    with zip_faults(), zipfile.ZipFile(io.BytesIO(raw)) as package:
        parts = package.infolist()
        check_declared(parts)
        if len(parts) > _MAX_PARTS:
            raise Refused("too_large", f"{len(parts)} parts, {_MAX_PARTS} allowed")
        left = MAX_INFLATED
        for part in parts:
            with package.open(part) as file:
                while chunk := file.read(_CHUNK):
                    left -= len(chunk)
                    if left < 0:
                        raise Refused("too_large", f"{MAX_INFLATED} bytes inflated allowed")


def check_declared(parts: Iterable[zipfile.ZipInfo]) -> None:
    """See that the parts of a package are not too large, by what it declares.

    Raises:
        Refused: they are.
    """
    declared = sum(part.file_size for part in parts)
    if declared > MAX_INFLATED:
        raise Refused("too_large", f"{declared} bytes inflated, {MAX_INFLATED} allowed")


@contextmanager
def zip_faults() -> Iterator[None]:
    """Translate what zipfile raises for a package that is damaged or needs a password.

    Raises:
        Refused: it was raised.
    """
    try:
        yield
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError) as error:
        raise Refused("damaged", str(error)) from error
    except RuntimeError as error:  # how zipfile says that a part is encrypted
        raise Refused("password", str(error)) from error


# --- styles ----------------------------------------------------------------------------------

_PRIVATE, _LAST = 0xF000, 0x10FFFF
_OFF = ("0", "false", "off", "none")
_MAX_DEPTH = 20  # of styles that are based on each other: Word allows about as many


class Styles:
    """The styles of a document.

    Args:
        part: the part of the styles, or None when the file has none.
    """

    def __init__(self, part: Any | None) -> None:  # noqa: ANN401 - an element of lxml
        found = () if part is None else part
        self._styles = {value_of(one, "styleId"): one for one in found if name_of(one) == "style"}

    def called(self, style: str) -> str:
        """The name of a style, in lower case: its id when the file does not say more."""
        element = self._styles.get(style)
        named = None if element is None else child(element, "name")
        return (style if named is None else value_of(named, "val")).lower()

    def hides(self, run: Any, paragraph_style: str) -> bool:  # noqa: ANN401
        """Whether a run is hidden: by itself, or by the style of its letters or its paragraph.

        Hiding is a toggle property (ECMA-376, part 1, 17.7.3): two styles that both hide show.
        """
        hidden = _hidden(run)
        if hidden is not None:
            return hidden
        letters = child_value(run, "rPr", "rStyle")
        return self._hides(letters) != self._hides(paragraph_style)

    def _hides(self, style: str) -> bool:
        for _ in range(_MAX_DEPTH):
            element = self._styles.get(style)
            if element is None:
                return False
            hidden = _hidden(element)
            if hidden is not None:
                return hidden
            style = child_value(element, "basedOn")
        return False


def _hidden(element: Any) -> bool | None:  # noqa: ANN401
    """Whether the properties of a run or a style hide its text; None when they do not decide."""
    found = child(element, "rPr", "vanish")
    return None if found is None else value_of(found, "val").lower() not in _OFF


def symbol(font: str, code: str) -> str:
    """The letter that a sign of a font stands for.

    Args:
        font: such as ``Symbol`` or ``Wingdings``, whose letters have codes of their own.
        code: the code of the sign, in hexadecimal; a symbol font has its letters from F000 on.

    Returns:
        the letter, or a space for one that is not known: it must not join the words around it.
    """
    try:
        number = int(code, 16)
    except ValueError:
        return " "
    if _PRIVATE <= number <= _PRIVATE + 0xFF:
        number -= _PRIVATE
        symbols: dict[str, dict[str, str]] = load("reading/symbols.toml")
        known = symbols.get(font.strip().lower())
        if known is not None:
            return known.get(f"{number:02x}", " ")
        # Other fonts were moved there whole: their letters are those of Windows.
        return bytes([number]).decode("cp1252", "replace").replace("\ufffd", " ")
    letter = chr(number) if number <= _LAST else " "
    return letter if letter.isprintable() else " "
