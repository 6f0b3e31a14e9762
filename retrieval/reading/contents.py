"""Drafts of the bytes of a source, of a record, and of the entries of a feed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from retrieval.reading.drafting import ArticleSource, ReadingContext, make_draft
from retrieval.reading.forms import unread_xml, without_junk
from retrieval.reading.parsing import PARSED, Sandbox, parse
from retrieval.reading.pieces import Claims, Limits, Parser, Piece, Refused
from retrieval.reading.sources import NAMED
from retrieval.reading.text.cleaning import CleaningRules
from retrieval.reading.text.dating import Clock, moment_of
from retrieval.reading.text.decoding import NotText, decode, looks_binary
from retrieval.text.addresses import web_address
from retrieval.vocabulary import Draft, LeftOut, Unreadable

Found = Draft | Unreadable | LeftOut

# The time for Markdown grows with the square of its size: this much takes a second at most.
_HARMLESS_BYTES = 20_000
# Forms whose markup is parsed: a tag that remains in their text is quoted there.
_SHOWN = ("html", "mhtml", "markdown")


def read_content(
    raw: bytes,
    form: str,
    source: ArticleSource,
    external: Sequence[Claims],
    rules: CleaningRules,
    today: Clock | date | None = None,
    parser: Parser | None = None,
) -> Iterator[Found]:
    """Read the bytes of one source: its article or articles, or why there is none. Never raises.

    Args:
        raw: the bytes.
        form: ``text`` or one of `PARSED`, as `form_of_content` returns it.
        source: where they come from.
        external: claims of others about it, surest first; of a feed, only outlet and language.
        rules: what cleaning takes out.
        today: when it is read, which no date may come after; by default the moment of the call.
        parser: a sandbox, to be shared by many calls; by default one for this call.
    """
    reader = SourceReader(source, external, ReadingContext(rules, Clock.of(today)))
    if not raw.strip():
        yield Unreadable(source.given, "empty")
    elif form == "text":
        yield from reader.text(raw)
    elif form == "markdown" and len(raw) <= _HARMLESS_BYTES and b"<" not in raw:
        yield from reader.parsed(form, raw, _here)
    elif form in NAMED:
        yield Unreadable(source.given, *_named(form, raw))
    elif form in PARSED:
        yield from reader.parsed(form, raw, parser)
    else:
        yield Unreadable(source.given, "unknown_format", form)


@dataclass(frozen=True, slots=True)
class SourceReader:
    """Makes drafts of one source.

    Args:
        source: where it is.
        external: claims of others about it, surest first; of a feed, only outlet and language.
        context: rules and time.
    """

    source: ArticleSource
    external: Sequence[Claims]
    context: ReadingContext

    def text(self, raw: bytes) -> Iterator[Found]:
        """Read plain text."""
        try:
            text = decode(raw)
        except NotText as error:
            yield Unreadable(self.source.given, error.reason, error.detail)
            return
        yield from make_draft(self.source, text, self.external, self.context)

    def parsed(
        self, form: str, content: bytes | str, parser: Parser | None = None
    ) -> Iterator[Found]:
        """Read what a parser reads.

        Args:
            form: one of `PARSED`.
            content: the bytes, or the path of the file of a collection.
            parser: a sandbox, to be shared by many calls; by default one for this call.
        """
        empty = True
        with Sandbox() as own:
            try:
                for piece in (parser or own)(form, content):
                    empty = False
                    yield from self._piece(form, piece)
            except Refused as error:
                yield Unreadable(self.source.given, error.reason, error.detail)
            else:
                if empty:
                    yield Unreadable(self.source.given, "no_records")

    def _piece(self, form: str, piece: Piece) -> Iterator[Found]:
        """The article of a piece: of a source of one, or one of several under a name of its own."""
        source, context = self.source, self.context
        if piece.name:
            yield from self.one_of_several(form, piece)
        elif is_withheld(piece, context.clock):
            yield left_out(piece, source.given, context.clock)
        else:
            # What a header of Markdown claims is as sure as what others do.
            own = form == "markdown"
            external = [piece.claims, *self.external] if own else self.external
            page, removed = None if own else piece.claims, piece.removed
            shown = form in _SHOWN
            yield from make_draft(
                source, piece.text, external, context, page, removed, tags_are_text=shown
            )

    def one_of_several(self, form: str, piece: Piece) -> Iterator[Found]:
        """One article of a source: its address names it, else its name there.

        Its own claims are sure. The claims about the whole source give outlet and language only:
        of a feed, that comes first, since a feed calls itself as it likes.
        """
        url = web_address(piece.claims.url)
        name = f"{self.source.given}#{piece.name}"
        if is_withheld(piece, self.context.clock):
            yield left_out(piece, url or name, self.context.clock)
            return
        if piece.problem or not piece.text.strip():
            yield Unreadable(url or name, piece.problem or "no_text", piece.detail)
            return
        origin = url or f"{self.source.origin}#{piece.name}"
        entry = ArticleSource(origin, url or name, piece.raw.encode())
        of_all = [claims.of_all() for claims in self.external]
        places = [*of_all, piece.claims] if form == "feed" else [piece.claims, *of_all]
        yield from make_draft(entry, piece.text, places, self.context, left_out=piece.removed)


def _named(form: str, raw: bytes) -> tuple[str, str]:
    if form != "xml":
        return form, ""
    return ("binary", "") if looks_binary(raw) else unread_xml(without_junk(raw))


def _here(form: str, source: bytes | str) -> Iterable[Piece]:
    """A `Parser` in this process, for what can do no harm."""
    try:
        return parse(form, source, Limits())
    except Refused:
        raise
    except Exception as error:  # a library may fail in any way on hostile bytes
        raise Refused("damaged", f"{type(error).__name__}: {error}"[:300]) from error


def is_withheld(piece: Piece, clock: Clock) -> bool:
    """Whether a piece is left out now; what waited for a time that has come is not."""
    until = _due(piece, clock)
    if piece.left_out != "scheduled" or until is None:
        return bool(piece.left_out)
    return until > clock.now


def left_out(piece: Piece, name: str, clock: Clock) -> LeftOut:
    """The report of a piece that is left out; a time without an offset is the newspaper's."""
    return LeftOut(name, piece.left_out, piece.detail, _due(piece, clock))


