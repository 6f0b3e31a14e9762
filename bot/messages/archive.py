"""What becomes of each article of a plan, in a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.messages.difference import difference_lines
from retrieval.change.report import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.messages.catalogue import Catalogue
    from retrieval.change.report import Item
    from retrieval.vocabulary import PublicationDate

MOST = 30
"""Lines of a kind that a person reads."""


def told_of(
    title: str, published: PublicationDate | None, outlet: str | None, texts: Catalogue
) -> str:
    """An article by its title, date and outlet."""
    facts = ", ".join(filter(None, (texts.date(published), outlet)))
    return texts.text("plan.article", title=title, facts=facts)


def plan_lines(items: Iterable[Item], kind: Kind, texts: Catalogue) -> list[str]:
    """A line for each article of a kind, up to `MOST`, then how many there are beside.

    Args:
        items: those of the report.
        kind: which of them.
        texts: the reader's language.
    """
    of_kind = [item for item in items if item.kind is kind]
    return bounded([_line(item, texts) for item in of_kind[:MOST]], len(of_kind), texts)


def bounded(lines: list[str], count: int, texts: Catalogue) -> list[str]:
    """The first `MOST` lines of so many, and how many are left out."""
    shown = lines[:MOST]
    return [*shown, texts.text("plan.more", count=count - len(shown))] if count > MOST else shown


def _line(item: Item, texts: Catalogue) -> str:
    line = _what_becomes(item, texts)
    if not item.mostly_removed:
        return line
    return texts.text("plan.told", article=line, facts=texts.text("plan.mostly_removed"))


def _what_becomes(item: Item, texts: Catalogue) -> str:
    article = told_of(item.title, item.published, item.outlet, texts)
    if item.kind is Kind.CHANGED:
        changes = difference_lines(item.changes, texts) if item.changes else []
        told = texts.text("plan.changed", title=item.title, id=item.article_id)
        return texts.text("plan.told", article=told, facts=" ; ".join(changes)) if changes else told
    if item.kind is Kind.REMOVED:
        return texts.text("plan.gone", title=item.title, id=item.article_id, source=item.source)
    if item.like is not None:
        like = texts.text(
            "plan.like",
            share=int(100 * item.like.share),
            title=item.like.title,
            id=item.like.article_id,
        )
        return texts.text("plan.told", article=article, facts=like)
    if item.same_address:
        same = texts.text("plan.same_address", id=item.same_address)
        return texts.text("plan.told", article=article, facts=same)
    return article
