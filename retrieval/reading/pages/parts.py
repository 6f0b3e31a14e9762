"""Parts of a page, recognised by their markup: class words, tags, roles, schema.org types.

The words are data (``config/reading/page_parts.toml``). Nothing is removed here: see `pruning`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from itertools import islice
from typing import Any

from config import data
from retrieval.reading.pages.markup import INLINE
from retrieval.reading.pages.visibility import hides

_ATTRIBUTES = (
    "class",
    "id",
    "data-testid",
    "data-test",
    "data-component",
    "data-type",
    "data-block",
)
_FLAGS = ("max_share", "labels", "links", "head")
_TYPED = ("itemprop", "itemtype", "rel", "property")
_NAMED_CHARS = 400  # of attributes; hostile pages have longer ones
_TOKEN_CHARS = 60
_TOKEN_WORDS = 10
_MAX_WORDS = 6  # side by side in one entry of the list
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
# Quotation marks, apostrophes, dashes, the ellipsis and bullets part words.
_SIGNS = "".join(
    map(chr, (0xAB, 0xBB, 0xB7, 0x2BC, *range(0x2010, 0x2016), *range(0x2018, 0x2027)))
)
_NO_WORD = re.compile(r"[^a-z0-9]+")
_WHOLE = frozenset(("html", "body", "main", "article"))
_FEW = 20  # children of a line that is examined whole
SURELY = 2
"""The rank of an element that the markup calls a standfirst."""


@dataclass(frozen=True, slots=True)
class PagePart:
    """A kind of part: its name, and when an element of it is left out.

    ``max_share`` is the share of the page's text that a part may have; above it is the page itself.
    ``labels`` parts go only if they hold no sentence; ``links`` ones only if they hold no sentence
    or a link; ``head`` ones only without a standfirst. A ``loose`` one is named by a token that
    has other words too: its sentences are the article's, unless it looks like that part.
    """

    name: str
    max_share: float = 0.75
    labels: bool = False
    links: bool = False
    head: bool = False
    loose: bool = field(default=False, compare=False)


def _table() -> dict[str, Any]:
    return data.load("reading/page_parts.toml")


@cache
def phrases(key: str) -> frozenset[str]:
    """A list of ``page_parts.toml`` as `ascii_words`."""
    return frozenset(map(ascii_words, _table()[key]))


@cache
def token_words(table: str, key: str) -> frozenset[str]:
    """A list within a table of ``page_parts.toml`` as words of a class or an id."""
    return frozenset(map(_spelled, _table()[table][key]))


@cache
def _parts_by(key: str) -> dict[str, PagePart]:
    """The parts by their ``words``, ``tags``, ``roles`` or ``types``; the first of two counts."""
    spelled = _spelled if key == "words" else str
    found: dict[str, PagePart] = {}
    for entry in _table()["part"]:
        flags = {flag: entry[flag] for flag in _FLAGS if flag in entry}
        for word in entry.get(key, ()):
            found.setdefault(spelled(word), PagePart(entry["name"], **flags))
    return found


@cache
def _prefixes(*keys: str) -> tuple[str, ...]:
    return tuple(word + sign for key in keys for word in _table()[key] for sign in "-_")


@cache
def _frame() -> frozenset[str]:
    return frozenset(map(_spelled, _table()["frame"]))


def ascii_words(text: str) -> str:
    """A text as Latin words to compare: without case, accents, signs and soft hyphens."""
    if not text.isascii():
        for sign in _SIGNS:  # many times faster than `translate`
            text = text.replace(sign, " ")
        text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return _NO_WORD.sub(" ", text.lower()).strip()


def _spelled(token: str) -> str:
    """``Article__embeds`` as ``article embed``: words without a plural s."""
    words = ascii_words(_CAMEL.sub(" ", token)).split()
    return " ".join(word[:-1] if len(word) > 3 and word.endswith("s") else word for word in words)


def part_of(element: Any) -> PagePart | None:  # noqa: ANN401 - an element of lxml
    """The part that the markup says an element is; None is the article, or unknown."""
    tags = _parts_by("tags")
    if hides(element):
        return tags["template"]
    if found := tags.get(element.tag) or _parts_by("roles").get(element.get("role", "")):
        return found
    if element.tag in INLINE and not _alone(element):
        return None  # words of a sentence
    return _of_type(element) or _of_words(element)


def _of_type(element: Any) -> PagePart | None:  # noqa: ANN401
    for name in _TYPED:
        value = element.get(name)
        kind = re.split(r"[/:#\s]", value[:200])[-1].lower() if value else ""
        if found := _parts_by("types").get(kind):
            return found
    return None


def _of_words(element: Any) -> PagePart | None:  # noqa: ANN401
    whole = element.tag in _WHOLE
    loose = None
    for value in _named(element):
        part = _named_part(value, whole)
        if part and not part.loose:
            return part
        loose = loose or part
    return loose


@lru_cache(maxsize=4096)
def _named_part(value: str, whole: bool) -> PagePart | None:
    """The part that a class or an id names, by a sure token first; values repeat often."""
    known = _parts_by("words")
    left = _prefixes("not_after", "subjects") if whole else _prefixes("not_after")
    tokens = [token[:_TOKEN_CHARS] for token in value.split() if not token.startswith(left)]
    for loose in (False, True):
        runs = (run for token in tokens if loose or _is_sure(token) for run in _token_runs(token))
        parts = [part for run in runs if (part := known.get(run))]
        if parts:
            return replace(max(parts, key=lambda part: part.max_share), loose=loose)
    return None


@lru_cache(maxsize=4096)
def _is_sure(token: str) -> bool:
    """Whether a token has nothing but words of parts, of their frames, numbers and initials.

    A part made of labels makes no other part sure: "partenaires-sociaux" are no partners.
    """
    known = _parts_by("words")
    words = _spelled(token).split()[:_TOKEN_WORDS]
    covered = {
        place
        for start in range(len(words))
        for end in range(start + 1, min(start + _MAX_WORDS, len(words)) + 1)
        if (part := known.get(" ".join(words[start:end]))) and not part.labels
        for place in range(start, end)
    }
    return all(
        place in covered or word in _frame() or len(word) == 1 or word.isdecimal()
        for place, word in enumerate(words)
    )


def standfirst_rank(element: Any) -> int:  # noqa: ANN401
    """2: the markup calls the element a standfirst; 1: it may be one; 0: it does not say so."""
    sure, known = token_words("standfirst", "sure"), token_words("standfirst", "words")
    typed = (element.get(name, "")[:_NAMED_CHARS] for name in (*_TYPED, "role"))
    runs = {run for value in (*_named(element), *typed) for run in _runs(value)}
    return SURELY if runs & sure else int(bool(runs & known))


def has_words(element: Any, words: frozenset[str]) -> bool:  # noqa: ANN401
    """Whether the class or id of an element has one of some words."""
    return any(run in words for value in _named(element) for run in _runs(value))


def _named(element: Any) -> Iterator[str]:  # noqa: ANN401
    attributes = element.attrib
    for name in _ATTRIBUTES:
        if value := attributes.get(name):
            yield value[:_NAMED_CHARS]


def _runs(value: str) -> Iterator[str]:
    """One to six words side by side, of each token of an attribute."""
    return (run for token in value.split() for run in _token_runs(token[:_TOKEN_CHARS]))


@lru_cache(maxsize=4096)
def _token_runs(token: str) -> tuple[str, ...]:
    words = _spelled(token).split()[:_TOKEN_WORDS]
    return tuple(
        " ".join(words[start:end])
        for start in range(len(words))
        for end in range(start + 1, min(start + _MAX_WORDS, len(words)) + 1)
    )


def _alone(element: Any) -> bool:  # noqa: ANN401
    """Whether an inline element is all the text of what holds it, or stands among blocks."""
    parent = element.getparent()
    if parent is None:
        return True
    if parent.tag in INLINE:
        return False
    children = list(islice(parent, _FEW + 1))  # the length of a parent takes as long as it is
    around = [parent.text, *(child.tail for child in children)]
    return len(children) <= _FEW and not any(text and text.strip() for text in around)
