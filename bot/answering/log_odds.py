"""Yes against no, from the probabilities of a model's first token."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_LOWEST = -30.0
"""Some servers write −9999 or −∞ for what they did not count."""
_LEAST = 1e-6


def log_odds(
    likely: Iterable[Mapping[str, Any]], yes: Sequence[str], no: Sequence[str]
) -> float | None:
    """The log-odds of ``yes`` against ``no`` among the likely first tokens.

    The variants of a word are summed, whatever their case and the space before: the most
    likely token alone misleads. A side that is not listed can be no likelier than the least likely
    token that is, nor than what the listed ones leave.

    Args:
        likely: ``top_logprobs`` as the endpoint gave it: each with ``token`` and ``logprob``.
        yes: the variants of yes.
        no: the variants of no.

    Returns:
        None when neither side is listed.

    Raises:
        KeyError, TypeError, ValueError: it is not a list of tokens and log-probabilities.
    """
    tokens = [(_plain(one["token"]), max(float(one["logprob"]), _LOWEST)) for one in likely]
    if any(math.isnan(logprob) for _, logprob in tokens):
        raise ValueError("not a probability")
    sides = [_total(tokens, {_plain(word) for word in words}) for words in (yes, no)]
    if not any(sides):
        return None
    left = 1 - sum(math.exp(logprob) for _, logprob in tokens)
    floor = max(min(left, math.exp(min(logprob for _, logprob in tokens))), _LEAST)
    for_yes, for_no = (math.log(side or floor) for side in sides)
    return for_yes - for_no


def _plain(token: str) -> str:
    return token.strip().casefold()


def _total(tokens: Sequence[tuple[str, float]], words: set[str]) -> float:
    return sum(math.exp(logprob) for token, logprob in tokens if token in words)
