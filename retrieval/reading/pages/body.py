"""The body of the article of a page: extraction, standfirst, and a report of what is left out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import Any

from retrieval.reading.pages.markup import DroppedPart, MarkedLine, marked_lines, reported
from retrieval.reading.pages.parts import (
    SURELY,
    ascii_words,
    has_words,
    phrases,
    standfirst_rank,
    token_words,
)
from retrieval.reading.pages.pruning import prune
from retrieval.reading.pages.snippets import read_snippet
from retrieval.reading.pieces import Extract

_CELL_CHARS = 120  # a longer cell is a paragraph
_SHORT_CHARS = 250  # a shorter text may be the stub of a page that a script fills
_PARAGRAPH_CHARS = 40
_BYLINE_CHARS = 160
_BYLINE_WORDS = 8
_ENDS = (".", "!", "?", "…", "»")
_MAX_MISSES = 400  # lines that are looked for in the whole text
_CUT_TWICE = 5
_LINE_CHARS = 20  # shorter lines that extraction leaves out are no loss
_NAMES = ("class", "id", "style", "aria-hidden")
_KEPT_SHARE = 0.8  # of the text: the element with so much of it is the article's


def article_body(tree: Any, heading: Any, description: str, author: str) -> Extract:  # noqa: ANN401
    """Extract the article of a page.

    Args:
        tree: of the page; it is changed.
        heading: the element of the title, or None.
        description: the page's own, which shows what a standfirst is.
        author: of the article: a line with nothing but that name is no sentence.
    """
    bodies = take_bodies(tree)
    dropped = prune(tree, heading)
    _shield(tree)
    text = _extracted(tree)
    if len(text) < _SHORT_CHARS and (body := agreed_body(bodies, text, [p.text for p in dropped])):
        return Extract(body, reported(dropped, body))
    lines = marked_lines(tree)
    page = PageLines(lines)
    text = as_in_page(text, page)
    added = standfirst(lines, heading, description, text)
    whole = as_in_page("\n".join((*added, text)), page) if added else text
    text, bylines = _without_bylines(whole, author)
    missed = _Missed(lines, heading, whole, dropped)
    inside = [part for part in dropped if missed.holds(part.holder)]
    lost = [
        DroppedPart("not the article", line.text, line.element, None) for line in missed.lines()
    ]
    return Extract(text, reported([*inside, *lost], text, bylines))


def _extracted(tree: Any) -> str:  # noqa: ANN401
    from trafilatura import bare_extraction

    # Neither precision nor recall is favoured: the first loses sentences, and what the
    # second keeps too much is for the cleaning rules (tests/benchmarks/extraction.py).
    found = bare_extraction(tree, with_metadata=False, include_comments=False)
    if found is None:
        return ""
    text = (found if isinstance(found, dict) else found.as_dict()).get("text") or ""
    return "\n".join(map(_without_bars, text.split("\n")))


def _shield(tree: Any) -> None:  # noqa: ANN401
    """Take the names off paragraphs: extraction drops class="barrage" for the "bar" in it.

    `prune` has seen them; in a line, what is hidden from screen readers only is text too.
    """
    for paragraph in tree.iter("p"):
        linked = sum(len("".join(link.itertext())) for link in paragraph.iter("a"))
        if len("".join(paragraph.itertext()).strip()) - 2 * linked >= _PARAGRAPH_CHARS:
            for element in paragraph.iter("*"):
                for name in _NAMES:
                    element.attrib.pop(name, None)


def _without_bars(line: str) -> str:
    """A row of a table as its cells; old pages put the article itself into one."""
    if not line.startswith("|"):
        return line
    cells = [cell for part in line.split("|") if (cell := part.strip())]
    return ("\n" if any(len(cell) > _CELL_CHARS for cell in cells) else " | ").join(cells)


def _without_bylines(text: str, author: str) -> tuple[str, list[str]]:
    names = set(ascii_words(author).split())
    kept: list[str] = []
    dropped: list[str] = []
    for line in text.split("\n"):
        (dropped if _is_byline(line, names) else kept).append(line)
    return "\n".join(kept), [f"byline: {line}" for line in dropped]


def _is_byline(line: str, names: set[str]) -> bool:
    words = set(ascii_words(line[: _BYLINE_CHARS + 1]).split())
    if len(words) > _BYLINE_WORDS and line.rstrip().endswith(_ENDS):
        return False  # a sentence that a page has in an element named after the author
    if not names or len(line) > _BYLINE_CHARS or len(words & names) < min(2, len(names)):
        return False
    return all(word in phrases("byline_words") or word.isdecimal() for word in words - names)


class _Missed:
    """The element of the article, and its lines that extraction did not keep."""

    def __init__(
        self,
        lines: Sequence[MarkedLine],
        heading: Any,  # noqa: ANN401
        text: str,
        dropped: Sequence[DroppedPart],
    ) -> None:
        self._lines = lines
        self._holders = {part.element: part.holder for part in dropped}
        self._whole = ascii_words(text)
        self._kept = {ascii_words(line) for line in text.split("\n")}
        self._article = self._around(heading)
        self._title = heading

    def holds(self, element: Any) -> bool:  # noqa: ANN401
        """Whether an element is the article's or inside it."""
        for _ in range(_CUT_TWICE):  # what held it may have been cut off later
            if element is None or self._article is None:
                return False
            top = element
            for top in (element, *element.iterancestors()):
                if top is self._article:
                    return True
            element = self._holders.get(top)
        return False

    def lines(self) -> list[MarkedLine]:
        """Lines of the article's element that are not in the text, but for short ones."""
        found, misses = [], 0
        for line in self._lines:
            if len(line.text) < _LINE_CHARS or misses > _MAX_MISSES:
                continue
            words = ascii_words(line.text)
            if (
                words in self._kept
                or not self.holds(line.element)
                or _is_in(line.element, self._title)
            ):
                continue
            misses += 1
            if words and words not in self._whole:
                found.append(line)
        return found

    def _around(self, heading: Any) -> Any:  # noqa: ANN401
        """The smallest element with nearly all of the text; the `article` or `main` around it."""
        kept = [line for line in self._lines if ascii_words(line.text) in self._kept and line.text]
        total, weights = sum(len(line.text) for line in kept), dict[Any, int]()
        for line in kept:
            for element in (line.element, *line.element.iterancestors()):
                weights[element] = weights.get(element, 0) + len(line.text)
        enough = [each for each, size in weights.items() if size >= _KEPT_SHARE * total]
        if not enough:
            return None
        inner = max(enough, key=lambda each: sum(1 for _ in each.iterancestors()))
        return next(_titled_articles(inner, heading), inner)


