"""Whether the article of an entry is its page, or what the feed itself carries of it.

A page may be a wall, a shell or the beginning of an article for subscribers, or may not come at
all: then the text of the feed is the article. Decided from values alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from retrieval.vocabulary import Draft, LeftOut, Unreadable

Found = Draft | Unreadable | LeftOut

_FULLER = 1.3  # times as long as the page's text is the feed's that is taken instead
_WORDS = 5  # fewer of them say nothing beside a title
_ABOUT = 0.3  # of the longer words of an entry stand in a text about it
_TELLING = 5  # longer words of an entry: fewer of them may all be missing from its article
_FOREIGN = 0.1  # of the longer words of an entry stand in a text that is another one
_WORD = re.compile(r"[^\W\d_]{5,40}")
# The site has deleted the page, or its address is none that may be asked for.
_FINAL = frozenset({"fetch_gone", "fetch_bad_url", "fetch_credentials", "fetch_private"})
# A page that may be another one later.
_PASSING = frozenset({"bot_check", "site_down"})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one address or entry; ``again``, when a failure may be over later.

    Args:
        found: the article or articles, or why there is none.
        again: it may be worth another try.
        after: how many seconds a server asked to be left alone.
        spare: the text of the feed, where the page's was chosen.
    """

    found: tuple[Found, ...]
    again: bool = False
    after: float = 0.0
    spare: Draft | None = None

    @property
    def article(self) -> Draft | None:
        """The article, where there is one alone."""
        only = self.found[0] if len(self.found) == 1 else None
        return only if isinstance(only, Draft) else None


def chosen(page: Outcome, own: Found) -> Outcome:
    """The article of an entry.

    Args:
        page: what came of its page.
        own: what the feed itself carries.
    """
    if not isinstance(own, Draft) or not _says_something(own) or len(page.found) != 1:
        return page
    (found,) = page.found
    if isinstance(found, Draft):
        if _is_another(found, own):  # a wall that is not known as one
            return replace(page, found=(_noted(own, "another_text"),))
        if len(own.text) <= _FULLER * len(found.text):
            return replace(page, spare=own)
        return replace(page, found=(_with_page(own, found),))
    if isinstance(found, LeftOut) or found.reason in _FINAL:
        return page
    return replace(
        page, found=(_noted(own, found.reason),), again=page.again or found.reason in _PASSING
    )


def longer(page: Outcome, beginning: Outcome, own: Found) -> Outcome:
    """The beginning of an article whose rest is sold, where the feed has some text, but less."""
    begun = beginning.article
    if begun is None or not isinstance(own, Draft) or not _says_something(own):
        return page
    return beginning if len(begun.text) > _FULLER * len(own.text) else page


def instead(outcome: Outcome) -> Outcome:
    """What is left of an entry when its page turns out to be the same as that of another."""
    if outcome.spare is not None:
        return Outcome((_noted(outcome.spare, "repeated_page"),))
    return Outcome(tuple(Unreadable(found.source, "repeated_page") for found in outcome.found))


def is_about(text: str, told: str) -> bool:
    """Whether a text speaks of what an entry announces.

    Args:
        text: of a page.
        told: the title and the summary of the entry.
    """
    words = _words(told[:2000])
    return not words or len(words & _words(text)) >= _ABOUT * len(words)


def _is_another(page: Draft, own: Draft) -> bool:
    """Whether a page shares next to none of the longer words of its entry."""
    told = _words(f"{own.title} {own.text[:2000]}")
    shared = told & _words(f"{page.title} {page.text}")
    return len(told) >= _TELLING and len(shared) < _FOREIGN * len(told)


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.lower()))


def _says_something(own: Draft) -> bool:
    """Whether the text of a feed is more than the title of its entry."""
    return own.text.strip() != own.title.strip() and len(own.text.split()) >= _WORDS


def _noted(own: Draft, reason: str) -> Draft:
    return replace(own, removed=(f"text of the feed, not of the page: {reason}", *own.removed))


def _with_page(own: Draft, page: Draft) -> Draft:
    """The text of the feed under the address of its page, with what the page says of it."""
    return replace(
        _noted(own, "longer"),
        origin=page.origin,
        source=page.source,
        url=page.url,
        published=page.published or own.published,
        author=page.author or own.author,
        outlet=page.outlet or own.outlet,
    )
