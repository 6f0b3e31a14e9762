"""Which marks a model must reach to write: exact binomials over the items of its test.

    python -m tests.benchmarks.trust

A strong model verifies 98 % of sentences and has 93 % of questions right; one of the 80 % class
has 80 % of each right. The strong one must pass with 95 % at least, the other with 5 % at most;
of the marks that do both, those that let the fewest of the 80 % class pass are taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from math import comb

from bot.answering.exam import load_exam
from tests.benchmarks.results import table

STRONG, WEAK = (0.98, 0.98, 0.93), (0.80, 0.80, 0.80)
STRONG_PASSES, WEAK_PASSES = 0.95, 0.05


@dataclass(frozen=True, slots=True)
class Bar:
    """Marks to reach, and how probably each class of model reaches them.

    Args:
        marks: supported sentences let through, altered ones stopped, questions right.
        strong: the probability that a strong model reaches all three.
        weak: the probability that one of the 80 % class does.
    """

    marks: tuple[int, int, int]
    strong: float
    weak: float


def items() -> tuple[int, int, int]:
    """How many supported sentences, altered sentences and questions the test has."""
    exam = load_exam()
    supported = sum(sentence.supported for sentence in exam.sentences)
    return supported, len(exam.sentences) - supported, len(exam.questions)


def at_least(right: int, of: int, probability: float) -> float:
    """The probability of at least so many successes."""
    return sum(
        comb(of, k) * probability**k * (1 - probability) ** (of - k) for k in range(right, of + 1)
    )


def passing(marks: tuple[int, int, int], model: tuple[float, float, float]) -> float:
    """The probability that a model reaches all the marks, its mistakes being independent."""
    reached = 1.0
    for right, of, probability in zip(marks, items(), model, strict=True):
        reached *= at_least(right, of, probability)
    return reached


def bars() -> list[Bar]:
    """The marks that let the strong model pass and hold the other back, the surest first."""
    first, second, third = (range(of // 2, of + 1) for of in items())
    every = product(first, second, third)
    known = (Bar(marks, passing(marks, STRONG), passing(marks, WEAK)) for marks in every)
    found = [bar for bar in known if bar.strong >= STRONG_PASSES and bar.weak <= WEAK_PASSES]
    return sorted(found, key=lambda bar: bar.weak)


def report() -> str:
    """The table of those marks."""
    rows: list[tuple[object, ...]] = [
        (*bar.marks, f"{bar.strong:.1%}", f"{bar.weak:.1%}") for bar in bars()
    ]
    return table(("supported", "altered", "questions", "strong passes", "80 % passes"), rows)


if __name__ == "__main__":
    print(report())
