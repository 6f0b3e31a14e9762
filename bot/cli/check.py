"""``kiosque check`` and ``kiosque quote``."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.ask import Outlets, Since, Until, asked_dates, watched_answer, with_outlets
from bot.cli.invocation import Invocation, opened
from bot.cli.json_values import answer_as_json
from bot.cli.output import print_json
from bot.cli.translated import Json, command, typer_app
from retrieval.errors import BadUse, NotFound
from retrieval.text.file_names import legible
from retrieval.vocabulary import Status

if TYPE_CHECKING:
    from bot.answering.intents import Intent
    from retrieval.scope import Scope

_NOTHING_FOUND = 3
_MAX_BYTES = 1_000_000
"""Of a file that is checked, so much is read."""
_FILE_NAME = re.compile(
    r"[\w.-]+\.(txt|text|md|markdown|html?|docx?|pdf|rtf|odt|eml)", re.IGNORECASE
)
"""One word that is no text to be checked."""

app = typer_app()
TextWords = Annotated[list[str], typer.Argument(metavar="TEXT", help="help.check.text")]
QuoteWords = Annotated[list[str], typer.Argument(metavar="TEXT", help="help.quote.text")]


@command(app, "check")
def check(
    ctx: typer.Context,
    text: TextWords,
    since: Since = None,
    until: Until = None,
    outlet: Outlets = None,
    as_json: Json = False,
) -> int:
    """Check the claims of a text; the exit code is 3 when nothing of it is written."""
    from bot.answering.intents import Intent

    return _done(ctx.obj, Intent.CLAIM, read_text(text), asked_dates(since, until), outlet, as_json)


@command(app, "quote")
def quote(
    ctx: typer.Context,
    text: QuoteWords,
    since: Since = None,
    until: Until = None,
    outlet: Outlets = None,
    as_json: Json = False,
) -> int:
    """Find a quote; the exit code is 3 when it was never published so."""
    from bot.answering.intents import Intent

    asked = asked_dates(since, until)
    return _done(ctx.obj, Intent.QUOTE, " ".join(text), asked, outlet, as_json)


def _done(
    invocation: Invocation,
    intent: Intent,
    text: str,
    dates: Scope,
    outlet: list[str] | None,
    as_json: bool,
) -> int:
    from bot.answering.request import Request
    from bot.answering.tasks import worded

    task = worded(intent, text, invocation.texts.language)
    with opened(invocation) as (parts, bars):
        scope = with_outlets(dates, outlet, parts)
        request = Request(task, parts.today(), scope=scope)
        answering = parts.answering
        bars.stop()
        answer = watched_answer(answering, request, None if as_json else invocation.texts)
    if as_json:
        print_json(answer_as_json(answer, invocation.texts))
    return _NOTHING_FOUND if answer.status in (Status.REFUSED, Status.PASSAGES) else 0


def read_text(words: list[str]) -> str:
    """The text that is given: its words, a file's, or those of standard input for ``-``.

    Raises:
        BadUse: a file is no text; it is a folder.
        NotFound: one word that can only be the name of a file is none (``path_missing``).
    """
    if words == ["-"]:
        return sys.stdin.read(_MAX_BYTES)
    path = Path(words[0]) if len(words) == 1 else None
    try:
        if path is None or not path.is_file():
            if path is not None and _FILE_NAME.fullmatch(legible(path.name)):
                raise NotFound("path_missing", path=str(path))
            if path is not None and path.is_dir():
                raise BadUse("check_folder", path=path)
            return " ".join(words)
        with path.open("rb") as file:
            return file.read(_MAX_BYTES).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadUse("check_file", path=path) from None
    except (OSError, ValueError):  # a text too long for a name, or with a NUL
        return " ".join(words)
