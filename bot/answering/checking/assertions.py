"""A text cut into claims: the sentences that assert something an archive may have written. Pure.

Greetings, calls, questions, opinions and addresses are counted and left out. What they are known
by is data (``config/words/claims.toml``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from bot.answering.intents import folded, is_light
from config import data
from retrieval.text.analysis import guess_language, terms
from retrieval.text.prose import has_finite_verb, standalone
from retrieval.text.segmentation import sentences

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_CHARS = 20_000
"""Characters of a text that are read."""
MAX_CLAIMS = 40
"""Claims of a text that are checked."""
_MAX_CLAIM = 600
"""Characters of a sentence; a longer one is no claim of a sentence's length, and is cut."""
_MIN_TERMS = 3
_CONTEXT = 6
"""Names and numbers of the sentences before that a leaning sentence is searched with."""
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|\S+@\S+\.\w+|(?<!\w)@\w+")
_DECORATION = re.compile(
    r"[\u2190-\u21ff\u2300-\u27bf\u2b00-\u2bff\ufe00-\ufe0f\U0001f000-\U0001faff#*_~`>|]+"
)
_BULLET = re.compile(r"^\s*(?:[-–—•·]|\d{1,2}[.)])\s+")


@dataclass(frozen=True, slots=True)
class Assertion:
    """A claim of a text.

    Args:
        text: the sentence, without addresses and decoration.
        context: names of the sentences before, when it leans on them.
    """

    text: str
    context: str = ""

    @property
    def search_text(self) -> str:
        """What it is searched by."""
        return f"{self.text} {self.context}".strip()


@dataclass(frozen=True, slots=True)
class Assertions:
    """The claims of a text.

    Args:
        claims: those that are checked, in their order.
        skipped: sentences that assert nothing checkable.
        unread: further claims, beyond `MAX_CLAIMS`; and 1 for a text that is cut.
    """

    claims: tuple[Assertion, ...]
    skipped: int
    unread: int


def split_claims(text: str) -> Assertions:
    """Cut a text into claims, each once.

    Args:
        text: as it was sent; the first 20,000 characters are read.
    """
    claims: list[Assertion] = []
    skipped = 0
    for sentence in _sentences(text[:MAX_CHARS]):
        claim = claim_of(sentence)
        if claim is None:
            skipped += 1
        elif (one := Assertion(claim, _context(claim, claims))) not in claims:
            claims.append(one)
    cut = len(text) > MAX_CHARS
    return Assertions(tuple(claims[:MAX_CLAIMS]), skipped, max(0, len(claims) - MAX_CLAIMS) + cut)


def _sentences(text: str) -> Iterator[str]:
    plain = _DECORATION.sub(" ", _ADDRESS.sub(" ", text))
    for span in sentences(plain):
        sentence = _BULLET.sub("", " ".join(plain[span.start : span.end].split()))
        if any(letter.isalpha() for letter in sentence):
            yield sentence[:_MAX_CLAIM]


def claim_of(sentence: str) -> str | None:
    """What a sentence asserts; None when that cannot be checked."""
    plain = folded(sentence)
    if any(pattern.match(plain) for pattern in _patterns("begins")):
        return None
    if any(pattern.search(plain) for pattern in _patterns("opinions")):
        return None
    lead = _lead().match(plain)
    claim = sentence[lead.end() :] if lead else sentence
    if claim.endswith("?") and not lead:
        return None
    claim = claim.rstrip(" ?\u00a0\u202f").strip()
    content = [one for one in terms(claim, guess_language(claim)) if not is_light(one)]
    numbered = any(one.is_number or one.is_name for one in content)
    enough = len({one.term for one in content}) >= _MIN_TERMS
    return claim if enough and (numbered or has_finite_verb(claim)) else None


def _context(claim: str, before: Sequence[Assertion]) -> str:
    """The names of the last claims, for one that begins with a pronoun."""
    if standalone(claim) or not before:
        return ""
    named = [one.text for one in terms(before[-1].text) if one.is_name]
    earlier = before[-1].context.split()
    return " ".join(dict.fromkeys([*named, *earlier][:_CONTEXT]))


@lru_cache(maxsize=1)
def _table() -> dict[str, Any]:
    table: dict[str, Any] = data.load("words/claims.toml")["skipped"]
    return table


@lru_cache(maxsize=2)
def _patterns(name: str) -> tuple[re.Pattern[str], ...]:
    start = r"\W*" if name == "begins" else ""
    return tuple(re.compile(f"{start}(?:{form})") for form in _table()[name])


@lru_cache(maxsize=1)
def _lead() -> re.Pattern[str]:
    return re.compile(rf"\W*{_table()['lead']}")
