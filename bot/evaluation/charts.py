"""Charts as SVG: a share against a share, both from 0 to 1, as a line or as points with bars.

Two charts do not need a plotting library, which would be the heaviest dependency of the whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree import ElementTree

if TYPE_CHECKING:
    from collections.abc import Sequence

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
