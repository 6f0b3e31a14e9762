"""Why a question has no answer, what the archive covers, and what comes near. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from retrieval.vocabulary import Coverage, Reason, Refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from retrieval.vocabulary import Article, Citation, Period


def reason_after_searching(period: Period | None, coverage: Coverage, found: int) -> Reason:
    """Why what was found does not answer.

    Args:
        period: what the question names.
        coverage: what the archive holds.
        found: how many passages were found.
    """
    if is_outside(period, coverage) or (period is not None and not found):
        return Reason.OUT_OF_PERIOD
    return Reason.NOT_IN_ARCHIVE


def is_outside(period: Period | None, coverage: Coverage) -> bool:
    """Whether a period lies wholly before or after what the archive covers."""
    if period is None or coverage.first is None or coverage.last is None:
        return False
    too_late = period.first is not None and period.first > coverage.last.last_day
    too_early = period.last is not None and period.last < coverage.first.first_day
    return too_late or too_early


def refusal(reason: Reason, coverage: Coverage, near: Sequence[Citation]) -> Refusal:
    """A refusal with the articles of what comes near, each once."""
    articles: dict[str, Article] = {one.article.id: one.article for one in near}
    return Refusal(reason, coverage, tuple(articles.values()))