def _due(piece: Piece, clock: Clock) -> datetime | None:
    moment = _moment(piece.until)
    return moment if moment is None or moment.tzinfo else moment.replace(tzinfo=clock.zone)


def _moment(words: str) -> datetime | None:
    return datetime.fromisoformat(words) if words else None


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One entry of a feed.

    Args:
        link: the address of its page; ``""`` when it has none.
        moment: when it is published, to the second; None when that is not said.
        outlet: the newspaper that a sitemap names.
        piece: what the feed says of it; when its ``raw`` has changed, the entry has.
    """

    link: str
    moment: datetime | None
    outlet: str
    piece: Piece


def feed_entries(
    raw: bytes, parser: Parser | None = None, form: str = "feed"
) -> tuple[FeedEntry, ...]:
    """The entries of a feed or a sitemap in their order, without making drafts of them.

    Args:
        raw: the bytes of the feed.
        parser: a sandbox, to be shared by many calls; by default one for this call.
        form: ``feed``, ``json`` (JSON Feed), ``sitemap``, or ``opml`` for the feeds that it lists.

    Raises:
        Refused: it is no feed (``not_a_feed``), or costs more than it may.
    """
    with Sandbox() as own:
        pieces = tuple((parser or own)(form, raw))
    return tuple(_entry(piece, form) for piece in pieces if not (piece.left_out or piece.problem))


def _entry(piece: Piece, form: str) -> FeedEntry:
    claims = piece.claims
    return FeedEntry(
        web_address(claims.url) or "",
        moment_of(claims.published, UTC) if form == "json" else _moment(piece.until),
        claims.outlet if form == "sitemap" else "",
        piece,
    )


def read_entry(
    entry: FeedEntry, source: ArticleSource, rules: CleaningRules, today: Clock | date
) -> Found:
    """The article of an entry as the feed itself carries it."""
    reader = SourceReader(source, (), ReadingContext(rules, Clock.of(today)))
    return next(reader.one_of_several("feed", entry.piece))
