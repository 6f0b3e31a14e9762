"""The figures as tables and charts, and a report of a run.

A report is a folder: ``report.md`` with the figures, and charts (SVG) beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from bot.evaluation.measures import calibration_error, precision_by_coverage, reliability
from retrieval.errors import BadUse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from bot.evaluation.outcomes import AnswerOutcome
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
        "precision": Chart(*_labels("precision", texts), joined, joined=True),
        "calibration": Chart(*_labels("calibration", texts), dots, diagonal=True),
    }


def _labels(name: str, texts: Catalogue) -> tuple[str, str, str]:
    """The title of a chart, and what its axes count."""
    key = f"evaluate.report.{name}"
    return texts.text(key), texts.text(f"{key}_x"), texts.text(f"{key}_y")


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


_RANKINGS = ("retrieval", "retrieval_without_reader")
_ANSWERS = ("answers", "refusal_tests")
_STYLED = ("right", "wrong_when_said", "shown", "refused_rightly")
_GROUPS = {"by_style": ("style", _STYLED), "by_unanswerable": ("kind", ("refused_rightly",))}
_NOTHING = "–"


@dataclass(frozen=True, slots=True)
class FigureTable:
    """A table: its title, the heads of its columns if they have any, and its rows."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def tables(figures: Mapping[str, Any], texts: Catalogue) -> Iterator[FigureTable]:
    """The tables of what ``evaluate --json`` gives, in their order."""
    for name in _RANKINGS:
        if name in figures:
            yield _named(f"{name}.about", "retrieval", figures[name], texts)
    for name in _ANSWERS:
        if name in figures:
            yield _named(f"{name}.about", "answers", figures[name], texts)
            yield from _groups(figures[name], texts)
    if "comparison" in figures:
        yield _compared(figures["comparison"], texts)


def shown_share(value: float | None, texts: Catalogue, decimals: int = 1) -> str:
    """A share as a percentage; a dash when there is none."""
    if value is None:
        return _NOTHING
    return texts.text("evaluate.share", value=texts.number(100 * value, decimals))


def _named(title: str, part: str, figures: Mapping[str, Any], texts: Catalogue) -> FigureTable:
    """The figures of a part, one a row, with the interval of each share."""
    intervals = figures.get("intervals", {})
    rows = [
        (texts.text(f"evaluate.{part}.{name}"), _figure(value, texts, intervals.get(name)))
        for name, value in figures.items()
        if not isinstance(value, dict)
    ]
    return FigureTable(texts.text(f"evaluate.{title}"), (), tuple(rows))


def _groups(figures: Mapping[str, Any], texts: Catalogue) -> Iterator[FigureTable]:
    for part, (word, names) in _GROUPS.items():
        groups = figures.get(part) or {}
        if len(groups) > 1 or (groups and part == "by_unanswerable"):
            head = [texts.text(f"evaluate.{part}.{name}") for name in ("name", "count", *names)]
            rows = [_group(word, group, groups[group], names, texts) for group in groups]
            yield FigureTable(texts.text(f"evaluate.{part}.about"), tuple(head), tuple(rows))


def _group(
    word: str, group: str, figures: Mapping[str, Any], names: tuple[str, ...], texts: Catalogue
) -> tuple[str, ...]:
    key = f"evaluate.{word}.{group}"
    label = texts.text(key) if texts.has(key) else group
    count = figures["answerable"] + figures["unanswerable"]
    intervals = figures["intervals"]
    shares = [_with_interval(figures[name], intervals[name], texts, 0) for name in names]
    return (label, texts.number(count), *shares)


def _compared(comparison: Mapping[str, Any], texts: Catalogue) -> FigureTable:
    counts = ("both", "only_this", "only_that", "neither", "unmatched")
    rows = [(texts.text(f"evaluate.comparison.{n}"), texts.number(comparison[n])) for n in counts]
    rows.append((texts.text("evaluate.comparison.p"), texts.number(comparison["p"], 4)))
    return FigureTable(texts.text("evaluate.comparison.about"), (), tuple(rows))


def _figure(
    value: float | None, texts: Catalogue, interval: tuple[float, float] | None = None
) -> str:
    """A figure with the decimals that it was given; a share that has an interval with it."""
    if interval is not None:
        return _with_interval(value, interval, texts, 1)
    if value is None:
        return _NOTHING
    return texts.number(value, len(str(value).partition(".")[2]))


def _with_interval(
    value: float | None, interval: tuple[float, float] | None, texts: Catalogue, decimals: int
) -> str:
    if value is None or interval is None:
        return _NOTHING
    low, high = (texts.number(100 * end) for end in interval)
    share = shown_share(value, texts, decimals)
    return texts.text("evaluate.interval", share=share, low=low, high=high)


