"""Verdicts and choices, as models of all sizes write them."""

from __future__ import annotations

import pytest

from bot.answering.verifying import parse_choice, parse_verdict


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("oui", True),
        ("Oui.", True),
        ("**Yes**", True),
        ("« non »", False),
        ("No, the date differs.", False),
        (" \n- NON", False),
        ("", None),
        ("12", None),
        ("La phrase est correcte.", None),
        ("ouiiii", None),
        ("x" * 100_000 + " oui", None),
    ],
)
def test_verdicts(written: str, said: bool | None) -> None:
    """The first word counts, whatever stands around it; another word is no verdict."""
    assert parse_verdict(written) is said


@pytest.mark.parametrize(
    ("written", "numbers"),
    [
        ("3", (3,)),
        ("3, 1 et 2, 4", (3, 1, 2)),
        ("[2] [2]", (2,)),
        ("0", ()),
        ("0, 3", ()),
        ("Phrases 4 et 0", (4,)),
        ("99", None),
        ("1000000", None),
        ("aucune", None),
        ("", None),
    ],
)
def test_choices(written: str, numbers: tuple[int, ...] | None) -> None:
    """Numbers of the list, each once, three at most; none of them is not the same as nonsense."""
    assert parse_choice(written, 9) == numbers
