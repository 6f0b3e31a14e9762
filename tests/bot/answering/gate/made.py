"""A gate over sentences invented here, with vectors that find everything alike."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bot.answering.gate import Checked, Gate, load_limits
from retrieval.vocabulary import PublicationDate
from tests.bot.answering.made import article, evidence

_SIDE = (0.9 / 2) ** 0.5
DAY = PublicationDate(2021, 2, 18)  # a Thursday


def alike(texts: Sequence[str]) -> NDArray[np.float32]:
    """One vector for every sentence: words and rules alone decide."""
    return np.full((len(texts), 2), _SIDE, np.float32)


def gate(*texts: str, title: str = "", question: str = "", day: PublicationDate = DAY) -> Gate:
    """A gate that was given a passage of an article for each text."""
    given = [evidence(article(text, title, day)) for text in texts]
    return Gate(question, "fr", given, alike, load_limits())


def checked(sentence: str, *texts: str, title: str = "", question: str = "") -> Checked:
    """A sentence, checked against texts."""
    return gate(*texts, title=title, question=question).check(sentence)