_SIDE, _LEFT, _TOP, _BELOW, _RIGHT = 400, 64, 44, 64, 24
_INK, _FAINT, _MARK = "#1f2933", "#d5dbe1", "#1a5fb4"
_TICKS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


@dataclass(frozen=True, slots=True)
class Point:
    """A point, the interval that its height lies in, and what it is called when pointed at."""

    x: float
    y: float
    interval: tuple[float, float] | None = None
    label: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """What is drawn.

    Args:
        title: above the chart.
        x_label: what the horizontal axis counts.
        y_label: what the vertical axis counts.
        points: from left to right.
        joined: whether a line joins the points, and takes their place.
        diagonal: whether a line shows where both axes are equal.
    """

    title: str
    x_label: str
    y_label: str
    points: Sequence[Point]
    joined: bool = False
    diagonal: bool = False


def svg(chart: Chart) -> str:
    """The chart as an SVG document."""
    width, height = _LEFT + _SIDE + _RIGHT, _TOP + _SIDE + _BELOW
    size = {"width": str(width), "height": str(height), "viewBox": f"0 0 {width} {height}"}
    size |= {"xmlns": "http://www.w3.org/2000/svg", "role": "img", "font-family": "sans-serif"}
    root = ElementTree.Element("svg", size)
    ElementTree.SubElement(root, "title").text = chart.title
    ElementTree.SubElement(root, "rect", width="100%", height="100%", fill="#ffffff")
    _axes(root, chart)
    if chart.diagonal:
        _line(root, Point(0, 0), Point(1, 1), "#8b98a5", dash="5 4")
    if chart.joined:
        _curve(root, chart.points)
    for point in () if chart.joined else chart.points:
        _dot(root, point)
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, "unicode") + "\n"


def _axes(root: ElementTree.Element, chart: Chart) -> None:
    for tick in _TICKS:
        _line(root, Point(tick, 0), Point(tick, 1), _FAINT)
        _line(root, Point(0, tick), Point(1, tick), _FAINT)
        _text(root, _across(tick), _TOP + _SIDE + 18, f"{tick:.0%}", 12)
        _text(root, _LEFT - 8, _up(tick) + 4, f"{tick:.0%}", 12, anchor="end")
    _line(root, Point(0, 0), Point(1, 0), _INK)
    _line(root, Point(0, 0), Point(0, 1), _INK)
    middle = _TOP + _SIDE / 2
    _text(root, _across(0.5), 26, chart.title, 15)
    _text(root, _across(0.5), _TOP + _SIDE + 46, chart.x_label, 13)
    turned = f"rotate(-90 16 {middle:.1f})"
    _text(root, 16, middle, chart.y_label, 13).set("transform", turned)


def _curve(root: ElementTree.Element, points: Sequence[Point]) -> None:
    places = " ".join(f"{_across(one.x):.1f},{_up(one.y):.1f}" for one in points)
    line = ElementTree.SubElement(root, "polyline", points=places, fill="none", stroke=_MARK)
    line.set("stroke-width", "2")


def _dot(root: ElementTree.Element, point: Point) -> None:
    if point.interval:
        low, high = point.interval
        _line(root, Point(point.x, low), Point(point.x, high), _MARK)
    place = {"cx": f"{_across(point.x):.1f}", "cy": f"{_up(point.y):.1f}"}
    dot = ElementTree.SubElement(root, "circle", place, r="5", fill=_MARK)
    ElementTree.SubElement(dot, "title").text = point.label


def _line(
    root: ElementTree.Element, first: Point, last: Point, colour: str, dash: str = ""
) -> None:
    places = {"x1": f"{_across(first.x):.1f}", "x2": f"{_across(last.x):.1f}"}
    places |= {"y1": f"{_up(first.y):.1f}", "y2": f"{_up(last.y):.1f}"}
    line = ElementTree.SubElement(root, "line", places, stroke=colour)
    if dash:
        line.set("stroke-dasharray", dash)


def _text(
    root: ElementTree.Element, x: float, y: float, text: str, size: int, anchor: str = "middle"
) -> ElementTree.Element:
    place = {"x": f"{x:.1f}", "y": f"{y:.1f}", "font-size": str(size), "text-anchor": anchor}
    element = ElementTree.SubElement(root, "text", place, fill=_INK)
    element.text = text
    return element


def _across(x: float) -> float:
    return _LEFT + x * _SIDE


def _up(y: float) -> float:
    return _TOP + (1 - y) * _SIDE
