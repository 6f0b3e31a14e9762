"""``kiosque backup`` and ``kiosque restore``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.cli.opened import opened
from bot.cli.output import confirmed, display, harmless, print_json
from bot.cli.who import who
from bot.messages.wording import coverage_line
from retrieval.errors import BadUse

if TYPE_CHECKING:
    from pathlib import Path

    from bot.cli.invocation import Invocation
    from bot.messages.catalogue import Catalogue
    from retrieval.change.backup import Backup

OTHERS = ("bot.db", "watch.db", "chat", "uploads", "cleaning.toml")
"""What goes with the archive: no settings, which may hold secrets."""


def backup(invocation: Invocation, path: Path, *, force: bool, as_json: bool) -> None:
    """Write a backup, while the bot runs or not.

    Raises:
        BadUse: the file is there already, and is not to be replaced.
    """
    from retrieval.change.backup import backup as write

    with opened(invocation) as (app, _):
        made = write(app.places, path, OTHERS, replaced=force)
    if as_json:
        print_json({"path": str(path), "articles": made.articles, "bytes": made.bytes})
        return
    texts = invocation.texts
    size = texts.number(made.bytes / 1e6, 1)
    line = texts.text("backup.done", count=made.articles, path=harmless(str(path)), size=size)
    display(line)


def restore(
    invocation: Invocation, path: Path, by: str | None, *, yes: bool, as_json: bool
) -> None:
    """Bring a backup back, in place of what is there.

    Raises:
        BadUse: there is an archive, and nobody said that it may be replaced; or the file
            is no backup.
    """
    from retrieval.change.backup import inspect
    from retrieval.change.backup import restore as bring_back

    texts = invocation.texts
    with opened(invocation) as (app, bars):
        held = inspect(path)
        if app.places.archive.exists() and not yes and not _confirmed(held, texts):
            raise BadUse("restore_unconfirmed", path=str(app.places.archive))
        coverage = bring_back(app.places, path, OTHERS, app.options(who(by)), bars)
    if as_json:
        print_json({"path": str(path), "articles": coverage.articles})
    else:
        display(f"{texts.text('restore.done')} {coverage_line(texts, coverage)}")


def _confirmed(held: Backup, texts: Catalogue) -> bool:
    made = texts.date(held.made.date())
    return confirmed(texts.text("restore.confirm", count=held.articles, date=made), texts)
