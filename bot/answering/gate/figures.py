"""Numbers in a sentence, in digits or words, with what they count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.answering.closeness import closeness
from bot.answering.gate.patterns import groups, listed, values
from retrieval.analysis import number, stem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.answering.gate.tokens import Token

PERCENT = -1
_LINKS = frozenset("de d' des of the plus a an".split())
_ORDINAL_ENDS = frozenset("e er eme re th st nd rd".split())
_STOPS = frozenset("et ou and or mais but dont qui que".split())
MOST = 60
_NEAR = 4


@dataclass(frozen=True, slots=True)
class Figure:
    """A number: its value, its unit (``PERCENT``, a measure's number, or 0), its noun.

    ``at`` and ``end`` count tokens; ``noun`` is the stem of what it counts, or nothing.
    """

    value: float
    unit: int
    noun: str
    at: int
    end: int
    ordinal: bool = False


def figures(found: Sequence[Token], taken: frozenset[int], language: str) -> tuple[Figure, ...]:
    """The numbers of a sentence, except at the tokens that a date has taken."""
    result: list[Figure] = []
    at = 0
    while at < len(found) and len(result) < MOST:
        if at in taken or (at > 1 and _is_percent(found, at - 1)):
            at += 1
            continue
        value, end, ordinal = _read(found, at, taken)
        if end == at:
            at += 1
            continue
        unit, noun = _counted(found, end, language)
        if found[at - 1].folded in "$€£" and at:
            unit = groups("figures", "measures")[found[at - 1].folded]
        share = found[at].folded in values("figures", "shares")
        result.append(Figure(value, PERCENT if share else unit, noun, at, end, ordinal))
        at = end
    return tuple(result)


def _read(found: Sequence[Token], at: int, taken: frozenset[int]) -> tuple[float, int, bool]:
    """The value that begins at a token, and where it ends; the same place when none does."""
    token = found[at]
    if token.is_digits:
        return _digits(found, at)
    ordinal = values("figures", "ordinals").get(token.folded)
    if ordinal is not None:
        return ordinal, at + 1, True
    share = values("figures", "shares").get(token.folded)
    if share is not None:
        return share, at + 1, False
    value, end = _in_words(found, at, taken)
    return value, end, False


def _digits(found: Sequence[Token], at: int) -> tuple[float, int, bool]:
    value = float(_plain(found[at].text))
    end = at + 1
    ends = end < len(found) and found[end].folded in _ORDINAL_ENDS
    if ends and found[end].start == found[at].end:
        return value, end + 1, True
    scaled = _range_scale(found, end)
    if scaled:
        return value * scaled, end, False
    while end < len(found) and found[end].folded in values("figures", "scales"):
        value *= values("figures", "scales")[found[end].folded]
        end += 1
        if end - at > _NEAR:
            break
    return value, end, False


def _range_scale(found: Sequence[Token], end: int) -> float:
    """The scale of the second number of a range, for the first: "de 184 à 221 millions"."""
    if end + 2 >= len(found) or found[end].folded not in ("a", "et", "ou", "to", "and", "or", "-"):
        return 0.0
    between = found[end - 2].folded if end >= 2 else ""
    linked = between in ("de", "entre", "from", "between") or found[end].folded not in ("et", "and")
    if not (linked and found[end + 1].is_digits):
        return 0.0
    return values("figures", "scales").get(found[end + 2].folded, 0.0)


def _plain(text: str) -> str:
    """Digits with at most one point."""
    written = number(text.replace("\u202f", " ").replace("\u00a0", " "))
    whole, _, _part = written.rpartition(".")
    if "," in written or "." in whole or " " in written:
        written = "".join(c for c in text if c.isdigit())
    return written or "0"


def _in_words(found: Sequence[Token], at: int, taken: frozenset[int]) -> tuple[float, int]:
    total = current = 0.0
    end = at
    while end < len(found) and end not in taken and end - at < 14:
        word = found[end].folded
        if word in ("et", "and") and end > at and _joins(found, end, current):
            end += 1
            continue
        nearer = _add(word, current)
        if nearer is not None:
            current = nearer
        elif word in values("figures", "scales") and (end > at or word in ("mille", "thousand")):
            total += max(current, 1) * values("figures", "scales")[word]
            current = 0.0
        elif word in ("un", "une", "one", "a") and _before_scale(found, end):
            current = 1.0
        else:
            break
        end += 1
        if word in values("figures", "rounds"):
            break
    return (total + current, end) if total + current or end > at else (0.0, at)


def _before_scale(found: Sequence[Token], at: int) -> bool:
    return at + 1 < len(found) and (
        found[at + 1].folded in values("figures", "scales")
        or found[at + 1].folded in values("figures", "hundreds")
    )


def _joins(found: Sequence[Token], at: int, current: float) -> bool:
    """Whether "et" stands inside a number: "vingt et un", "one hundred and ten"."""
    if at + 1 >= len(found):
        return False
    word = found[at + 1].folded
    if found[at].folded == "et":
        return current % 100 >= 20 and current % 10 == 0 and word in ("un", "une", "onze")
    return current >= 100 and current % 100 == 0 and _add(word, current) is not None


def _add(word: str, current: float) -> float | None:
    """A number with one more word, when it can follow."""
    low = current % 100
    if word in ("un", "une", "one") and low >= 20 and low % 10 == 0:
        return current + 1
    small = values("figures", "small").get(word)
    if small is not None:
        fits = low == 0 or (low in (60, 80) or (low >= 20 and low % 10 == 0 and small < 10))
        fits = fits or (low in (10, 70, 90) and 7 <= small <= 9)
        return current + small if fits else None
    tens = values("figures", "tens").get(word)
    if tens is not None:
        if tens == 20 and low == 4:
            return current + 76
        return current + tens if low == 0 else None
    if word in values("figures", "hundreds"):
        return max(current, 1) * 100 if current < 100 else None
    about = values("figures", "rounds").get(word)
    return max(current, 1) * about if about is not None and current < 20 else None


def _counted(found: Sequence[Token], end: int, language: str) -> tuple[int, str]:
    """The unit and the noun after a number."""
    unit, noun = 0, ""
    for token in found[end : end + _NEAR]:
        if token.folded == "%" or token.folded in ("percent", "pourcent", "pc"):
            unit = unit or PERCENT
        elif _is_percent(found, end):
            return PERCENT, noun
        elif token.folded in groups("figures", "measures") and not noun:
            unit = unit or groups("figures", "measures")[token.folded]
        elif not token.is_word or token.is_digits or token.folded in _STOPS:
            break
        elif token.folded not in _LINKS and token.folded not in listed("markers", "openers"):
            noun = stem(token.folded.rstrip("'’"), language)
            break
    return unit, noun


def _is_percent(found: Sequence[Token], end: int) -> bool:
    """Whether "pour cent" stands at a place."""
    if end + 1 >= len(found) or found[end].folded not in ("pour", "per"):
        return False
    return found[end + 1].folded in ("cent", "cents")


def same_value(a: float, b: float) -> bool:
    """Whether two numbers are one."""
    return abs(a - b) <= 1e-9 * max(1.0, abs(a), abs(b))


def stands_in(figure: Figure, ground: Sequence[Figure]) -> bool:
    """Whether a figure of a statement is one of the support's, counting the same thing."""
    same = [other for other in ground if same_value(figure.value, other.value)]
    same = [
        other
        for other in same
        if other.unit == figure.unit
        or (PERCENT not in (other.unit, figure.unit) and 0 in (other.unit, figure.unit))
    ]
    if not same:
        return False
    if not figure.noun or any(
        not other.noun or _alike(figure.noun, other.noun) or (figure.unit and other.unit)
        for other in same
    ):
        return True
    # "59 morts et 22 blessés": what it counts has another number there.
    return not any(_alike(figure.noun, other.noun) for other in ground)


def _alike(a: str, b: str) -> bool:
    return bool(a and b) and closeness(a, b) >= 0.6
