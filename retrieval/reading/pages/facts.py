"""Facts of a page from which its kind follows: its titles, its types, its links.

They are read from the tree once; `retrieval.reading.pages.kinds` decides from them.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from config.data import load
from retrieval.reading.claims import one_line
from retrieval.reading.pages.parts import ascii_words, phrases

_WORDS = load("reading/pages.toml")
_APOSTROPHES = str.maketrans({"’": "'", "\u02bc": "'", "‘": "'", "\u2011": "-", "\u00ad": None})
_QUOTED = re.compile(r"«[^«»]{0,2000}»|“[^“”]{0,2000}”|\"[^\"]{0,2000}\"")
_PARTS = re.compile(r"\s+[-–—|·•]\s+|\s*\|\s*")
_DATED = re.compile(r"/(?:19|20)\d\d/(?:0[1-9]|1[0-2])/[^/?#]*[a-z]")
_MAX_HEADINGS = 400
_MAX_LINKS = 3000
_MAX_TEXTS = 50  # of a heading or a link
_TEASED_CHARS = 500_000
_DEEP = 25  # ancestors of a heading that are examined
_BESIDE_CHARS = 300  # of a summary that follows its heading without a box around both
_MAX_CODE = 50  # pieces of code, captions
_TITLE_WORDS = 5  # a link with fewer may be an author, a section or a command
_BOX_CHARS = 500  # of a box with links to other articles
_LABEL_CHARS = 120  # beside these links
_BOX_DEEP = 4
_SILENT = frozenset(
    "script style template noscript svg button select iframe video audio canvas".split()
)
_INLINE = frozenset(
    "a abbr b bdi bdo cite code del dfn em font i ins kbd label mark q s samp small span strong"
    " sub sup time tt u var wbr".split()
)

Json = Mapping[str, Any]


def pattern_words(words: str) -> str:
    """Words as patterns expect them: lower case, plain apostrophes, single spaces."""
    composed = unicodedata.normalize("NFC", words).translate(_APOSTROPHES)
    return " ".join(composed.lower().split())


def own_words(line: str) -> str:
    """A paragraph without what it quotes: who quotes a page does not speak as it does."""
    return pattern_words(_QUOTED.sub(" … ", line))


def lines_in(element: Any) -> Iterator[str]:  # noqa: ANN401 - an element of lxml
    """The lines that a reader sees in an element; no recursion: the depth is not ours."""
    texts: list[str] = []
    waiting = [(element, False)]
    while waiting:
        each, left = waiting.pop()
        end = "" if each.tag in _INLINE else "\n"
        if left or not isinstance(each.tag, str) or each.tag in _SILENT:
            texts += (end if left else "", (each.tail or "") if each is not element else "")
            continue
        texts += (end, each.text or "")
        waiting.append((each, True))
        waiting.extend((child, False) for child in reversed(each))
    lines = (" ".join(line.split()) for line in _broken(texts))
    return (line for line in lines if line)


def _broken(texts: list[str]) -> list[str]:
    """Texts of a tree as lines: those inside a text are spaces, those between are ends."""
    return "".join(
        text if text == "\n" else text.replace("\n", " ").replace("\r", " ") for text in texts
    ).split("\n")


def parts_of(title: str) -> list[str]:
    """A title and its parts, without the name of the site: "Page introuvable - Le Fil"."""
    return [
        pattern_words(title),
        *(part for part in map(pattern_words, _PARTS.split(title)) if part),
    ]


@dataclass(frozen=True, slots=True)
class PageFacts:
    """The facts of a page.

    Args:
        seen: all the lines that a reader sees.
        silent: what is shown when scripts do not run.
        title: that of the window.
        headings: the first-level headings.
        site: the name of the site, as the page gives it.
        types: the schema.org types of what it describes itself as.
        declared: it says that it is an article: by its type, by its time of publication, or by
            an address with a date.
        og_type: its Open Graph type.
        paid: it says that it is not free.
        teasers: how many headings lead elsewhere.
        teased: the text around these headings.
        related: lines of boxes with nothing but labels and links to other articles, each with
            the text of its link.
        linked: the texts of its links.
        links: how many links have a text.
        captions: the texts of its figures.
        figures: how many figures it has.
        body_classes: those of the ``body`` element.
        root: an element that a program is to fill is there, and empty.
        scripts: how many scripts there are.
        address: what it calls its own address.
        sold: the text of the parts that it says to be sold.
        code: the text of its code.
        text: the paragraphs that were taken for its article.
    """

    seen: tuple[str, ...]
    silent: str
    title: str
    headings: tuple[str, ...]
    site: str
    types: frozenset[str]
    declared: bool
    og_type: str
    paid: bool
    teasers: int
    teased: str
    related: tuple[tuple[str, str], ...]
    linked: str
    links: int
    captions: tuple[str, ...]
    figures: int
    body_classes: frozenset[str]
    root: bool
    scripts: int
    address: str
    sold: str
    code: str
    text: tuple[str, ...] = ()

    def with_text(self, text: str) -> PageFacts:
        """The facts with the text that was taken for the article, one paragraph a line."""
        return replace(self, text=tuple(line for line in text.split("\n") if line.strip()))

    @property
    def chars(self) -> int:
        """The characters of the text."""
        return sum(map(len, self.text))


def page_facts(tree: Any) -> PageFacts:  # noqa: ANN401 - an element of lxml
    """Read the facts of a page, but for the text of its article; the tree is not changed."""
    article_types, roots = _WORDS["declared"]["types"], _WORDS["needs_script"]["roots"]
    metas = _metas(tree)
    og_type = metas.get("og:type", "").lower()
    described = list(_described(tree))
    types = Counter(kind for each in described for kind in _types(each))
    of_articles = sum(number for kind, number in types.items() if kind in article_types)
    headings = list(_teaser_headings(tree))
    holders = _body(tree).iter("div", "main", "section")
    seen = tuple(lines_in(_body(tree)))
    links = _links(tree)
    address = metas.get("og:url", "") or _canonical(tree)
    return PageFacts(
        seen=seen,
        silent=" ".join(" ".join(each.itertext()) for each in tree.iter("noscript"))[:5000],
        title=_title(tree),
        headings=tuple(map(_words_of, islice(tree.iter("h1"), 20))),
        site=metas.get("og:site_name", ""),
        types=frozenset(types),
        declared=of_articles == 1
        or bool(metas.get("article:published_time"))
        or (of_articles > 1 and og_type == "article")
        or bool(_DATED.search(address)),
        og_type=og_type,
        paid=any(_is_false(each.get("isAccessibleForFree")) for each in described),
        teasers=len(headings),
        teased=pattern_words(" ".join(_around(headings))),
        related=tuple(_related(tree)),
        linked=pattern_words(" ".join(links)),
        links=len(links),
        captions=tuple(_captions(tree)),
        figures=sum(1 for _ in tree.iter("figure")),
        body_classes=frozenset(str(_body(tree).get("class") or "").lower().split()),
        root=any(each.get("id") in roots and not any(lines_in(each)) for each in holders),
        scripts=sum(1 for _ in tree.iter("script")),
        address=address,
        sold=_sold(tree, described),
        code=pattern_words(" ".join(_code(tree))),
    )


def _captions(tree: Any) -> Iterator[str]:  # noqa: ANN401
    found = (pattern_words(" ".join(each.itertext())) for each in tree.iter("figcaption"))
    return (words for words in islice(found, _MAX_CODE) if words)


def _body(tree: Any) -> Any:  # noqa: ANN401
    return next(tree.iter("body"), tree)


def _title(tree: Any) -> str:  # noqa: ANN401
    found = next(tree.iter("title"), None)
    return one_line(" ".join(found.itertext())) if found is not None else ""


def _metas(tree: Any) -> dict[str, str]:  # noqa: ANN401
    found: dict[str, str] = {}
    for each in tree.iter("meta"):
        name = str(each.get("property") or each.get("name") or "").lower()
        if name and each.get("content"):
            found.setdefault(name, one_line(each.get("content")))
    return found


def _canonical(tree: Any) -> str:  # noqa: ANN401
    links = (each for each in tree.iter("link") if each.get("rel") == "canonical")
    return next((str(each.get("href") or "") for each in links), "")


# --- what it describes itself as ------------------------------------------------------------


def _described(tree: Any) -> Iterator[Json]:  # noqa: ANN401
    """The things that a page describes in JSON-LD: those at the top, and its main one."""
    for script in tree.iter("script"):
        if str(script.get("type") or "").strip().lower() != "application/ld+json":
            continue
        try:
            found = json.loads(script.text or "")
        except (ValueError, RecursionError):
            continue
        for each in _listed(found):
            yield each
            yield from _listed(each.get("@graph"))
            yield from _listed(each.get("mainEntity"))


def _listed(found: object) -> Iterator[Json]:
    for each in found if isinstance(found, list) else [found]:
        if isinstance(each, Mapping):
            yield each


def _types(described: Json) -> Iterator[str]:
    kind = described.get("@type")
    for each in kind if isinstance(kind, list) else [kind]:
        if isinstance(each, str):
            yield each.rpartition("/")[2]


def _is_false(value: object) -> bool:
    return value is False or str(value).strip().lower() == "false"


def _sold(tree: Any, described: Iterable[Json]) -> str:  # noqa: ANN401
    """The text of the parts that are said to be sold: a page that has it is not cut."""
    names = {
        name
        for each in described
        for part in _listed(each.get("hasPart"))
        if _is_false(part.get("isAccessibleForFree"))
        for name in str(part.get("cssSelector") or "").replace(",", " ").split()
    }
    classes = {name[1:] for name in names if name.startswith(".")}
    ids = {name[1:] for name in names if name.startswith("#")}
    if not classes and not ids:
        return ""
    found = (
        each
        for each in _body(tree).iter()
        if each.get("id") in ids or classes & set(str(each.get("class") or "").split())
    )
    return " ".join(" ".join(lines_in(each)) for each in islice(found, 20))


def _code(tree: Any) -> Iterator[str]:  # noqa: ANN401
    """The code that a page shows: an article about templates is none."""
    for each in islice(tree.iter("pre", "code"), _MAX_CODE):
        yield " ".join(lines_in(each))


# --- lists of other articles ----------------------------------------------------------------


def _teaser_headings(tree: Any) -> Iterator[Any]:  # noqa: ANN401
    for number, heading in enumerate(tree.iter("h1", "h2", "h3", "h4", "h5")):
        if number >= _MAX_HEADINGS:
            return
        if any(_leads(link) for link in heading.iter("a")) or _in_link(heading):
            yield heading


def _in_link(heading: Any) -> bool:  # noqa: ANN401
    return any(each.tag == "a" and _leads(each) for each in islice(heading.iterancestors(), 4))


def _leads(link: Any) -> bool:  # noqa: ANN401
    to = str(link.get("href") or "").strip().lower()
    return bool(to) and not to.startswith(("#", "javascript:", "mailto:", "tel:"))


def _around(headings: list[Any]) -> Iterator[str]:
    """The text of the boxes that hold one of these headings each."""
    holds: Counter[Any] = Counter()
    left = _TEASED_CHARS
    for heading in headings:
        holds.update(islice(heading.iterancestors(), _DEEP))
    for heading in headings:
        box = heading
        for each in islice(heading.iterancestors(), _DEEP):
            if holds[each] > 1 or each.tag == "body":
                break
            box = each
        words = " ".join(lines_in(box))
        left -= len(words)
        if left < 0:  # elements within one another, not the summaries of a list
            return
        yield words
        if box is heading:
            yield from _beside(heading)


def _beside(heading: Any) -> Iterator[str]:  # noqa: ANN401
    after = heading.getnext()
    if after is not None and after.tag in ("p", "div", "span"):
        words = " ".join(lines_in(after))
        if len(words) <= _BESIDE_CHARS:
            yield words


def _related(tree: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401
    """The lines around links to other articles: what they say of access, they say of those."""
    for link in islice(_body(tree).iter("a"), _MAX_LINKS):
        words = _words_of(link)
        if not _leads(link) or len(words.split()) < _TITLE_WORDS or len(words) > _BOX_CHARS:
            continue
        if (box := _box_of(link)) is not None:
            yield from ((own_words(line), pattern_words(words)) for line in lines_in(box))


def _box_of(link: Any) -> Any:  # noqa: ANN401
    """The block of a link with a label, or the box around it that begins with "Lire aussi"."""
    found = None
    blocks = (each for each in link.iterancestors() if each.tag not in _INLINE)
    for block in islice(blocks, _BOX_DEEP):
        texts = list(islice(block.itertext(), _MAX_TEXTS))
        words = one_line(" ".join(texts))
        if block.tag == "body" or len(texts) == _MAX_TEXTS or len(words) > _BOX_CHARS:
            break
        if len(words) - sum(len(_words_of(each)) for each in block.iter("a")) > _LABEL_CHARS:
            break
        if found is None or _begins_with_label(words):
            found = block
    return found


def _begins_with_label(words: str) -> bool:
    spelled = ascii_words(words[:_LABEL_CHARS]).split()
    labels = phrases("see_also")
    return any(" ".join(spelled[:count]) in labels for count in range(2, _TITLE_WORDS + 1))


def _links(tree: Any) -> list[str]:  # noqa: ANN401
    found = islice(_body(tree).iter("a"), _MAX_LINKS)
    return [words for link in found if (words := _words_of(link))]


def _words_of(element: Any) -> str:  # noqa: ANN401
    """The words of a heading or a link: what is longer is neither."""
    return one_line(" ".join(islice(element.itertext(), _MAX_TEXTS)))
