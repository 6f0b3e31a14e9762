"""Secrets are taken out of a text, all of them and nothing else."""

from __future__ import annotations

import pytest

from config.masking import MASK, masked


@pytest.mark.parametrize(
    ("text", "secrets", "expected"),
    [
        ("key sk-1 and sk-1", ["sk-1"], f"key {MASK} and {MASK}"),
        ("a b", ["a", "b"], f"{MASK} {MASK}"),
        ("nothing set", [""], "nothing set"),
        ("nothing", [], "nothing"),
    ],
)
def test_secrets_are_masked(text: str, secrets: list[str], expected: str) -> None:
    """Everywhere they stand; a secret that is not set hides nothing."""
    assert masked(text, secrets) == expected