def _titled_articles(element: Any, heading: Any) -> Iterator[Any]:  # noqa: ANN401
    """The `article` around an element, or else a `main` that holds the title."""
    titled = set(heading.iterancestors()) if heading is not None else set()
    around = (element, *element.iterancestors())
    yield from (each for each in around if each.tag == "article")
    yield from (each for each in around if each.tag == "main" and each in titled)


# --- cuts and order of lines -----------------------------------------------------------------
# For a short page extraction falls back on all its paragraphs: it then puts lines at the end that
# stand above, and may run a whole page into one line.

_JOINED_CHARS = 60  # a shorter line is not cut
_MAX_STARTS = 50  # where a joined line may begin
_MAX_JOINED = 500
_REPEATED_CHARS = 25
_HEAD_LINES = 4


class PageLines:
    """The lines of a page, in order, with the words to find them by."""

    def __init__(self, lines: Sequence[MarkedLine]) -> None:
        self.lines = lines
        self.words = [ascii_words(line.text) for line in lines]
        self._places: dict[str, int] = {}
        for place, words in enumerate(self.words):
            self._places.setdefault(words, place)

    def place(self, line: str) -> int | None:
        """The place of a line in the page; None if it is no line of it."""
        return self._places.get(ascii_words(line))

    def cut(self, line: str) -> list[str]:
        """The lines of the page that a line was joined of, or the line itself."""
        words = ascii_words(line)
        if len(line) < _JOINED_CHARS or words in self._places:
            return [line]
        starts = (n for n, each in enumerate(self.words) if each and words.startswith(f"{each} "))
        for start in islice(starts, _MAX_STARTS):
            if parts := self._run(words, start):
                return [self.lines[n].text for n in parts]
        return [line]

    def _run(self, words: str, start: int) -> list[int]:
        """The lines from a start on that make up some words, others passed over; [] if none do."""
        parts, position = [start], len(self.words[start]) + 1
        for place in range(start + 1, len(self.words)):
            each = self.words[place]
            end = position + len(each)
            if each and words.startswith(each, position) and words[end : end + 1] in ("", " "):
                parts.append(place)
                position = end + 1
            if position > len(words):
                return parts
        return []


