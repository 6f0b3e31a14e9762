"""All that some addresses give, for one change of the archive."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from retrieval.reading import Refused
from retrieval.vocabulary import Draft, LeftOut, Recognised, Unreadable
from retrieval.web.choosing import Outcome, instead, is_about
from retrieval.web.entries import Entry, Seen, Verdict, embargo, verdict
from retrieval.web.exchange import Fetched
from retrieval.web.failures import FetchFailed
from retrieval.web.known import KnownPages
from retrieval.web.pages import Gatherer, failed, refused

Gathered = Draft | Unreadable | LeftOut | Recognised

_MOST_BYTES = 200_000_000
_MOST_TRIES = 5
_FIRST_PAUSE, _LONGEST_PAUSE = 900.0, 86_400.0


@dataclass(slots=True)
class _Met:
    """The first article with a text: where it stands in a run, and if its entry is about it."""

    origin: str
    place: int
    outcome: Outcome
    about: bool = False


@dataclass(slots=True)
class Run:
    """What was gathered, and what to remember of the feeds once the archive has it.

    ``seen`` holds, feed by feed, what became of each entry; ``left`` names the feeds of which
    some entries are still to be read, ``cut`` tells that some were because this was enough.

    Args:
        most_pages: how many pages of entries are fetched, at most.
    """

    most_pages: int = 1000

    found: list[Gathered] = field(default_factory=list)
    seen: dict[str, dict[str, Seen]] = field(default_factory=dict)
    left: set[str] = field(default_factory=set)
    cut: bool = False
    bytes_held: int = 0
    pages_read: int = 0
    _texts: dict[str, _Met] = field(default_factory=dict)

    @property
    def is_full(self) -> bool:
        """Whether this is enough for one change."""
        return self.bytes_held >= _MOST_BYTES or self.pages_read >= self.most_pages

    def without_repeats(self, entry: Entry, outcome: Outcome) -> Outcome:
        """What came of an entry, unless its page is that of another one, and about neither.

        A wall that is not known as one is the same page behind each address.
        """
        found = outcome.article
        if found is None:
            return outcome
        about = is_about(found.text, f"{entry.told.title} {entry.told.text}")
        first = self._texts.setdefault(found.text, _Met(found.origin, len(self.found), outcome))
        first.about |= about and first.origin == found.origin
        if about or first.origin == found.origin:
            return outcome
        if not first.about:
            self.found[first.place : first.place + 1] = instead(first.outcome).found
        return instead(outcome)

    def add(self, found: Sequence[Gathered]) -> None:
        """Keep what came."""
        self.found += found
        self.bytes_held += sum(len(each.raw) for each in found if isinstance(each, Draft))


@dataclass(frozen=True, slots=True)
class Gathering:
    """What a run is made with.

    Args:
        gatherer: fetches and reads.
        known: what the archive has.
        now: seconds since the epoch.
        asked: a person named the addresses; else they are followed.
        advance: told of each page.
    """

    gatherer: Gatherer
    known: KnownPages
    now: float
    asked: bool
    advance: Callable[[int], None]

    def address(self, url: str, before: Callable[[str], Mapping[str, Seen]], run: Run) -> None:
        """Read a page, a file or a feed into a run. Never raises for what it holds.

        Args:
            url: its address.
            before: what became of the entries of a feed.
            run: takes what comes.
        """
        try:
            if run.is_full:
                raise FetchFailed("later")
            fetched = self.gatherer.fetch(url)
            if self.gatherer.is_feed(fetched):
                self.feed(fetched, url, before(url), run)
                if not run.cut:
                    return
                raise FetchFailed("later")
            found = self.gatherer.page(fetched, url)
        except FetchFailed as failure:
            found = failed(url, failure)
        except Refused as refusal:
            found = refused(url, refusal)
        run.add(found.found)
        self.advance(1)

    def feed(self, fetched: Fetched, url: str, before: Mapping[str, Seen], run: Run) -> None:
        """Read what is new in a feed into a run.

        Raises:
            Refused: it is no feed, or costs more than it may.
        """
        seen = run.seen.setdefault(url, {})
        for entry in self.gatherer.entries(fetched, url):
            origin = self.known.origin_of(entry.told.link)
            met = seen.get(entry.key) or before.get(entry.key)
            chosen = verdict(entry, met, origin, self.now, asked=self.asked)
            if chosen is Verdict.READ and not origin and (left := embargo(entry, self.now)):
                self._leave(entry, left, url, run)
                continue
            if chosen is Verdict.READ and run.is_full:
                chosen, run.cut = Verdict.WAIT, True
            if chosen is Verdict.WAIT:
                run.left.add(url)
                continue
            seen[entry.key] = Seen(entry.stamp)
            if chosen is Verdict.RECOGNISE:
                run.add((Recognised(origin),))
            elif chosen is Verdict.READ:
                self._read(entry, met, url, run, origin)

    def _leave(self, entry: Entry, left: LeftOut, url: str, run: Run) -> None:
        """Leave an entry out until the time of its publication."""
        run.add((left,))
        run.left.add(url)
        if left.until is not None:
            run.seen[url][entry.key] = Seen(next_try=left.until.timestamp())

    def _read(self, entry: Entry, met: Seen | None, url: str, run: Run, origin: str) -> None:
        run.pages_read += self.gatherer.fetches(entry)
        outcome = run.without_repeats(entry, _in_place(self.gatherer.entry(entry), origin))
        run.add(outcome.found)
        seen = settled(entry, outcome, met, self.now)
        run.seen[url][entry.key] = seen
        if not seen.stamp:
            run.left.add(url)
        self.advance(1)


def _in_place(outcome: Outcome, origin: str) -> Outcome:
    """What came of an entry whose article the archive has: it stays where it is."""
    article = outcome.article
    if not origin or article is None:
        return outcome
    return replace(outcome, found=(replace(article, origin=origin),))


def settled(entry: Entry, outcome: Outcome, met: Seen | None, now: float) -> Seen:
    """What to remember of an entry that was read; what may work later is tried a few times."""
    tries = (met.tries if met else 0) + 1
    if not outcome.again or tries >= _MOST_TRIES:
        return Seen(entry.stamp)
    return Seen("", tries, now + max(outcome.after, pause(tries)))


def pause(failures: int) -> float:
    """The seconds to wait after so many failures in a row: a quarter of an hour, then longer."""
    return min(_FIRST_PAUSE * 2.0 ** min(failures - 1, 10), _LONGEST_PAUSE)
