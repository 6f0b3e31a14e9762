"""The shape of the house: names are unique, modules are neither crumbs nor heaps."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.source import ROOT, syntax_trees

MAX_LINES = 450
SMALL = 80
ALONE = {"bot.answering.chain": "LangChain is imported there, and nowhere else on that way"}
"""Small modules with one importer, each with the reason that it stands alone."""


@cache
def modules() -> dict[str, tuple[Path, ast.Module]]:
    """The path and the syntax tree of each module, by its dotted name."""
    found = {}
    for path, tree in syntax_trees().items():
        parts = Path(path).with_suffix("").parts
        name = ".".join(part for part in parts if part != "__init__")
        found[name] = ROOT / path, tree
    return found


def imported(tree: ast.Module) -> Iterator[str]:
    """The modules of ours that a module imports, wherever in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in modules())
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in modules() else node.module


def test_a_class_name_is_unique() -> None:
    """Whoever reads a name knows which class is meant; private ones too."""
    where: defaultdict[str, list[str]] = defaultdict(list)
    for name, (_, tree) in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                where[node.name].append(name)
    assert len(where) > 100
    assert {name: names for name, names in where.items() if len(names) > 1} == {}


def test_no_module_is_a_heap() -> None:
    """A module is one noun of the field; one of so many lines is several."""
    lines = {
        name: len(path.read_text("utf-8").splitlines()) for name, (path, _) in modules().items()
    }
    assert {name: count for name, count in lines.items() if count > MAX_LINES} == {}


def test_no_module_is_a_crumb() -> None:
    """A small module with one importer belongs into it, unless it has a reason of its own."""
    importers: defaultdict[str, set[str]] = defaultdict(set)
    for name, (_, tree) in modules().items():
        for other in imported(tree):
            importers[other].add(name)
    small = {
        name
        for name, (path, _) in modules().items()
        if path.name not in ("__init__.py", "__main__.py")
        and len(path.read_text("utf-8").splitlines()) <= SMALL
        and len(importers[name]) == 1
    }
    assert small == set(ALONE)
