"""Typer in the reader's language: help texts are keys of the catalogue until they are shown.

The modules of the commands are imported when their command is used. Headings and lists are
written here, since those of Typer are in English only.
"""

# Typer keeps the classes of its contexts and formatters private: Any stands for them here.
# ruff: noqa: ANN401

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Annotated, Any, TypeVar

import typer
from typer.core import TyperCommand, TyperGroup, TyperOption
from typer.exceptions import TyperException

from bot.messages.catalogue import Catalogue
from retrieval.errors import BadUse

F = TypeVar("F", bound=Callable[..., Any])

Json = Annotated[bool, typer.Option("--json", help="help.json")]
By = Annotated[str | None, typer.Option("--by", metavar="NAME", help="help.by")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="help.yes")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="help.index.dry_run")]
ArticleId = Annotated[str, typer.Argument(metavar="ID", help="help.show.id")]


def typer_app(**attributes: Any) -> typer.Typer:
    """A Typer app for the commands of one module, without what Rich would add to it."""
    # Rich would double the time of --help.
    return typer.Typer(
        add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False, **attributes
    )


def command(app: typer.Typer, name: str) -> Callable[[F], F]:
    """Register a function as a command; ``help.NAME.about`` describes it."""
    return app.command(name, cls=TranslatedCommand, help=f"help.{name}.about")


class _Translated:
    """What a command and the group have in common: headings in the reader's language."""

    texts: Catalogue

    def get_help_option(self, ctx: Any) -> TyperOption | None:
        """The ``--help`` option, described in the reader's language."""
        option: TyperOption | None = super().get_help_option(ctx)  # type: ignore[misc]
        if option is not None:
            option.help = self.texts.text("help.help")
        return option

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        """Write the usage line."""
        pieces = ["[OPTIONS]"]
        pieces += [_placed(p) for p in _parameters(self, ctx, "argument")]
        pieces += [self.subcommand_metavar] if isinstance(self, TranslatedGroup) else []
        prefix = self.texts.text("help.usage")
        formatter.write_usage(ctx.command_path, " ".join(pieces), prefix=prefix)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the arguments and the options."""
        for kind, title in (("argument", "help.arguments"), ("option", "help.options")):
            parameters = _parameters(self, ctx, kind)
            rows = [(_typed(parameter), parameter.help or "") for parameter in parameters]
            if rows:
                with formatter.section(self.texts.text(title)):
                    formatter.write_dl(rows)


class TranslatedCommand(_Translated, TyperCommand):
    """A command whose help has our headings."""


class TranslatedGroup(_Translated, TyperGroup):
    """The ``kiosque`` command itself.

    Attributes:
        texts: the reader's language.
        modules: the module of each command, in the order of the help; its ``app`` is
            imported with the first use of the command.
    """

    modules: Mapping[str, str]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of a name.

        Raises:
            BadUse: there is none of that name; the error names the nearest.
        """
        if cmd_name not in self.commands:
            if cmd_name not in self.modules:
                raise _unknown("unknown_command", cmd_name, list(self.modules))
            module = import_module(self.modules[cmd_name])
            loaded = typer.main.get_group(module.app).commands[cmd_name]
            self.commands[cmd_name] = _translate(loaded, self.texts)
        return super().get_command(ctx, cmd_name)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the commands, then the options."""
        # Summaries go over several lines: a sentence that is cut says little.
        rows = [(name, self.texts.text(f"help.{name}.about")) for name in self.modules]
        with formatter.section(self.texts.text("help.commands")):
            formatter.write_dl(rows)
        super().format_options(ctx, formatter)


def translated_group(
    app: typer.Typer, modules: Mapping[str, str], texts: Catalogue
) -> TranslatedGroup:
    """The group of an app made with ``cls=TranslatedGroup``, in the reader's language."""
    group = typer.main.get_group(app)
    assert isinstance(group, TranslatedGroup)  # noqa: S101 - the app says so
    group.modules = modules
    group.subcommand_metavar = texts.text("help.command_metavar")
    group.epilog = texts.text("help.epilog")
    for one in (group, *group.commands.values()):
        _translate(one, texts)
    return group


def _translate(command: Any, texts: Catalogue) -> Any:
    """Replace the keys in the help of a command by their sentences."""
    command.texts = texts
    command.help = texts.text(command.help or "")
    for parameter in command.params:
        if getattr(parameter, "help", None):
            parameter.help = texts.text(parameter.help)
        if parameter.metavar:
            parameter.metavar = texts.text(f"help.metavar.{parameter.metavar.lower()}")
    return command


def bad_use(error: TyperException) -> BadUse:
    """What Typer found wrong with the words of a command, as one of our errors."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "kiosque"
    option = getattr(error, "option_name", None)
    if type(error).__name__ == "NoSuchOption" and option and context:
        known = [name for parameter in context.command.params for name in parameter.opts]
        return _unknown("unknown_option", option, known, command=command)
    name = option or _name(getattr(error, "param", None))
    if name is None:
        return BadUse("bad_usage", command=command)
    missing = type(error).__name__ == "MissingParameter" or option
    return BadUse("missing_value" if missing else "bad_value", name=name, command=command)


def _name(parameter: Any) -> str | None:
    """What a person types for a parameter: the option, or what stands for the argument."""
    if parameter is None:
        return None
    if parameter.param_type_name == "option":
        return str(parameter.opts[0])
    return str(parameter.metavar or parameter.name.upper())


def _unknown(key: str, name: str, known: list[str], **facts: str) -> BadUse:
    near = difflib.get_close_matches(name, known, n=1)
    if near:
        return BadUse(f"{key}_near", name=name, nearest=near[0], **facts)
    return BadUse(key, name=name, **facts)


def _parameters(command: Any, ctx: Any, kind: str) -> list[Any]:
    """The parameters of a kind: ``argument`` or ``option``."""
    return [p for p in command.get_params(ctx) if p.param_type_name == kind]


def _placed(argument: Any) -> str:
    """What stands for an argument where it is typed; an ellipsis when there may be several."""
    return f"{_name(argument)}{'…' if argument.nargs < 0 else ''}"


def _typed(parameter: Any) -> str:
    """What stands for a parameter in its list: ``-h, --help``, ``--since DATE``, ``ID``."""
    if parameter.param_type_name == "argument":
        return _placed(parameter)
    names = ", ".join(sorted(parameter.opts, key=len))
    return names if parameter.is_flag else f"{names} {parameter.metavar}"
