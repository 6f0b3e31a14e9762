"""The start and the end of every command: its language, its exit code, and what goes wrong."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import typer
from typer.exceptions import TyperException

from bot.cli import failures
from bot.cli.commands_archive import app
from bot.cli.invocation import Invocation
from bot.cli.output import prepare_streams
from bot.cli.translated import Group, bad_use, translate
from retrieval.errors import KiosqueError

INTERRUPTED = 130
_BROKEN_PIPE = 141  # what a shell reports of a program that nobody listens to any more


def run(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; see `bot.cli.main`."""
    words = config_first(sys.argv[1:] if argv is None else argv)
    invocation = Invocation(_named(words))
    prepare_streams()
    try:
        code = _run(words, invocation)
        sys.stdout.flush()
    except BrokenPipeError:
        # What is left in the buffer has no reader: let the interpreter flush it to nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _BROKEN_PIPE
    return code


def config_first(words: Sequence[str]) -> list[str]:
    """The words of a command with ``--config PATH`` first, wherever it was written.

    It belongs to ``kiosque`` itself, and people write it after the command as well.
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


def _named(words: Sequence[str]) -> Path | None:
    if len(words) > 1 and words[0] == "--config":
        return Path(words[1])
    if words and words[0].startswith("--config="):
        return Path(words[0].partition("=")[2])
    return None


def _run(words: list[str], invocation: Invocation) -> int:
    """Run the command; every error but a broken pipe ends as a sentence and a code."""
    as_json = "--json" in words
    try:
        code = _obeyed(words, invocation)
        # Typer itself makes this code of an interruption inside a command.
        return _interrupted(invocation) if code == INTERRUPTED else code
    except (KeyboardInterrupt, typer.Abort):
        return _interrupted(invocation)
    except BrokenPipeError:
        raise
    except KiosqueError as error:
        return _fail(error, invocation, as_json=as_json)
    except Exception as error:
        texts, home = invocation.texts, invocation.home
        failure = failures.unexpected(error, texts, home, invocation.secrets)
        failures.show(failure, as_json=as_json)
        return 1


def _obeyed(words: list[str], invocation: Invocation) -> int:
    """Have Typer run the command, in our own errors."""
    group = typer.main.get_group(app)
    assert isinstance(group, Group)  # noqa: S101 - said by `cls=` where the app is made
    translate(group, invocation.texts)
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


def _fail(error: KiosqueError, invocation: Invocation, *, as_json: bool) -> int:
    failures.show(failures.explained(error, invocation.texts), as_json=as_json)
    return error.exit_code
