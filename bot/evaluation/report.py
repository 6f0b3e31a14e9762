"""A report of a run, as a folder: ``report.md`` with the figures, and charts beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.evaluation.measures import calibration_error, precision_by_coverage, reliability
from bot.evaluation.tables import Chart, Point, shown_share, svg, tables
from retrieval.errors import BadUse

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from bot.evaluation.outcomes import AnswerOutcome
    from bot.evaluation.tables import FigureTable
    from bot.messages.catalogue import Catalogue


def write_report(
    folder: Path,
    named: str,
    figures: Mapping[str, Any],
    outcomes: Sequence[AnswerOutcome],
    texts: Catalogue,
) -> None:
    """Write the report of a run; files of an earlier one are replaced.

    Args:
        folder: made when it is not there.
        named: the set that the questions are of.
        figures: as ``evaluate --json`` gives them.
        outcomes: the questions, for the charts.
        texts: the language of the report.

    Raises:
        BadUse: the folder cannot be written (``cannot_write``).
    """
    charts = {name: svg(chart) for name, chart in _charts(outcomes, texts).items()}
    title = texts.text("evaluate.report.title", name=_plain(named))
    parts = [f"# {title}", *map(_section, tables(figures, texts)), _confidence(outcomes, texts)]
    parts += [f"![{_plain(texts.text(f'evaluate.report.{name}'))}]({name}.svg)" for name in charts]
    write_text(folder / "report.md", "\n\n".join(parts) + "\n")
    for name, drawn in charts.items():
        write_text(folder / f"{name}.svg", drawn)


def write_text(path: Path, text: str) -> None:
    """Write a file, and the folders it is in.

    Raises:
        BadUse: it cannot be written (``cannot_write``).
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadUse("cannot_write", path=str(path), detail=error.strerror or "") from error


def _charts(outcomes: Sequence[AnswerOutcome], texts: Catalogue) -> dict[str, Chart]:
    """Precision against coverage, and calibration; none when no answer has a confidence."""
    reached, bins = precision_by_coverage(outcomes), reliability(outcomes)
    if not reached:
        return {}
    joined = [Point(one.coverage, one.precision) for one in reached]
    dots = [Point(b.confidence, b.right, b.interval, texts.number(b.count)) for b in bins]
    return {
        "precision": _chart("precision", joined, texts, joined=True),
        "calibration": _chart("calibration", dots, texts, diagonal=True),
    }


def _chart(
    name: str,
    points: Sequence[Point],
    texts: Catalogue,
    *,
    joined: bool = False,
    diagonal: bool = False,
) -> Chart:
    return Chart(
        texts.text(f"evaluate.report.{name}"),
        texts.text(f"evaluate.report.{name}_x"),
        texts.text(f"evaluate.report.{name}_y"),
        points,
        joined=joined,
        diagonal=diagonal,
    )


def _section(table: FigureTable) -> str:
    """A table in Markdown, under its title."""
    head = table.head or ("",) * len(table.rows[0]) if table.rows else ("",)
    lines = [head, ("---",) * len(head), *table.rows]
    drawn = ["| " + " | ".join(_plain(cell) for cell in line) + " |" for line in lines]
    return "\n".join([f"## {table.title}", "", *drawn])


def _confidence(outcomes: Sequence[AnswerOutcome], texts: Catalogue) -> str:
    """What the charts are made of, or why there are none."""
    bins = reliability(outcomes)
    about = f"## {texts.text('evaluate.report.confidence')}\n\n"
    if not bins:
        return about + texts.text("evaluate.report.no_confidence")
    error = shown_share(calibration_error(bins), texts)
    count = sum(one.count for one in bins)
    return about + texts.text("evaluate.report.charts", count=count, error=error)


def _plain(text: str) -> str:
    """A text that breaks no table and opens no tag."""
    return " ".join(text.replace("|", "¦").replace("<", "‹").split(" ")).replace("\n", " ")
