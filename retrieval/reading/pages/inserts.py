"""Inserts of a page: posts of social networks, pull quotes, links to other articles, comments.

They stand among the paragraphs and are taken out. A person's words in the article stay.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from config import data
from retrieval.reading.pages.markup import (
    DroppedPart,
    MarkedLine,
    block_of,
    is_in,
    marked_lines,
    take_out,
    text_of,
)
from retrieval.reading.pages.parts import ascii_words, has_words, part_of, phrases, token_words

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
    known = data.load("reading/page_parts.toml")["networks"]
    if any(host == name or host.endswith(f".{name}") for name in known):
        return bool(path)
    return path.startswith("@") and path.rsplit("/", 1)[-1].isdecimal()


def posts(tree: Any) -> list[DroppedPart]:  # noqa: ANN401
    """Take out quotations that are posts of social networks."""
    dropped = []
    for quote in list(tree.iter("blockquote")):
        if is_in(tree, quote) and is_post(quote):
            dropped.append(take_out(quote, _POST))
    return dropped


def signed_lines(lines: Sequence[MarkedLine]) -> list[DroppedPart]:
    """Take out posts without markup: a paragraph, and the line below it that names its author."""
    dropped: list[DroppedPart] = []
    for above, line in zip([None, *lines], lines, strict=False):
        if not _SIGNED_LINE.match(line.text) or (signature := block_of(line)) is None:
            continue
        words = block_of(above) if above is not None else None
        if words is not None and words.getparent() is signature.getparent() is not None:
            dropped.append(take_out(words, _POST))
        dropped.append(take_out(signature, _POST))
    return dropped


def pull_quotes(tree: Any) -> list[DroppedPart]:  # noqa: ANN401
    """Take out pull quotes: they repeat a sentence of the article, which stays there."""
    elements = list(tree.iter(*_QUOTE_TAGS))
    pulled, quoted = token_words("quotation", "pull"), token_words("quotation", "words")
    marked = [each for each in elements if has_words(each, pulled)]
    marked += [e for e in elements if e.tag == "blockquote" or has_words(e, quoted)]
    if not marked:
        return []
    whole = ascii_words(" ".join(line.text for line in marked_lines(tree))[:_SCANNED_CHARS])
    dropped: list[DroppedPart] = []
    for element in marked[:_MAX_QUOTES]:
        words = _quoted(element)
        if len(words) >= _QUOTE_CHARS and whole.count(words) > 1 and is_in(tree, element):
            whole = whole.replace(words, "", 1)
            dropped.append(take_out(element, "pull quote"))
    return dropped


def _quoted(element: Any) -> str:  # noqa: ANN401
    """The words of a quotation without its speaker; "" if there is more than the two."""
    lines = sorted((line.text for line in marked_lines(element)), key=len)
    if not lines or sum(map(len, lines[:-1])) > _SPEAKER_CHARS:
        return ""
    return ascii_words(lines[-1])


# --- lines that the markup does not name -----------------------------------------------------

_RELATED = "related links"
_LINE_CHARS = 240  # the title of another article is not longer
_LABEL_WORDS = 6
_LINK_WORDS = 3  # fewer are a name, or "ici"
_SIGNS = 4  # beside a link: a bullet, a colon
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_BULLETS = " →➤▶►•·-–—>*"
_QUOTES = '«»“”"'
_ENDED = re.compile(r"[.!?…][\s\"'’»”)\]]{0,4}$")
_COUNT = re.compile(r"^\s*\(?\d{1,5}\)?\s*|\s*\(?\d{1,5}\)?\s*:?\s*$")
_ASKED = 2  # phrases of subscribing in one line to a reader


def line_parts(page: Sequence[MarkedLine], heading: Any) -> list[DroppedPart]:  # noqa: ANN401
    """Take out lines that lead to other articles, ask for an address, or begin the comments."""
    lines = [line for line in page if line.element is not heading]
    dropped = _comments(lines, heading)
    found = [*_labelled(lines), *((line, _RELATED) for line in lines if _leads_away(line))]
    found += [(line, "newsletter") for line in lines if _asks(line.text)]
    found += [(line, "share bar") for line in lines if _follows(line.text)]
    found += [(line, "access") for line in lines if _is_access(line.text)]
    for line, name in found:
        block = block_of(line)
        if block is not None and block.getparent() is not None and heading not in (block, *block):
            dropped.append(take_out(block, name))
    return dropped


def _labelled(lines: list[MarkedLine]) -> list[tuple[MarkedLine, str]]:
    """Labels such as "Sur le même sujet" on a line of their own, with the links below them."""
    found: list[tuple[MarkedLine, str]] = []
    label: list[MarkedLine] = []  # that has no link yet
    below = False
    for line in lines:
        if _is_label(line.text):
            label, below = [line], True
            if _in_heading(line):  # its links may be gone: a list of nothing else
                found.append((line, _RELATED))
                label = []
        elif below and _is_link(line):
            found += [(each, _RELATED) for each in (*label, line)]
            label = []
        else:
            below = False
    return found


def _is_label(text: str) -> bool:
    return len(text) <= _LINE_CHARS and ascii_words(text) in phrases("see_also")


def _is_link(line: MarkedLine) -> bool:
    """Whether a line is one link, or several, and the signs between them."""
    return len(line.text) <= _LINE_CHARS and line.linked >= len(line.text) - _SIGNS


def _leads_away(line: MarkedLine) -> bool:
    """Whether a line is a label and links, or the title of another article alone."""
    if len(line.text) > _LINE_CHARS or not line.linked:
        return False
    words = ascii_words(line.text).split()
    known = phrases("see_also")
    for count in range(min(_LABEL_WORDS, len(words) - 1), 0, -1):
        if " ".join(words[:count]) in known:
            label = len(" ".join(words[:count]))
            return line.linked >= len(line.text) - label - 2 * _SIGNS
    titled = len(words) >= _LINK_WORDS and not _ENDED.search(line.text)
    return titled and _is_link(line) and not _in_heading(line)


def _in_heading(line: MarkedLine) -> bool:
    around = (line.element, *line.element.iterancestors())
    return any(element.tag in _HEADINGS for element in around[:6])


def _asks(text: str) -> bool:
    """Whether a line speaks to the reader of an address and of subscribing."""
    if len(text) > 2 * _LINE_CHARS:
        return False
    words = ascii_words(text)
    asked = sum(phrase in words for phrase in phrases("subscribing"))
    return asked >= _ASKED and not phrases("you").isdisjoint(words.split())


def _follows(text: str) -> bool:
    """Whether a line is a request to follow the newspaper elsewhere; a quoted one is news."""
    if len(text) > _LINE_CHARS or not text.lstrip(_BULLETS)[:1].isalpha():
        return False
    words = ascii_words(text)
    spoken = frozenset(words.split())
    if not any(words.startswith(f"{verb} ") for verb in phrases("follow")):
        return False
    asked = not (spoken.isdisjoint(phrases("ours")) or spoken.isdisjoint(phrases("places")))
    return asked and not any(sign in text for sign in _QUOTES)


def _is_access(text: str) -> bool:
    return len(text) <= _LINE_CHARS and ascii_words(text) in phrases("access")


def _comments(lines: list[MarkedLine], heading: Any) -> list[DroppedPart]:  # noqa: ANN401
    """The heading of the readers' comments, and all that follows it where it stands."""
    for line in lines:
        if ascii_words(_COUNT.sub("", line.text)) in phrases("comment_heads") and _in_heading(line):
            first = block_of(line)
            if first is None or first.getparent() is None:
                continue
            following = list(first.itersiblings())
            if not any(heading in (each, *each.iter()) for each in following):
                return [
                    take_out(each, "reader comments")
                    for each in (first, *following)
                    if _is_element(each)
                ]
    return []


def _is_element(node: Any) -> bool:  # noqa: ANN401
    return isinstance(node.tag, str) and bool(text_of(node))
