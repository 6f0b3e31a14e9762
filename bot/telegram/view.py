"""Buttons under answers, and the viewer of a source: its article, its passage, its quote marked.

The words that answer are in bold and the rest of the quote in italics; a quote without such
words is in bold.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bot.answering.notices import nearest
from bot.messages.answers import coverage_line, source_line
from bot.telegram.buttons import Button, data, rows, turn_row
from bot.telegram.post import Content
from bot.telegram.rich import LIMIT, MessageText, TextRun, block, clean, messages, shown, units
from retrieval.vocabulary import PublicationDate, Span, State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.memory.values import StoredSource
    from bot.messages.catalogue import Catalogue
    from bot.telegram.buttons import Rows
    from bot.telegram.context import BotContext
    from bot.telegram.post import Content
    from retrieval.vocabulary import Article, Passage

_ROOM = LIMIT - 600  # for the title and what is said beside the passage
_COPIED = 256
_CUT = " […]"
_LISTED = 20
_LINE_CHARS = 150
"""20 lines of that length fit into one message, which turning pages changes."""


@dataclass(frozen=True, slots=True)
class SourceView:
    """What is to be seen.

    Args:
        answer: its number.
        source: which of its sources.
        others: the numbers of the others.
        article: as it is now; None when it is not there any more.
        passages: those of the article, in their order.
        reason: why the article was withdrawn.
        at: which of them is shown, by its place; None for the one with the quote.
        keeps: whether who looks may correct and withdraw the article.
    """

    answer: int
    source: StoredSource
    others: Sequence[int]
    article: Article | None
    passages: Sequence[Passage] = ()
    reason: str = ""
    at: int | None = None
    keeps: bool = False


def viewed(view: SourceView, texts: Catalogue) -> Content:
    """The message of a viewer."""
    source, article = view.source, view.article
    if article is None or article.state is State.WITHDRAWN or not view.passages:
        said = [TextRun(texts.text("telegram.withdrawn", line=remembered(source, texts)))]
        if view.reason:
            said.append(TextRun(f"\n{texts.text('since.why', reason=view.reason)}"))
        return Content(shown(said), _rows(view, None, texts))
    quote = _quote_now(source, article)
    at = _nearest(view) if quote is None else _passage_at(view, quote.start)
    head = [
        TextRun(f"[{source.number}] {article.title}", "b"),
        TextRun(f"\n{_origin(article, texts)}"),
    ]
    if quote is None:
        changed = texts.text("telegram.changed_since", quote=source.quote)
        head += [TextRun(f"\n{changed}", "i"), TextRun(f"\n{texts.text('since.now')}")]
    passage = _marked(_untitled(view.passages[at], article.title, quote), quote, source)
    return Content(_shown(head, passage), _rows(view, at, texts))


def _origin(article: Article, texts: Catalogue) -> str:
    line = source_line(texts, article)
    return line.removeprefix(article.title).lstrip(" —–-")


def remembered(source: StoredSource, texts: Catalogue) -> str:
    """A source in a line, as it was when it was cited."""
    published = PublicationDate.parse(source.published) if source.published else None
    return line_of(texts, source.title, source.outlet, published)


def line_of(
    texts: Catalogue, title: str, outlet: str | None, published: PublicationDate | None
) -> str:
    """An article in a line: title, outlet, date."""
    outlet = outlet or texts.text("source.unknown_outlet")
    return texts.text("source.line", title=title, outlet=outlet, date=texts.date(published))


def _quote_now(source: StoredSource, article: Article) -> Span | None:
    """Where the quote stands today; None when the article says it no more."""
    if article.text[source.start : source.end] == source.quote:
        return Span(source.start, source.end)
    start = article.text.find(source.quote)
    return Span(start, start + len(source.quote)) if start >= 0 else None


def _passage_at(view: SourceView, start: int) -> int:
    if view.at is not None:
        return min(view.at, len(view.passages) - 1)
    within = (n for n, p in enumerate(view.passages) if p.start <= start < p.end)
    return next(within, 0)


def _nearest(view: SourceView) -> int:
    """The passage that has most of the words of a quote which is not there any more."""
    if view.at is not None:
        return min(view.at, len(view.passages) - 1)
    return nearest(view.source.quote, [passage.text for passage in view.passages])


def _untitled(passage: Passage, title: str, quote: Span | None) -> Passage:
    """A passage without its title, which stands above it, unless the title alone is quoted."""
    body = passage.text.removeprefix(title).lstrip()
    start = passage.end - len(body)
    if not title or not body or len(body) == len(passage.text) or (quote and quote.end <= start):
        return passage
    return replace(passage, start=start, text=body)


def _marked(passage: Passage, quote: Span | None, source: StoredSource) -> list[TextRun]:
    """A passage, or what a message holds of it, with the quote marked."""
    bold = quote = quote or Span(passage.start, passage.start)
    if source.answer is not None and quote.end > quote.start:
        moved = quote.start - source.start
        bold = Span(source.answer.start + moved, source.answer.end + moved)
    seen = _seen(passage, quote)
    edges = (seen.start, quote.start, bold.start, bold.end, quote.end, seen.end)
    inside = [max(seen.start, min(edge, seen.end)) - passage.start for edge in edges]
    parts = [passage.text[start:end] for start, end in pairwise(inside)]
    if seen.start > passage.start:
        parts[0] = f"…{parts[0]}"
    if seen.end < passage.end:
        parts[-1] += "…"
    return [TextRun(text, tag) for text, tag in zip(parts, ("", "i", "b", "i", ""), strict=True)]


def _seen(passage: Passage, quote: Span) -> Span:
    """What a message holds of a passage, around the quote."""
    if units(passage.text) <= _ROOM:
        return Span(passage.start, passage.end)
    room = _ROOM // 2  # a character takes two units at most
    start = max(passage.start, min(quote.start, passage.end))
    end = max(start, min(quote.end, passage.end, start + room))
    side = (room - (end - start)) // 2
    return Span(max(passage.start, start - side), min(passage.end, end + side))


def _shown(head: Sequence[TextRun], passage: Sequence[TextRun]) -> MessageText:
    above, within = shown(head), shown(passage)
    return MessageText(
        f"{above.html}\n<blockquote>{within.html}</blockquote>", f"{above.plain}\n{within.plain}"
    )


def _rows(view: SourceView, at: int | None, texts: Catalogue) -> Rows:
    answer, number = view.answer, view.source.number
    pages = () if at is None else turn_row(at, len(view.passages), texts, "p", answer, number)
    others = [Button(f"[{n}]", data("s", answer, n)) for n in view.others if n != number]
    last = [Button(texts.text("telegram.button.close"), data("c", answer))]
    if view.article is not None and at is not None:
        if is_link(url := view.article.url or ""):
            last.insert(0, Button(texts.text("telegram.button.link"), url=url))
        if quote := _quote_now(view.source, view.article):
            copied = quote_to_copy(view.article, quote, texts)
            last.insert(-1, Button(texts.text("telegram.button.copy"), copied=copied))
    keeping = []
    if view.keeps and at is not None:
        keeping = [
            Button(texts.text("telegram.button.correct"), data("k", answer, number)),
            Button(texts.text("telegram.button.withdraw"), data("w", answer, number)),
        ]
    return tuple(row for row in (pages, *rows(others), tuple(last), tuple(keeping)) if row)


def quote_to_copy(article: Article, quote: Span, texts: Catalogue, limit: int = _COPIED) -> str:
    """A quote with its outlet, its date and its address, in so many characters.

    Where there is no room for all of it the address goes first, then the end of the quote.
    """
    said = " ".join(clean(article.text[quote.start : quote.end]).split())
    outlet = article.outlet or texts.text("source.unknown_outlet")
    source = texts.text("quote.source", outlet=outlet[:80], date=texts.date(article.published))
    line = f"{texts.text('quote.marks', text=said)} {source}"
    url = article.url or ""
    if is_link(url) and units(f"{line} {url}") <= limit:
        return f"{line} {url}"
    if units(line) <= limit:
        return line
    room = limit - units(line) + units(said) - units(_CUT)
    short = next(iter(messages([block(said)], room))).plain if room > 0 else ""
    return f"{texts.text('quote.marks', text=short + _CUT)} {source}"


def is_link(url: str) -> bool:
    """Whether an address of an article may stand behind a button: the web's only."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    plain = len(url) <= 2000 and not any(c.isspace() or not c.isprintable() for c in url)
    return plain and parts.scheme in {"http", "https"} and "." in (parts.hostname or "")


