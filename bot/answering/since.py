"""What became of a source since an answer quoted it: corrected, or withdrawn. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from retrieval.text.analysis import analyse

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Since:
    """A source that does not stand any more.

    Args:
        withdrawn: whether its article is not to be cited; else it was corrected.
        reason: why it was withdrawn, if somebody said so.
        before: the quote as it was; empty when that is kept no more.
        now: the passage that comes nearest to it today.
    """

    withdrawn: bool
    reason: str = ""
    before: str = ""
    now: str = ""


def nearest(quote: str, texts: Sequence[str]) -> int:
    """Which of some texts has most of the words of a quote; the first of those that do."""
    wanted = set(analyse(quote))
    shares = [len(wanted & set(analyse(text))) for text in texts]
    return shares.index(max(shares))
