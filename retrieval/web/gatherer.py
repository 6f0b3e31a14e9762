"""Fetches pages and feeds, and has them read."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from urllib.parse import urljoin

from retrieval.reading import (
    COLLECTIONS,
    ArticleSource,
    CleaningRules,
    Clock,
    FeedEntry,
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
from retrieval.web.choosing import Outcome, chosen, longer
from retrieval.web.entries import Entry
from retrieval.web.failures import FetchFailed
from retrieval.web.fetcher import Fetcher
from retrieval.web.urls import canonical, same_site, site_of
from retrieval.web.values import Fetched, Validators


class Gatherer:
    """From addresses to drafts.

    Args:
        fetcher: brings the bytes.
        rules: what cleaning takes out.
        parser: parses what is hostile.
        today: when things are read, which no date may come after.
        full_articles: fetch the page of an entry, instead of taking the text of the feed.
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

    def fetch(self, url: str, validators: Validators | None = None) -> Fetched:
        """Fetch an address.

        Raises:
            FetchFailed: nothing usable came.
        """
        return self._fetcher.get(url, validators)

    def is_feed(self, fetched: Fetched) -> bool:
        """Whether it is a feed or a sitemap, whatever its server calls it."""
        return _feed_form(fetched) in ("feed", "sitemap", "json")

    def subscriptions(self, fetched: Fetched) -> list[str]:
        """The addresses of the feeds that an OPML list names; none when it is no such list.

        Raises:
            Refused: it names no feed, or costs more than it may.
        """
        form = form_of_content(fetched.raw, fetched.content_type)
        if form != "opml":
            return []
        return [entry.link for entry in feed_entries(fetched.raw, self._parser, form).entries]

    def page(
        self, fetched: Fetched, given: str, told: FeedEntry | None = None, form: str = ""
    ) -> Outcome:
        """The article of a page, a PDF, a Word file or a text.

        Args:
            fetched: as it came.
            given: the address as it was given.
            told: what a feed says of it, for what it does not say itself.
            form: what it is read as; ``""`` for what it is.
        """
        form = form or form_of_content(fetched.raw, fetched.content_type)
        if form in ("", "feed"):
            return Outcome((Unreadable(given, "fetch_media_type", fetched.media_type),))
        address = canonical(fetched.url)
        found = read_content(
            fetched.raw,
            form,
            ArticleSource(address, given, fetched.raw),
            (),
            self._rules,
            self._today,
            self._parser,
        )
        if form in COLLECTIONS:  # each of its articles has an origin of its own
            return Outcome(tuple(found))
        return Outcome(tuple(self._placed(each, address, told) for each in found))

    def entries(self, fetched: Fetched, given: str) -> list[Entry]:
        """The entries of a feed, or the pages of a sitemap.

        Raises:
            Refused: it is no feed after all, or costs more than it may.
        """
        source = ArticleSource(canonical(fetched.url), given, fetched.raw)
        listed = feed_entries(fetched.raw, self._parser, _feed_form(fetched) or "feed")
        return [Entry(told, source) for told in listed.entries]

    def feed_links(self, fetched: Fetched) -> list[tuple[str, str]]:
        """The feeds that a page names: addresses as it writes them, joined to its base; titles.

        Raises:
            Refused: the page costs more than it may.
        """
        if form_of_content(fetched.raw, fetched.content_type) != "html":
            return []
        named = self._parser("feed_links", fetched.raw)
        base = urljoin(fetched.url, named.about.url)
        return [(urljoin(base, piece.says.url), piece.says.title) for piece in named.pieces]

    def fetches(self, entry: Entry) -> bool:
        """Whether the article of an entry is its page."""
        has_text = bool(entry.told.text.strip())
        return (self._full_articles or not has_text) and bool(entry.told.link)

    def entry(self, entry: Entry) -> Outcome:
        """The article of an entry: its page, or what the feed carries of it."""
        own = read_entry(entry.told, entry.feed, self._rules, self._today)
        own = _at_its_address(own) if entry.told.link else own
        if not self.fetches(entry):
            return Outcome((own,))
        try:
            fetched = self.fetch(entry.told.link)
        except FetchFailed as failure:
            return chosen(failed(entry.told.link, failure), own)
        page = self.page(fetched, entry.told.link, entry.told)
        if _is_sold(page):  # its beginning may be more than the feed says
            beginning = self.page(fetched, entry.told.link, entry.told, "beginning")
            page = longer(page, beginning, own)
        return chosen(page, own)

    def _placed(
        self, found: Draft | Unreadable | LeftOut, address: str, told: FeedEntry | None
    ) -> Draft | Unreadable | LeftOut:
        """A draft under the one address of its page, and with what only its feed says."""
        if not isinstance(found, Draft):
            return found
        origin = _origin(found.url or "", address)
        outlet = found.outlet or (told.outlet if told else "") or site_of(origin)
        placed = replace(found, origin=origin, url=origin, outlet=outlet)
        if told is None:
            return placed
        published = placed.published or self._date(told.published)
        return replace(placed, published=published, author=placed.author or told.author or None)

    def _date(self, words: str) -> PublicationDate | None:
        try:
            return read_date(words, self._today, told=True)
        except ValueError:
            return None


def _is_sold(page: Outcome) -> bool:
    return any(isinstance(each, Unreadable) and each.reason == "paywalled" for each in page.found)


def _feed_form(fetched: Fetched) -> str:
    """What a feed or a sitemap is to be read as; ``""`` when it is neither."""
    form = form_of_content(fetched.raw, fetched.content_type)
    if form in ("json", "text") and is_json_feed(fetched.raw):
        return "json"
    return form if form in ("feed", "sitemap") else ""


def failed(given: str, failure: FetchFailed) -> Outcome:
    """An address that gave nothing."""
    problem = Unreadable(given, failure.reason, failure.detail)
    return Outcome((problem,), failure.passing, failure.retry_after)


def refused(given: str, refusal: Refused) -> Outcome:
    """A feed that could not be read."""
    return Outcome((Unreadable(given, refusal.reason, refusal.detail),))


def _origin(claimed: str, address: str) -> str:
    """The address that a page claims for itself, if it may: on its own site, and not its root.

    Many sites name their home page as the canonical one of every page.
    """
    if not claimed or not same_site(claimed, address):
        return address
    claimed = canonical(claimed)
    return address if _is_root(claimed) and not _is_root(address) else claimed


def _is_draft(found: Draft | Unreadable | LeftOut) -> bool:
    return isinstance(found, LeftOut) and found.reason == "draft"


def _is_root(url: str) -> bool:
    return url.rstrip("/").count("/") == 2  # the two of "https://"


def _at_its_address(found: Draft | Unreadable | LeftOut) -> Draft | Unreadable | LeftOut:
    if not isinstance(found, Draft):
        return found
    try:
        origin = canonical(found.origin)
        return replace(found, origin=origin, url=origin)
    except FetchFailed:
        return found
