"""What a person reads of the archive and its changes, the same in a terminal and in Telegram.

Plans and what becomes of each article, differences between two texts, the history, sources that
could not be read, and what was left out on purpose.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from retrieval.vocabulary import PublicationDate

if TYPE_CHECKING:
    from datetime import datetime

    from bot.messages.catalogue import Catalogue
    from retrieval.archive.history import Change
    from retrieval.change.report import (
        Difference,
        FieldChange,
        Item,
        Kind,
        LeftOutCount,
        Report,
    )
    from retrieval.vocabulary import Unreadable

MAX_LINES = 30
"""Lines of a kind that a person reads."""
_COUNTED = ("added", "changed", "removed", "near_duplicates", "withdrawn")
_MAX_NAMES = 3
_MAX_RECORDS = 3
_RECORD = re.compile(r"(.+):(\d+)", re.DOTALL)
# The details of these reasons name something; those of the others are a parser's English.
_NAMING = frozenset(
    "missing_column metadata_column no_text_field unknown_json redirection row_without_file"
    " same_origin unknown_format sitemap_index xml_catalogue xml_data xml_digitised xml_document"
    " xml_site xml_unknown".split()
)


# --- plans --------------------------------------------------------------------------------


def article_line(
    title: str, published: PublicationDate | None, outlet: str | None, texts: Catalogue
) -> str:
    """An article by its title, date and outlet."""
    facts = ", ".join(filter(None, (texts.date(published), outlet)))
    return texts.text("plan.article", title=title, facts=facts)


def count_lines(report: Report, texts: Catalogue) -> list[tuple[Kind, str]]:
    """How many articles became what: a sentence for each kind that there is."""
    from retrieval.change.report import Kind

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


def plan_lines(items: Iterable[Item], kind: Kind, texts: Catalogue) -> list[str]:
    """A line for each article of a kind, up to `MAX_LINES`, then how many there are beside.

    Args:
        items: those of the report.
        kind: which of them.
        texts: the reader's language.
    """
    of_kind = [item for item in items if item.kind is kind]
    lines = [_item_line(item, texts) for item in of_kind[:MAX_LINES]]
    return bounded_lines(lines, len(of_kind), texts)


def bounded_lines(lines: list[str], count: int, texts: Catalogue) -> list[str]:
    """The first `MAX_LINES` lines of so many, and how many are left out."""
    shown = lines[:MAX_LINES]
    if count <= MAX_LINES:
        return shown
    return [*shown, texts.text("plan.more", count=count - len(shown))]


def _item_line(item: Item, texts: Catalogue) -> str:
    line = _what_becomes(item, texts)
    if not item.mostly_removed:
        return line
    return texts.text("plan.told", article=line, facts=texts.text("plan.mostly_removed"))


def _what_becomes(item: Item, texts: Catalogue) -> str:
    from retrieval.change.report import Kind

    article = article_line(item.title, item.published, item.outlet, texts)
    if item.kind is Kind.CHANGED:
        changes = difference_lines(item.changes, texts) if item.changes else []
        line = texts.text("plan.changed", title=item.title, id=item.article_id)
        return texts.text("plan.told", article=line, facts=" ; ".join(changes)) if changes else line
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


# --- differences and the history ----------------------------------------------------------


def difference_lines(difference: Difference, texts: Catalogue) -> list[str]:
    """One line a field that changed, then one for the text."""
    lines = [_field_line(change, texts) for change in difference.fields]
    of_text = difference.paragraphs
    counts = {"added": of_text.added, "removed": of_text.removed, "changed": of_text.changed}
    parts = [texts.text(f"difference.{name}", count=n) for name, n in counts.items() if n]
    if parts:
        lines.append(texts.listing(parts))
    elif difference.layout:
        lines.append(texts.text("difference.layout"))
    return lines


def _field_line(change: FieldChange, texts: Catalogue) -> str:
    values = {
        side: _value(change.name, value, texts)
        for side, value in (("before", change.before), ("after", change.after))
    }
    return texts.text("difference.field", name=texts.text(f"show.{change.name}"), **values)


def _value(name: str, value: str | None, texts: Catalogue) -> str:
    if value is None:
        return "–"
    return texts.date(PublicationDate.parse(value)) if name == "published" else value


def change_line(change: Change, texts: Catalogue) -> str:
    """A change in a line: number, date and time, who, what."""
    return texts.text(
        "history.line",
        id=change.id,
        at=change_time(change, texts),
        by=change.by,
        what=change_summary(change, texts),
    )


def change_time(change: Change, texts: Catalogue) -> str:
    """When a change was made, by the clock of this machine."""
    return moment_text(change.started, texts)


def moment_text(moment: datetime, texts: Catalogue) -> str:
    """A date and a time, by the clock of this machine."""
    local = moment.astimezone()
    return texts.text("history.at", date=texts.date(local.date()), time=f"{local:%H:%M}")


def change_summary(change: Change, texts: Catalogue) -> str:
    """What a change did: its kind, how many articles, which, and why."""
    key = f"history.action.{change.action}"
    kind = texts.text(key) if texts.has(key) else change.action
    parts = [
        texts.text(f"index.{name}", count=count)
        for name in _COUNTED
        if (count := change.counts.get(name)) and texts.has(f"index.{name}")
    ]
    parts += _names(change)
    if change.detail.get("reason"):
        parts.append(texts.text("history.reason", reason=change.detail["reason"]))
    if change.detail.get("undoes"):
        parts.append(texts.text("history.undoes", id=change.detail["undoes"]))
    if change.undone_by:
        parts.append(texts.text("history.undone", id=change.undone_by))
    return texts.text("history.what", kind=kind, what=" · ".join(parts)) if parts else kind


def _names(change: Change) -> list[str]:
    """The articles or the sources that a change names, the first few."""
    articles = [str(one.get("title")) for one in change.detail.get("articles", ())]
    found = articles or [str(one) for one in change.detail.get("sources", ())]
    more = ["…"] if len(found) > _MAX_NAMES else []
    return [", ".join([*found[:_MAX_NAMES], *more])] if found else []


# --- what was not taken in ----------------------------------------------------------------


def unreadable_lines(
    texts: Catalogue, problems: Iterable[Unreadable], *, explain: bool = False
) -> list[str]:
    """Each source that gave no article, and why; many records of a file that share it are one.

    Args:
        texts: the reader's language.
        problems: as the report has them.
        explain: show every record, with the detail that its parser gives.
    """
    groups: dict[tuple[str, str], list[Unreadable]] = {}
    for problem in problems:
        groups.setdefault((_place(problem)[0], problem.reason), []).append(problem)
    return [line for group in groups.values() for line in _group_lines(texts, group, explain)]


def _group_lines(texts: Catalogue, group: Sequence[Unreadable], explain: bool) -> Iterator[str]:
    numbers = [number for _, number in map(_place, group) if number]
    if explain or len(numbers) <= _MAX_RECORDS:
        yield from (_problem_line(texts, problem, explain) for problem in group)
        return
    shown, others = numbers[:_MAX_RECORDS], len(numbers) - _MAX_RECORDS
    source = texts.text(
        "unreadable.records", source=_place(group[0])[0], lines=", ".join(shown), count=others
    )
    reason = unreadable_reason(texts, group[0].reason)
    yield texts.text("unreadable.line", source=source, reason=reason)


def _problem_line(texts: Catalogue, problem: Unreadable, explain: bool) -> str:
    source, number = _place(problem)
    if number:
        source = texts.text("unreadable.record", source=source, line=number)
    detail = problem.detail
    if not explain:  # the number of the line is told already, in the reader's words
        detail = detail.removeprefix(f"line {number}: ") if problem.reason in _NAMING else ""
    key = "unreadable.line_detail" if detail else "unreadable.line"
    reason = unreadable_reason(texts, problem.reason)
    return texts.text(key, source=source, reason=reason, detail=detail)


def unreadable_reason(texts: Catalogue, reason: str) -> str:
    """Why something could not be read: the sentence of a reason, else the reason itself."""
    key = f"unreadable.{reason}"
    return texts.text(key) if texts.has(key) else reason


def left_out_lines(
    texts: Catalogue, groups: Iterable[LeftOutCount], *, explain: bool = False
) -> list[str]:
    """What was left out on purpose, a line for each reason.

    Args:
        texts: the reader's language.
        groups: as the report counts them.
        explain: name the first sources, too.
    """
    return [_left_out_line(texts, group, explain) for group in groups]


def _left_out_line(texts: Catalogue, group: LeftOutCount, explain: bool) -> str:
    key = f"left_out.{group.reason}"
    line = texts.text(key, count=group.count, detail=group.detail or "?")
    if group.until:
        line = texts.text("left_out.until", line=line, day=texts.date(group.until.date()))
    if explain:
        line = texts.text("left_out.named", line=line, sources=", ".join(group.sources))
    return line


def _place(problem: Unreadable) -> tuple[str, str]:
    """The file, and the number of the line in it, if the source is a record.

    A web address may end in the number of a port.
    """
    found = None if "://" in problem.source else _RECORD.fullmatch(problem.source)
    return (found[1], found[2]) if found else (problem.source, "")
