"""What the desk and the operator read: the gap report, the feeds, how things are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.messages.archive import MAX_LINES, bounded_lines

if TYPE_CHECKING:
    from bot.desk.gaps import Gap, GapReport
    from bot.messages.catalogue import Catalogue


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
