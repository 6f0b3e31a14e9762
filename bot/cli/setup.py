"""``kiosque setup``: asks what is needed, writes the settings, tries them, says how to go on."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from bot.cli.interview import Interview, InterviewLeft, TerminalInterview
from bot.cli.invocation import Invocation, author, opened
from bot.cli.output import display, print_json, show_failure
from bot.cli.setup_answers import SetupQuestions, secrets_of, values_of
from bot.cli.translated import Json, Yes, command, typer_app
from bot.messages.errors import explained
from config.places import SettingsError
from retrieval.errors import BadSettings, BadUse, KiosqueError, StorageFull

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.text import Text

    from bot.app import Kiosque
    from bot.cli.doctor import Check
    from bot.cli.output import Bars
    from bot.cli.setup_answers import SetupAnswers
    from bot.messages.catalogue import Catalogue
    from config.loading import Loaded
    from config.settings_file import Value
    from retrieval.change.report import Report

app = typer_app()


@command(app, "setup")
def setup(ctx: typer.Context, yes: Yes = False, as_json: Json = False) -> int:
    """Ask what is needed and write it; 1 when somebody leaves, or what is set does not work.

    Raises:
        BadUse: nobody can be asked.
        BadSettings: the settings that are there are wrong, or cannot be changed.
        StorageFull: they cannot be written.
    """
    invocation: Invocation = ctx.obj
    texts = invocation.texts
    interview = _interview(texts, by_default=yes, as_json=as_json)
    try:
        file, answers = _asked(interview, invocation)
    except InterviewLeft:
        interview.say("setup.left")
        return 1
    except KeyboardInterrupt:
        interview.say("setup.left")
        raise
    if not as_json:
        display(*_written(file, texts))
    with opened(invocation) as (parts, bars):
        check = _model_check(parts, bars, texts) if answers.tests_model else None
        report, failed = _indexed(parts, bars, answers.source)
    if as_json:
        print_json(_as_json(file, parts, check, report))
    else:
        _show(check, report, texts, parts)
    if failed is not None:
        show_failure(explained(failed, texts))
    return 0 if failed is None and (check is None or check.well) else 1


def _interview(texts: Catalogue, *, by_default: bool, as_json: bool) -> Interview:
    """Who is asked.

    Raises:
        BadUse: nobody can be, and the defaults were not asked for.
    """
    if by_default:
        return Interview()
    if as_json or not sys.stdin.isatty():
        raise BadUse("nobody_to_ask")
    if hasattr(sys.stdin, "reconfigure"):
        sys.stdin.reconfigure(errors="replace")
    return TerminalInterview(texts)


def _asked(interview: Interview, invocation: Invocation) -> tuple[Path, SetupAnswers]:
    """Ask everything, then write it; the file that was written.

    Raises:
        InterviewLeft: somebody leaves; nothing is written.
        KiosqueError: as `setup`.
    """
    from config.places import find_file

    file = invocation.named or find_file(None)
    there = file if file is not None and file.is_file() else None
    before = invocation.settings_of(there)
    interview.say("setup.hello")
    hide = invocation.typed_secrets.append
    answers = SetupQuestions(interview, before.settings, invocation.texts, hide).answers()
    file = file or _new_file(answers.home)
    values = values_of(answers, before, file)
    _warn(interview, before, values)
    if there and values and not interview.agreed("setup.replace", path=there):
        raise InterviewLeft
    _write(file, there, values, secrets_of(answers, file))
    invocation.named = file  # what is in force from now on
    return file, answers


def _new_file(home: Path) -> Path:
    """Where new settings are found again: in the home, where it is the usual one, else here."""
    from config.places import FILE_NAME, likely_home

    return (home if home == likely_home() else Path.cwd()) / FILE_NAME


def _warn(interview: Interview, before: Loaded, values: Mapping[str, Value]) -> None:
    """Name the variables of the environment that win over what is written."""
    from config.places import PREFIX

    origins = {before.origins.get(name, "") for name in values}
    variables = sorted(origin for origin in origins if origin.startswith(PREFIX))
    if variables:
        interview.say("setup.environment", names=", ".join(variables))


def _write(
    file: Path, there: Path | None, values: Mapping[str, Value], secrets: Mapping[Path, str]
) -> None:
    """Write the secrets, then the settings that name them.

    Raises:
        BadSettings: the file is written in a way that cannot be changed.
        StorageFull: there is no room, or no right.
    """
    from config.settings_file import edited, example, write

    try:
        text = there.read_text(encoding="utf-8") if there else example()
        changed = edited(text, values)
        for path, secret in secrets.items():
            write(path, f"{secret}\n", private=True)
        if values or there is None:
            write(file, changed)
    except SettingsError:
        names = ", ".join(values)
        raise BadSettings("settings_not_editable", path=file, names=names) from None
    except OSError as error:
        detail = error.strerror or str(error)
        raise StorageFull("settings_not_written", path=file, detail=detail) from error


def _written(file: Path, texts: Catalogue) -> list[Text]:
    """Where the settings are, and where they hold."""
    from bot.cli.render import prose
    from config.places import likely_home

    lines = [texts.text("setup.written", path=file)]
    if file.absolute().parent != likely_home().absolute():
        lines.append(texts.text("setup.only_here"))
    return [prose(line) for line in lines]


def _model_check(parts: Kiosque, bars: Bars, texts: Catalogue) -> Check | None:
    """The test of the model, which says what it is trusted with."""
    from bot.cli.doctor import trust_check

    examiner = parts.examiner(parts.settings.llm.parallel)
    return None if examiner is None else trust_check(examiner, bars, texts, again=False)


def _indexed(
    parts: Kiosque, bars: Bars, source: Path | None
) -> tuple[Report | None, KiosqueError | None]:
    """Take the articles in; the report, or what went wrong, once the settings stand."""
    if source is None:
        return None, None
    limit = parts.settings.indexing.confirm_above
    try:
        indexer = parts.indexer(author(None))
        report = indexer.index([source], confirm=lambda plan: plan.replaced <= limit, progress=bars)
    except KiosqueError as error:
        return None, error
    if report.declined:
        return None, BadUse("too_many_changes", count=report.replaced, most=limit)
    return report, None


def _show(check: Check | None, report: Report | None, texts: Catalogue, parts: Kiosque) -> None:
    """What the tries gave, and how to go on."""
    from bot.cli.index import render_report
    from bot.cli.render import prose

    shown = [] if check is None else [prose(check.found), *([prose(check.do)] if check.do else [])]
    if report is not None:
        shown.append(render_report(report, texts))  # type: ignore[arg-type]  # both can be shown
    bot = bool(parts.settings.telegram.token.get_secret_value())
    steps = ["ask", *([] if report else ["index"]), "bot" if bot else "no_bot"]
    display(*shown, *(prose(texts.text(f"setup.next.{step}")) for step in steps))


def _as_json(
    file: Path, parts: Kiosque, check: Check | None, report: Report | None
) -> dict[str, Any]:
    """``setup --json``: what is in force; ``model`` and ``indexed`` are null when there is none."""
    from bot.cli.json_values import report_as_json

    settings = parts.settings
    model = {"name": settings.llm.model, "tested": bool(check and check.well)}
    return {
        "file": str(file),
        "home": str(settings.home),
        "model": model if settings.llm.base_url else None,
        "telegram": bool(settings.telegram.token.get_secret_value()),
        "admins": list(settings.telegram.admins),
        "indexed": report and report_as_json(report),
    }
