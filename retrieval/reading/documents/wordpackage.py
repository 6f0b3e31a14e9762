"""The package of a Word file: its parts, found by their relations and parsed safely; its styles."""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections.abc import Iterator
from typing import Any

from config.data import load
from retrieval.reading.pieces import Refused

_MAX_INFLATED = 200_000_000
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
        folder, name = posixpath.split(self._main)
        relations = self._parsed(posixpath.join(folder, "_rels", f"{name}.rels"))
        for relation in () if relations is None else relations.iter(_RELATION):
            if wanted and relation.get("Id") == wanted:
                target = posixpath.normpath(posixpath.join(f"/{folder}", _target(relation)))
                real = self._names.get(_plain(target))
                return self._package.read(real) if real else b""
        return b""

    def _related(self, source: str, kind: str) -> str:
        """The part that a part refers to by a relation of a kind; ``""`` for none that is there."""
        folder, name = posixpath.split(source)
        relations = self._parsed(posixpath.join(folder, "_rels", f"{name}.rels"))
        for relation in () if relations is None else relations.iter(_RELATION):
            target = _plain(posixpath.normpath(posixpath.join(f"/{folder}", _target(relation))))
            if relation.get("Type", "").endswith(kind) and target in self._names:
                return target
        return ""

    def _parsed(self, name: str) -> Any | None:  # noqa: ANN401
        """A part as a tree, without entities or anything from outside; None for no XML."""
        from lxml import etree

        real = self._names.get(_plain(name))
        if real is None:
            return None
        parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
        try:
            return etree.fromstring(self._package.read(real), parser)
        except etree.XMLSyntaxError as error:
            if real == self._names.get(_plain(self._main)):
                raise Refused("damaged", str(error)[:300]) from error
            return None


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


def _target(relation: Any) -> str:  # noqa: ANN401
    return str(relation.get("Target", "")).replace("\\", "/")


def _check_sizes(raw: bytes) -> None:
    """Refuse what would grow too large: by what it declares, then by what comes out."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as package:
            parts = package.infolist()
            declared = sum(part.file_size for part in parts)
            if declared > _MAX_INFLATED or len(parts) > _MAX_PARTS:
                raise Refused("too_large", f"{declared} bytes inflated, {_MAX_INFLATED} allowed")
            left = _MAX_INFLATED
            for part in parts:
                with package.open(part) as file:
                    while chunk := file.read(_CHUNK):
                        left -= len(chunk)
                        if left < 0:
                            raise Refused("too_large", f"{_MAX_INFLATED} bytes inflated allowed")
    except (zipfile.BadZipFile, NotImplementedError, EOFError) as error:
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
        held = () if element is None else element
        return next((value_of(one, "val") for one in held if name_of(one) == "name"), style).lower()

    def hides(self, run: Any, paragraph_style: str) -> bool:  # noqa: ANN401
        """Whether a run is hidden: by itself, or by the style of its letters or its paragraph.

        Hiding is a toggle property (ECMA-376, part 1, 17.7.3): two styles that both hide show.
        """
        own = _properties(run)
        hidden = _hidden(own)
        if hidden is not None:
            return hidden
        letters = next((value_of(one, "val") for one in own if name_of(one) == "rStyle"), "")
        return self._hides(letters) != self._hides(paragraph_style)

    def _hides(self, style: str) -> bool:
        for _ in range(_MAX_DEPTH):
            element = self._styles.get(style)
            if element is None:
                return False
            hidden = _hidden(_properties(element))
            if hidden is not None:
                return hidden
            style = next((value_of(one, "val") for one in element if name_of(one) == "basedOn"), "")
        return False


def _properties(element: Any) -> Any:  # noqa: ANN401
    """The properties of the letters of a run or a style."""
    return next((one for one in element if name_of(one) == "rPr"), ())


def _hidden(properties: Any) -> bool | None:  # noqa: ANN401
    """Whether some properties hide the text; None when they do not decide it."""
    found = next((one for one in properties if name_of(one) == "vanish"), None)
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
