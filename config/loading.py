"""Settings from a file and the environment: which wins, what is wrong, and what is in force."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from types import MappingProxyType
from typing import Any, get_args
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from config.masking import MASK
from config.places import PREFIX, SettingsError, find_file, read_file
from config.settings import Settings

# pydantic's word for what is wrong: the catalogue's key for it.
_WRONG = {
    "int_parsing": "setting_not_integer",
    "int_type": "setting_not_integer",
    "int_from_float": "setting_not_integer",
    "float_parsing": "setting_not_number",
    "float_type": "setting_not_number",
    "greater_than": "setting_too_small",
    "greater_than_equal": "setting_too_small",
    "less_than_equal": "setting_too_large",
    "literal_error": "setting_not_one_of",
    "not_url": "setting_not_url",
    "not_header": "setting_not_header",
    "not_time_zone": "setting_not_time_zone",
}
_PATHS = ("watch.folders",)  # options that are a list of them
_BOUNDS = ("gt", "ge", "le")


@dataclass(frozen=True, slots=True)
class Loaded:
    """The settings, the file they were read from if any, and the origin of each that was set.

    ``origins`` maps a dotted name to the path of the file, or to the variable that set it.
    """

    settings: Settings
    file: Path | None
    origins: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Entry:
    """A value as somebody wrote it: under which name, in which file or variable."""

    name: str
    value: Any
    origin: str
    folder: Path  # what a relative path is relative to

    @property
    def from_environment(self) -> bool:
        return self.origin.startswith(PREFIX)

    @property
    def place(self) -> str:
        """What to look for, for people: the variable, or the name and its file."""
        return self.origin if self.from_environment else f"{self.name} ({self.origin})"


def options() -> dict[str, FieldInfo]:
    """Every option of the model, by its dotted name (``llm.base_url``)."""
    return dict(_walk(Settings, ""))


def secret_files() -> dict[str, str]:
    """The options that name a file with a secret in it, and the secret that each gives."""
    secrets = [name for name, info in options().items() if info.annotation is SecretStr]
    return {f"{name}_file": name for name in secrets}


def load(named: Path | None = None, environ: Mapping[str, str] = os.environ) -> Loaded:
    """Read the settings: defaults, then the file, then ``KIOSQUE_…`` variables.

    Args:
        named: the file that the user named, if any.
        environ: the environment; ``__`` stands between the levels of a name.

    Raises:
        SettingsError: an unknown option, a wrong value, a file that cannot be read.
    """
    return load_file(find_file(named, environ), environ)


def load_file(file: Path | None, environ: Mapping[str, str] = os.environ) -> Loaded:
    """Read the settings of a file, or without one; raises as `load`."""
    entries = [*(_of_file(file) if file else ()), *_of_environment(environ)]
    found = {entry.name: entry for entry in _resolved(entries)}
    try:
        settings = Settings.model_validate(_nested(found))
    except ValidationError as error:
        raise _explained(error.errors(include_input=False)[0], found) from None
    return Loaded(settings, file, MappingProxyType({n: e.origin for n, e in found.items()}))


def _walk(model: type[BaseModel], prefix: str) -> Iterator[tuple[str, FieldInfo]]:
    for name, info in model.model_fields.items():
        kind = info.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from _walk(kind, f"{prefix}{name}.")
        else:
            yield prefix + name, info


def _of_file(path: Path) -> Iterator[_Entry]:
    folder = path.parent.resolve()
    for name, value in _flat(read_file(path), ""):
        yield _Entry(name, value, str(path), folder)


def _flat(table: Mapping[str, Any], section: str) -> Iterator[tuple[str, Any]]:
    """The values of a table and of the sections inside it, by their dotted names."""
    for key, value in table.items():
        name = f"{section}{key}"
        if isinstance(value, dict) and any(known.startswith(f"{name}.") for known in options()):
            yield from _flat(value, f"{name}.")
        else:
            yield name, value


def _of_environment(environ: Mapping[str, str]) -> Iterator[_Entry]:
    for variable in sorted(name for name in environ if name.startswith(PREFIX)):
        name = variable.removeprefix(PREFIX).lower().replace("__", ".")
        yield _Entry(name, environ[variable], variable, Path.cwd())


def _resolved(entries: list[_Entry]) -> Iterator[_Entry]:
    """The entries under names of the model: files of secrets read, paths made absolute."""
    known, files = options(), secret_files()
    for entry in entries:
        if entry.name in files:
            if entry.value:
                yield _Entry(files[entry.name], _secret(entry), entry.origin, entry.folder)
        elif entry.name not in known:
            raise _unknown(entry, [*known, *files])
        elif entry.name in _PATHS and isinstance(entry.value, str | list):
            yield _Entry(entry.name, _paths(entry), entry.origin, entry.folder)
        elif _is_path(known[entry.name]) and isinstance(entry.value, str):
            if entry.value:
                path = entry.folder / Path(entry.value).expanduser()
                yield _Entry(entry.name, path, entry.origin, entry.folder)
        else:
            yield entry


def _paths(entry: _Entry) -> list[Any]:
    """A list of paths, made absolute; what is no path is left for the model to refuse."""
    given = entry.value.split(os.pathsep) if isinstance(entry.value, str) else entry.value
    return [
        entry.folder / Path(each).expanduser() if isinstance(each, str) else each
        for each in given
        if each != ""
    ]


def _is_path(info: FieldInfo) -> bool:
    return info.annotation is Path or Path in get_args(info.annotation)


def _secret(entry: _Entry) -> str:
    path = entry.folder / Path(str(entry.value)).expanduser()
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        detail = getattr(error, "strerror", None) or "UTF-8"
        raise SettingsError(
            "secret_unreadable", name=entry.place, path=str(path), detail=detail
        ) from None


def _unknown(entry: _Entry, known: list[str]) -> SettingsError:
    """The error for a name that is no option, with the nearest that is, written as it was."""
    last = entry.name.rpartition(".")[2]
    near = difflib.get_close_matches(entry.name, known, n=1, cutoff=0.5)
    near = near or [name for name in known if name.rpartition(".")[2] == last]
    if not near:
        return SettingsError("setting_unknown", name=entry.place)
    nearest = near[0]
    if entry.from_environment:
        nearest = PREFIX + nearest.replace(".", "__").upper()
    return SettingsError("setting_unknown_near", name=entry.place, nearest=nearest)


def _nested(found: Mapping[str, _Entry]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for name, entry in found.items():
        *sections, option = name.split(".")
        table = tree
        for section in sections:
            table = table.setdefault(section, {})
        table[option] = entry.value
    return tree


def _explained(error: ErrorDetails, found: Mapping[str, _Entry]) -> SettingsError:
    """pydantic's first complaint as one of ours; the value itself is never shown."""
    loc = [str(part) for part in error["loc"]]
    named = (".".join(loc[:parts]) for parts in range(len(loc), 0, -1))
    name = next(name for name in named if name in found)
    facts = {"name": found[name].place}
    for key, value in error.get("ctx", {}).items():
        if key in _BOUNDS:
            facts["bound"] = str(value)
        elif key == "expected":  # values in quotation marks, joined by an English "or"
            facts["bound"] = ", ".join(re.findall("'([^']*)'", value)) or str(value)
    return SettingsError(_WRONG.get(error["type"], "setting_wrong"), **facts)


