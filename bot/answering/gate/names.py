"""Names in a sentence: people, places, bodies, and the adjectives of peoples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.answering.closeness import RELATED, closeness
from bot.answering.gate.patterns import groups, listed, peoples, values, verb_of_saying
from retrieval.analysis import terms

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.answering.gate.tokens import Token

MOST = 60


@dataclass(frozen=True, slots=True)
class Name:
    """A word of a name.

    ``term`` is what the analysis makes of it ("otan" for NATO); ``run`` numbers the name that
    it is part of ("Jens Stoltenberg" is one run); ``at`` is its token; ``people`` marks an
    adjective of a people; ``titled`` follows "M.", "Mme".
    """

    folded: str
    term: str
    run: int
    at: int
    people: bool = False
    titled: bool = False


def names(
    text: str, found: Sequence[Token], taken: frozenset[int], language: str
) -> tuple[Name, ...]:
    """The words of names of a sentence, in their order.

    Args:
        text: the sentence.
        found: its tokens.
        taken: tokens that a date or a number has.
        language: of the sentence.
    """
    as_terms = _terms_at(text, language)
    result: list[Name] = []
    run = 0
    last = -9
    for at, token in enumerate(found):
        if at in taken or not token.is_word or len(result) >= MOST:
            continue
        people = token.folded in peoples() and token.folded not in listed("names", "not_peoples")
        if not (people or _is_name(found, at)):
            continue
        if not _joined(found, last, at):
            run += 1
        last = at
        titled = at > 0 and _is_title(found, at - 1)
        term = as_terms.get(token.start, token.folded)
        result.append(Name(token.folded, term, run, at, people, titled))
    return tuple(result)


def _terms_at(text: str, language: str) -> dict[int, str]:
    """The term at each place of a text; a phrase stands at each of its words."""
    result: dict[int, str] = {}
    for term in terms(text[:2000], language):
        for at in range(term.start, term.end):
            result[at] = term.term
    return result


def _is_title(found: Sequence[Token], at: int) -> bool:
    if found[at].folded == "." and at > 0:
        at -= 1
    return found[at].folded.rstrip(".") in listed("names", "titles")


def _is_name(found: Sequence[Token], at: int) -> bool:
    token = found[at]
    if not token.has_capital or token.folded.rstrip("'.") in listed(
        "names", "capitals_that_name_nothing"
    ):
        return False
    if token.text.endswith(("'", "’")) and len(token.text) <= 3:
        return False
    if token.folded in values("figures", "small") or token.folded in groups("dates", "months"):
        return False
    if at and _is_title(found, at - 1):
        return True
    return not _begins(found, at) or _named_at_start(found, at)


def _begins(found: Sequence[Token], at: int) -> bool:
    """Whether a word has a capital because it is the first."""
    while at > 0:
        before = found[at - 1]
        if before.folded in '«"“»”(' or before.text.endswith(("'", "’")):
            at -= 1
            continue
        return before.folded in ".!?…:"
    return True


def _named_at_start(found: Sequence[Token], at: int) -> bool:
    """Whether the first word of a sentence is a name all the same."""
    token = found[at]
    if token.folded.rstrip("'") in listed("markers", "openers"):
        return False
    if len(token.text) > 1 and token.text.isupper():
        return True
    after = found[at + 1] if at + 1 < len(found) else None
    if at > 0 and found[at - 1].text.endswith(("'", "’")):
        return True
    if after is None:
        return False
    if after.has_capital and after.folded not in listed("markers", "openers"):
        return True
    return after.folded in listed("names", "auxiliaries") or bool(
        verb_of_saying().match(after.folded)
    )


def _joined(found: Sequence[Token], last: int, at: int) -> bool:
    """Whether two words are one name: side by side, or with a hyphen or a particle between."""
    if last < 0:
        return False
    if at - last == 1:
        return True
    between = [token.folded for token in found[last + 1 : at]]
    return at - last == 2 and between[0] in ("de", "d'", "du", "von", "van", "el", "al", "ben")


def same_name(a: Name, b: Name) -> bool:
    """Whether two words name the same: one term, equivalents, or one root."""
    return _same(a.folded, a.term, b.folded, b.term)


def _same(a: str, a_term: str, b: str, b_term: str) -> bool:
    if a == b or a_term == b_term:
        return True
    known = groups("names", "groups")
    if known.get(a, 0) and known.get(a, 0) == known.get(b, 0):
        return True
    if closeness(a_term, b_term) >= RELATED:
        return True
    longest = max(len(a), len(b))
    return abs(len(a) - len(b)) <= 3 and longest >= 5 and _one_stem(a, b)


def _one_stem(a: str, b: str) -> bool:
    """Forms of one word ("finlandaise", "Finlande"), never two surnames that begin alike."""
    shorter, longer = sorted((a, b), key=len)
    common = 0
    while common < len(shorter) and shorter[common] == longer[common]:
        common += 1
    return common >= 5 and common >= len(shorter) - 1


def named_in(name: Name, others: Iterable[Name]) -> bool:
    """Whether one of some names is the same."""
    return any(same_name(name, other) for other in others)
