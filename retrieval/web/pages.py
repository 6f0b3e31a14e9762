"""From fetched pages, documents and feed entries to drafts.

The article of an entry is its page, or what the feed carries of it: a page may be a wall, a shell
or the beginning of an article for subscribers, or may not come at all. `choose` decides that
from values alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urljoin

from retrieval.reading import (
    COLLECTIONS,
    ArticleSource,
    CleaningRules,
    Clock,
    FeedEntry,
    Found,
    Parser,
    Refused,
    feed_entries,
    form_of_content,
    is_json_feed,
    read_content,
    read_date,
    read_entry,
)
from retrieval.vocabulary import Draft, LeftOut, PublicationDate, Unreadable
from retrieval.web.fetch import Fetcher
from retrieval.web.response import FetchFailed, FetchReason, Validators, WebResponse
from retrieval.web.urls import address, canonical, same_site, site_of

_LONGER = 1.3  # the feed's text is taken if it is so many times as long as the page's
_MIN_WORDS = 5  # a text of fewer words adds nothing to a title
_MIN_ABOUT = 0.3  # share of an entry's long words that a text about it has
_MIN_LONG_WORDS = 5  # an entry of fewer long words may share none with its article
_MIN_SHARED = 0.1  # share of an entry's long words below which a page is another article
_LONG_WORD = re.compile(r"[^\W\d_]{5,40}")
_ENTRY_CHARS = 2_000  # of an entry's text are compared with its page
# The site has deleted the page, or its address may not be requested.
_FINAL = {FetchReason.GONE, FetchReason.BAD_URL, FetchReason.CREDENTIALS, FetchReason.PRIVATE}
# Reasons of the reader for which the page may be another one later.
_TEMPORARY_PAGES = frozenset({"bot_check", "site_down"})


@dataclass(frozen=True, slots=True)
class PageResult:
    """What an address or an entry gave.

    Args:
        found: the article or articles, or why there is none.
        retry: a later try may give more.
        retry_after: seconds that the server asked to wait.
        feed_draft: the article of the feed's text, where that of the page was chosen.
    """

    found: tuple[Found, ...]
    retry: bool = False
    retry_after: float = 0.0
    feed_draft: Draft | None = None

    @classmethod
    def of_failure(cls, given: str, failure: FetchFailed | Refused) -> PageResult:
        """The result of an address that could not be fetched or read."""
        problem = Unreadable(given, failure.reason, failure.detail)
        if isinstance(failure, FetchFailed):
            return cls((problem,), failure.temporary, failure.retry_after)
        return cls((problem,))

    @property
    def article(self) -> Draft | None:
        """The article, if there is exactly one."""
        only = self.found[0] if len(self.found) == 1 else None
        return only if isinstance(only, Draft) else None

    def as_repeated(self) -> PageResult:
        """The result of an entry whose page is also that of another entry."""
        if self.feed_draft is not None:
            return PageResult((_noted(self.feed_draft, "repeated_page"),))
        return PageResult(tuple(Unreadable(one.source, "repeated_page") for one in self.found))


@dataclass(frozen=True, slots=True)
class FeedItem:
    """An entry of a feed, with its feed.

    Args:
        entry: what the feed says.
        feed: the feed, as a source.
    """

    entry: FeedEntry
    feed: ArticleSource

    @property
    def key(self) -> str:
        """The identity of the entry in its feed: its address, or the name that it has there."""
        return self.entry.link or f"{self.feed.given}#{self.entry.piece.name}"


class WebReader:
    """Fetches addresses and reads what comes.

    Args:
        fetcher: gets the bytes.
        rules: of cleaning.
        parser: parses hostile bytes.
        today: the time of the reading; no article is dated later.
        full_articles: fetch the page of an entry instead of taking the text of the feed.
    """

    def __init__(
        self,
        fetcher: Fetcher,
        rules: CleaningRules,
        parser: Parser,
        today: Clock | date,
        *,
        full_articles: bool = True,
    ) -> None:
        self._fetcher = fetcher
        self._rules = rules
        self._parser = parser
        self._today = today
        self._full_articles = full_articles

    def fetch(self, url: str, validators: Validators | None = None) -> WebResponse:
        """Fetch an address.

        Raises:
            FetchFailed: there is no usable response.
        """
        return self._fetcher.get(url, validators)

    # --- pages ------------------------------------------------------------------------

    def page(
        self, response: WebResponse, given: str, entry: FeedEntry | None = None, form: str = ""
    ) -> PageResult:
        """Read a page, a PDF, a Word file, a text, or a collection of articles.

        Args:
            response: as it came.
            given: the address as it was given.
            entry: of the page in a feed; completes what the page does not say.
            form: the form to read it as; by default the one that it has.
        """
        form = form or form_of_content(response.raw, response.content_type)
        if form in ("", "feed"):
            reason = FetchReason.MEDIA_TYPE
            return PageResult((Unreadable(given, reason, response.media_type),))
        origin = canonical(response.url)
        source = ArticleSource(origin, given, response.raw)
        rules, today = self._rules, self._today
        found = read_content(response.raw, form, source, (), rules, today, self._parser)
        if form in COLLECTIONS:  # each of its articles has an origin of its own
            return PageResult(tuple(found))
        return PageResult(tuple(self._completed(each, origin, entry) for each in found))

    def _completed(self, found: Found, page: str, entry: FeedEntry | None) -> Found:
        """A draft with the address of its page, and with what only its feed says."""
        if not isinstance(found, Draft):
            return found
        origin = _origin(found.url or "", page)
        outlet = found.outlet or (entry.outlet if entry else "") or site_of(origin)
        draft = replace(found, origin=origin, url=origin, outlet=outlet)
        if entry is None:
            return draft
        claims = entry.piece.claims
        published = draft.published or self._date(claims.published)
        return replace(draft, published=published, author=draft.author or claims.author or None)

    def _date(self, words: str) -> PublicationDate | None:
        try:
            return read_date(words, self._today, declared=True)
        except ValueError:
            return None

    # --- feeds ------------------------------------------------------------------------

    def is_feed(self, response: WebResponse) -> bool:
        """Whether it is a feed or a sitemap, whatever the server declares."""
        return bool(_feed_form(response))

    def items(self, response: WebResponse, given: str) -> list[FeedItem]:
        """The entries of a feed, or the pages of a sitemap; parses it.

        Raises:
            Refused: it is no feed, or exceeds the limits of parsing.
        """
        source = ArticleSource(canonical(response.url), given, response.raw)
        entries = feed_entries(response.raw, self._parser, _feed_form(response) or "feed")
        return [FeedItem(entry, source) for entry in entries]

    def subscriptions(self, response: WebResponse) -> list[str]:
        """The addresses of the feeds in an OPML list; none if it is no such list.

        Raises:
            Refused: it lists no feed, or exceeds the limits of parsing.
        """
        form = form_of_content(response.raw, response.content_type)
        if form != "opml":
            return []
        return [entry.link for entry in feed_entries(response.raw, self._parser, form)]

    def feed_links(self, response: WebResponse) -> list[tuple[str, str]]:
        """The feeds that a page links to: absolute addresses, and titles.

        Raises:
            Refused: the page exceeds the limits of parsing.
        """
        if form_of_content(response.raw, response.content_type) != "html":
            return []
        links = [piece.claims for piece in self._parser("feed_links", response.raw)]
        found = ((_joined(response.url, link.url), link.title) for link in links)
        return [(url, title) for url, title in found if url]

    def fetches(self, item: FeedItem) -> bool:
        """Whether `item` fetches the page of an entry."""
        has_text = bool(item.entry.piece.text.strip())
        return (self._full_articles or not has_text) and bool(item.entry.link)

    def item(self, item: FeedItem) -> PageResult:
        """The article of an entry: its page, or what the feed carries of it."""
        link = item.entry.link
        own = read_entry(item.entry, item.feed, self._rules, self._today)
        own = _with_canonical_origin(own) if link else own
        if not self.fetches(item):
            return PageResult((own,))
        try:
            response = self.fetch(link)
        except FetchFailed as failure:
            return choose(PageResult.of_failure(link, failure), own)
        page = self.page(response, link, item.entry)
        if any(isinstance(one, Unreadable) and one.reason == "paywalled" for one in page.found):
            page = _longer(page, self.page(response, link, item.entry, "beginning"), own)
        return choose(page, own)


def _feed_form(response: WebResponse) -> str:
    """The form to parse a feed or a sitemap as; ``""`` if it is neither."""
    form = form_of_content(response.raw, response.content_type)
    if form in ("json", "text") and is_json_feed(response.raw):
        return "json"
    return form if form in ("feed", "sitemap") else ""


def _joined(base: str, href: str) -> str:
    """The absolute address of a link; ``""`` if it is none."""
    try:
        return address(urljoin(base, href))
    except (FetchFailed, ValueError):
        return ""


def _origin(claimed: str, page: str) -> str:
    """The address that a page claims for itself, if it is of its site and no home page.

    Many sites name their home page as the canonical address of every page.
    """
    if not claimed or not same_site(claimed, page):
        return page
    claimed = canonical(claimed)
    return page if _is_root(claimed) and not _is_root(page) else claimed


def _is_root(url: str) -> bool:
    return url.rstrip("/").count("/") == 2  # those of "https://"


def _with_canonical_origin(found: Found) -> Found:
    if not isinstance(found, Draft):
        return found
    try:
        origin = canonical(found.origin)
    except FetchFailed:
        return found
    return replace(found, origin=origin, url=origin)


# --- the page or the text of the feed ---------------------------------------------------------


def choose(page: PageResult, own: Found) -> PageResult:
    """The article of an entry, by the result of its page and by what the feed carries."""
    if not isinstance(own, Draft) or not _has_text(own) or len(page.found) != 1:
        return page
    (found,) = page.found
    if isinstance(found, Draft):
        if _is_another(found, own):  # a wall that is not recognised as one
            return replace(page, found=(_noted(own, "another_text"),))
        if len(own.text) <= _LONGER * len(found.text):
            return replace(page, feed_draft=own)
        return replace(page, found=(_with_page(own, found),))
    if isinstance(found, LeftOut) or found.reason in _FINAL:
        return page
    retry = page.retry or found.reason in _TEMPORARY_PAGES
    return replace(page, found=(_noted(own, found.reason),), retry=retry)


def is_about(text: str, entry: str) -> bool:
    """Whether a page's text is about an entry, given by its title and summary."""
    words = _long_words(entry[:_ENTRY_CHARS])
    return not words or len(words & _long_words(text)) >= _MIN_ABOUT * len(words)


