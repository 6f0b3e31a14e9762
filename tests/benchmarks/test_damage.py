"""Damaged indexes, some; `tests.benchmarks.safety` has more of each kind."""

from __future__ import annotations

from pathlib import Path

import pytest

from retrieval.index.base import CHROMA
from retrieval.index.generations import LEXICAL
from retrieval.index.tail import TAIL
from tests.benchmarks.damage import BASE_MANIFEST, DAMAGES, Patient


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> Patient:
    """A sound archive."""
    return Patient(Path(tmp_path_factory.mktemp("damage")))


@pytest.mark.parametrize(
    ("part", "kind"),
    [
        (CHROMA, "a sparse file of a terabyte"),
        (LEXICAL, "bits"),
        (TAIL, "cut short"),
        (BASE_MANIFEST, "a sparse file of a terabyte"),
    ],
)
def test_damage_is_found_and_put_right(patient: Patient, part: str, kind: str) -> None:
    """A question has the index made anew or says what is wrong; doctor repairs, at no cost."""
    (damage,) = (found for name, found in DAMAGES.items() if kind in name)
    seen = patient.damaged(part, damage, seed=1)
    assert seen.wrong == ()
    assert seen.asking == "healed"
    assert seen.doctor.startswith("repaired")
