"""``kiosque evaluate``."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.cli.opened import opened
from bot.cli.output import display, print_json
from retrieval.errors import BadUse

if TYPE_CHECKING:
    from pathlib import Path

    from rich.table import Table

    from bot.app import Kiosque
    from bot.cli.invocation import Invocation
    from bot.cli.output import Bars
    from bot.evaluation.tables import FigureTable
    from bot.evaluation.trial import Trial
    from bot.messages.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to measure, and where it goes.

    Args:
        file: of questions; None for nothing but tests of refusal.
        split: only the questions of this part of the set.
        answers: measure the answers to a SQuAD set too.
        details: list the questions.
        save: a file for the run, to compare a later one with.
        against: a run that was saved, to compare this one with.
        unanswerable: so many tests of refusal, made from the archive.
        report: a folder for the figures and charts.
        seed: of the tests of refusal.
    """

    file: Path | None
    split: str = ""
    answers: bool = False
    details: bool = False
    save: Path | None = None
    against: Path | None = None
    unanswerable: int = 0
    report: Path | None = None
    seed: int = 0


def evaluate(invocation: Invocation, wanted: Wanted, *, as_json: bool) -> None:
    """Measure, and print the figures.

    Raises:
        NotFound: no such file, or no archive to put the questions to.
        BadUse: the file holds no questions, or is a folder; nothing to measure is named; the
            earlier run cannot be read, or this one not be written.
    """
    from bot.evaluation.comparison import compared, earlier_run
    from bot.evaluation.outcomes import as_values

    _check(wanted, invocation.texts)
    earlier = earlier_run(wanted.against) if wanted.against else None
    with opened(invocation) as (app, bars):
        trial = _measured(app, wanted, bars)
    figures = trial.figures
    if earlier is not None:
        figures["comparison"] = compared(trial.outcomes, earlier).as_values()
    _write(wanted, trial, invocation.texts)
    if wanted.details:
        figures["failures"] = trial.failures
        figures["questions"] = as_values(trial.outcomes)
    if as_json:
        print_json(figures)
    else:
        _show(figures, invocation.texts)


def _check(wanted: Wanted, texts: Catalogue) -> None:
    """Find what is wrong before the work, which may take an hour."""
    if wanted.file is None and not wanted.unanswerable:
        name = texts.text("help.metavar.file")
        raise BadUse("missing_value", name=name, command="kiosque evaluate")
    if wanted.file is not None and wanted.file.is_dir():
        raise BadUse("questions_folder", path=wanted.file)
    if wanted.save is not None and (wanted.save.is_dir() or not wanted.save.parent.is_dir()):
        raise BadUse("cannot_write", path=wanted.save, detail="")
    if wanted.report is not None and wanted.report.exists() and not wanted.report.is_dir():
        raise BadUse("cannot_write", path=wanted.report, detail="")


def _measured(app: Kiosque, wanted: Wanted, bars: Bars) -> Trial:
    if wanted.file is not None and wanted.file.suffix in (".json", ".gz"):
        return _squad(app, wanted.file, wanted, bars)
    return _questions(app, wanted, bars)


def _questions(app: Kiosque, wanted: Wanted, bars: Bars) -> Trial:
    """Measure a file of questions put to the archive, and tests of refusal made of it."""
    from bot.evaluation.questions import read_questions
    from bot.evaluation.trial import Trial

    trial = Trial(app, bars)
    known = read_questions(wanted.file, wanted.split) if wanted.file else ()
    if known:
        trial.rank(known)
        trial.answer(known)
    if wanted.unanswerable:
        trial.refuse(known, wanted.unanswerable, wanted.seed)
    return trial


def _squad(app: Kiosque, file: Path, wanted: Wanted, bars: Bars) -> Trial:
    """Measure a SQuAD set in an archive of its own."""
    from bot.evaluation import run
    from bot.evaluation.questions import read_squad
    from bot.evaluation.trial import Trial

    squad = read_squad(file)
    with run.temporary_archive(app, squad, bars) as inside:
        trial = Trial(inside, bars)
        trial.rank(squad.questions, run.ranked_paragraphs)
        if wanted.answers:
            trial.answer(squad.questions)
        if wanted.unanswerable:
            trial.refuse(squad.questions, wanted.unanswerable, wanted.seed)
    return trial


def _write(wanted: Wanted, trial: Trial, texts: Catalogue) -> None:
    """Write the run and the report, where they are wanted."""
    from bot.evaluation.outcomes import as_values
    from bot.evaluation.report import write_report, write_text

    if wanted.save is not None:
        run = {**trial.figures, "questions": as_values(trial.outcomes)}
        write_text(wanted.save, json.dumps(run, ensure_ascii=False, indent=1) + "\n")
    if wanted.report is not None:
        named = wanted.file.name if wanted.file else ""
        write_report(wanted.report, named, trial.figures, trial.outcomes, texts)


def _show(figures: dict[str, Any], texts: Catalogue) -> None:
    from rich.text import Text

    from bot.cli.prose import hanging, prose
    from bot.evaluation.tables import tables

    for table in tables(figures, texts):
        display(prose(table.title, "bold"), _drawn(table), Text())
    for changed in figures.get("comparison", {}).get("changed", ()):
        mark = texts.text(f"evaluate.comparison.{'gained' if changed['succeeds'] else 'lost'}")
        lines = [prose(changed["question"]), prose(_said(changed["said"], texts))]
        display(prose(f"{mark} {changed['id']}", "dim"), hanging(" ", lines))
    for failed in figures.get("failures", ()):
        what = texts.text("evaluate.failed." + failed["what"])
        lines = [prose(failed["question"]), prose(_outcome(failed, texts))]
        display(prose(f"{what} {failed['id']}", "dim"), hanging(" ", lines))


def _drawn(table: FigureTable) -> Table:
    """A table as it stands in a terminal: the first column of words, the others of figures."""
    from rich.table import Table

    from bot.cli.prose import prose

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
        return _said(failed["text"], texts)
    rank = failed["rank"]
    key = "evaluate.failed.absent" if rank is None else "evaluate.failed.rank"
    return texts.text(key, rank=None if rank is None else rank + 1)


def _said(text: str, texts: Catalogue) -> str:
    """What was said; a reason, or the status of an answer that says nothing, as a sentence."""
    key = f"evaluate.failed.refused.{text}"
    return texts.text(key) if texts.has(key) else text
