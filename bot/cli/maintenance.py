"""``kiosque backup``, ``restore``, ``rebuild``, ``compact``, ``boilerplate``: for an archive."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.invocation import Invocation, author, opened
from bot.cli.json_values import backup_as_json, rebuild_as_json
from bot.cli.output import confirmed, display, harmless, print_json
from bot.cli.translated import By, Json, Yes, command, typer_app
from bot.messages.answers import coverage_line
from bot.options import change_options, cleaning_rules, reading_limits
from retrieval.errors import BadUse, Failed
from retrieval.text.file_names import shown_name

if TYPE_CHECKING:
    from bot.app import Kiosque
    from bot.cli.output import Bars
    from bot.messages.catalogue import Catalogue
    from retrieval.change.backup import Backup
    from retrieval.reading.text.boilerplate import Proposal
    from retrieval.vocabulary import Draft

app = typer_app()

OTHERS = ("bot.db", "watch.db", "chat", "uploads", "cleaning.toml")
"""What goes with the archive: no settings, which may hold secrets."""

_MAX_NAME_CHARS = 60
"""Of a cleaning rule that is proposed."""


@command(app, "backup")
def backup(
    ctx: typer.Context,
    path: Annotated[Path, typer.Argument(metavar="FILE", help="help.backup.file")],
    force: Annotated[bool, typer.Option("--force", help="help.backup.force")] = False,
    as_json: Json = False,
) -> None:
    """Write the archive into one file, while the bot runs or not.

    Raises:
        BadUse: the file is there already, and is not to be replaced.
    """
    from retrieval.change.backup import backup as write

    invocation: Invocation = ctx.obj
    with opened(invocation) as (parts, _):
        made = write(parts.places, path, OTHERS, replaced=force)
    if as_json:
        print_json(backup_as_json(path, made))
        return
    texts = invocation.texts
    size = texts.number(made.bytes / 1e6, 1)
    line = texts.text("backup.done", count=made.articles, path=shown_name(path), size=size)
    display(line)


@command(app, "restore")
def restore(
    ctx: typer.Context,
    path: Annotated[Path, typer.Argument(metavar="FILE", help="help.restore.file")],
    yes: Yes = False,
    by: By = None,
    as_json: Json = False,
) -> None:
    """Bring a backup back, in place of what is there.

    Raises:
        BadUse: there is an archive, and nobody said that it may be replaced; or the file
            is no backup.
    """
    from retrieval.change.backup import inspect
    from retrieval.change.backup import restore as bring_back

    invocation: Invocation = ctx.obj
    texts = invocation.texts
    with opened(invocation) as (parts, bars):
        saved = inspect(path)
        if parts.places.archive.exists() and not yes and not _confirmed(saved, texts):
            raise BadUse("restore_unconfirmed", path=str(parts.places.archive))
        how = change_options(parts.settings, author(by))
        coverage = bring_back(parts.places, path, OTHERS, how, bars)
    if as_json:
        print_json({"path": shown_name(path), "articles": coverage.articles})
    else:
        display(f"{texts.text('restore.done')} {coverage_line(texts, coverage)}")


def _confirmed(saved: Backup, texts: Catalogue) -> bool:
    made = texts.date(saved.made.date())
    return confirmed(texts.text("restore.confirm", count=saved.articles, date=made), texts)


@command(app, "rebuild")
def rebuild(ctx: typer.Context, by: By = None, as_json: Json = False) -> None:
    """Make passages, windows, vectors and indexes anew, as is set now."""
    from retrieval.change import rebuild as make_anew

    invocation: Invocation = ctx.obj
    with opened(invocation) as (parts, bars):
        how = change_options(parts.settings, author(by))
        made = make_anew(parts.places, parts.models.embedder, how, bars)
    if as_json:
        print_json(rebuild_as_json(made))
        return
    texts, sizes = invocation.texts, {"passages": made.passages, "windows": made.windows}
    took = texts.number(made.took_ms / 1000, 1)
    display(texts.text("rebuild.done", model=made.after.model, took=took, **sizes))


@command(app, "compact")
def compact(
    ctx: typer.Context,
    if_due: Annotated[bool, typer.Option("--if-due", help="help.compact.if_due")] = False,
    by: By = None,
    as_json: Json = False,
) -> None:
    """Make the base of the indexes anew, while questions are answered and changes made."""
    from retrieval.change.compaction import compact as make_base
    from retrieval.change.compaction import compact_if_due

    invocation: Invocation = ctx.obj
    with opened(invocation) as (parts, bars):
        how, share = change_options(parts.settings, author(by)), parts.settings.indexing.tail_share
        if if_due:
            made = compact_if_due(parts.places, how, share, bars)
        else:
            made = make_base(parts.places, how, bars)
    texts = invocation.texts
    if as_json:
        print_json(asdict(made) if made else {"change": None})
    elif made is None:
        display(texts.text("compact.not_due"))
    else:
        took = texts.number(made.took_ms / 1000, 1)
        display(texts.text("compact.done", windows=made.windows, before=made.before, took=took))


@command(app, "boilerplate")
def boilerplate(
    ctx: typer.Context,
    paths: Annotated[list[Path], typer.Argument(metavar="PATH", help="help.boilerplate.paths")],
    share: Annotated[
        float, typer.Option("--share", min=0.001, max=1, help="help.boilerplate.share")
    ] = 0.05,
    articles: Annotated[
        int, typer.Option("--articles", min=2, metavar="NUMBER", help="help.boilerplate.articles")
    ] = 5,
    toml: Annotated[bool, typer.Option("--toml", help="help.boilerplate.toml")] = False,
    as_json: Json = False,
) -> None:
    """Propose cleaning rules for what repeats across the articles of some files.

    Nothing is applied.

    Raises:
        NotFound: a path does not exist.
        Failed: there is no article in them.
    """
    from retrieval.reading.text.boilerplate import Boilerplate, BoilerplateLimits

    invocation: Invocation = ctx.obj
    with opened(invocation) as (parts, bars):
        counted = Boilerplate(BoilerplateLimits(share, articles))
        for draft in _drafts(parts, paths, bars):
            counted.add(draft)
        if not counted.articles:
            raise Failed("no_articles", paths=", ".join(map(str, paths)))
        found = counted.proposals()
    if as_json:
        print_json([asdict(proposal) for proposal in found])
    elif toml:
        sys.stdout.write(_toml(found))
    else:
        place = parts.settings.home / "cleaning.toml"
        _show(found, counted.articles, place, invocation.texts)


def _drafts(parts: Kiosque, paths: Sequence[Path], bars: Bars) -> Iterator[Draft]:
    from retrieval.reading import Sandbox, find_sources, read
    from retrieval.vocabulary import Draft

    rules = cleaning_rules(parts.settings.home)
    limit = parts.settings.indexing.max_file_mb * 1_000_000
    bars.stage("read", None)
    with Sandbox(reading_limits(parts.settings)) as parser:
        for source in find_sources(paths):
            if isinstance(source, Path):
                for each in read(source, str(source), rules, limit, parts.today(), parser):
                    if isinstance(each, Draft):
                        bars.advance(1)
                        yield each


def _show(found: Sequence[Proposal], articles: int, place: Path, texts: Catalogue) -> None:
    from bot.cli.render import folding_table, prose

    if not found:
        display(texts.text("boilerplate.none", count=articles))
        return
    columns = ("outlet", "share", "kind", "text")
    heads = [texts.text(f"boilerplate.column.{name}") for name in columns]
    table = folding_table(heads, wide=3)
    for each in found:
        share = texts.text("boilerplate.share", percent=round(100 * each.share))
        table.add_row(*map(prose, (each.outlet or "–", share, each.kind, each.text)))
    head = texts.text("boilerplate.found", count=len(found), articles=articles)
    display(prose(head), table, prose(texts.text("boilerplate.how", path=place), style="dim"))


def _toml(found: Iterable[Proposal]) -> str:
    """The rules as they would stand in ``cleaning.toml``; JSON's strings are TOML's, too."""
    rules = ["extends = true\n"]
    for each in found:
        fields = {
            "name": each.text[:_MAX_NAME_CHARS],
            "kind": each.kind,
            **({"outlet": each.outlet} if each.outlet else {}),
            "pattern": each.pattern,
            "why": f"in {each.articles} articles ({each.share:.0%}), such as {each.sources[0]}",
        }
        lines = (f"{key} = {_string(value)}" for key, value in fields.items())
        rules.append("[[rule]]\n" + "\n".join(lines) + "\n")
    return "\n".join(rules)


def _string(value: str) -> str:
    return json.dumps(harmless(value), ensure_ascii=False)
