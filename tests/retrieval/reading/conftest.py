"""What the reading tests share: the rules that come with Kiosque, a date, and a reader."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from retrieval.reading import CleaningRules, Sandbox, load_rules, read
from retrieval.vocabulary import Draft, LeftOut, Unreadable

ROOT = Path(__file__).parents[3]
TODAY = date(2026, 11, 23)
LIMIT_BYTES = 1_000_000

CASES = ROOT / "tests" / "data" / "cases"

Reading = Callable[[Path], tuple[list[Draft], list[Unreadable]]]
ReadingAll = Callable[[Path], list[Draft | Unreadable | LeftOut]]


@pytest.fixture(scope="session")
def rules() -> CleaningRules:
    """The cleaning rules that come with Kiosque."""
    return load_rules(ROOT / "config" / "reading" / "cleaning.toml")


@pytest.fixture(scope="session")
def parser() -> Iterator[Sandbox]:
    """The process that parses, shared by the tests."""
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def reading(rules: CleaningRules, parser: Sandbox) -> Reading:
    """Read a file: its drafts, and what is wrong with it."""

    def run(path: Path) -> tuple[list[Draft], list[Unreadable]]:
        items = list(read(path, path.name, rules, LIMIT_BYTES, TODAY, parser))
        drafts = [item for item in items if isinstance(item, Draft)]
        return drafts, [item for item in items if isinstance(item, Unreadable)]

    return run


@pytest.fixture
def reading_all(rules: CleaningRules, parser: Sandbox) -> ReadingAll:
    """Read a file: all that it gives, in its order."""

    def run(path: Path) -> list[Draft | Unreadable | LeftOut]:
        return list(read(path, path.name, rules, LIMIT_BYTES, TODAY, parser))

    return run