async def article_list(
    context: BotContext, texts: Catalogue, page: int, *, with_ids: bool
) -> Content:
    """What the archive covers, and a page of its articles, newest first.

    Args:
        context: what the bot works with.
        texts: the reader's language.
        page: counted from 0; a page that there is no more is the last one.
        with_ids: show the id of each article.
    """
    reader = context.reader
    coverage = await asyncio.to_thread(reader.coverage)
    pages = max(1, -(-coverage.articles // _LISTED))
    at = max(0, min(page, pages - 1))
    entries = await asyncio.to_thread(
        lambda: reader.entries(withdrawn=False, limit=_LISTED, offset=at * _LISTED)
    )
    lines = [block(coverage_line(texts, coverage))]
    for place, entry in enumerate(entries):
        line = f"– {line_of(texts, entry.title, entry.outlet, entry.published)}"
        line = line if len(line) <= _LINE_CHARS else f"{line[:_LINE_CHARS]}…"
        line = f"{line} · {entry.id}" if with_ids else line
        lines.append(block(line, gap="\n" if place else "\n\n"))
    left = coverage.articles - at * _LISTED - len(entries)
    if left > 0:
        lines.append(block(texts.text("telegram.more_articles", count=left), "i"))
    turns = turn_row(at, pages, texts, "e")
    return Content(messages(lines)[0], (turns,) if turns else ())
