"""Generations that are held open: closed when nobody uses them, whoever lets them go first."""

from __future__ import annotations

from pathlib import Path

from retrieval.index.generations import Leases, Places
from tests.retrieval.library import indexer, write_folder


def test_what_is_in_use_is_closed_by_its_last_user(tmp_path: Path) -> None:
    """A repair lets go of all generations while a question reads one of them."""
    home = tmp_path / "home"
    indexer(home).index([write_folder(tmp_path / "in", 3)])
    leases = Leases(Places(home))
    (number,) = Places(home).numbers()
    with leases.of(number) as generation:
        leases.close()
        assert generation.vectors.count() > 0
    with leases.of(number) as again:
        assert again is not generation
    leases.close()
