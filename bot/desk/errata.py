"""Errata: which answers quote words that their article does not say any more, and who read them.

`article_now` asks the archive; all else is pure. An answer that cites an article is not wrong
because the article was corrected: it is where the very words that it showed are gone.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from bot.dossier.dossier import plain
from bot.memory.values import TERMINAL, ErratumOutcome, Place
from retrieval.errors import NotFound
from retrieval.text.analysis import analyse
from retrieval.text.segmentation import sentences
from retrieval.vocabulary import PublicationDate, Span, State

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from bot.memory.errata import Conversation, ErratumStore
    from bot.memory.reports import ReportMemory
    from bot.memory.values import Erratum, QuoteReading, StoredSource
    from retrieval.archive.reader import ArchiveReader

MAX_QUOTES = 5
"""Quotes that an erratum shows of one article."""
_SEARCHED_CHARS = 200_000
_ALIKE = 0.4
"""A sentence with fewer of the words of a quote does not stand in its place."""
_GONE = "gone"
_AT_A_TIME = 200
_IN_TERMINAL = "erratum_terminal"


class Fate(StrEnum):
    """What became of a quote."""

    STANDS = "stands"
    CHANGED = "changed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class CitedArticle:
    """An article that answers cite, as it is now.

    Args:
        id: its id.
        title, outlet, published: those of now; of one that is gone, as they were cited.
        text: what it says; None when it is withdrawn or gone.
        digest: of its text and all that is known of it.
        reason: why it was withdrawn.
        changed: when it was changed last, where that is known.
    """

    id: str
    title: str
    outlet: str | None = None
    published: PublicationDate | None = None
    text: str | None = None
    digest: str = ""
    reason: str = ""
    changed: datetime | None = None

    @property
    def version(self) -> str:
        """What tells this state of the article from any other."""
        return _version(self.digest, self.reason, withdrawn=self.is_withdrawn)

    @property
    def is_withdrawn(self) -> bool:
        """Whether nothing is to be cited of it."""
        return self.text is None

    @cached_property
    def plain_text(self) -> str:
        """Its text, `plain`."""
        return plain(self.text or "")

    @cached_property
    def _sentences(self) -> list[tuple[Span, frozenset[str]]]:
        text = (self.text or "")[:_SEARCHED_CHARS]
        spans = sentences(text)
        return [(one, frozenset(analyse(text[one.start : one.end]))) for one in spans]

    def nearest(self, quote: str) -> Span | None:
        """The sentence that says most of what a quote said; None when none says much of it."""
        wanted = frozenset(analyse(quote))
        best = max(self._sentences, key=lambda one: len(wanted & one[1]), default=None)
        if best is None or len(wanted & best[1]) < _ALIKE * min(len(wanted), len(best[1]) or 1):
            return None
        return best[0]


@dataclass(frozen=True, slots=True)
class QuoteNow:
    """A quote that somebody read, and what became of it.

    Args:
        source: the quote as it was read.
        fate: what became of it.
        now: where the article says most of it today, if it was changed; None when nowhere.
    """

    source: StoredSource
    fate: Fate
    now: Span | None = None


@dataclass(frozen=True, slots=True)
class ErratumReader:
    """A conversation in which something of an article was read.

    Args:
        place: the conversation; the user is whose answer was the last.
        language: that of the erratum.
        reply_to: the message that shows the last answer concerned, or 0.
        answers: how many answers show something of it.
        quotes: what was read, each once.
    """

    place: Place
    language: str
    reply_to: int
    answers: int
    quotes: tuple[QuoteNow, ...]

    @property
    def is_wrong(self) -> bool:
        """Whether something was read that does not stand any more."""
        return any(one.fate is not Fate.STANDS for one in self.quotes)

    @property
    def concerned(self) -> tuple[QuoteNow, ...]:
        """The quotes that the erratum is about: those that changed, if any did."""
        return tuple(q for q in self.quotes if q.fate is not Fate.STANDS) or self.quotes

    @property
    def shown(self) -> tuple[QuoteNow, ...]:
        """The first of them, which its message shows."""
        return self.concerned[:MAX_QUOTES]

    @property
    def conversation(self) -> tuple[int, int]:
        """The chat and the thread."""
        return self.place.chat, self.place.thread

    @property
    def is_terminal(self) -> bool:
        """Whether it was read in a terminal."""
        return self.place.chat == TERMINAL


@dataclass(frozen=True, slots=True)
class ErratumCounts:
    """How many answers show something of an article, and to how many conversations.

    Args:
        answers: of all fronts.
        private, groups: conversations of Telegram.
        terminal: answers in terminals.
        wrong: conversations of Telegram that read what does not stand any more.
        stands: whether all that anybody read stands.
    """

    answers: int = 0
    private: int = 0
    groups: int = 0
    terminal: int = 0
    wrong: int = 0
    stands: bool = True

    @property
    def chats(self) -> int:
        """The conversations of Telegram."""
        return self.private + self.groups


def _version(digest: str, reason: str, *, withdrawn: bool) -> str:
    return f"{_GONE} {reason}".strip() if withdrawn else digest


def version_now(reader: ArchiveReader, id_: str) -> str:
    """The version of an article as it is now; cheaper than `article_now`."""
    try:
        known = reader.known_as(id_)
    except NotFound:
        return _GONE
    return _version(known.digest, known.note.reason, withdrawn=known.state is State.WITHDRAWN)


def suspects(cited: Mapping[str, Collection[str]], reader: ArchiveReader) -> list[str]:
    """Of the articles that answers cite, those that were changed since, or are gone.

    Args:
        cited: the digests with which each was cited.
        reader: the archive.
    """
    ids, found = sorted(cited), []
    for start in range(0, len(ids), _AT_A_TIME):
        some = ids[start : start + _AT_A_TIME]
        live = reader.articles_of(some)
        found += [id_ for id_ in some if id_ not in live or {*cited[id_]} - {live[id_].digest}]
    return found


@dataclass(frozen=True)
class ProposedErratum:
    """The erratum of an article as it is now, and whom it may concern.

    Args:
        erratum: as it is stored.
        article: as it is now.
        readers: who read something of it.
        told: the conversations that have the erratum, or are about to.
    """

    erratum: Erratum
    article: CitedArticle
    readers: tuple[ErratumReader, ...]
    told: frozenset[Conversation] = frozenset()

    @cached_property
    def counts(self) -> ErratumCounts:
        """How many answers and conversations there are."""
        return counts_of(self.readers)

    def to_tell(self, *, everybody: bool = False) -> list[ErratumReader]:
        """The conversations of Telegram that the erratum goes to.

        Args:
            everybody: those too for whom all that they read still stands.
        """
        return [
            one
            for one in self.readers
            if (everybody or one.is_wrong)
            and not one.is_terminal
            and one.conversation not in self.told
        ]


def proposed(
    errata: ErratumStore, reader: ArchiveReader, article_id: str, at: datetime
) -> ProposedErratum:
    """The erratum of an article as it is now, stored if it is new. Blocking: call from a thread.

    Args:
        errata: the memory.
        reader: the archive.
        article_id: the whole id.
        at: now.
    """
    readings = errata.readings(article_id)
    article = article_now(reader, article_id, readings[-1].source if readings else None)
    erratum = errata.propose(article.id, article.version, article.title, at)
    unreached = (ErratumOutcome.BLOCKED, ErratumOutcome.GONE)
    outcomes = errata.outcomes(erratum.id)
    told = frozenset(where for where, became in outcomes.items() if became not in unreached)
    return ProposedErratum(erratum, article, tuple(readers_of(readings, article)), told)


def changed_in_terminal(
    errata: ErratumStore, reports: ReportMemory, reader: ArchiveReader
) -> list[CitedArticle]:
    """The articles that answers of terminals quote otherwise than they are now, each said once.

    Args:
        errata: the memory.
        reports: what was said before; what is given is noted there.
        reader: the archive.
    """
    found = []
    said = reports.sent(_IN_TERMINAL)
    for id_ in suspects(errata.cited(in_terminal=True), reader):
        readings = [one for one in errata.readings(id_) if one.place.chat == TERMINAL]
        article = article_now(reader, id_, readings[-1].source if readings else None)
        new = said.get((id_, TERMINAL)) != article.version
        if new and any(one.is_wrong for one in readers_of(readings, article)):
            reports.note(_IN_TERMINAL, id_, TERMINAL, article.version)
            found.append(article)
    return found


def article_now(reader: ArchiveReader, id_: str, cited: StoredSource | None = None) -> CitedArticle:
    """An article as it is now. Blocking: call from a thread.

    Args:
        reader: the archive.
        id_: its whole id.
        cited: how it was cited, for an article that is gone.
    """
    with reader.snapshot():
        changed = reader.last_touched(id_)
        found = reader.article_cited(id_)
        if found is None:
            title, outlet = (cited.title, cited.outlet) if cited else (id_, None)
            published = (
                PublicationDate.parse(cited.published) if cited and cited.published else None
            )
            return CitedArticle(id_, title, outlet, published, changed=changed)
    article, reason = found
    text = None if article.state is State.WITHDRAWN else article.text
    about = article.title, article.outlet, article.published
    return CitedArticle(id_, *about, text, article.digest, reason, changed)


def fate_of(source: StoredSource, article: CitedArticle) -> QuoteNow:
    """What became of a quote; one of which an earlier version kept no words stands."""
    if article.text is None:
        return QuoteNow(source, Fate.WITHDRAWN)
    if source.digest == article.digest or plain(source.quote) in article.plain_text:
        return QuoteNow(source, Fate.STANDS)
    return QuoteNow(source, Fate.CHANGED, article.nearest(source.quote))


def readers_of(readings: Iterable[QuoteReading], article: CitedArticle) -> list[ErratumReader]:
    """The conversations that read something of an article; all terminals are one.

    Args:
        readings: of that article, oldest first.
        article: as it is now.
    """
    fates: dict[str, QuoteNow] = {}
    gathered: dict[tuple[int, int], list[tuple[QuoteReading, QuoteNow]]] = {}
    for one in readings:
        words = plain(one.source.quote)
        if words not in fates:
            fates[words] = fate_of(one.source, article)
        thread = 0 if one.place.chat == TERMINAL else one.place.thread
        gathered.setdefault((one.place.chat, thread), []).append((one, fates[words]))
    return [_reader(*where, found) for where, found in gathered.items()]


def _reader(
    chat: int, thread: int, found: Sequence[tuple[QuoteReading, QuoteNow]]
) -> ErratumReader:
    wrong = [one for one, quote in found if quote.fate is not Fate.STANDS]
    last = (wrong or [one for one, _ in found])[-1]
    quotes = dict.fromkeys(quote for _, quote in found)
    answers = {one.answer for one, _ in found if not one.corrects}
    place = Place(chat, thread, last.place.user)
    return ErratumReader(place, last.language, last.message, len(answers), tuple(quotes))


def counts_of(readers: Iterable[ErratumReader]) -> ErratumCounts:
    """How many answers and conversations there are."""
    found = list(readers)
    terminal = sum(one.answers for one in found if one.is_terminal)
    return ErratumCounts(
        sum(one.answers for one in found),
        sum(one.place.chat > 0 for one in found),
        sum(one.place.chat < 0 for one in found),
        terminal,
        sum(one.is_wrong for one in found if not one.is_terminal),
        not any(one.is_wrong for one in found),
    )


def variants(readers: Sequence[ErratumReader]) -> list[tuple[ErratumReader, int]]:
    """The different messages that some conversations get: one of each with how many get it."""
    same: Counter[tuple[str, tuple[QuoteNow, ...]]] = Counter()
    first: dict[tuple[str, tuple[QuoteNow, ...]], ErratumReader] = {}
    for one in readers:
        key = one.language, one.shown
        same[key] += 1
        first.setdefault(key, one)
    return [(first[key], count) for key, count in same.most_common()]
