"""What the desk and the operator read: the gap report, feeds, how things are, members."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.messages.archive import (
    MAX_LINES,
    bounded_lines,
    change_line,
    moment_text,
    unreadable_reason,
)
from bot.messages.errors import explained
from retrieval.errors import KiosqueError

if TYPE_CHECKING:
    from bot.desk.freshness import FeedFreshness
    from bot.desk.gaps import Gap, GapReport
    from bot.desk.status import SystemStatus
    from bot.memory.members import AdmissionRequest, Member
    from bot.messages.catalogue import Catalogue
    from retrieval.change.report import EmbeddingWork


def gap_lines(report: GapReport, texts: Catalogue) -> list[str]:
    """The gap report: a line a subject, the most asked first, and how many are not shown."""
    day = texts.date(report.since.date())
    if not report.questions:
        return [texts.text("gaps.none", date=day)]
    shown = report.gaps[:MAX_LINES]
    lines = bounded_lines([_gap_line(gap, texts) for gap in shown], len(report.gaps), texts)
    if report.withheld:
        lines.append(texts.text("gaps.withheld", count=report.withheld))
    return [texts.text("gaps.title", date=day), *lines]


def _gap_line(gap: Gap, texts: Catalogue) -> str:
    facts = [
        texts.text("gaps.questions", count=gap.questions),
        texts.text("gaps.people", count=gap.people),
    ]
    if gap.refused:
        facts.append(texts.text("gaps.refused", count=gap.refused))
    facts.append(texts.date(gap.last))
    return texts.text("gaps.line", question=gap.question, facts=", ".join(facts))


# --- feeds --------------------------------------------------------------------------------


def silent_lines(feed: FeedFreshness, texts: Catalogue) -> list[str]:
    """That a feed is silent, since when, and why if its checks fail."""
    if not feed.usual_s:
        lines = [texts.text("freshness.silent_unknown", url=feed.url)]
    else:
        usual = duration(feed.usual_s, texts)
        last = _moment(feed.last, texts)
        lines = [texts.text("freshness.silent", url=feed.url, last=last, usual=usual)]
    if feed.reason:
        problem = unreadable_reason(texts, feed.reason)
        lines.append(texts.text("freshness.problem", problem=problem))
    return lines


def compaction_lines(problem: KiosqueError | None, texts: Catalogue) -> list[str]:
    """That the base of the indexes cannot be made anew, why, and what to do; or that it was."""
    if problem is None:
        return [texts.text("compaction.back")]
    said = explained(problem, texts)
    return [texts.text("compaction.failed", problem=said.message), said.do]


def duration(seconds: float, texts: Catalogue) -> str:
    """Some seconds in the largest unit that has two of them, or minutes."""
    for unit, size in (("days", 86_400), ("hours", 3_600)):
        if seconds >= 2 * size:
            return texts.text(f"freshness.{unit}", count=round(seconds / size))
    return texts.text("freshness.minutes", count=max(1, round(seconds / 60)))


def work_line(work: EmbeddingWork, texts: Catalogue) -> str:
    """How much a plan has to embed, and how long that takes here."""
    speed, time = texts.number(work.a_second or 0.0, 1), duration(work.seconds, texts)
    return texts.text("plan.work", texts=work.texts, speed=speed, time=time)


def _moment(seconds: float, texts: Catalogue) -> str:
    return moment_text(datetime.fromtimestamp(seconds, UTC), texts)


def _feed_line(feed: FeedFreshness, texts: Catalogue) -> str:
    last = _moment(feed.last, texts) if feed.last else "–"
    usual = duration(feed.usual_s, texts) if feed.usual_s else "–"
    kind = "feed_silent" if feed.silent else "feed" if feed.usual_s else "feed_new"
    key = kind if feed.last or feed.silent else "feed_none"
    line = texts.text(f"status.{key}", url=feed.url, last=last, usual=usual)
    if not feed.reason:
        return line
    problem = unreadable_reason(texts, feed.reason)
    return texts.text("status.feed_failed", line=line, problem=problem)


# --- how things are -----------------------------------------------------------------------


def status_lines_of(status: SystemStatus, texts: Catalogue) -> list[str]:
    """Last change, questions of the week, model, feeds with their rhythm, disk."""
    change = status.change
    asked = status.questions
    lines = [
        texts.text("status.change", change=change_line(change, texts))
        if change
        else texts.text("status.no_change"),
        texts.text("status.week", asked=asked.asked, refused=asked.refused, unsure=asked.unsure),
        texts.text(
            "status.model", model=status.model, mode=texts.text(f"status.mode_{status.mode}")
        )
        if status.model
        else texts.text("status.no_model"),
    ]
    if status.updates.count:
        since = status.updates.since
        moment = moment_text(since, texts) if since is not None else "–"
        lines.append(texts.text("status.updates", count=status.updates.count, since=moment))
    if status.feeds:
        silent = sum(feed.silent for feed in status.feeds)
        lines.append(texts.text("status.feeds", count=len(status.feeds), silent=silent))
        ordered = sorted(status.feeds, key=lambda feed: not feed.silent)
        shown = [_feed_line(feed, texts) for feed in ordered[:MAX_LINES]]
        lines += bounded_lines(shown, len(ordered), texts)
    used, free = (_gigabytes(n, texts) for n in (status.used_bytes, status.free_bytes))
    return [*lines, texts.text("status.disk", used=used, free=free)]


def _gigabytes(count: int, texts: Catalogue) -> str:
    return texts.text("status.gigabytes", number=texts.number(count / 1e9, 1))


# --- members ------------------------------------------------------------------------------


def member_line(member: Member, texts: Catalogue, number: int) -> str:
    """A member in a line of a numbered list."""
    since = texts.date(member.at.date())
    facts = {"name": member.name, "id": member.user, "date": since, "by": member.by}
    return texts.text("admission.member", number=number, **facts)


def request_line(request: AdmissionRequest, texts: Catalogue, username: str = "") -> str:
    """Who asks to be admitted, since when, and the code that they show."""
    who = f"{request.name} (@{username})" if username else request.name
    since = texts.date(request.at.date())
    facts = {"name": who, "id": request.user, "code": request.code, "date": since}
    return texts.text("admission.request", **facts)
