"""Kinds of pages that are no articles: walls, shells, errors, lists.

The words of each kind stand in ``config/reading/pages.toml``. A page is judged by the text that was
extracted as its article: a banner beside an article does not count. A false alarm loses an article,
so that a page counts as an article in doubt.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from config import data
from retrieval.reading.pages.facts import PageFacts, own_words, parts_of, pattern_words
from retrieval.reading.pages.links import leads_to
from retrieval.reading.pieces import Refused

_FILE = "reading/pages.toml"
_ALL = 0.6  # of the text speaks as a wall does, and so is all of it
_BESIDE = 400  # characters that a wall may have beside that
_SHORT = 700  # characters: with such a title, it is no article
_NEXT_TO_NOTHING = 100
_STUB = 1000  # characters of an article that is said to be cut; a longer beginning is kept
_LABELLED = 600  # the same, when it is only labelled as one for subscribers
_WHOLE = 5000  # an article of so many characters is whole, whatever a box says
_SEEN = 400  # what a shell shows: a name, a menu, a foot
_TEASERS = 3
_LINKS = 12
_OFFER_LINES, _OFFER_CHARS = 15, 250
_SENTENCE = 60  # characters
_ENDS = (".", "!", "?", "…", "»", '"')
_STATEMENT = 30  # characters: shorter ones are the labels of other articles
_READ = 3000  # characters of a text that are searched for the words of a wall
_PICTURES = 5
_PASSWORD = re.compile(r"type\s{0,9}=\s{0,9}[\"']?password")


def page_kind(html: str, text: str, facts: PageFacts | None) -> Refused | None:
    """The kind of a page that is no article, as its refusal; None for an article, and in doubt.

    Args:
        html: the page.
        text: what was taken for its article, one paragraph a line.
        facts: of the page before it was changed; None when there is no page in it.
    """
    if len(text) < _SHORT and (target := leads_to(html)):
        return Refused("redirection", target)
    if facts is None:
        return None
    page = _Page.of(facts.with_text(text), html)
    return next((Refused(reason) for reason, holds in _KINDS if holds(page)), None)


def only_article(html: str, text: str, facts: PageFacts | None) -> tuple[str, tuple[str, ...]]:
    """The text of a page that is an article, and what was cut from it, for the report.

    A long beginning of an article whose rest is sold is kept, without the offer below it.

    The arguments are those of `page_kind`.

    Raises:
        Refused: it is another kind of page, named by the reason.
    """
    if kind := page_kind(html, text, facts):
        raise kind
    return _without_offer(text)


def beginning_of(text: str) -> str:
    """The free beginning of an article whose rest is sold: its paragraphs, without the offer."""
    keys = ("cut", "labels", "lines")
    patterns = [pattern for key in keys for pattern in data.patterns(_FILE, "paywalled", key)]
    lines = ((line, own_words(line[:_READ])) for line in text.split("\n"))
    return "\n".join(line for line, words in lines if not any(p.search(words) for p in patterns))


def _without_offer(text: str) -> tuple[str, tuple[str, ...]]:
    """A text up to where it says that its rest is sold, if nothing but an offer follows."""
    lines = text.split("\n")
    for place in range(max(1, len(lines) - _OFFER_LINES), len(lines)):
        words = own_words(lines[place][:_READ])
        if any(pattern.search(words) for pattern in data.patterns(_FILE, "paywalled", "cut")):
            below = lines[place + 1 :]
            if all(len(line) < _OFFER_CHARS for line in below):
                return "\n".join(lines[:place]), (f"rest for subscribers: {lines[place].strip()}",)
    return text, ()


@dataclass(frozen=True, slots=True)
class _Page:
    """A page to be judged: its facts, its source, and the beginning of its text.

    ``lines`` holds paragraphs in their own words, and how long each one is.
    """

    facts: PageFacts
    source: str
    lines: tuple[tuple[str, int], ...]

    @classmethod
    def of(cls, facts: PageFacts, html: str) -> _Page:
        return cls(facts, html.lower(), tuple(_beginning(facts.text or facts.seen)))

    @property
    def chars(self) -> int:
        return sum(length for _, length in self.lines)


def _beginning(lines: Iterable[str]) -> Iterator[tuple[str, int]]:
    """The first paragraphs: what is no wall there, is none at all."""
    left = _READ
    for line in lines:
        if left <= 0:
            return
        left -= len(line)
        yield own_words(line[:_READ]), len(line)


# --- walls, shells, errors: pages that speak as such a page does -----------------------------


def _speaks(reason: str) -> Callable[[_Page], bool]:
    """A test whether a page speaks as one of that kind does."""

    def holds(page: _Page) -> bool:
        facts = page.facts
        count, spoken = _pattern_hits(page, data.patterns(_FILE, reason, "lines"))
        # An article may well say such a thing once.
        needed = 3 if reason == "consent_wall" else 2 if facts.declared else 1
        if count >= needed and spoken >= _ALL * page.chars and page.chars - spoken < _BESIDE:
            return True
        if facts.declared and facts.chars > _NEXT_TO_NOTHING:
            return False
        if page.chars < _SHORT and _titled(facts, data.patterns(_FILE, reason, "titles")):
            return True
        marks = data.load(_FILE)[reason]["marks"]
        return facts.chars < _NEXT_TO_NOTHING and any(mark in page.source for mark in marks)

    return holds


def _pattern_hits(page: _Page, patterns: Sequence[re.Pattern[str]]) -> tuple[int, int]:
    hits = [
        (sum(bool(pattern.search(words)) for pattern in patterns), length)
        for words, length in page.lines
    ]
    return sum(number for number, _ in hits), sum(length for number, length in hits if number)


def _titled(facts: PageFacts, patterns: Sequence[re.Pattern[str]]) -> bool:
    titles = [facts.title, *facts.headings[:1]]
    parts = {part for title in titles for part in parts_of(title)}
    return any(pattern.fullmatch(part) for part in parts for pattern in patterns)


# --- shells ---------------------------------------------------------------------------------


def _is_shell(page: _Page) -> bool:
    """Nothing is shown until a program has run."""
    facts = page.facts
    if _speaks("needs_script")(page):
        return True
    if facts.chars >= _NEXT_TO_NOTHING or sum(map(len, facts.seen)) >= _SEEN:
        return False
    silent = own_words(facts.silent)
    wants = any(pattern.search(silent) for pattern in data.patterns(_FILE, "needs_script", "lines"))
    return wants or (facts.root and facts.scripts > 0 and not _has_sentence(facts.text))


def _has_sentence(lines: Iterable[str]) -> bool:
    return any(len(line) >= _SENTENCE and line.rstrip()[-1:] in _ENDS for line in lines)


# --- what is sold ---------------------------------------------------------------------------


def _is_stub(page: _Page) -> bool:
    """The text is the beginning of an article, and the page says so."""
    facts = page.facts
    if facts.chars >= _WHOLE or (facts.sold and _holds_most(facts.sold, facts.text)):
        return False
    cuts, labels, offers = (
        data.patterns(_FILE, "paywalled", key) for key in ("cut", "labels", "lines")
    )
    rest = sum(
        length
        for words, length in page.lines
        if not any(pattern.search(words) for pattern in (*cuts, *labels, *offers))
    )
    others = _of_others(facts)
    lines = [*(words for words, _ in page.lines), *_beside_teasers(facts)]
    lines = [words for words in lines if _letters(words) not in others]
    if rest < _STUB and any(pattern.search(words) for words in lines for pattern in cuts):
        return True
    if rest >= _LABELLED:
        return False
    labelled = any(
        pattern.search(words)
        for words in lines
        for pattern in labels
        if len(words) >= _STATEMENT or facts.paid
    )
    return labelled or (facts.paid and not facts.sold)


def _beside_teasers(facts: PageFacts) -> list[str]:
    lines = [own_words(line[:_READ]) for line in facts.seen[:400]]
    return [line for line in lines if line not in facts.teased]


def _of_others(facts: PageFacts) -> set[str]:
    """The lines that speak of another article: a link to one stands in them, and no offer."""
    offers = data.patterns(_FILE, "paywalled", "offer_links")
    others = (
        line for line, link in facts.related if not any(offer.search(link) for offer in offers)
    )
    return set(map(_letters, others))


def _letters(words: str) -> str:
    """Words without what extraction may change: spaces, the sign of an item of a list."""
    return "".join(words.split()).lstrip("-•*")


def _holds_most(sold: str, text: Sequence[str]) -> bool:
    """Whether what is sold is there: a paragraph of the article stands in it."""
    held = pattern_words(sold)
    return len(held) > _BESIDE and any(
        pattern_words(line) in held for line in text if len(line) > 80
    )


# --- lists ----------------------------------------------------------------------------------


def _is_list(page: _Page) -> bool:
    """The text is what a home page or a section says of its articles."""
    facts = page.facts
    if facts.declared:
        return False
    if _titled(facts, data.patterns(_FILE, "list_page", "found_titles")) or _is_profile(facts):
        return True
    own = [line for line in facts.text if pattern_words(line) not in facts.teased]
    own_chars, chars = sum(map(len, own)), facts.chars
    teased = chars - own_chars
    if facts.teasers >= _TEASERS:
        if _says_list(facts) and own_chars < max(_BESIDE, teased / 2):
            return True
        if _is_intro(facts, own) and teased >= _ALL * chars and own_chars < _BESIDE:
            return True
    if not facts.text and not facts.links:
        return False
    return facts.links >= _LINKS and _is_link_list(facts)


def _is_profile(facts: PageFacts) -> bool:
    """The page of a person (``og:type`` of Open Graph): a few words, and links to articles."""
    if facts.og_type != "profile" and "ProfilePage" not in facts.types:
        return False
    rest = sum(len(line) for line in facts.text if pattern_words(line) not in facts.linked)
    return facts.links >= _TEASERS and rest < _BESIDE


def _says_list(facts: PageFacts) -> bool:
    """Its type, its address or its template says that it is one."""
    listing = data.load(_FILE)["list_page"]
    if facts.types & set(listing["types"]) - {"WebSite"}:
        return True
    if facts.body_classes & set(listing["body_classes"]) and "single" not in facts.body_classes:
        return True
    path = urlsplit(_harmless(facts.address)).path.strip("/").split("/")
    if facts.address and (path == [""] or set(path) & set(listing["sections"])):
        return True
    return facts.og_type == "website" or _titled(facts, data.patterns(_FILE, "list_page", "titles"))


def _harmless(address: str) -> str:
    """An address that can be taken apart: some are not even that."""
    try:
        urlsplit(address)
    except ValueError:
        return ""
    return address


def _is_intro(facts: PageFacts, own: Sequence[str]) -> bool:
    """Whether what is not of the teasers is no article either, but says what the site is."""
    heading = pattern_words(facts.headings[0]) if facts.headings else ""
    of_site = not heading or heading in (pattern_words(facts.title), pattern_words(facts.site))
    return of_site or heading in facts.teased or not _has_sentence(own)


def _is_link_list(facts: PageFacts) -> bool:
    if facts.text:
        of_links = sum(len(line) for line in facts.text if pattern_words(line) in facts.linked)
        return of_links >= 0.8 * facts.chars and _says_list(facts)
    seen = sum(map(len, facts.seen))
    return len(facts.linked) >= 0.8 * seen and _says_list(facts)


def _is_gallery(page: _Page) -> bool:
    """The text is that under pictures."""
    facts = page.facts
    if facts.declared or facts.figures < _PICTURES:
        return False
    rest = pattern_words(" ".join(facts.text))
    for caption in facts.captions:
        rest = rest.replace(caption, "")
    return len(rest) < min(2 * _NEXT_TO_NOTHING, facts.chars / 5)


def _is_service(page: _Page) -> bool:
    """A page about the site, by its title."""
    facts = page.facts
    if facts.declared:
        return False
    if _titled(facts, data.patterns(_FILE, "service_page", "titles")):
        return True
    logins = data.patterns(_FILE, "service_page", "login_titles")
    if facts.chars < _SHORT and _PASSWORD.search(page.source) and _titled(facts, logins):
        return True
    brief = data.patterns(_FILE, "service_page", "brief_titles")
    return facts.chars < _SHORT and _titled(facts, brief)


# --- templates ------------------------------------------------------------------------------


def _is_template(page: _Page) -> bool:
    """Unfilled fields of a template stand in the place of words."""
    facts, fields = page.facts, data.patterns(_FILE, "template", "fields")
    lines = facts.text or facts.seen
    holding = [
        line for line in lines if _has_field(line, fields) and pattern_words(line) not in facts.code
    ]
    rest = sum(len(line) for line in lines if line not in holding)
    if any(_has_field(title, fields) for title in facts.headings) and rest < _BESIDE:
        return True
    return bool(holding) and sum(map(len, holding)) >= rest


def _has_field(line: str, fields: Iterable[re.Pattern[str]]) -> bool:
    return any(field.search(line[:5000]) for field in fields)


_KINDS: tuple[tuple[str, Callable[[_Page], bool]], ...] = (
    ("template", _is_template),
    ("consent_wall", _speaks("consent_wall")),
    ("bot_check", _speaks("bot_check")),
    ("needs_script", _is_shell),
    ("site_down", _speaks("site_down")),
    ("error_page", _speaks("error_page")),
    ("paywalled", _is_stub),
    ("service_page", _is_service),
    ("list_page", _is_list),
    ("gallery", _is_gallery),
)
"""The kinds, in the order in which they are looked for."""