def as_in_page(text: str, page: PageLines) -> str:
    """A text with the cuts and the order of the page's lines.

    A line that the page does not have (a row of a table) stays below the one before it.
    """
    lines: list[str] = []
    for count, line in enumerate(text.split("\n")):
        lines += page.cut(line) if count < _MAX_JOINED else [line]
    ranked: list[tuple[int, str]] = []
    rank = -1
    for line in lines:
        place = page.place(line) if line.strip() else None
        rank = rank if place is None else place
        ranked.append((rank, line))
    ranked.sort(key=lambda each: each[0])
    return "\n".join(_without_cut_heads([line for _, line in ranked]))


def _without_cut_heads(lines: list[str]) -> list[str]:
    """Without a first line that is the beginning of the next ones: a summary, cut short."""
    words = [ascii_words(line) for line in lines[: 2 * _HEAD_LINES]]
    for place, each in enumerate(words[:_HEAD_LINES]):
        following = words[place + 1 : place + 1 + _HEAD_LINES]
        if len(each) >= _REPEATED_CHARS and any(line.startswith(each) for line in following):
            return lines[:place] + lines[place + 1 :]
    return lines


# --- ``articleBody`` in JSON-LD --------------------------------------------------------------
# It may hold what the page does not show. It is used only where the page itself shows next to
# nothing, and only if it holds what is shown.

_MAX_CHARS = 2_000_000
_MAX_NODES = 2000
_SHOWN_CHARS = 25  # less of a foreign part is not looked for


def take_bodies(tree: Any) -> list[str]:  # noqa: ANN401 - an element of lxml
    """Take the JSON-LD out of a page; the bodies of articles in it, the longest first."""
    bodies: list[str] = []
    for script in list(tree.iter("script")):
        if "ld+json" in script.get("type", "").lower():
            bodies.extend(_bodies(script.text or ""))
            script.drop_tree()
    return sorted(bodies, key=len, reverse=True)


def agreed_body(bodies: Sequence[str], shown: str, foreign: Sequence[str]) -> str:
    """The longest body that holds all lines which are shown, without the foreign parts, or ""."""
    lines = [words for line in shown.split("\n") if (words := ascii_words(line))]
    for body in bodies:
        text = _without(read_snippet(body).text if "<" in body else body, foreign)
        words = ascii_words(text)
        if len(text) > len(shown) and all(line in words for line in lines):
            return text
    return ""


def _bodies(text: str) -> Iterator[str]:
    if len(text) > _MAX_CHARS or "articleBody" not in text:
        return
    try:
        waiting = [json.loads(text, strict=False)]
    except (ValueError, RecursionError):
        return
    for _ in range(_MAX_NODES):
        if not waiting:
            return
        node = waiting.pop()
        if isinstance(node, list):
            waiting.extend(node)
        elif isinstance(node, dict):
            if isinstance(node.get("articleBody"), str):
                yield node["articleBody"]
            waiting.extend(node[key] for key in ("@graph", "mainEntity") if key in node)


def _without(text: str, foreign: Sequence[str]) -> str:
    """A text without the parts of the page that were taken out, where it has them word for word."""
    for part in foreign:
        if len(part) >= _SHOWN_CHARS:
            text = text.replace(part, "")
    return text


# --- the standfirst ------------------------------------------------------------------------------
# It is a part of the article, wherever the page puts it. Extraction takes the element of the body:
# one in a header above it would be lost.

_DESCRIBED_CHARS = 40
_MIN_CHARS = {SURELY: 15, 1: 30, 0: 45}  # by what the markup says of the element
_MAX_STANDFIRST_CHARS = 2500
_MAX_LINES = 12
_BODY_CHARS = 40  # a line of the body that is looked for in the page
_SAME = 0.8  # of the pairs of words: the first paragraph again, in other words
_FIRST_CHARS = 3000
_DEEP = 30  # elements around a line
_OUTERMOST = ("body", "html")
_ENDED = re.compile(r"[.!?…:][\s\"'’»”)\]]{0,4}$")
_CUT = re.compile(r"[\s.…]*(?:\[(?:\.{3}|…)\])?[\s.…]*$")


