"""What the code imports is named in ``pyproject.toml``, and the locks hold it and no address."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions

import pytest

from tests.source import PACKAGES, ROOT, syntax_trees

PART_OF = {"pydantic_core"}  # pydantic pins its one version
EXTRA = {"torch"}  # of the extra that trains the reader; not in the locks
OURS = {*PACKAGES, "tests"}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCKS = {
    "requirements.lock": PROJECT["dependencies"],
    "requirements-dev.lock": PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dev"],
}


def named(requirements: list[str]) -> set[str]:
    """The distributions of requirements, as the registry compares names."""
    heads = (re.match(r"[\w.-]+", requirement) for requirement in requirements)
    return {normal(head[0]) for head in heads if head}


def normal(name: str) -> str:
    """A name of a distribution, as the registry compares them."""
    return re.sub(r"[-_.]+", "-", name).lower()


def imported(*, tests: bool) -> set[str]:
    """The foreign packages that our modules import, those of the tests too or not."""
    names: set[str] = set()
    trees = list(syntax_trees().values())
    if tests:
        trees += (ast.parse(path.read_text("utf-8")) for path in (ROOT / "tests").rglob("*.py"))
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").partition(".")[0])
    return names - OURS - PART_OF - EXTRA - set(sys.stdlib_module_names)


@pytest.mark.parametrize(
    ("tests", "lock"), [(False, "requirements.lock"), (True, "requirements-dev.lock")]
)
def test_what_is_imported_is_asked_for(tests: bool, lock: str) -> None:
    """No module leans on a package that happens to come with another."""
    owners = packages_distributions()
    found = {
        package: {normal(name) for name in owners.get(package, [package])}
        for package in imported(tests=tests)
    }
    assert found
    assert not {package for package, names in found.items() if not names & named(LOCKS[lock])}


@pytest.mark.parametrize("lock", LOCKS)
def test_locks_hold_what_is_asked_for(lock: str) -> None:
    """Each package of ``pyproject.toml`` is locked: a clean clone installs all of them."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    locked = {normal(name) for name in re.findall(r"^([\w.-]+)==", text, re.MULTILINE)}
    assert named(LOCKS[lock]) <= locked
    assert "://" not in text


def test_untyped_packages_have_their_stubs() -> None:
    """A package whose types come apart has them among the tools: mypy runs in a clean clone."""
    tools = named(PROJECT["optional-dependencies"]["dev"])
    assert {"types-pyyaml", "types-regex"} <= tools
