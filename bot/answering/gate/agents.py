"""Who says or does a thing: the names around the verbs of two sentences, without a parser."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.answering.closeness import RELATED, closeness
from bot.answering.gate.names import Name, named_in
from bot.answering.gate.patterns import listed, verb_of_saying

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.answering.gate.reading import Reading

_QUOTES = frozenset('«»"“”')
_ENDS = frozenset(";:!?….")
_LOOK = 16
_NEAR = 7


def speakers(read: Reading) -> tuple[Name, ...]:
    """The names that a sentence says speak: "selon X", "X a déclaré", "a déclaré X"."""
    result: list[Name] = []
    for at, token in enumerate(read.tokens):
        if token.folded in listed("speech", "according"):
            result += _first_run(read, at, at + _LOOK)
        elif token.is_word and verb_of_saying().match(token.folded) and not _noun(read, at):
            result += _of_verb(read, at)
    return tuple(result)


def _noun(read: Reading, at: int) -> bool:
    """Whether what looks like a verb follows an article ("une demande")."""
    before = read.tokens[at - 1].folded if at else ""
    return read.tokens[at].has_capital or before in (
        "une", "la", "sa", "cette", "the", "des", "les", "ses", "leur", "leurs", "de", "d'", "its",
        "to", "in", "by", "par", "pour", "sur",
    )  # fmt: skip


def _of_verb(read: Reading, at: int) -> list[Name]:
    """The subject of a verb of saying: after it when a quote stands before, else before it."""
    found = read.tokens
    for before in range(at - 1, max(-1, at - 6), -1):
        if found[before].folded in _QUOTES or found[before].folded in "!?":
            return _first_run(read, at, at + _LOOK)
        if found[before].folded == ",":
            inverted = _first_run(read, at, at + 8)
            if (
                inverted
                and not any(
                    found[i].folded in ("que", "qu'", "that")
                    for i in range(at, min(at + 3, len(found)))
                )
                and before
                and _close_quote(read, before)
            ):
                return inverted
            break
    subject = _before(read, at)
    return subject or ([] if _pronoun(read, at) else _first_run(read, at, at + 6))


def _close_quote(read: Reading, at: int) -> bool:
    return any(token.folded in '»"”' for token in read.tokens[max(0, at - 2) : at + 1])


def _pronoun(read: Reading, at: int) -> bool:
    near = read.tokens[max(0, at - 4) : at + 4]
    return any(
        token.folded in ("il", "elle", "ils", "elles", "he", "she", "they", "on") for token in near
    )


def _first_run(read: Reading, start: int, end: int) -> list[Name]:
    """The first names after a place, with those in apposition to them."""
    stop = end
    for at in range(start + 1, min(end, len(read.tokens))):
        if read.tokens[at].folded in _ENDS | _QUOTES or read.tokens[at].folded in ("que", "qu'"):
            stop = at
            break
    return [name for name in read.names if start < name.at < stop]


def _before(read: Reading, at: int) -> list[Name]:
    """The names between the beginning of a clause and its verb."""
    start = 0
    for place in range(at - 1, -1, -1):
        folded = read.tokens[place].folded
        if folded in _ENDS or folded in _QUOTES or folded in ("que", "qu'", "that", "mais", "but"):
            start = place
            break
    return [name for name in read.names if start <= name.at < at]


def swapped(said: Reading, held: Reading) -> bool:
    """Whether two names stand the other way round a verb, in the same voice."""
    for verb_said, verb_held in _shared_verbs(said, held):
        subject, object_ = _around(said, verb_said)
        held_subject, held_object = _around(held, verb_held)
        turned = _is_passive(said, verb_said) != _is_passive(held, verb_held)
        if turned:
            held_subject, held_object = held_object, held_subject
        first = _meets(subject, held_object, held_subject)
        second = _meets(object_, held_subject, held_object)
        hidden = held_object if turned else held_subject  # where "il" or "elle" stands
        if not hidden and subject and object_ and _pronoun_before(held, verb_held):
            first = second = first or second
        if first and second:
            return True
    return False


def _pronoun_before(read: Reading, at: int) -> bool:
    """Whether a pronoun is the subject of a verb."""
    near = [token.folded for token in read.tokens[max(0, at - 3) : at]]
    return any(word in ("il", "elle", "ils", "elles", "he", "she", "they", "it") for word in near)


def _meets(one: Sequence[Name], place: Sequence[Name], other: Sequence[Name]) -> bool:
    """Whether a name of one side stands in a place, and not in the other as well."""
    return any(named_in(name, place) and not named_in(name, other) for name in one)


def _shared_verbs(said: Reading, held: Reading) -> list[tuple[int, int]]:
    """Places of words of both that may be the verb between two names."""
    result = []
    verbs_held = _verbs(held)
    for at_said, term in _verbs(said):
        for at_held, other in verbs_held:
            if term == other or closeness(term.rstrip("e"), other.rstrip("e")) >= RELATED:
                result.append((at_said, at_held))
    return result[:12]


_NOT_BEFORE_VERBS = frozenset(
    "le la les l' un une des du de d' son sa ses leur leurs ce cet cette ces au aux the of an its"
    " his her their en dans sur par pour selon comme et and deux trois".split()
)


def _verbs(read: Reading) -> list[tuple[int, str]]:
    """The words that may be verbs with a name beside them; verbs of saying are not asked."""
    if not read.names:
        return []
    named = {name.at for name in read.names}
    counted = {at for one in read.figures for at in range(one.at, one.end + 2)}
    return [
        (at, read.content[token.start])
        for at, token in enumerate(read.tokens)
        if at not in named
        and token.start in read.content
        and token.is_word
        and at not in counted
        and not token.has_capital
        and not (at and read.tokens[at - 1].folded in _NOT_BEFORE_VERBS)
        and not verb_of_saying().match(token.folded)
    ][:24]


def _around(read: Reading, at: int) -> tuple[list[Name], list[Name]]:
    """The names nearest to a verb on its two sides."""
    before = [name for name in read.names if at - _NEAR <= name.at < at]
    after = [name for name in read.names if at < name.at <= at + _NEAR]
    left = [name for name in before if name.run == before[-1].run] if before else []
    right = [name for name in after if name.run == after[0].run] if after else []
    return left, right


def _is_passive(read: Reading, at: int) -> bool:
    """Whether "par" stands between a verb and the next name."""
    for token in read.tokens[at + 1 : at + 5]:
        if token.folded in listed("speech", "passive"):
            return True
        if token.has_capital:
            return False
    return False


def agent_changed(said: Reading, held: Reading) -> bool:
    """Whether a statement has somebody else say or do what its support tells.

    Args:
        said: the statement.
        held: its support.
    """
    claimed, actual = speakers(said), speakers(held)
    if claimed and actual and not any(named_in(name, actual) for name in claimed):
        return True
    return swapped(said, held)