@dataclass(frozen=True, slots=True)
class _ArticleHead:
    """The head of the article: its title, and the lines up to its body."""

    heading: Any
    lines: Sequence[MarkedLine]  # of the page, up to the first of the body, it excluded
    start: int  # the line below the title; 0 if there is no title


def standfirst(
    lines: Sequence[MarkedLine],
    heading: Any,  # noqa: ANN401 - an element of lxml
    description: str,
    kept: str,
) -> list[str]:
    """The lines of the standfirst that an extracted text lacks.

    Args:
        lines: of the page, pruned.
        heading: the element of the article's title, or None.
        description: what the page says of itself for others to show; not believed alone.
        kept: the extracted text.
    """
    head = _head_of(lines, heading, kept)
    if head is None:
        return []
    described = ascii_words(_CUT.sub("", description))
    found: list[str] = []
    for place, line in enumerate(head.lines):
        if _belongs(line, place, head, described) and not _is_known(
            line.text, heading, kept, found
        ):
            found.append(line.text)
    if len(found) > _MAX_LINES or sum(map(len, found)) > _MAX_STANDFIRST_CHARS:
        return []
    return found


def _head_of(lines: Sequence[MarkedLine], heading: Any, kept: str) -> _ArticleHead | None:  # noqa: ANN401
    """The lines before the body; None if the body is not found in the page."""
    body = {ascii_words(line) for line in kept.split("\n")}
    texts = [ascii_words(line.text) for line in lines]
    start = next((n + 1 for n, line in enumerate(lines) if _is_in(line.element, heading)), 0)
    places = range(start, len(lines))
    first = next((n for n in places if len(texts[n]) >= _BODY_CHARS and texts[n] in body), None)
    if first is None:
        return None
    return _ArticleHead(heading, lines[:first], start)


def _is_in(element: Any, heading: Any) -> bool:  # noqa: ANN401
    return heading is not None and (element is heading or heading in element.iterancestors())


def _belongs(line: MarkedLine, place: int, head: _ArticleHead, described: str) -> bool:
    """Whether a line above the body is of the standfirst: named so, or where one stands."""
    around = list(_up_to_shared(line.element, head.heading))
    if 2 * line.linked > len(line.text) or _is_slogan(around):
        return False
    rank = max((standfirst_rank(element) for element in around), default=0)
    words = ascii_words(_CUT.sub("", line.text))
    if described and (
        words == described or (len(described) >= _DESCRIBED_CHARS and words.startswith(described))
    ):
        rank = SURELY
    if place < head.start and (rank < SURELY or not _shares_article(line.element, head.heading)):
        return False
    if len(line.text) < _MIN_CHARS[rank] or " " not in line.text:
        return False
    if rank:
        return True
    return _shares_article(line.element, head.heading) and _ENDED.search(line.text) is not None


def _up_to_shared(element: Any, heading: Any) -> Iterator[Any]:  # noqa: ANN401
    """An element and what is around it, as long as the title is not in it too."""
    titled = {heading, *heading.iterancestors()} if heading is not None else set()
    for each in (element, *islice(element.iterancestors(), _DEEP)):
        if each in titled or each.tag in _OUTERMOST:
            return
        yield each


def _shares_article(element: Any, heading: Any) -> bool:  # noqa: ANN401
    """Whether something less than the whole page holds both a line and the title."""
    titled = set(heading.iterancestors()) if heading is not None else set()
    shared = next((each for each in element.iterancestors() if each in titled), None)
    return shared is not None and shared.tag not in _OUTERMOST


def _is_slogan(around: Sequence[Any]) -> bool:
    return any(has_words(element, token_words("standfirst", "slogan")) for element in around)


def _is_known(line: str, heading: Any, kept: str, found: Sequence[str]) -> bool:  # noqa: ANN401
    """Whether a line is the title, or stands in the text already, cut short or nearly so."""
    words = ascii_words(_CUT.sub("", line))
    first = ascii_words(kept[:_FIRST_CHARS])
    title = ascii_words("".join(heading.itertext())) if heading is not None else ""
    if not words or words == title or line in found or words in first:
        return True
    if words in ascii_words(kept):
        return True
    pairs, known = set(pairwise(words.split())), set(pairwise(first.split()))
    return bool(pairs) and len(pairs & known) >= _SAME * len(pairs)
