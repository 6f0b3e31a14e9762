"""What a plan or a report says, line by line, and the messages that show it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.messages.difference import difference_lines
from bot.messages.unreadable import unreadable_lines
from bot.telegram.admin.order import Kind
from bot.telegram.buttons import Button, data
from bot.telegram.post import Content
from bot.telegram.rich import block, messages
from retrieval.vocabulary import PublicationDate, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bot.messages.catalogue import Catalogue
    from bot.telegram.admin.order import Order
    from bot.telegram.buttons import Rows
    from retrieval.change.difference import Difference

_COUNTS = ("added", "changed", "unchanged", "near_duplicates")
_MOST_KEPT = 500
_MOST_LINES = 20
_MOST_NAMED, _MOST_TOLD = 3, 10
_ROOM = 2_500


def bounded(plan: Mapping[str, Any]) -> dict[str, Any]:
    """A plan as it is kept: of its long lists, the beginnings."""
    kept = dict(plan)
    for name in ("items", "unreadable"):
        found = kept.get(name) or []
        if len(found) > _MOST_KEPT:
            kept[name] = found[:_MOST_KEPT]
            kept["cut"] = kept.get("cut", 0) + len(found) - _MOST_KEPT
    return kept


def is_wanted(kind: Kind, plan: Mapping[str, Any]) -> bool:
    """Whether there is anything to be confirmed."""
    if kind in {Kind.INDEX, Kind.REINDEX}:
        return bool(plan.get("added") or plan.get("changed") or plan.get("near_duplicates"))
    if kind is Kind.FEED:
        counted = any(plan.get(name) for name in _COUNTS)
        return counted or not plan.get("unreadable")
    return True


def plan_lines(order: Order, texts: Catalogue) -> list[str]:
    """All that a plan tells, after its first line."""
    if order.kind is Kind.CORRECT:
        return difference_lines(difference_of(order.plan.get("changes") or {}), texts)
    if order.kind is Kind.WITHDRAW:
        lines = [str(order.plan.get("line", ""))]
        reason = order.facts.get("reason")
        return [*lines, texts.text("history.reason", reason=reason)] if reason else lines
    if order.kind is Kind.ROLLBACK:
        return [str(order.plan.get("line", ""))]
    return [*told_lines(order, texts), *report_lines(order.plan, texts)]


def told_lines(order: Order, texts: Catalogue) -> list[str]:
    """What the captions of its files were understood to say, and those that said nothing."""
    told = order.facts.get("told") or []
    lines = [_told(one, texts) for one in told[:_MOST_TOLD]]
    if len(told) > _MOST_TOLD:
        lines.append(texts.text("telegram.order.more", count=len(told) - _MOST_TOLD))
    unread = order.facts.get("unread_captions") or []
    return [*lines, *(texts.text("telegram.share.unread", caption=one) for one in unread[:1])]


def _told(told: Mapping[str, Any], texts: Catalogue) -> str:
    said = told["said"].items()
    values = [texts.text(f"telegram.share.said.{name}", value=value) for name, value in said]
    key = "telegram.share.told_of" if told["name"] else "telegram.share.told"
    return texts.text(
        key, name=told["name"], said=texts.text("telegram.share.between").join(values)
    )


def report_lines(report: Mapping[str, Any], texts: Catalogue) -> list[str]:
    """The counts of a report of ``kiosque index``, its articles, and what is unreadable."""
    lines = _counts(report, texts)
    for item in report.get("items") or []:
        lines += _item_lines(item, texts)
    problems = [
        Unreadable(name_of(str(one["source"])), str(one["reason"]), str(one.get("detail", "")))
        for one in report.get("unreadable") or []
    ]
    lines += [*left_out_lines(report, texts), *unreadable_lines(texts, problems)]
    if report.get("cut"):
        lines.append(texts.text("telegram.order.more", count=report["cut"]))
    return lines


def left_out_lines(report: Mapping[str, Any], texts: Catalogue) -> list[str]:
    """What was read and is not taken in, by reason: how many, and where; none when unsaid."""
    found = report.get("left_out")
    told = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    return [_left_out(one, texts) for one in told if one.get("count")]


def _left_out(told: Mapping[str, Any], texts: Catalogue) -> str:
    reason = str(told.get("reason", ""))
    key = f"left_out.{reason}"
    named = [name_of(str(source)) for source in told.get("sources") or ()][:_MOST_NAMED]
    until = _date(str(told["until"])[:10]) if told.get("until") else None
    facts = {"count": int(told["count"]), "until": texts.date(until)}
    if texts.has(key):
        line = texts.text(key, **facts)
    else:
        line = texts.text("telegram.plan.left_out", reason=reason.replace("_", " "), **facts)
    return texts.text("telegram.plan.where", line=line, names=", ".join(named)) if named else line


def _counts(report: Mapping[str, Any], texts: Catalogue) -> list[str]:
    return [texts.text(f"index.{name}", count=report[name]) for name in _COUNTS if report.get(name)]


def counts_line(report: Mapping[str, Any], texts: Catalogue) -> str:
    """The counts of a report in a line, and how long it took."""
    parts = _counts(report, texts)
    unread = len(report.get("unreadable") or ())
    if unread:
        parts.append(texts.text("telegram.order.unread", count=unread))
    took = report.get("took_ms")
    if took:
        parts.append(texts.text("telegram.order.took", seconds=texts.number(took / 1000, 1)))
    return " · ".join(parts)


def difference_of(changes: Mapping[str, Any]) -> Difference:
    """What changed, from what ``--json`` says of it."""
    from retrieval.change.difference import Difference, FieldChange, Paragraphs

    fields = tuple(
        FieldChange(name, told.get("before"), told.get("after"))
        for name, told in changes.items()
        if name != "paragraphs" and isinstance(told, dict)
    )
    found = changes.get("paragraphs") or {}
    counted = Paragraphs(*(int(found.get(name, 0)) for name in ("added", "removed", "changed")))
    return Difference(fields, counted, layout=not fields and not counted)


def name_of(source: str) -> str:
    """A source as a person calls it: an address whole, a file without its folders."""
    return source if "://" in source else source.replace("\\", "/").rpartition("/")[2]


def first_page(order: Order, head: list[str], texts: Catalogue) -> Content:
    """A plan with its buttons; a long one is cut, with a button to see all of it."""
    lines, room = [], _ROOM
    whole = plan_lines(order, texts)
    for line in whole[:_MOST_LINES]:
        room -= len(line) + 1
        if room < 0:
            break
        lines.append(line)
    left = len(whole) - len(lines)
    more = [texts.text("telegram.order.more", count=left)] if left else []
    see = (Button(texts.text("telegram.button.all"), data("a", order.id, 0)),) if left else ()
    shown = messages([block(line) for line in (*head, *lines, *more)])[0]
    return Content(shown, tuple(row for row in (see, word_row(order, texts)) if row))


def page(order: Order, number: int, texts: Catalogue) -> Content:
    """One page of the whole plan."""
    head = texts.text(f"telegram.plan.{order.kind}", name=order.name)
    pages = messages([block(line) for line in (head, *plan_lines(order, texts))], _ROOM)
    at = max(0, min(number, len(pages) - 1))
    turns = []
    if at > 0:
        turns.append(Button(texts.text("telegram.button.before"), data("a", order.id, at - 1)))
    if at + 1 < len(pages):
        turns.append(Button(texts.text("telegram.button.after"), data("a", order.id, at + 1)))
    rows: Rows = (tuple(turns), word_row(order, texts)) if turns else (word_row(order, texts),)
    return Content(pages[at], rows)


def word_row(order: Order, texts: Catalogue) -> tuple[Button, ...]:
    """The buttons that say yes or no."""
    return (
        Button(texts.text("telegram.button.confirm"), data("y", order.id)),
        Button(texts.text("telegram.button.cancel"), data("n", order.id)),
    )


def _item_lines(item: Mapping[str, Any], texts: Catalogue) -> Iterator[str]:
    key = f"telegram.plan.item.{item.get('kind')}"
    if not texts.has(key):
        return
    like = item.get("like") or {}
    yield texts.text(
        key,
        title=item.get("title") or name_of(str(item.get("source", ""))),
        date=texts.date(_date(item.get("published"))),
        like=like.get("title", ""),
        share=int(100 * like.get("likeness", 0)),
    )
    if item.get("same_address"):
        yield texts.text("telegram.plan.item.same_address", id=item["same_address"])
    if item.get("changes"):
        for line in difference_lines(difference_of(item["changes"]), texts):
            yield texts.text("telegram.plan.item.change", line=line)


def _date(published: str | None) -> PublicationDate | None:
    try:
        return PublicationDate.parse(published) if published else None
    except ValueError:
        return None
