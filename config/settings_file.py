"""The settings file, written: options set in a text that keeps everything else, and its secrets."""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from copy import deepcopy
from importlib.resources import files
from pathlib import Path
from typing import Any
from uuid import uuid4

from config.places import SettingsError

Value = str | list[int] | None
"""What an option is set to; None takes it out."""

_HEADER = re.compile(r"\s*\[")
_PUBLIC, _PRIVATE = 0o644, 0o600


def example() -> str:
    """A file with every option and its default, each in a comment."""
    return files("config").joinpath("kiosque.toml").read_text(encoding="utf-8")


def edited(text: str, values: Mapping[str, Value]) -> str:
    """A settings file with some options set, everything else as it was, comments included.

    Args:
        text: the file as it is.
        values: by dotted names; an option that stands there in a comment is set in its place.

    Raises:
        SettingsError: the file is no TOML, or is written in a way that cannot be changed so.
    """
    try:
        expected = _with_values(tomllib.loads(text), values)
        lines = text.splitlines()
        for name, value in values.items():
            section, _, option = name.rpartition(".")
            lines = _with_option(lines, section, option, value)
        result = "\n".join(lines) + "\n"
        if tomllib.loads(result) == expected:
            return result
    except (tomllib.TOMLDecodeError, TypeError, AttributeError):
        pass
    raise SettingsError("settings_not_editable", names=", ".join(values))


def write(path: Path, text: str, *, private: bool = False) -> None:
    """Write a file in one step; a private one can be read by its owner only.

    Raises:
        OSError: there is no room, or no right.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{uuid4().hex}")
    mode = _PRIVATE if private else _mode(path)
    try:
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def _mode(path: Path) -> int:
    """The mode of the file that is there: one that others may not read stays so."""
    with suppress(OSError):
        return path.stat().st_mode & 0o777
    return _PUBLIC


def _with_values(tree: dict[str, Any], values: Mapping[str, Value]) -> dict[str, Any]:
    """The tables of a file after the change."""
    tree = deepcopy(tree)
    for name, value in values.items():
        *sections, option = name.split(".")
        table = tree
        for section in sections if value is not None else ():
            table = table.setdefault(section, {})
        if value is not None:
            table[option] = value
            continue
        for section in sections:
            table = table.get(section, {})
        table.pop(option, None)
    return tree


def _with_option(lines: list[str], section: str, option: str, value: Value) -> list[str]:
    """The lines with one option set, or taken out."""
    start, end = _section(lines, section)
    new = [] if value is None else [f"{option} = {json.dumps(value, ensure_ascii=False)}"]
    for pattern in (rf"\s*{option}\s*=", rf"#\s*{option}\s*="):
        found = next((n for n in range(start, end) if re.match(pattern, lines[n])), None)
        if found is not None and (new or not lines[found].startswith("#")):
            after = found + 1 if lines[found].startswith("#") else _end_of_value(lines, found)
            return [*lines[:found], *new, *lines[after:]]
    if not new:
        return lines
    if section and not start:  # the file has no such section
        return [*lines, "", f"[{section}]", *new]
    return [*lines[:start], *new, *lines[start:]]


def _section(lines: list[str], section: str) -> tuple[int, int]:
    """Where the options of a section begin and end; ``0, 0`` when there is none."""
    headers = [n for n, line in enumerate(lines) if _HEADER.match(line)]
    if not section:
        return 0, headers[0] if headers else len(lines)
    own = re.compile(rf"\s*\[\s*{re.escape(section)}\s*\]\s*(#.*)?$")
    for header, following in zip(headers, [*headers, len(lines)][1:], strict=True):
        if own.match(lines[header]):
            return header + 1, following
    return 0, 0


def _end_of_value(lines: list[str], start: int) -> int:
    """The line after an option, which may go over several."""
    for end in range(start + 1, len(lines) + 1):
        with suppress(tomllib.TOMLDecodeError):
            tomllib.loads("\n".join(lines[start:end]))
            return end
    return start + 1
