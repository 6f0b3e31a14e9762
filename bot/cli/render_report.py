"""What indexing did or would do, as a person sees it in a terminal."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.padding import Padding

from bot.cli.prose import hanging, prose
from bot.messages.catalogue import Catalogue
from bot.messages.plan import bounded, plan_lines
from bot.messages.unreadable import left_out_lines, unreadable_lines
from retrieval.change.report import Item, Kind, Report, rules_applied

_INDENT = (0, 0, 0, 2)


def render_report(report: Report, texts: Catalogue, *, explain: bool = False) -> RenderableType:
    """The counts, what is gone, what could not be read, and the size of the index.

    A plan names the articles too, the first of each kind.

    Args:
        report: what was done, or is planned.
        texts: the reader's language.
        explain: list what cleaning took out of each article as well, and all that is known
            of each record that could not be read.
    """
    parts: list[RenderableType] = []
    if report.dry_run:
        parts.append(prose(texts.text("index.planned"), style="bold"))
    for kind, line in counts(report, texts):
        parts.append(prose(line))
        if report.dry_run and kind is not Kind.UNCHANGED:
            parts += _list(plan_lines(report.items, kind, texts))
    parts += _gone(report, texts)
    parts += _unreadable(report, texts, explain=explain)
    parts += _left_out(report, texts, explain=explain)
    if explain:
        parts += _by_rule(report, texts)
        parts += [line for item in report.items for line in _cleaned(item, texts)]
    if not report.dry_run:
        took = texts.number(report.took_ms / 1000, 1)
        sizes = {"passages": report.passages, "windows": report.windows}
        parts.append(prose(texts.text("index.size", **sizes, took=took), style="dim"))
    return Group(*parts)


def counts(report: Report, texts: Catalogue) -> list[tuple[Kind, str]]:
    """How many articles became what: a sentence for each kind that there is."""
    numbers = {
        Kind.ADDED: ("added", report.added),
        Kind.CHANGED: ("changed", report.changed),
        Kind.REMOVED: ("removed", report.removed if report.pruned else 0),
        Kind.NEAR_DUPLICATE: ("near_duplicates", report.near_duplicates),
        Kind.UNCHANGED: ("unchanged", report.unchanged),
    }
    return [
        (kind, texts.text(f"index.{name}", count=count))
        for kind, (name, count) in numbers.items()
        if count
    ]


def _gone(report: Report, texts: Catalogue) -> list[RenderableType]:
    """Articles whose source is gone, when they were left as they are."""
    if report.pruned or not report.removed:
        return []
    gone = [item.source for item in report.items if item.kind is Kind.REMOVED]
    head = prose(texts.text("index.gone", count=report.removed), style="yellow")
    lines = bounded(gone, len(gone), texts)
    return [head, *_list(lines), prose(texts.text("index.gone_do"))]


def _unreadable(report: Report, texts: Catalogue, *, explain: bool) -> list[RenderableType]:
    if not report.unreadable:
        return []
    count = len(report.unreadable)
    head = prose(texts.text("index.unreadable", count=count), style="yellow")
    lines = unreadable_lines(texts, report.unreadable, explain=explain)
    return [head, *_list(lines if explain else bounded(lines, len(lines), texts))]


def _left_out(report: Report, texts: Catalogue, *, explain: bool) -> list[RenderableType]:
    if not report.left_out:
        return []
    head = prose(texts.text("index.left_out", count=sum(one.count for one in report.left_out)))
    return [head, *_list(left_out_lines(texts, report.left_out, explain=explain))]


def _by_rule(report: Report, texts: Catalogue) -> list[RenderableType]:
    """What each rule took: how often, from how many articles, and the first of it."""
    taken = rules_applied(report.items)
    if not taken:
        return []
    lines = (
        texts.text(
            "index.rule_line",
            rule=rule.name,
            count=rule.count,
            articles=rule.articles,
            example=rule.example,
            source=rule.source,
        )
        for rule in taken
    )
    return [prose(texts.text("index.by_rule"), style="bold"), *_list(lines)]


def _cleaned(item: Item, texts: Catalogue) -> list[RenderableType]:
    if not item.cleaned:
        return []
    pieces = (texts.text("index.cleaned_line", piece=piece) for piece in item.cleaned)
    return [prose(item.source, style="bold"), *_list(pieces)]


def _list(lines: Iterable[str]) -> list[RenderableType]:
    return [Padding(hanging("–", [prose(line)]), _INDENT) for line in lines]
