"""The error tree: one module, drawn in its docstring, whole after a trip between processes."""

from __future__ import annotations

import ast
import pickle
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from retrieval import errors
from retrieval.change.report import PlanChanged
from retrieval.errors import KiosqueError
from tests.source import syntax_trees


def below(kind: type[KiosqueError]) -> Iterator[type[KiosqueError]]:
    """A class of the tree and all that descend from it."""
    yield kind
    for child in kind.__subclasses__():
        yield from below(child)


TREE = tuple(below(KiosqueError))


def test_every_class_is_drawn() -> None:
    """The docstring's tree has every class, with its code of exit above it."""
    drawn = re.findall(r"(?:── |^)([A-Z]\w+)", str(errors.__doc__), re.MULTILINE)
    assert [n for n in drawn if hasattr(errors, n) or n == "PlanChanged"] == [
        k.__name__ for k in TREE
    ]


def test_the_tree_is_in_one_module() -> None:
    """No module but this one and that of reports makes a class of the tree."""
    names = {kind.__name__ for kind in TREE}
    made = {
        node.name: path
        for path, module in syntax_trees().items()
        for node in ast.walk(module)
        if isinstance(node, ast.ClassDef) and names & {ast.unparse(base) for base in node.bases}
    }
    assert set(made.values()) == {"retrieval/errors.py", "retrieval/change/report.py"}
    assert made["PlanChanged"] == "retrieval/change/report.py"


def test_exit_codes() -> None:
    """What the caller may correct ends with 2, everything else with 1."""
    assert {kind: kind.exit_code for kind in TREE} == {
        kind: 2 if issubclass(kind, errors.BadUse) else 1 for kind in TREE
    }


@pytest.mark.parametrize(
    "kind", [k for k in TREE if k is not PlanChanged], ids=lambda kind: kind.__name__
)
def test_error_keeps_its_class_between_processes(kind: type[KiosqueError]) -> None:
    """Pickled and read again, an error has its class, its key, its facts and its text."""
    error = kind("index_damaged", path=Path("a"), detail="b")
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    assert (type(again), again.key, again.facts) == (kind, error.key, error.facts)
    assert str(again) == str(error)


def decided_on(node: ast.AST) -> list[ast.expr]:
    """What a comparison, a ``match`` or a look at how a text begins decides on."""
    match node:
        case ast.Compare():
            return [node.left, *node.comparators]
        case ast.Match():
            return [node.subject]
        case ast.Call(func=ast.Attribute(value=value, attr="startswith" | "endswith")):
            return [value]
    return []


def test_no_code_decides_by_a_key() -> None:
    """Classes are what ``except`` chooses by: no key of an error is compared to anything."""
    key = re.compile(r"(error|damage|problem|caught|failure|fault)\.key$")
    compared = [
        f"{path}:{part.lineno} {ast.unparse(part)}"
        for path, module in syntax_trees().items()
        for node in ast.walk(module)
        for part in decided_on(node)
        if key.search(ast.unparse(part))
    ]
    assert compared == []
