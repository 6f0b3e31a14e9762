"""A sentence as the gate reads it: words, numbers and stops with their offsets.

Unlike the terms of the analysis, nothing is left out: "n'" and "pas" count here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from retrieval.analysis import fold

MOST_CHARS = 2000
_TOKEN = re.compile(
    r"(?<!\d)\d{1,3}(?:[\u0020\u00a0\u202f.,]\d{3})+(?!\d)(?:[.,]\d{1,9})?"
    r"|\d{1,15}(?:[.,]\d{1,9})?"
    r"|(?<![^\W_])[A-Z]{1,4}\d{1,4}(?![^\W_])"  # T2, A380
    r"|(?:[^\W\d_]\.){2,8}"
    r"|[^\W\d_]+(?:[\u0300-\u036f]+[^\W\d_]*)*['’]?"
    r"|[%€$£]|[.,;:!?…«»\"“”()—–]"
)


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a number or a stop: as it stands, folded, and where."""

    text: str
    folded: str
    start: int
    end: int

    @property
    def is_digits(self) -> bool:
        """Whether it is a number in digits."""
        return self.text[0].isdigit()

    @property
    def is_word(self) -> bool:
        """Whether it is made of letters."""
        return self.text[0].isalpha()

    @property
    def has_capital(self) -> bool:
        """Whether it begins with a capital."""
        return self.text[0].isupper()


def tokens(text: str) -> tuple[Token, ...]:
    """The tokens of a text, in their order; only its first 2,000 characters are read."""
    found = []
    for match in _TOKEN.finditer(text[:MOST_CHARS]):
        folded = fold(match[0])
        if "." in folded and not folded[0].isdigit() and len(folded) > 2:
            folded = folded.replace(".", "")
        found.append(Token(match[0], folded or match[0], match.start(), match.end()))
    return tuple(found)
