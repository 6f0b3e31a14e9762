"""The start and the end of every command: its language, its exit code, and what goes wrong."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from typer.exceptions import TyperException

from bot.cli.invocation import Invocation, opened
from bot.cli.output import prepare_streams, show_failure
from bot.cli.translated import TranslatedGroup, bad_use, command, translated_group, typer_app
from bot.messages.errors import explained
from retrieval.errors import KiosqueError
from retrieval.text.file_names import is_utf8, legible

COMMANDS = {
    "setup": "bot.cli.setup",
    "config": "bot.cli.settings",
    "index": "bot.cli.index",
    "watch": "bot.cli.watch",
    "feeds": "bot.cli.feeds",
    "ask": "bot.cli.ask",
    "check": "bot.cli.check",
    "quote": "bot.cli.check",
    "chat": "bot.cli.chat",
    "search": "bot.cli.ask",
    "follow": "bot.cli.subjects",
    "following": "bot.cli.subjects",
    "chrono": "bot.cli.dossier",
    "dossier": "bot.cli.dossier",
    "verify": "bot.cli.dossier",
    "articles": "bot.cli.articles",
    "show": "bot.cli.articles",
    "doctor": "bot.cli.doctor",
    "evaluate": "bot.cli.evaluate",
    "bot": "bot.cli.start",
    "mcp": "bot.cli.mcp",
    "feedback": "bot.cli.articles",
    "gaps": "bot.cli.desk",
    "status": "bot.cli.desk",
    "members": "bot.cli.desk",
    "withdraw": "bot.cli.changes",
    "correct": "bot.cli.changes",
    "rollback": "bot.cli.changes",
    "history": "bot.cli.changes",
    "answers": "bot.cli.articles",
    "errata": "bot.cli.errata",
    "boilerplate": "bot.cli.maintenance",
    "rebuild": "bot.cli.maintenance",
    "compact": "bot.cli.maintenance",
    "backup": "bot.cli.maintenance",
    "restore": "bot.cli.maintenance",
}
"""The module of each command, in the order of the help; imported when the command is used."""

INTERRUPTED = 130
_BROKEN_PIPE = 141  # the exit code that a shell gives a program whose reader has gone

app = typer_app(
    cls=TranslatedGroup,
    help="help.about",
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def kiosque(
    ctx: typer.Context,
    config: Annotated[  # noqa: ARG001 - `run` reads it, before the language is known
        Path | None, typer.Option("--config", help="help.config_option", metavar="PATH")
    ] = None,
    version: Annotated[bool, typer.Option("--version", help="help.version")] = False,
) -> None:
    """Show the version, or the help when no command is named."""
    if version:
        from bot.version import installed

        typer.echo(f"kiosque {installed('kiosque')}")
        raise typer.Exit
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())


@command(app, "bot")
def bot(
    ctx: typer.Context,
    worker: Annotated[int, typer.Option("--worker", hidden=True)] = 0,
    socket: Annotated[Path | None, typer.Option("--socket", hidden=True)] = None,
) -> int:
    """Run the Telegram bot until a signal; a worker of it is started by the bot alone."""
    from bot.telegram.start import run as serve
    from bot.telegram.start import work

    invocation: Invocation = ctx.obj
    language, secrets = invocation.texts.language, invocation.secrets
    with opened(invocation) as (parts, _):
        if socket is None:
            return serve(parts, language, secrets, partial(_worker_command, invocation.named))
        from bot.telegram.relay import WorkerPlace

        work(parts, language, secrets, WorkerPlace(worker, socket))
    return 0


def _worker_command(named: Path | None, number: int, socket: Path) -> list[str]:
    """What starts a worker of the bot with the same settings."""
    config = ["--config", str(named)] if named is not None else []
    chosen = ["bot", "--worker", str(number), "--socket", str(socket)]
    return [sys.executable, "-m", "bot.cli", *config, *chosen]


def run(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; see `bot.cli.main`."""
    words = [_as_meant(word) for word in config_first(sys.argv[1:] if argv is None else argv)]
    invocation = Invocation(_settings_file(words))
    prepare_streams()
    try:
        code = _run(words, invocation)
        sys.stdout.flush()
    except BrokenPipeError:
        # The rest of the buffer has no reader: let the interpreter flush it to nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _BROKEN_PIPE
    return code


def config_first(words: Sequence[str]) -> list[str]:
    """The words of a command with ``--config PATH`` first, wherever it was written.

    It is an option of ``kiosque`` itself, and people write it after the command as well.
    """
    head, tail = list(words), []
    if "--" in head:
        cut = head.index("--")
        head, tail = head[:cut], head[cut:]
    for at, word in enumerate(head):
        if word == "--config" and at + 1 < len(head):
            return [*head[at : at + 2], *head[:at], *head[at + 2 :], *tail]
        if word.startswith("--config="):
            return [word, *head[:at], *head[at + 1 :], *tail]
    return list(words)


def _as_meant(word: str) -> str:
    """A word as its letters, if a terminal of another encoding wrote it, and it is no path."""
    if is_utf8(word):
        return word
    paths = (word, word.partition("=")[2])
    places = [place for path in paths for place in (path, os.path.dirname(path))]
    is_path = any(os.path.lexists(place) for place in places if not is_utf8(place))
    return word if is_path else legible(word)


def _settings_file(words: Sequence[str]) -> Path | None:
    if len(words) > 1 and words[0] == "--config":
        return Path(words[1])
    if words and words[0].startswith("--config="):
        return Path(words[0].partition("=")[2])
    return None


def _run(words: list[str], invocation: Invocation) -> int:
    """Run the command; every error but a broken pipe ends as a sentence and a code."""
    as_json = "--json" in words
    try:
        code = _exit_code(words, invocation)
        # Typer itself makes this code of an interruption inside a command.
        return _interrupted(invocation) if code == INTERRUPTED else code
    except (KeyboardInterrupt, typer.Abort):
        return _interrupted(invocation)
    except BrokenPipeError:
        raise
    except KiosqueError as error:
        show_failure(explained(error, invocation.texts), as_json=as_json)
        return error.exit_code
    except Exception as error:
        show_failure(invocation.unexpected(error), as_json=as_json)
        return 1


def _exit_code(words: list[str], invocation: Invocation) -> int:
    """Have Typer run the command, in our own errors."""
    group = translated_group(app, COMMANDS, invocation.texts)
    try:
        result = group.main(words, "kiosque", standalone_mode=False, obj=invocation)
    except TyperException as error:
        raise bad_use(error) from error
    # A command returns its exit code, or nothing when it is done.
    return result if isinstance(result, int) else 0


def _interrupted(invocation: Invocation) -> int:
    """Say it in a word, on a line of its own: a terminal has just shown ``^C``."""
    before = "\n" if sys.stderr.isatty() else ""
    sys.stderr.write(f"{before}{invocation.texts.text('run.interrupted')}\n")
    return INTERRUPTED
