"""Parts of a page, recognised by their markup: class words, tags, roles, schema.org types.

The words are data (``config/reading/page_parts.toml``). Nothing is removed here: see `pruning`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
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


@dataclass(frozen=True, slots=True)
class PageWords:
    """The words of ``config/reading/page_parts.toml``, ready to be looked up."""

    words: dict[str, PagePart]
    frame: frozenset[str]
    tags: dict[str, PagePart]
    roles: dict[str, PagePart]
    types: dict[str, PagePart]
    not_after: tuple[str, ...]
    subjects: tuple[str, ...]
    standfirst: dict[str, bool]
    slogan: frozenset[str]
    pull_quote: frozenset[str]
    quote: frozenset[str]
    networks: frozenset[str]
    posts: tuple[str, ...]
    see_also: frozenset[str]
    comment_heads: frozenset[str]
    subscribing: tuple[str, ...]
    you: frozenset[str]
    follow: tuple[str, ...]
    ours: frozenset[str]
    places: frozenset[str]
    access: frozenset[str]
    byline_words: frozenset[str]


@cache
def page_words() -> PageWords:
    """The words that come with Kiosque; read once a process."""
    table = data.load("reading/page_parts.toml")
    chapo = table["standfirst"]
    parts = [(entry, _part(entry)) for entry in table["part"]]
    return PageWords(
        words=_first_of(parts, "words", _spelled),
        frame=frozenset(map(_spelled, table["frame"])),
        tags=_first_of(parts, "tags", str),
        roles=_first_of(parts, "roles", str),
        types=_first_of(parts, "types", str),
        not_after=_prefixes(table["not_after"]),
        subjects=_prefixes(table["subjects"]),
        standfirst={
            _spelled(word): key == "sure" for key in ("words", "sure") for word in chapo[key]
        },
        slogan=frozenset(map(_spelled, chapo["slogan"])),
        pull_quote=frozenset(map(_spelled, table["quotation"]["pull"])),
        quote=frozenset(map(_spelled, table["quotation"]["words"])),
        networks=frozenset(table["networks"]),
        posts=tuple(table["posts"]),
        see_also=frozenset(map(ascii_words, table["see_also"])),
        comment_heads=frozenset(map(ascii_words, table["comment_heads"])),
        subscribing=tuple(map(ascii_words, table["subscribing"])),
        you=frozenset(table["you"]),
        follow=tuple(f"{ascii_words(word)} " for word in table["follow"]),
        ours=frozenset(map(ascii_words, table["ours"])),
        places=frozenset(map(ascii_words, table["places"])),
        access=frozenset(map(ascii_words, table["access"])),
        byline_words=frozenset(ascii_words(word) for word in table["byline_words"]),
    )


def _part(entry: dict[str, Any]) -> PagePart:
    flags = {key: entry[key] for key in ("max_share", "labels", "links", "head") if key in entry}
    return PagePart(entry["name"], **flags)


def _prefixes(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(word + sign for word in words for sign in "-_")


def _first_of(
    parts: Iterable[tuple[dict[str, Any], PagePart]],
    key: str,
    spelled: Any,  # noqa: ANN401
) -> dict[str, PagePart]:
    found: dict[str, PagePart] = {}
    for entry, part in parts:
        for word in entry.get(key, ()):
            found.setdefault(spelled(word), part)
    return found


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
    known = page_words()
    if hides(element):
        return known.tags["template"]
    if found := known.tags.get(element.tag) or known.roles.get(element.get("role", "")):
        return found
    if element.tag in INLINE and not _alone(element):
        return None  # words of a sentence
    return _of_type(element, known) or _of_words(element)


def _of_type(element: Any, known: PageWords) -> PagePart | None:  # noqa: ANN401
    for name in _TYPED:
        value = element.get(name)
        if value and (found := known.types.get(re.split(r"[/:#\s]", value[:200])[-1].lower())):
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
    known = page_words()
    left = known.not_after + (known.subjects if whole else ())
    tokens = [token[:_TOKEN_CHARS] for token in value.split() if not token.startswith(left)]
    for loose in (False, True):
        runs = (run for token in tokens if loose or _is_sure(token) for run in _token_runs(token))
        parts = [part for run in runs if (part := known.words.get(run))]
        if parts:
            return replace(max(parts, key=lambda part: part.max_share), loose=loose)
    return None


@lru_cache(maxsize=4096)
def _is_sure(token: str) -> bool:
    """Whether a token has nothing but words of parts, of their frames, numbers and initials.

    A part made of labels makes no other part sure: "partenaires-sociaux" are no partners.
    """
    known = page_words()
    words = _spelled(token).split()[:_TOKEN_WORDS]
    covered = {
        place
        for start in range(len(words))
        for end in range(start + 1, min(start + _MAX_WORDS, len(words)) + 1)
        if (part := known.words.get(" ".join(words[start:end]))) and not part.labels
        for place in range(start, end)
    }
    return all(
        place in covered or word in known.frame or len(word) == 1 or word.isdecimal()
        for place, word in enumerate(words)
    )


def standfirst_rank(element: Any) -> int:  # noqa: ANN401
    """2: the markup calls the element a standfirst; 1: it may be one; 0: it does not say so."""
    known = page_words().standfirst
    values = [
        *_named(element),
        *(element.get(name, "")[:_NAMED_CHARS] for name in (*_TYPED, "role")),
    ]
    ranks = [1 + known[run] for value in values for run in _runs(value, ()) if run in known]
    return max(ranks, default=0)


def has_words(element: Any, words: frozenset[str]) -> bool:  # noqa: ANN401
    """Whether the class or id of an element has one of some words."""
    return any(run in words for value in _named(element) for run in _runs(value, ()))


def _named(element: Any) -> Iterator[str]:  # noqa: ANN401
    attributes = element.attrib
    for name in _ATTRIBUTES:
        if value := attributes.get(name):
            yield value[:_NAMED_CHARS]


def _runs(value: str, not_after: tuple[str, ...]) -> Iterator[str]:
    """One to six words side by side, of each token of an attribute."""
    for token in value.split():
        if not token.startswith(not_after):
            yield from _token_runs(token[:_TOKEN_CHARS])


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
