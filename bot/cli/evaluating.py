"""``kiosque evaluate``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.cli.opened import opened
from bot.cli.output import console, harmless, print_json

if TYPE_CHECKING:
    from pathlib import Path

    from bot.app import Kiosque
    from bot.cli.invocation import Invocation
    from bot.cli.output import Bars


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to measure."""

    file: Path
    answers: bool = False
    details: bool = False


def evaluate(invocation: Invocation, wanted: Wanted, *, as_json: bool) -> None:
    """Measure, and print the figures.

    Raises:
        NotFound: no such file, or no archive to put the questions to.
        BadUse: the file holds no questions.
    """
    with opened(invocation) as (app, bars):
        if wanted.file.suffix in (".json", ".gz"):
            figures = _squad(app, wanted, bars)
        else:
            figures = _questions(app, wanted, bars)
    if as_json:
        print_json(figures)
    else:
        _show(figures)


def _questions(app: Kiosque, wanted: Wanted, bars: Bars) -> dict[str, Any]:
    from bot.evaluation import measures, questions, run

    known = questions.read_questions(wanted.file)
    passages = sum(entry.passages for entry in app.reader.entries(withdrawn=False))
    ranked = run.ranked(app, known, bars)
    answered = run.answered(app, known, bars)
    figures: dict[str, Any] = {
        "retrieval": measures.ranking_figures(ranked, passages),
        "answers": measures.answer_figures(answered),
    }
    if wanted.details:
        figures["failures"] = measures.failures(ranked, answered)
    return figures


def _squad(app: Kiosque, wanted: Wanted, bars: Bars) -> dict[str, Any]:
    from bot.evaluation import measures, questions, run

    squad = questions.read_squad(wanted.file)
    with run.temporary_archive(app, squad, bars) as inside:
        passages = sum(entry.passages for entry in inside.reader.entries())
        ranked = run.ranked_paragraphs(inside, squad.questions, bars)
        answered = run.answered(inside, squad.questions, bars) if wanted.answers else []
    figures: dict[str, Any] = {"retrieval": measures.ranking_figures(ranked, passages)}
    if wanted.answers:
        figures["answers"] = measures.answer_figures(answered)
    if wanted.details:
        figures["failures"] = measures.failures(ranked, answered)
    return figures


def _show(figures: dict[str, Any]) -> None:
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    for part in ("retrieval", "answers"):
        for name, value in figures.get(part, {}).items():
            table.add_row(part, name, "–" if value is None else str(value))
    shown = console()
    shown.print(table)
    for failed in figures.get("failures", ()):
        outcome = failed.get("said") or f"rank {failed.get('rank')}"
        shown.print(harmless(f"{failed['what']} {failed['id']} {failed['question']}"))
        shown.print(harmless(f"    {outcome}"))
