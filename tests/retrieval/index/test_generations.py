"""Generations that are held open: closed when nobody uses them, whoever lets them go first."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from retrieval.index.generations import OpenGenerations, Places
from tests.retrieval.library import indexer, write_folder


def test_what_is_in_use_is_closed_by_its_last_user(tmp_path: Path) -> None:
    """A repair lets go of all generations while a question reads one of them."""
    home = tmp_path / "home"
    indexer(home).index([write_folder(tmp_path / "in", 3)])
    generations = OpenGenerations(Places(home))
    (number,) = Places(home).numbers()
    with generations.of(number) as generation:
        generations.close()
        assert generation.vectors.count() > 0
    with generations.of(number) as again:
        assert again is not generation
    generations.close()


def test_questions_go_on_while_a_repair_lets_go(tmp_path: Path) -> None:
    """However closing and asking meet, each question has its generation open; none stays open."""
    home = tmp_path / "home"
    indexer(home).index([write_folder(tmp_path / "in", 3)])
    places = Places(home)
    generations = OpenGenerations(places)
    (number,) = places.numbers()

    def ask() -> set[int]:
        counts = set()
        for _ in range(200):
            with generations.of(number) as generation:
                counts.add(len(generation.table))
        return counts

    with ThreadPoolExecutor(4) as pool:
        asking = [pool.submit(ask) for _ in range(4)]
        while not all(one.done() for one in asking):
            generations.close()
        assert len(set.union(*(one.result() for one in asking))) == 1
    generations.close()
    assert not places.is_read(number)
