"""Confidence: what it is worth, and the charts and the report that show it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.evaluation.measures import (
    answer_figures,
    calibration_error,
    precision_by_coverage,
    reliability,
)
from bot.evaluation.outcomes import AnswerOutcome
from bot.evaluation.report import Chart, Point, svg, write_report
from bot.messages.catalogue import LANGUAGES, Catalogue
from retrieval.errors import BadUse
from tests.bot.evaluation.samples import FALSE, RIGHT, SAID, UNSAID

SVG = "{http://www.w3.org/2000/svg}"


def sure(outcome: AnswerOutcome, confidence: float | None) -> AnswerOutcome:
    """An outcome that is so sure of itself."""
    return replace(outcome, confidence=confidence)


def test_precision_by_coverage() -> None:
    """The surest come first; their share of all questions grows as their precision changes."""
    outcomes = [sure(SAID, 0.5), sure(RIGHT, 0.9), sure(FALSE, 0.2), sure(RIGHT, None)]
    reached = precision_by_coverage(outcomes)
    assert [(one.coverage, one.precision) for one in reached] == [
        (0.25, 1.0),
        (0.5, 0.5),
        (0.75, pytest.approx(1 / 3)),
    ]
    assert [one.confidence for one in reached] == [0.9, 0.5, 0.2]


def test_equally_sure_answers_come_together() -> None:
    """No order among equals is made up, which would flatter the precision."""
    (one,) = precision_by_coverage([sure(SAID, 0.5), sure(RIGHT, 0.5)])
    assert (one.coverage, one.precision) == (1.0, 0.5)


def test_what_was_nearest_counts_where_nothing_is_said() -> None:
    """The confidence of shown passages is that of the first of them."""
    shown = replace(UNSAID, nearest_right=True)
    assert precision_by_coverage([sure(shown, 0.3)])[0].precision == 1.0


def test_reliability() -> None:
    """Answers are binned by tenths of confidence, 1 among the highest; the error is weighted."""
    outcomes = [sure(RIGHT, 0.92), sure(RIGHT, 1.0), sure(SAID, 0.25), sure(RIGHT, 0.21)]
    low, high = reliability(outcomes)
    assert (low.count, low.right, high.count, high.right) == (2, 0.5, 2, 1.0)
    assert [low.confidence, high.confidence] == pytest.approx([0.23, 0.96])
    assert low.interval[0] < low.right < low.interval[1]
    assert calibration_error([low, high]) == pytest.approx((0.27 + 0.04) / 2, abs=1e-4)
    assert calibration_error([]) is None


@given(st.lists(st.tuples(st.floats(allow_nan=True), st.booleans()), max_size=40))
def test_any_confidence_is_borne(told: list[tuple[float, bool]]) -> None:
    """Confidences out of bounds, or no numbers, give shares between 0 and 1 all the same."""
    outcomes = [sure(RIGHT if right else SAID, confidence) for confidence, right in told]
    assert sum(one.count for one in reliability(outcomes)) == len(told)
    assert all(0 <= one.precision <= 1 for one in precision_by_coverage(outcomes))


def drawn(chart: Chart) -> ElementTree.Element:
    """The elements of a chart, after parsing it as any reader of SVG would."""
    return ElementTree.fromstring(svg(chart))  # noqa: S314 - our own output


def test_dots_stand_where_their_shares_are() -> None:
    """The axes go from the lower left to the upper right; the interval is a line through a dot."""
    points = [Point(0, 0), Point(1, 1), Point(0.5, 0.5, (0.25, 0.75), "12")]
    root = drawn(Chart("T", "x", "y", points, diagonal=True))
    low, high, middle = root.iter(f"{SVG}circle")
    assert float(low.attrib["cx"]) < float(middle.attrib["cx"]) < float(high.attrib["cx"])
    assert float(low.attrib["cy"]) > float(middle.attrib["cy"]) > float(high.attrib["cy"])
    assert middle.findtext(f"{SVG}title") == "12"
    assert [line for line in root.iter(f"{SVG}line") if line.get("stroke-dasharray")]


def test_line_joins_its_points() -> None:
    """A joined chart is one line with as many corners as points, and no dots."""
    root = drawn(Chart("T", "x", "y", [Point(0.1, 1), Point(0.6, 0.8), Point(1, 0.5)], joined=True))
    (line,) = root.iter(f"{SVG}polyline")
    assert len(line.attrib["points"].split()) == 3
    assert not list(root.iter(f"{SVG}circle"))


def test_words_of_a_chart_are_no_markup() -> None:
    """What stands in a title stays a title."""
    root = drawn(Chart("<script>&", 'x"', "y", []))
    assert root.findtext(f"{SVG}title") == "<script>&"
    assert not list(root.iter(f"{SVG}script"))


@pytest.fixture(params=LANGUAGES)
def texts(request: pytest.FixtureRequest) -> Catalogue:
    """The sentences of each language."""
    return Catalogue(request.param)


def test_report(texts: Catalogue, tmp_path: Path) -> None:
    """The page has the figures and names the charts beside it, which are well-formed."""
    outcomes = [sure(RIGHT, 0.9), sure(SAID, 0.4), sure(FALSE, 0.3)]
    folder = tmp_path / "new" / "report"
    write_report(folder, "q|<b>.jsonl", {"answers": answer_figures(outcomes)}, outcomes, texts)
    page = (folder / "report.md").read_text("utf-8")
    assert texts.text("evaluate.answers.right") in page
    assert "<b>" not in page
    for chart in ("precision", "calibration"):
        assert f"]({chart}.svg)" in page
        root = ElementTree.parse(folder / f"{chart}.svg").getroot()  # noqa: S314 - our own output
        assert root.findtext(f"{SVG}title") == texts.text(f"evaluate.report.{chart}")


def test_report_without_confidence(texts: Catalogue, tmp_path: Path) -> None:
    """Where no answer tells how sure it is, there are no charts, and the page says so."""
    write_report(tmp_path, "q", {"answers": answer_figures([RIGHT])}, [RIGHT], texts)
    assert texts.text("evaluate.report.no_confidence") in (tmp_path / "report.md").read_text(
        "utf-8"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["report.md"]


def test_report_that_cannot_be_written(texts: Catalogue, tmp_path: Path) -> None:
    """A file in the place of the folder is bad use, in a sentence."""
    (tmp_path / "file").touch()
    with pytest.raises(BadUse, match="cannot_write"):
        write_report(tmp_path / "file", "q", {}, [], texts)
