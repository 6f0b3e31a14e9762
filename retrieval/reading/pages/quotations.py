"""Quotations of a page: posts of social networks go, a person's words in the article stay."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from retrieval.reading.pages.leftout import DroppedPart, block_of, is_in, take_out
from retrieval.reading.pages.markup import MarkedLine, marked_lines
from retrieval.reading.pages.parts import has_words, page_words, part_of, plain

_MARKS = ("«", "“", '"', "„", "‹")
_MIN_WORDS_CHARS = 2
_POST = "embedded post"
# "— Untel (@untel) 13 nov. 2019": how an embedded post names its author.
_HANDLE = r"\(@[\w.-]{1,60}(?:@[\w.-]{1,80})?\)"
_SIGNATURE = re.compile(rf"(?:^|\s)[—–-]\s{{0,3}}\S.{{0,100}}?{_HANDLE}.{{0,60}}$")
_SIGNED_LINE = re.compile(rf"^[—–-]\s{{0,3}}\S.{{0,100}}?{_HANDLE}")
_TAIL_CHARS = 300
_LAST_LINES = 3
_SPEAKER_CHARS = 120
_QUOTE_CHARS = 25  # shorter repetitions are chance
_MAX_QUOTES = 50
_SCANNED_CHARS = 500_000  # repetitions are looked for in so much text
_QUOTE_TAGS = ("blockquote", "aside", "figure", "div", "p", "section")


def keep_quotations(tree: Any) -> None:  # noqa: ANN401 - an element of lxml
    """Make a figure around a quotation a plain block.

    Extraction drops figures as pictures; around a `blockquote` it is a quotation, and the
    `figcaption` is its speaker (HTML standard, the blockquote element).
    """
    for figure in list(tree.iter("figure")):
        quote = figure.find(".//blockquote")
        if quote is None or part_of(quote) or part_of(figure) or is_post(quote):
            continue
        figure.tag = "div"
        figure.set("class", "quote")
        for caption in figure.iter("figcaption"):
            caption.tag = "p"


def keep_words(tree: Any) -> None:  # noqa: ANN401
    """Make `q` and `time` amid a sentence a `span`: extraction cuts the one, drops the other.

    The marks around a `q` are the browser's: they are written out.
    """
    for quote in list(tree.iter("q")):
        quote.tag = "span"
        if not "".join(quote.itertext()).lstrip().startswith(_MARKS):
            quote.text = f"«\u00a0{quote.text or ''}"
            quote.tail = f"\u00a0»{quote.tail or ''}"
    for moment in list(tree.iter("time")):
        parent = moment.getparent()
        around = (parent.text if parent is not None else "", moment.tail)
        if any(text and len(text.strip()) > _MIN_WORDS_CHARS for text in around):
            moment.tag = "span"


def is_post(quote: Any) -> bool:  # noqa: ANN401
    """Whether a quotation is a post of a social network: signed with a handle, or linked to it."""
    words = " ".join(line.text for line in marked_lines(quote)[-_LAST_LINES:])
    if _SIGNATURE.search(words[-_TAIL_CHARS:]):
        return True
    links = [quote.get("cite"), *(link.get("href") for link in list(quote.iter("a"))[-3:])]
    return any(link and leads_to_post(link) for link in links)


def leads_to_post(address: str) -> bool:
    """Whether an address is that of a post: of a known network, or of any server of Mastodon."""
    try:
        parts = urlsplit(address[:_TAIL_CHARS])
        host = (parts.hostname or "").lower()
    except ValueError:
        return False
    path = parts.path.strip("/")
    known = page_words().networks
    if any(host == name or host.endswith(f".{name}") for name in known):
        return bool(path)
    return path.startswith("@") and path.rsplit("/", 1)[-1].isdecimal()


def posts(tree: Any) -> list[DroppedPart]:  # noqa: ANN401
    """Take out quotations that are posts of social networks."""
    gone = []
    for quote in list(tree.iter("blockquote")):
        if is_in(tree, quote) and is_post(quote):
            gone.append(take_out(quote, _POST))
    return gone


def signed_lines(lines: Sequence[MarkedLine]) -> list[DroppedPart]:
    """Take out posts without markup: a paragraph, and the line below it that names its author."""
    gone: list[DroppedPart] = []
    for above, line in zip([None, *lines], lines, strict=False):
        if not _SIGNED_LINE.match(line.text) or (signature := block_of(line)) is None:
            continue
        words = block_of(above) if above is not None else None
        if words is not None and words.getparent() is signature.getparent() is not None:
            gone.append(take_out(words, _POST))
        gone.append(take_out(signature, _POST))
    return gone


def pull_quotes(tree: Any) -> list[DroppedPart]:  # noqa: ANN401
    """Take out pull quotes: they repeat a sentence of the article, which stays there."""
    known = page_words()
    elements = list(tree.iter(*_QUOTE_TAGS))
    marked = [each for each in elements if has_words(each, known.pull_quote)]
    marked += [e for e in elements if e.tag == "blockquote" or has_words(e, known.quote)]
    if not marked:
        return []
    whole = plain(" ".join(line.text for line in marked_lines(tree))[:_SCANNED_CHARS])
    gone: list[DroppedPart] = []
    for element in marked[:_MAX_QUOTES]:
        words = _quoted(element)
        if len(words) >= _QUOTE_CHARS and whole.count(words) > 1 and is_in(tree, element):
            whole = whole.replace(words, "", 1)
            gone.append(take_out(element, "pull quote"))
    return gone


def _quoted(element: Any) -> str:  # noqa: ANN401
    """The words of a quotation without its speaker; "" if there is more than the two."""
    lines = sorted((line.text for line in marked_lines(element)), key=len)
    if not lines or sum(map(len, lines[:-1])) > _SPEAKER_CHARS:
        return ""
    return plain(lines[-1])
