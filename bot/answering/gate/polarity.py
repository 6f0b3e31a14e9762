"""What a sentence denies, and what it only holds possible."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.answering.closeness import RELATED, best_match
from bot.answering.gate.patterns import listed, pattern
from retrieval.analysis import opposites

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bot.answering.gate.tokens import Token

_STOPS = frozenset(".,;:!?…()—–")
_REACH, _WORDS, _DOUBTED = 7, 2, 4
MOST = 20


@dataclass(frozen=True, slots=True)
class Polarity:
    """What a sentence denies and doubts.

    ``denied`` are the terms that each negation governs, ``near`` all those beside one,
    ``refused`` the terms after each verb that denies;
    ``weak`` and ``soon`` those that each doubt governs; ``wished`` the places of what is only
    asked or hoped for ("demandent que…"); ``keeps_doubt`` says that the sentence
    is itself unsure, ``future`` that it speaks of what is to come.
    """

    denied: tuple[frozenset[str], ...]
    refused: tuple[frozenset[str], ...]
    near: frozenset[str]
    negated: bool
    weak: tuple[frozenset[str], ...]
    soon: tuple[frozenset[str], ...]
    wished: frozenset[int]
    keeps_doubt: bool
    future: bool

    @property
    def all_denied(self) -> frozenset[str]:
        """Every term under a negation."""
        return frozenset[str]().union(*self.denied, *self.refused)


def polarity(found: Sequence[Token], content: Mapping[int, str], folded: str) -> Polarity:
    """Read what a sentence denies and doubts.

    Args:
        found: its tokens.
        content: the term that begins at a place of the text, names left out.
        folded: the text folded.
    """
    places = range(len(found))
    words = [token.folded for token in found]
    negators = [at for at in places if is_negator(found, at)][:MOST]
    deniers = [at for at in places if words[at] in listed("polarity", "deniers")][:MOST]
    weak = [at for at in places if words[at] in listed("hedges", "weak")][:MOST]
    soon = [at for at in places if words[at] in listed("hedges", "soon")][:MOST]
    keeps = not listed("hedges", "keeps").isdisjoint(words)
    return Polarity(
        denied=tuple(
            _before(found, at, content) or _after(found, at, content, 1) for at in negators
        ),
        refused=tuple(_after(found, at, content, _WORDS + 1) for at in deniers),
        near=frozenset[str]().union(*(_beside(found, at, content) for at in negators)),
        negated=bool(negators),
        weak=(
            *(_after(found, at, content, _WORDS) for at in weak),
            *(_after(found, at, content, _DOUBTED) for at in _wondering(words)),
        ),
        soon=tuple(_after(found, at, content, _WORDS) for at in soon),
        wished=frozenset(_wished(words)),
        keeps_doubt=bool(weak or soon or keeps or _wondering(words))
        or bool(pattern("hedges", "conditional").search(folded)),
        future=bool(pattern("hedges", "future").search(folded)),
    )


def _wondering(words: Sequence[str]) -> list[int]:
    """Where a clause begins that is only wondered about: "pas sûr que…", "savoir si…"."""
    return [
        at
        for at, word in enumerate(words)
        if (word in listed("hedges", "sure") and _any(words[max(0, at - 3) : at], "not_sure"))
        or (word in listed("hedges", "whether") and _any(words[max(0, at - 6) : at], "wonders"))
    ][:MOST]


def _wished(words: Sequence[str]) -> Iterator[int]:
    """The places of the clauses that somebody only asks for, wishes or fears."""
    inside = False
    for at, word in enumerate(words):
        if word in _STOPS:
            inside = False
        elif word in ("que", "qu'") and _any(words[max(0, at - 6) : at], "wishes"):
            inside = True
        if inside:
            yield at


def _any(words: Sequence[str], name: str) -> bool:
    return not listed("hedges", name).isdisjoint(words)


def is_negator(found: Sequence[Token], at: int) -> bool:
    """Whether a word negates: "pas", "jamais", "ne… plus", "don't"."""
    word = found[at].folded
    if word in listed("polarity", "negators"):
        return word != "personne" or _after_ne(found, at) or _before_ne(found, at)
    if word == "plus":
        return _after_ne(found, at)
    return word == "t" and at > 0 and found[at - 1].folded.endswith("n'")


def _after_ne(found: Sequence[Token], at: int) -> bool:
    return any(token.folded in ("ne", "n'") for token in found[max(0, at - 5) : at])


def _before_ne(found: Sequence[Token], at: int) -> bool:
    return any(token.folded in ("ne", "n'") for token in found[at + 1 : at + 3])


def _before(found: Sequence[Token], at: int, content: Mapping[int, str]) -> frozenset[str]:
    """The terms between "ne" and "pas"."""
    for start in range(at - 1, max(-1, at - 6), -1):
        if found[start].folded in ("ne", "n'"):
            return _terms(found[start + 1 : at], content)
    return frozenset()


def _after(
    found: Sequence[Token], at: int, content: Mapping[int, str], most: int
) -> frozenset[str]:
    """The first terms after a word, in the same clause."""
    result: list[str] = []
    for token in found[at + 1 : at + 1 + _REACH]:
        if token.folded in _STOPS or len(result) >= most:
            break
        if token.start in content:
            result.append(content[token.start])
    return frozenset(result)


def _beside(found: Sequence[Token], at: int, content: Mapping[int, str]) -> frozenset[str]:
    return _terms(found[max(0, at - 5) : at + 6], content)


def _terms(found: Sequence[Token], content: Mapping[int, str]) -> frozenset[str]:
    return frozenset(content[token.start] for token in found if token.start in content)


def contradicted(
    said: Polarity, said_terms: frozenset[str], held: Polarity, held_terms: frozenset[str]
) -> bool:
    """Whether a statement denies what its support affirms, or the reverse."""
    opposed = any(opposites(term) & held_terms for term in said.all_denied)
    if said.negated and not (held.negated or held.refused) and not opposed:
        return True
    if _turned_down(said, held_terms, held) or _turned_down(held, said_terms, said):
        return True
    if _covers(said.denied, held_terms - held.all_denied, but=held.near):
        return True
    if _covers(held.denied, said_terms - said.all_denied, but=said.near):
        return True
    return _opposed(said_terms - said.all_denied, held_terms - held.all_denied)


def _covers(
    scopes: Sequence[frozenset[str]], terms: frozenset[str], but: frozenset[str] = frozenset()
) -> bool:
    """Whether what a negation or a doubt governs stands among terms, and not among others."""
    for scope in scopes:
        met = sum(best_match(term, terms) > 0 for term in scope)
        if scope and met >= 0.5 * len(scope) and not any(best_match(t, but) > 0 for t in scope):
            return True
    return False


def _turned_down(one: Polarity, terms: frozenset[str], other: Polarity) -> bool:
    """Whether one refuses or rules out what the other says without any denial."""
    return not (other.negated or other.refused) and _covers(one.refused, terms)


def _opposed(said: frozenset[str], held: frozenset[str]) -> bool:
    return any(opposites(term) & held and best_match(term, held) < RELATED for term in said - held)


def overstated(said: Polarity, said_terms: frozenset[str], held: Polarity) -> bool:
    """Whether a statement makes a fact of what its support only holds possible."""
    if said.keeps_doubt or said.negated:
        return False
    if _covers(held.weak, said_terms):
        return True
    return not said.future and _covers(held.soon, said_terms)
