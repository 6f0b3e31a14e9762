"""Sentences altered by rule: another number, date or name.

What is made here is false for its article, or at least said nowhere in it: other news, where
copies are looked for. Names are runs of capitals, found without the product's own reading.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_NUMBER = re.compile(
    r"(?<![\w,.\[])\d{1,3}(?:[ \u00a0\u202f.]\d{3})+(?!\d)|(?<![\w,.\[])\d{1,3}(?![\w]|[.,]\d)"
)
_YEAR = re.compile(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d|[.,]\d| \d{3})")
_MONTHS = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"
_ENGLISH = "January February March April June July August September October November December"
_DAYS = "lundi mardi mercredi jeudi vendredi samedi dimanche"
_ENGLISH_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday"
_LISTS = tuple(words.split() for words in (_MONTHS, _ENGLISH, _DAYS, _ENGLISH_DAYS))
_CAPITAL = r"[A-ZÉÈÀÂÎÔ][\w’'-]*[a-zéèêëàâîïôûç\w]"
_RUN = re.compile(rf"(?<![\w’'-]){_CAPITAL}(?:[ \u00a0](?:de |d['’])?{_CAPITAL})*")
_TITLE = re.compile(r"(?:M\.|Mme|Me|Mr\.?)[ \u00a0]$")
_FIRST_WORDS = frozenset(
    "Le La Les Un Une Des Du De Ce Cet Cette Ces Il Elle Ils Elles On Nous Je En Dans Sur Pour Par"
    " Avec Selon Après Avant Depuis Mais Et Ou Son Sa Ses Au Aux À Aucun Aucune Environ Face The A"
    " An In On At Of For From It He She They We But And This That Not Chacun Chaque Quelque Plus"
    " Une Tous Toutes Tout Lors Alors Si Quand Comme Ainsi Leur Leurs Notre Mon Ma"
    " C'est S'il D'après"
    .split()
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Altered:
    """A sentence that its article does not say, and how it was made so."""

    kind: str
    text: str


Maker = Callable[[str, str, random.Random], Iterator[str]]


def altered(text: str, article: str, drawn: random.Random) -> list[Altered]:
    """A sentence altered in each way that it allows, once each way.

    Args:
        text: the sentence, true of its article.
        article: the article's text; names are taken from it.
        drawn: decides between alterations.
    """
    result = []
    for kind, maker in MAKERS.items():
        made = [one for one in maker(text, article, drawn) if one != text]
        if made:
            result.append(Altered(kind, drawn.choice(made)))
    return result


def _numbers(text: str, article: str, drawn: random.Random) -> Iterator[str]:
    own = {re.sub(r"\D", "", one) for one in re.findall(r"\d[\d \u00a0\u202f.]*", article)}
    for match in _NUMBER.finditer(text):
        value = int(re.sub(r"\D", "", match[0]))
        factor = drawn.choice((1.1, 2, 0.5, 1.5))
        other = max(2, round(value * factor))
        other += other == value
        while str(other) in own:
            other += 1
        group = re.search(r"\D", match[0])
        written = f"{other:,}".replace(",", group[0]) if group else str(other)
        yield text[: match.start()] + written + text[match.end() :]


def _dates(text: str, _article: str, drawn: random.Random) -> Iterator[str]:
    for match in _YEAR.finditer(text):
        year = str(int(match[0]) + drawn.choice((-3, -2, 2, 3)))
        yield text[: match.start()] + year + text[match.end() :]
    for words in _LISTS:
        for match in re.finditer(rf"\b(?:{'|'.join(words)})\b", text):
            other = drawn.choice([word for word in words if word != match[0]])
            yield text[: match.start()] + other + text[match.end() :]


def runs(text: str) -> list[re.Match[str]]:
    """The names of a text: capitals that do not merely begin a sentence."""
    found = []
    for match in _RUN.finditer(text):
        first = match[0].split()[0]
        before = text[: match.start()].rstrip(' «"“\u00a0')[-1:]
        begins = before in ("", ".", "?", "!", "…", ":", "\n")
        if first in _FIRST_WORDS or (begins and " " not in match[0] and not match[0].isupper()):
            continue
        if match[0][1:2] in "'’" or match[0].rstrip("s") in _LISTS[1] + _LISTS[3]:
            continue
        found.append(match)
    return found


def _is_person(text: str, match: re.Match[str]) -> bool:
    return " " in match[0] or bool(_TITLE.search(text[: match.start()]))


def _names(text: str, article: str, drawn: random.Random) -> Iterator[str]:
    known = sorted({one[0] for one in runs(article)})
    for match in runs(text):
        words = set(match[0].split())
        person = _is_person(text, match)
        others = [
            one
            for one in known
            if not words & set(one.split())
            and not any(part in text for part in one.split() if part[0].isupper())
            and (" " in one) == person
        ]
        if others:
            yield text[: match.start()] + drawn.choice(others) + text[match.end() :]


MAKERS: dict[str, Maker] = {
    "number": _numbers,
    "date": _dates,
    "name": _names,
}
