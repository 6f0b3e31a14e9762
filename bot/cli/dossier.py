"""``kiosque chrono``, ``dossier``, ``verify``: a subject's dated quotes, and their fate."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.ask import Outlets, Since, Until, asked_dates, watched_answer, with_outlets
from bot.cli.invocation import Invocation, opened
from bot.cli.json_values import answer_as_json
from bot.cli.output import display, harmless, print_json
from bot.cli.translated import Json, command, typer_app
from retrieval.errors import BadUse, NotFound
from retrieval.text.file_names import shown_name

if TYPE_CHECKING:
    from bot.dossier.dossier import Dossier
    from bot.messages.catalogue import Catalogue
    from retrieval.vocabulary import Answer

app = typer_app()

_NOTHING_FOUND = 3
Subject = Annotated[list[str], typer.Argument(metavar="SUBJECT", help="help.chrono.subject")]


@command(app, "chrono")
def chrono(
    ctx: typer.Context,
    subject: Subject,
    since: Since = None,
    until: Until = None,
    outlet: Outlets = None,
    as_json: Json = False,
) -> int:
    """Show the dated lines of a subject; the exit code is 3 when there is none."""
    invocation: Invocation = ctx.obj
    shown_in = None if as_json else invocation.texts
    answer, _ = _chronology(invocation, subject, (since, until), outlet, shown_in)
    if as_json:
        print_json(answer_as_json(answer, invocation.texts))
    return 0 if answer.statements else _NOTHING_FOUND


@command(app, "dossier")
def dossier(
    ctx: typer.Context,
    subject: Subject,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="help.dossier.output")
    ] = None,
    since: Since = None,
    until: Until = None,
    outlet: Outlets = None,
    force: Annotated[bool, typer.Option("--force", help="help.backup.force")] = False,
    as_json: Json = False,
) -> int:
    """Write the dated quotes of a subject, with footnotes; without a file, as Markdown.

    Raises:
        BadUse: the file is there already, cannot be written, or is neither ``.md`` nor ``.docx``.
    """
    from bot.dossier.dossier import MARKDOWN
    from bot.dossier.files import rendered

    invocation: Invocation = ctx.obj
    texts = invocation.texts
    form = _form(output, replaced=force) if output else MARKDOWN
    answer, made = _chronology(invocation, subject, (since, until), outlet, None)
    if made is None:
        _show_nothing(answer, texts, as_json=as_json)
        return _NOTHING_FOUND
    content = rendered(made, form, texts)
    if output is not None:
        _write(output, content)
    if as_json:
        path = shown_name(output) if output else None
        print_json({**answer_as_json(answer, texts), "file": path})
    elif output is None:
        sys.stdout.write(harmless(content.decode()))
    else:
        count, path = len(made.citations), shown_name(output)
        display(texts.text("dossier.done", count=count, path=path))
    return 0


@command(app, "verify")
def verify(
    ctx: typer.Context,
    path: Annotated[Path, typer.Argument(metavar="FILE", help="help.verify.file")],
    as_json: Json = False,
) -> int:
    """Say which quotes of a dossier still stand; the exit code is 1 when one does not.

    Raises:
        NotFound: there is no such file.
        BadUse: it is no dossier, or is too large.
    """
    from bot.dossier.report import quote_lines, stands_whole, summary_lines, verification_as_json
    from bot.dossier.verification import verified

    invocation: Invocation = ctx.obj
    raw = _read(path)
    with opened(invocation) as (parts, _):
        checked = verified(raw, parts.reader)
    if as_json:
        print_json(verification_as_json(shown_name(path), checked))
    else:
        texts = invocation.texts
        lines = [*summary_lines(checked, texts), *quote_lines(checked, texts)]
        display("\n".join(map(harmless, lines)))
    return 0 if stands_whole(checked) else 1


def _chronology(
    invocation: Invocation,
    subject: list[str],
    dates: tuple[str | None, str | None],
    outlets: list[str] | None,
    shown_in: Catalogue | None,
) -> tuple[Answer, Dossier | None]:
    """The chronology of a subject, shown in a language if one is given; its dossier, if any."""
    from bot.answering.request import Request
    from bot.dossier.dossier import dossier_of

    asked = asked_dates(*dates)
    with opened(invocation) as (parts, bars):
        scope = with_outlets(asked, outlets, parts)
        request = Request(" ".join(subject), parts.today(), scope=scope, chronology=True)
        answering = parts.answering
        bars.stop()
        answer = watched_answer(answering, request, shown_in)
        return answer, dossier_of(answer, parts.reader.coverage(), parts.today())


def _show_nothing(answer: Answer, texts: Catalogue, *, as_json: bool) -> None:
    if as_json:
        print_json({**answer_as_json(answer, texts), "file": None})
        return
    from bot.cli.render import render_answer

    display(render_answer(answer, texts))


def _form(path: Path, *, replaced: bool) -> str:
    from bot.dossier.dossier import FORMATS

    form = path.suffix.lower()
    if form not in FORMATS:
        raise BadUse("dossier_format", name=path.name)
    if path.exists() and (path.is_dir() or not replaced):
        raise BadUse("backup_exists", path=path)
    return form


def _write(path: Path, content: bytes) -> None:
    """Write a file whole, or not at all."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        beside.write_bytes(content)
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise BadUse("cannot_write", path=path, detail=error.strerror or "") from error


def _read(path: Path) -> bytes:
    from bot.dossier.filed import MAX_BYTES

    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise NotFound("path_missing", path=path) from error
