"""``kiosque evaluate``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.cli.opened import opened
from bot.cli.output import display, print_json
from retrieval.errors import BadUse

if TYPE_CHECKING:
    from pathlib import Path

    from bot.app import Kiosque
    from bot.cli.invocation import Invocation
    from bot.cli.output import Bars
    from bot.messages.catalogue import Catalogue


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
        BadUse: the file holds no questions, or is a folder.
    """
    if wanted.file.is_dir():
        raise BadUse("questions_folder", path=wanted.file)
    with opened(invocation) as (app, bars):
        if wanted.file.suffix in (".json", ".gz"):
            figures = _squad(app, wanted, bars)
        else:
            figures = _questions(app, wanted, bars)
    if as_json:
        print_json(figures)
    else:
        _show(figures, invocation.texts)


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


def _show(figures: dict[str, Any], texts: Catalogue) -> None:
    from rich.table import Table
    from rich.text import Text

    from bot.cli.prose import hanging, prose

    for part in ("retrieval", "answers"):
        if part not in figures:
            continue
        table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
        table.add_column()
        table.add_column(justify="right")
        for name, value in figures[part].items():
            shown = prose(_figure(value, texts))
            table.add_row(prose(texts.text(f"evaluate.{part}.{name}")), shown)
        display(prose(texts.text(f"evaluate.{part}.about"), "bold"), table, Text())
    for failed in figures.get("failures", ()):
        what = texts.text("evaluate.failed." + failed["what"])
        display(
            prose(f"{what} {failed['id']}", "dim"),
            hanging(" ", [prose(failed["question"]), prose(_outcome(failed, texts))]),
        )


def _figure(value: float | None, texts: Catalogue) -> str:
    """A figure with the decimals that it was given."""
    if value is None:
        return "–"
    decimals = len(str(value).partition(".")[2])
    return texts.number(value, decimals)


def _outcome(failed: dict[str, Any], texts: Catalogue) -> str:
    """What a question that did not succeed came to."""
    if failed["what"] == "retrieval":
        rank = failed["rank"]
        key = "evaluate.failed.absent" if rank is None else "evaluate.failed.rank"
        return texts.text(key, rank=None if rank is None else rank + 1)
    if failed["refused"]:
        return texts.text(f"evaluate.failed.refused.{failed['said']}")
    return str(failed["said"])
