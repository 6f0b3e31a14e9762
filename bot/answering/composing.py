"""Which sentences an answer is made of, and in which order. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.answering.extractive import statements

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.answering.candidates import Candidate
    from retrieval.vocabulary import Statement


def merged(answers: Sequence[Sequence[Candidate]], most: int) -> list[Candidate]:
    """The sentences of a question's parts: the best of each first, each once."""
    kept: list[Candidate] = []
    for depth in range(max(map(len, answers), default=0)):
        for one in answers:
            if depth < len(one) and not _holds(kept, one[depth]):
                kept.append(one[depth])
    return kept[:most]


def _holds(kept: Sequence[Candidate], one: Candidate) -> bool:
    key = (one.evidence.article.id, one.span)
    return any((other.evidence.article.id, other.span) == key for other in kept)


def evolved(said: Sequence[Statement], changed: Sequence[Candidate]) -> tuple[Statement, ...]:
    """What dated articles say differently, oldest first: as it was said, else as they say it.

    Args:
        said: the statements of an answer.
        changed: the sentences that answer differently.
    """
    cited = {citation.article.id for one in said for citation in one.citations}
    missing = [one for one in changed if one.evidence.article.id not in cited]
    first = max((c.number for one in said for c in one.citations), default=0) + 1
    return tuple(sorted((*said, *statements(missing, first)), key=_day))


def _day(statement: Statement) -> str:
    return min((str(c.article.published or "") for c in statement.citations), default="")
