"""Words that mean the same thing to a reader of news, from ``config/words/equivalents.toml``.

``same`` groups are one term everywhere (OTAN and NATO); ``related`` groups are distinct
words that stand for each other (soldats, militaires), as in the follow-ups of a conversation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from config import data

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass(frozen=True, slots=True)
class Equivalents:
    """Phrases that stand for one term, and terms that are related.

    ``phrases`` maps a sequence of folded words to its term; ``reach`` tells of a word how
    long the phrases are that begin with it; ``kin`` maps a stem to the stems that may stand
    for it.
    """

    phrases: dict[tuple[str, ...], str]
    reach: dict[str, int]
    kin: dict[str, frozenset[str]]

    def longest(self, folded: Sequence[str], at: int) -> tuple[int, str]:
        """The longest phrase that starts at ``at``: its length in words, and its term."""
        for length in range(min(self.reach.get(folded[at], 0), len(folded) - at), 0, -1):
            term = self.phrases.get(tuple(folded[at : at + length]))
            if term is not None:
                return length, term
        return 0, ""

    def related(self, term: str) -> frozenset[str]:
        """The terms that may stand for a term, itself excluded."""
        return self.kin.get(term, frozenset())


def load_equivalents(
    fold_words: Callable[[str], tuple[str, ...]], to_terms: Callable[[str], tuple[str, ...]]
) -> Equivalents:
    """Read the file.

    Args:
        fold_words: the folded words of a phrase.
        to_terms: the terms that the analysis makes of a word, one a language.
    """
    table = data.load("words/equivalents.toml")
    phrases: dict[tuple[str, ...], str] = {}
    for canonical, forms in table["same"].items():
        for form in (canonical, *forms):
            phrases[fold_words(form)] = canonical

    def stems(group: list[str]) -> frozenset[str]:
        return frozenset(
            term
            for word in group
            for term in (
                [phrases[fold_words(word)]] if fold_words(word) in phrases else to_terms(word)
            )
        )

    kin: dict[str, frozenset[str]] = {}
    for group in map(stems, table["related"]["groups"]):
        for term in group:
            kin[term] = kin.get(term, frozenset()) | group - {term}
    reach: dict[str, int] = {}
    for phrase in phrases:
        reach[phrase[0]] = max(reach.get(phrase[0], 0), len(phrase))
    return Equivalents(phrases, reach, kin)
