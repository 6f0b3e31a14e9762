"""Names of people in a text: where they stand, their fullest form, and who a phrase means."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from config import data
from retrieval.analysis import fold_in_place

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMES: dict[str, frozenset[str]] = {
    key: frozenset(listed) for key, listed in data.load("speech.toml")["names"].items()
}
_TITLE = "|".join(re.escape(one) for one in sorted(NAMES["titles"], key=len, reverse=True))
_CAPITAL = r"[A-ZÀÂÇÉÈÊËÎÏÔÙÛÜ][\w-]*[a-zà-öø-ÿ][\w-]*"
_PARTICLE = "|".join(sorted(NAMES["particles"]))
_INNER = rf"(?:\s(?:(?:{_PARTICLE})\s|d['’])?{_CAPITAL})"
_FULL = re.compile(rf"(?<![\w’'-]){_CAPITAL}{_INNER}{{1,3}}")
_TITLED = re.compile(rf"(?<![\w’'])(?i:{_TITLE})\s+{_CAPITAL}{_INNER}{{0,3}}")
_ALONE = re.compile(
    rf"(?<![\w-])(?:{_CAPITAL}|[A-Z]{{2,}})(?:\s(?:{_CAPITAL}|[A-Z]{{2,}}|\d{{1,2}})\b){{0,3}}"
)
_OWNED = re.compile(
    r"(?:\b(?:de|du|des|par|a|au|avec|pour|dans|sur|chez|contre|vers|of|by|to|with|in)\s+(?:la\s+|the\s+|l')?|\bd')$"
)
_OPENING = re.compile(r"^(?:mais|et|selon|pour|d['’]après)\s+", re.IGNORECASE)
_WORD = re.compile(r"[\w.-]+'?")
_NO_NAME = NAMES["determiners"] | NAMES["ends"] | NAMES["nobody"] | {
    "mais", "selon", "ainsi", "puis", "alors", "or", "car", "si", "quand", "comme", "pourtant",
    "cependant", "toutefois", "apres", "according", "il", "ils", "elle", "elles", "au", "aux",
}  # fmt: skip


def plain(text: str) -> str:
    """A text folded letter by letter: offsets stay."""
    return fold_in_place(text)


def first_word(phrase: str) -> str:
    """The first word of a folded phrase, with its apostrophe when it is elided."""
    match = _WORD.match(phrase.strip())
    return match[0] if match else ""


def begins_with(phrase: str, listed: frozenset[str]) -> bool:
    """Whether the first word of a phrase, or its first two as in "l'un", is listed."""
    folded = plain(phrase).strip()
    return first_word(folded) in listed or folded.split(" ")[0] in listed


@dataclass(frozen=True, slots=True)
class Named:
    """A person's name where it stands, with or without a title."""

    text: str
    start: int
    end: int


def names_of_people(text: str) -> list[Named]:
    """The names of several words and those with a title, in their order."""
    titled = [Named(m[0], *m.span()) for m in _TITLED.finditer(text)]
    taken = [(one.start, one.end) for one in titled]
    found = list(titled)
    for match in _FULL.finditer(text):
        if any(start < match.end() and match.start() < end for start, end in taken):
            continue
        name = _without_what_is_no_name(match[0], match.start())
        if name is not None:
            found.append(name)
    return sorted(found, key=lambda one: one.start)


def _without_what_is_no_name(text: str, start: int) -> Named | None:
    """ "Mais Donald Trump" begins with no name."""
    while True:
        head, _, rest = text.partition(" ")
        if plain(head) not in _NO_NAME:
            break
        text, start = rest, start + len(head) + 1
    return Named(text, start, start + len(text)) if " " in text else None


def is_owned(text: str, name: Named) -> bool:
    """Whether a name only completes another word: "l'avocat de Jean Dupont"."""
    return bool(_OWNED.search(plain(text[max(0, name.start - 12) : name.start])))


def capital_word(text: str) -> str:
    """A name with which a text begins, of one word or more ("France 3"), or nothing."""
    match = _ALONE.match(text)
    return match[0] if match and plain(match[0].split()[0]) not in _NO_NAME else ""


@lru_cache(maxsize=64)
def full_forms(text: str) -> Mapping[str, str]:
    """For each surname of a text, folded, the name of several words that it gives most often."""
    counted = Counter(
        _untitled(one.text) for one in names_of_people(text) if " " in _untitled(one.text)
    )
    forms: dict[str, str] = {}
    for name, _ in counted.most_common():
        forms.setdefault(_surname(name), name)
    return MappingProxyType(forms)


def fullest(name: str, text: str) -> str:
    """The fullest form that a text gives of a name: "Jens Stoltenberg" of "M. Stoltenberg".

    Args:
        name: as it stands in a sentence.
        text: the article.
    """
    untitled = _untitled(name)
    return untitled if " " in untitled else full_forms(text).get(_surname(name), name)


def _untitled(name: str) -> str:
    return " ".join(word for word in name.split() if plain(word) not in NAMES["titles"])


def _surname(name: str) -> str:
    return plain(name.split()[-1])


def gender_of(phrase: str) -> str:
    """``m``, ``f``, or nothing when the first word of a phrase does not tell."""
    word = first_word(plain(phrase))
    if word in NAMES["masculine"] or word in ("le", "un", "l'un", "du"):
        return "m"
    if word in NAMES["feminine"] or word in ("la", "une", "l'une"):
        return "f"
    return ""


def genders(text: str) -> dict[str, str]:
    """The names of several words whose gender a title or an article before them tells."""
    by_surname: dict[str, str] = {}
    for one in names_of_people(text):
        before = re.split(r"[.;:!?«»“”\"\n(]", text[max(0, one.start - 80) : one.start])[-1]
        chunks = [chunk.strip() for chunk in before.split(",") if chunk.strip()]
        phrase = _OPENING.sub("", chunks[-1]) if chunks else ""
        gender = gender_of(one.text) or gender_of(phrase)
        if gender:
            by_surname.setdefault(_surname(one.text), gender)
    return {
        name: by_surname[surname]
        for surname, name in full_forms(text).items()
        if surname in by_surname
    }
