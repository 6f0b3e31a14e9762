"""``kiosque evaluate``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.invocation import Invocation, opened
from bot.cli.output import display, print_json
from bot.cli.translated import Json, command, typer_app
from retrieval.errors import BadUse
from retrieval.text.file_names import shown_name

if TYPE_CHECKING:
    from rich.table import Table

    from bot.app import Kiosque
    from bot.cli.output import Bars
    from bot.evaluation.report import FigureTable
    from bot.evaluation.run import Trial
    from bot.messages.catalogue import Catalogue


app = typer_app()


@command(app, "evaluate")
def evaluate(
    ctx: typer.Context,
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help="help.evaluate.file")] = None,
    split: Annotated[str, typer.Option("--split", metavar="NAME", help="help.evaluate.split")] = "",
    answers: Annotated[bool, typer.Option("--answers", help="help.evaluate.answers")] = False,
    details: Annotated[bool, typer.Option("--details", help="help.evaluate.details")] = False,
    save: Annotated[
        Path | None, typer.Option("--save", metavar="FILE", help="help.evaluate.save")
    ] = None,
    against: Annotated[
        Path | None, typer.Option("--against", metavar="FILE", help="help.evaluate.against")
    ] = None,
    unanswerable: Annotated[
        int,
        typer.Option(
            "--unanswerable",
            min=0,
            max=10_000,
            metavar="NUMBER",
            help="help.evaluate.unanswerable",
        ),
    ] = 0,
    report: Annotated[
        Path | None, typer.Option("--report", metavar="PATH", help="help.evaluate.report")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", metavar="NUMBER", help="help.evaluate.seed")] = 0,
    as_json: Json = False,
) -> None:
    """Measure retrieval and answers on questions with known answers, and print the figures.

    Raises:
        NotFound: no such file, or no archive to put the questions to.
        BadUse: the file holds no questions, or is a folder; nothing to measure is named; the
            earlier run cannot be read, or this one not be written.
    """
    from bot.evaluation.measures import compared, earlier_run
    from bot.evaluation.outcomes import as_values

    invocation: Invocation = ctx.obj
    texts = invocation.texts
    if file is None and not unanswerable:
        name = texts.text("help.metavar.file")
        raise BadUse("missing_value", name=name, command="kiosque evaluate")
    _check(file, save, report)
    earlier = earlier_run(against) if against else None
    with opened(invocation) as (parts, bars):
        if file is not None and file.suffix in (".json", ".gz"):
            trial = _squad(parts, file, bars, unanswerable, seed, answers=answers)
        else:
            trial = _questions(parts, file, split, bars, unanswerable, seed)
    figures = trial.figures
    if earlier is not None:
        figures["comparison"] = compared(trial.outcomes, earlier)
    _write(trial, file, save, report, texts)
    if details:
        figures["failures"] = trial.failures
        figures["questions"] = as_values(trial.outcomes)
    if as_json:
        print_json(figures)
    else:
        _show(figures, texts)


def _check(file: Path | None, save: Path | None, report: Path | None) -> None:
    """Find what is wrong before the work, which may take an hour."""
    if file is not None and file.is_dir():
        raise BadUse("questions_folder", path=file)
    if save is not None and (save.is_dir() or not save.parent.is_dir()):
        raise BadUse("cannot_write", path=save, detail="")
    if report is not None and report.exists() and not report.is_dir():
        raise BadUse("cannot_write", path=report, detail="")


def _questions(
    parts: Kiosque, file: Path | None, split: str, bars: Bars, unanswerable: int, seed: int
) -> Trial:
    """Measure a file of questions put to the archive, and tests of refusal made of it."""
    from bot.evaluation.questions import read_questions
    from bot.evaluation.refusal_tests import made_unanswerable
    from bot.evaluation.run import Trial

    trial = Trial(parts, bars)
    known = read_questions(file, split) if file else ()
    if known:
        trial.rank(known)
        trial.answer(known)
    if unanswerable:
        trial.refuse(made_unanswerable(parts, known, unanswerable, seed, bars))
    return trial


def _squad(
    parts: Kiosque, file: Path, bars: Bars, unanswerable: int, seed: int, *, answers: bool
) -> Trial:
    """Measure a SQuAD set in an archive of its own."""
    from bot.evaluation.questions import read_squad
    from bot.evaluation.refusal_tests import made_unanswerable
    from bot.evaluation.run import Trial, temporary_archive

    squad = read_squad(file)
    with temporary_archive(parts, squad, bars) as inside:
        trial = Trial(inside, bars)
        trial.rank(squad.questions, paragraphs=True)
        if answers:
            trial.answer(squad.questions)
        if unanswerable:
            trial.refuse(made_unanswerable(inside, squad.questions, unanswerable, seed, bars))
    return trial


def _write(
    trial: Trial, file: Path | None, save: Path | None, report: Path | None, texts: Catalogue
) -> None:
    """Write the run and the report, each if its path is given."""
    from bot.evaluation.outcomes import as_values
    from bot.evaluation.report import write_report, write_text

    if save is not None:
        run = {**trial.figures, "questions": as_values(trial.outcomes)}
        write_text(save, json.dumps(run, ensure_ascii=False, indent=1) + "\n")
    if report is not None:
        name = shown_name(file.name) if file else ""
        write_report(report, name, trial.figures, trial.outcomes, texts)


def _show(figures: dict[str, Any], texts: Catalogue) -> None:
    from rich.text import Text

    from bot.cli.render import hanging, prose
    from bot.evaluation.report import tables

    for table in tables(figures, texts):
        display(prose(table.title, "bold"), _drawn(table), Text())
    for changed in figures.get("comparison", {}).get("changed", ()):
        mark = texts.text(f"evaluate.comparison.{'gained' if changed['succeeds'] else 'lost'}")
        lines = [prose(changed["question"]), prose(_outcome_text(changed["said"], texts))]
        display(prose(f"{mark} {changed['id']}", "dim"), hanging(" ", lines))
    for failed in figures.get("failures", ()):
        what = texts.text("evaluate.failed." + failed["what"])
        lines = [prose(failed["question"]), prose(_outcome(failed, texts))]
        display(prose(f"{what} {failed['id']}", "dim"), hanging(" ", lines))


def _drawn(table: FigureTable) -> Table:
    """A table as it stands in a terminal: the first column of words, the others of figures."""
    from rich.table import Table

    from bot.cli.render import prose

    drawn = Table(box=None, padding=(0, 2, 0, 0), show_header=bool(table.head))
    columns = len(table.rows[0]) if table.rows else 0
    for at, head in enumerate(table.head or ("",) * columns):
        drawn.add_column(prose(head, "dim"), justify="right" if at else "left")
    for row in table.rows:
        drawn.add_row(*map(prose, row))
    return drawn


def _outcome(failed: dict[str, Any], texts: Catalogue) -> str:
    """What a question that did not succeed came to."""
    if failed["what"] == "answer":
        return _outcome_text(failed["text"], texts)
    rank = failed["rank"]
    key = "evaluate.failed.absent" if rank is None else "evaluate.failed.rank"
    return texts.text(key, rank=None if rank is None else rank + 1)


def _outcome_text(text: str, texts: Catalogue) -> str:
    """The text of an answer; the reason or the status of one without statements, as a sentence."""
    key = f"evaluate.failed.refused.{text}"
    return texts.text(key) if texts.has(key) else text
