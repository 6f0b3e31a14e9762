"""The product's own code, for tests that read it: parsed once a process, which takes a second."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

ROOT = Path(__file__).parents[1]
PACKAGES = ("config", "prompts", "retrieval", "bot")


@cache
def syntax_trees() -> Mapping[str, ast.Module]:
    """The syntax tree of each module, by its path from the root of the repository."""
    paths = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    assert len(paths) > 100
    return MappingProxyType(
        {path.relative_to(ROOT).as_posix(): ast.parse(path.read_text("utf-8")) for path in paths}
    )
