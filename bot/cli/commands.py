"""The commands, and how Typer is told of them; what they do is in modules imported when used."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.translated import Command, Group

app = typer.Typer(
    cls=Group,
    help="help.about",
    add_completion=False,
    rich_markup_mode=None,  # Rich would double the time of --help
    pretty_exceptions_enable=False,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Json = Annotated[bool, typer.Option("--json", help="help.json")]
By = Annotated[str | None, typer.Option("--by", metavar="NAME", help="help.by")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="help.yes")]
JsonLines = Annotated[bool, typer.Option("--json", help="help.chat.json")]


@app.callback()
def kiosque(
    ctx: typer.Context,
    config: Annotated[  # noqa: ARG001 - `bot.cli.start` reads it, before the language is known
        Path | None, typer.Option("--config", help="help.config_option", metavar="PATH")
    ] = None,
    version: Annotated[bool, typer.Option("--version", help="help.version")] = False,
    progress: Annotated[
        bool, typer.Option("--progress", help="help.progress", hidden=True)
    ] = False,
) -> None:
    """Show the version, or the help when no command is named."""
    ctx.obj.telling = progress
    if version:
        from bot.version import installed

        typer.echo(f"kiosque {installed('kiosque')}")
        raise typer.Exit
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())


@app.command("config", cls=Command, help="help.config.about")
def show_config(
    ctx: typer.Context,
    as_json: Json = False,
    example: Annotated[bool, typer.Option("--example", help="help.config.example")] = False,
) -> None:
    """Show the settings in force, or a file to start one's own from."""
    from bot.cli import settings_view

    if example:
        typer.echo(settings_view.example(), nl=False)
    else:
        settings_view.show(ctx.obj, as_json=as_json)


@app.command("index", cls=Command, help="help.index.about")
def index(
    ctx: typer.Context,
    sources: Annotated[list[str], typer.Argument(metavar="SOURCE", help="help.index.sources")],
    prune: Annotated[bool, typer.Option("--prune", help="help.index.prune")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="help.index.dry_run")] = False,
    explain: Annotated[bool, typer.Option("--explain", help="help.index.explain")] = False,
    yes: Yes = False,
    by: By = None,
    as_json: Json = False,
) -> int:
    """Take articles in."""
    from bot.cli import indexing

    order = indexing.Order(tuple(sources), prune, dry_run, explain, yes, by)
    return indexing.index(ctx.obj, order, as_json=as_json)


@app.command("watch", cls=Command, help="help.watch.about")
def watch(
    ctx: typer.Context,
    sources: Annotated[
        list[str] | None, typer.Argument(metavar="SOURCE", help="help.watch.sources")
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="help.watch.once")] = False,
    every: Annotated[
        float | None, typer.Option("--every", min=1, metavar="SECONDS", help="help.watch.every")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="help.watch.json")] = False,
) -> int:
    """Follow folders and feeds."""
    from bot.cli import watching

    order = watching.Order(tuple(sources or ()), once, every)
    return watching.watch(ctx.obj, order, as_json=as_json)


@app.command("feeds", cls=Command, help="help.feeds.about")
def feeds(
    ctx: typer.Context,
    action: Annotated[
        str | None, typer.Argument(metavar="ACTION", help="help.feeds.action")
    ] = None,
    url: Annotated[str | None, typer.Argument(metavar="URL", help="help.feeds.url")] = None,
    as_json: Json = False,
) -> None:
    """List the feeds that are followed, or change the list."""
    from bot.cli import feeds as listed

    listed.feeds(ctx.obj, action, url, as_json=as_json)


QuestionWords = Annotated[list[str], typer.Argument(metavar="QUESTION", help="help.ask.question")]
Since = Annotated[str | None, typer.Option("--since", metavar="DATE", help="help.ask.since")]
Until = Annotated[str | None, typer.Option("--until", metavar="DATE", help="help.ask.until")]
Outlets = Annotated[
    list[str] | None, typer.Option("--outlet", metavar="NAME", help="help.ask.outlet")
]


@app.command("ask", cls=Command, help="help.ask.about")
def ask(
    ctx: typer.Context,
    question: QuestionWords,
    since: Since = None,
    until: Until = None,
    outlet: Outlets = None,
    as_json: Json = False,
) -> int:
    """Answer a question, with citations; 3 when it is refused."""
    from bot.cli import asking

    asked = asking.Asking(" ".join(question), since, until, tuple(outlet or ()))
    return asking.ask(ctx.obj, asked, as_json=as_json)


@app.command("chat", cls=Command, help="help.chat.about")
def chat(ctx: typer.Context, as_json: JsonLines = False) -> None:
    """Answer questions in a conversation."""
    from bot.cli.chat import chat as converse

    converse(ctx.obj, as_json=as_json)


@app.command("search", cls=Command, help="help.search.about")
def search(
    ctx: typer.Context,
    question: QuestionWords,
    since: Since = None,
    until: Until = None,
    outlet: Outlets = None,
    k: Annotated[
        int | None, typer.Option("-k", min=1, max=100, metavar="NUMBER", help="help.search.k")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show the passages that come nearest to a question."""
    from bot.cli import asking

    asked = asking.Asking(" ".join(question), since, until, tuple(outlet or ()))
    asking.search(ctx.obj, asked, k, as_json=as_json)


@app.command("articles", cls=Command, help="help.articles.about")
def articles(ctx: typer.Context, as_json: Json = False) -> None:
    """List what the archive holds."""
    from bot.cli import archive

    archive.articles(ctx.obj, as_json=as_json)


@app.command("show", cls=Command, help="help.show.about")
def show(
    ctx: typer.Context,
    article_id: Annotated[str, typer.Argument(metavar="ID", help="help.show.id")],
    as_json: Json = False,
) -> None:
    """Show an article."""
    from bot.cli import archive

    archive.show(ctx.obj, article_id, as_json=as_json)


@app.command("doctor", cls=Command, help="help.doctor.about")
def doctor(
    ctx: typer.Context,
    repair: Annotated[bool, typer.Option("--repair", help="help.doctor.repair")] = False,
    again: Annotated[bool, typer.Option("--again", help="help.doctor.again")] = False,
    as_json: Json = False,
) -> int:
    """Check the archive, its indexes and the models; 1 when something is wrong."""
    from bot.cli import checkup

    return checkup.doctor(ctx.obj, repair=repair, again=again, as_json=as_json)


@app.command("evaluate", cls=Command, help="help.evaluate.about")
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
    """Measure retrieval and answers on questions with known answers."""
    from bot.cli import evaluating

    wanted = evaluating.Wanted(
        file, split, answers, details, save, against, unanswerable, report, seed
    )
    evaluating.evaluate(ctx.obj, wanted, as_json=as_json)


@app.command("bot", cls=Command, help="help.bot.about")
def bot(ctx: typer.Context) -> None:
    """Run the Telegram bot."""
    from bot.cli import serving

    serving.serve(ctx.obj)


@app.command("feedback", cls=Command, help="help.feedback.about")
def feedback(ctx: typer.Context, as_json: Json = False) -> None:
    """Show what readers thought of the bot's answers."""
    from bot.cli import past as shown

    shown.feedback(ctx.obj, as_json=as_json)
