"""A source as its viewer shows it: its article, its passage with the quote in bold. Pure."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bot.answering.since import nearest
from bot.messages.wording import source_line
from bot.telegram.buttons import Button, data, rows
from bot.telegram.posting import Content
from bot.telegram.rich import LIMIT, Shown, clean, units
from retrieval.vocabulary import PublicationDate, State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.messages.catalogue import Catalogue
    from bot.telegram.buttons import Rows
    from bot.telegram.records import Cited
    from retrieval.vocabulary import Article, Passage

_ROOM = LIMIT - 600  # for the title and what is said beside the passage


@dataclass(frozen=True, slots=True)
class View:
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
    source: Cited
    others: Sequence[int]
    article: Article | None
    passages: Sequence[Passage] = ()
    reason: str = ""
    at: int | None = None
    keeps: bool = False


def viewed(view: View, texts: Catalogue) -> Content:
    """The message of a viewer."""
    source, article = view.source, view.article
    if article is None or article.state is State.WITHDRAWN or not view.passages:
        said = texts.text("telegram.withdrawn", line=remembered(source, texts))
        why = texts.text("since.why", reason=view.reason) if view.reason else ""
        return Content(_shown((said, ""), (f"\n{why}", "")), _rows(view, None, texts))
    start, end = _quote_now(source, article)
    at = _passage_at(view, start) if end > start else _nearest(view)
    passage = view.passages[at]
    head = [(f"[{source.number}] {article.title}", "b"), ("\n" + _origin(article, texts), "")]
    if end == start:
        head.append(("\n" + texts.text("telegram.changed_since", quote=source.quote), "i"))
        head.append(("\n" + texts.text("since.now"), ""))
    quoted = _quoted(passage.text, start - passage.start, end - passage.start)
    return Content(_shown(*head, quote=quoted), _rows(view, at, texts))


def _origin(article: Article, texts: Catalogue) -> str:
    line = source_line(texts, article)
    return line.removeprefix(article.title).lstrip(" —–-")


def remembered(source: Cited, texts: Catalogue) -> str:
    """A source in a line, as it was when it was cited."""
    published = PublicationDate.parse(source.published) if source.published else None
    return line_of(texts, source.title, source.outlet, published)


def line_of(
    texts: Catalogue, title: str, outlet: str | None, published: PublicationDate | None
) -> str:
    """An article in a line: title, outlet, date."""
    outlet = outlet or texts.text("source.unknown_outlet")
    return texts.text("source.line", title=title, outlet=outlet, date=texts.date(published))


def _quote_now(source: Cited, article: Article) -> tuple[int, int]:
    """Where the quote stands today; an empty span when the article says it no more."""
    if article.text[source.start : source.end] == source.quote:
        return source.start, source.end
    start = article.text.find(source.quote)
    return (start, start + len(source.quote)) if start >= 0 else (0, 0)


def _passage_at(view: View, start: int) -> int:
    if view.at is not None:
        return min(view.at, len(view.passages) - 1)
    within = (n for n, p in enumerate(view.passages) if p.start <= start < p.end)
    return next(within, 0)


def _nearest(view: View) -> int:
    """The passage that has most of the words of a quote which is not there any more."""
    if view.at is not None:
        return min(view.at, len(view.passages) - 1)
    return nearest(view.source.quote, [passage.text for passage in view.passages])


def _quoted(text: str, start: int, end: int) -> tuple[str, str, str]:
    """A passage in three: before the quote, the quote, after it; cut to what a message holds."""
    start, end = max(0, min(start, len(text))), max(0, min(end, len(text)))
    end = max(start, end)
    before, quote, after = text[:start], text[start:end], text[end:]
    if units(text) > _ROOM:
        quote = quote[: _ROOM // 2]
        side = max(0, (_ROOM // 2 - len(quote)) // 2)
        before = "…" + before[-side:] if side and len(before) > side else before[:side]
        after = after[:side] + "…" if len(after) > side else after
    return before, quote, after


def _shown(*head: tuple[str, str], quote: tuple[str, str, str] | None = None) -> Shown:
    parts = [(clean(text), tag) for text, tag in head]
    marked = "".join(f"<{tag}>{_e(text)}</{tag}>" if tag else _e(text) for text, tag in parts)
    plain = "".join(text for text, _ in parts)
    if quote is None:
        return Shown(marked, plain)
    before, bold, after = map(clean, quote)
    inner = _e(before) + (f"<b>{_e(bold)}</b>" if bold else "") + _e(after)
    return Shown(f"{marked}\n<blockquote>{inner}</blockquote>", f"{plain}\n{before}{bold}{after}")


def _e(text: str) -> str:
    return html.escape(text, quote=False)


def _rows(view: View, at: int | None, texts: Catalogue) -> Rows:
    answer, number = view.answer, view.source.number
    pages = []
    if at is not None and at > 0:
        pages.append(
            Button(texts.text("telegram.button.before"), data("p", answer, number, at - 1))
        )
    if at is not None and at + 1 < len(view.passages):
        pages.append(Button(texts.text("telegram.button.after"), data("p", answer, number, at + 1)))
    others = [Button(f"[{n}]", data("s", answer, n)) for n in view.others if n != number]
    last = [Button(texts.text("telegram.button.close"), data("c", answer))]
    url = (view.article.url if view.article and at is not None else None) or ""
    if is_link(url):
        last.insert(0, Button(texts.text("telegram.button.link"), url=url))
    keeping = []
    if view.keeps and at is not None:
        keeping = [
            Button(texts.text("telegram.button.correct"), data("k", answer, number)),
            Button(texts.text("telegram.button.withdraw"), data("w", answer, number)),
        ]
    return tuple(row for row in (tuple(pages), *rows(others), tuple(last), tuple(keeping)) if row)


def is_link(url: str) -> bool:
    """Whether an address of an article may stand behind a button: the web's only."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    plain = len(url) <= 2000 and not any(c.isspace() or not c.isprintable() for c in url)
    return plain and parts.scheme in {"http", "https"} and "." in (parts.hostname or "")