def _longer(page: PageResult, beginning: PageResult, own: Found) -> PageResult:
    """The beginning of a paywalled article, if the feed has some text, but less."""
    begun = beginning.article
    if begun is None or not isinstance(own, Draft) or not _has_text(own):
        return page
    return beginning if len(begun.text) > _LONGER * len(own.text) else page


def _is_another(page: Draft, own: Draft) -> bool:
    """Whether a page shares nearly none of the long words of its entry."""
    words = _long_words(f"{own.title} {own.text[:_ENTRY_CHARS]}")
    shared = words & _long_words(f"{page.title} {page.text}")
    return len(words) >= _MIN_LONG_WORDS and len(shared) < _MIN_SHARED * len(words)


def _long_words(text: str) -> set[str]:
    return set(_LONG_WORD.findall(text.lower()))


def _has_text(own: Draft) -> bool:
    return own.text.strip() != own.title.strip() and len(own.text.split()) >= _MIN_WORDS


def _noted(own: Draft, reason: str) -> Draft:
    return replace(own, removed=(f"text of the feed, not of the page: {reason}", *own.removed))


def _with_page(own: Draft, page: Draft) -> Draft:
    """The text of the feed, with the address of the page and what the page says of itself."""
    return replace(
        _noted(own, "longer"),
        origin=page.origin,
        source=page.source,
        url=page.url,
        published=page.published or own.published,
        author=page.author or own.author,
        outlet=page.outlet or own.outlet,
    )
