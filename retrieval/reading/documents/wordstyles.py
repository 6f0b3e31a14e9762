"""Styles of a Word file: what they are called, and what they hide."""

from __future__ import annotations

from functools import cache
from typing import Any

from config.data import load
from retrieval.reading.documents.wordpackage import name_of, value_of

_PRIVATE, _LAST = 0xF000, 0x10FFFF
_OFF = ("0", "false", "off", "none")
_DEEPEST = 20  # of styles that are based on each other: Word allows about as many


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
        said = _hidden(own)
        if said is not None:
            return said
        letters = next((value_of(one, "val") for one in own if name_of(one) == "rStyle"), "")
        return self._hides(letters) != self._hides(paragraph_style)

    def _hides(self, style: str) -> bool:
        for _ in range(_DEEPEST):
            element = self._styles.get(style)
            if element is None:
                return False
            said = _hidden(_properties(element))
            if said is not None:
                return said
            style = next((value_of(one, "val") for one in element if name_of(one) == "basedOn"), "")
        return False


def _properties(element: Any) -> Any:  # noqa: ANN401
    """The properties of the letters of a run or a style."""
    return next((one for one in element if name_of(one) == "rPr"), ())


def _hidden(properties: Any) -> bool | None:  # noqa: ANN401
    """What some properties say of hiding; None when they say nothing."""
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
        known = _symbols().get(font.strip().lower())
        if known is not None:
            return known.get(f"{number:02x}", " ")
        # Other fonts were moved there whole: their letters are those of Windows.
        return bytes([number]).decode("cp1252", "replace").replace("\ufffd", " ")
    letter = chr(number) if number <= _LAST else " "
    return letter if letter.isprintable() else " "


@cache
def _symbols() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = load("reading/symbols.toml")
    return found
