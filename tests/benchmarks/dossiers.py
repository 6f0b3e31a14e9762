"""Articles whose every word is known: dossiers with a number, each in some version.

All paragraphs name the version, so that half an article, or a mixture of two, shows.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

from tests.retrieval.hashed_embedder import HashedEmbedder

State = dict[int, int]
"""The live dossiers, and the version of each."""
_DIMENSION = 256
_SUBJECTS = ("musée", "tramway", "port", "lycée", "forêt", "hôpital", "marché", "théâtre")
_SYLLABLES = ("ba", "cor", "du", "fel", "gi", "ha", "jo", "kel", "la", "mon", "ne", "pir", "ros")
_POINTS = ("premier", "deuxième", "troisième", "quatrième")


def embedder() -> HashedEmbedder:
    """What makes the vectors: quick, and enough to tell dossiers apart."""
    return HashedEmbedder(f"hashed-{_DIMENSION}", _DIMENSION)


def paragraphs(number: int, version: int) -> list[str]:
    """The text of a dossier in a version."""
    subject = _SUBJECTS[number % len(_SUBJECTS)]
    words = _names(number)
    return [
        f"Le dossier k{number} du {subject} en est au {point} point, dit {next(words)}. La mairie "
        f"publie la version v{version} du rapport k{number}, écrit par {next(words)}. À "
        f"{next(words)}, un riverain lit la version v{version} du {point} point et s'en étonne."
        for point in _POINTS
    ]


def _names(number: int) -> Iterator[str]:
    """Names of its own for a dossier: as in the news, hardly two sentences are alike."""
    dice = random.Random(number)  # noqa: S311 - no secret
    while True:
        names = ["".join(dice.choices(_SYLLABLES, k=3)).capitalize() for _ in range(4)]
        yield " ".join(names)


def question(number: int) -> str:
    """What its first sentence answers, in any version."""
    subject = _SUBJECTS[number % len(_SUBJECTS)]
    return f"Où en est le premier point du dossier k{number} du {subject} ?"


def title(number: int) -> str:
    """The title of a dossier."""
    return f"Dossier {number}"


def write_one(path: Path, number: int, version: int) -> Path:
    """The file of a dossier in a version."""
    head = f"---\ntitle: {title(number)}\npublished: 2017-05-{number % 28 + 1:02d}\n---\n"
    path.write_text(head + "\n\n".join(paragraphs(number, version)) + "\n", encoding="utf-8")
    return path


def write(folder: Path, state: State) -> None:
    """Make the files of a folder those of a state."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in folder.iterdir():
        file.unlink()
    for number, version in state.items():
        write_one(folder / f"dossier-{number}.md", number, version)
