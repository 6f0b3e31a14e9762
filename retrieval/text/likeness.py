"""How alike texts are, estimated from short signatures: MinHash over runs of four words.

Two signatures agree in as large a share of their numbers as the texts share of their runs
of words (Jaccard). A signature is cut into bands of three numbers: texts that share half of
their runs have a band in common 98 times in 100, texts that share a tenth 3 times, so that
a look at the bands finds the few texts that are worth comparing.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

import numpy as np
from rensa import RMinHash

RUN = 4
"""Words in a run: long enough that two texts on one subject share few."""
_ROWS = 3
_BANDS = 32
_SEED = 1
MOST_CHARS = 200_000
"""A longer text is a book, not a copy of an article: it has no signature."""
VERSION = f"{RMinHash.ALGORITHM_VERSION}.{_BANDS}.{_ROWS}.{RUN}.1"
"""Signatures of another version cannot be compared; the last number is that of `tokens`."""
_GROUPED = r"\d{1,3}(?:[.,\u0020\u00a0\u202f]\d{3}(?!\d))+"
_TOKEN = re.compile(rf"{_GROUPED}(?:[.,]\d+)?|\d+(?:[.,]\d+)?|[^\W\d_]+")
_GROUPS = re.compile(_GROUPED)
_NOT_DIGIT = re.compile(r"\D")
_ENDS = frozenset(".!?…\n•")


@dataclass(frozen=True, slots=True)
class Token:
    """A word or a number: in lower case, as it stands, and whether it begins a sentence."""

    word: str
    text: str
    begins: bool

    @property
    def is_number(self) -> bool:
        """Whether it is written in digits."""
        return self.text[0].isdigit()


def tokens(text: str) -> list[Token]:
    """The words of a text; ``4.000`` and ``4 000`` are one number."""
    found: list[Token] = []
    end = 0
    for match in _TOKEN.finditer(text):
        begins = not found or not _ENDS.isdisjoint(text[end : match.start()])
        found.append(Token(_normal(match[0]), match[0], begins))
        end = match.end()
    return found


def words(text: str) -> list[str]:
    """The words of `tokens` alone: several times faster."""
    return [_normal(token) for token in _TOKEN.findall(text)]


def runs(found: list[str]) -> set[str]:
    """The runs of words of a text; of a text shorter than a run, its words."""
    return {" ".join(found[at : at + RUN]) for at in range(max(1, len(found) - RUN + 1))}


def signature(text: str) -> bytes:
    """The signature of a text; empty when it cannot be alike another."""
    found = words(text) if len(text) <= MOST_CHARS else []
    if not found:
        return b""
    hashed = RMinHash(_BANDS * _ROWS, _SEED)
    hashed.update(list(runs(found)))
    return np.array(hashed.digest(), "<u4").tobytes()


def bands(of: bytes) -> list[int]:
    """The bands of a signature, as integers that a database can hold."""
    width = 4 * _ROWS
    return [
        int.from_bytes(
            hashlib.blake2b(
                of[at : at + width], digest_size=8, salt=at.to_bytes(2, "big")
            ).digest(),
            "big",
            signed=True,
        )
        for at in range(0, len(of), width)
    ]


def agreement(one: bytes, other: bytes) -> float:
    """The share of their runs of words that two texts have in common, about (0 to 1)."""
    if not one or len(one) != len(other):
        return 0.0
    return float(np.mean(np.frombuffer(one, "<u4") == np.frombuffer(other, "<u4")))


def _normal(token: str) -> str:
    if not token[0].isdigit():
        return token.lower()
    if token.isdigit():
        return token
    grouped = _GROUPS.match(token)
    whole = _NOT_DIGIT.sub("", grouped[0]) if grouped else ""
    return (whole + token[grouped.end() if grouped else 0 :]).replace(",", ".")
