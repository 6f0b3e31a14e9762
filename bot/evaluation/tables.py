"""The figures as tables of words, in the reader's language: for the terminal and for a report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bot.messages.catalogue import Catalogue

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