# --- the settings in force, for people ---------------------------------------------------

Shown = str | int | float | list[int | str] | None


@dataclass(frozen=True, slots=True)
class Effective:
    """One setting in force; ``origin`` is a file, a variable, or None for the default."""

    key: str
    value: Shown
    origin: str | None


def effective(loaded: Loaded) -> tuple[Effective, ...]:
    """Every setting in force, in the order of the model, with secrets masked."""
    return tuple(
        Effective(name, _shown(attrgetter(name)(loaded.settings)), loaded.origins.get(name))
        for name in options()
    )


def secrets(loaded: Loaded) -> tuple[str, ...]:
    """The secrets in force, for whoever must keep them out of a text."""
    settings = loaded.settings
    held = [attrgetter(name)(settings).get_secret_value() for name in secret_files().values()]
    password = urlsplit(settings.chroma.url).password
    found = (*held, password, unquote(password or ""))
    return tuple(dict.fromkeys(secret for secret in found if secret))


def _shown(value: Any) -> Shown:  # noqa: ANN401 - a setting of any kind
    if isinstance(value, SecretStr):
        return MASK if value.get_secret_value() else ""
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, tuple):
        return [str(each) if isinstance(each, Path) else each for each in value]
    return _without_password(value) if isinstance(value, str) else value


def _without_password(text: str) -> str:
    """A web address whose name and password, if it has them, are masked."""
    parts = urlsplit(text)
    if parts.username is None:
        return text
    return parts._replace(netloc=f"{MASK}@{parts.netloc.rpartition('@')[2]}").geturl()
