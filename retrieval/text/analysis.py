"""French (and English) analysis: from a text to the terms that are compared.

One analysis serves the lexical index and the answers, so that they never
disagree on what a word is. In order: words with their offsets, numbers made one
(``4.000``, ``4 000``, ``4000``), acronyms without points, elision (``l'``, ``qu'``),
lower case, accents folded, equivalents (OTAN/NATO), stop words, Snowball stems.
Accents are folded before stemming because readers type without them.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import Stemmer

from config import data

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


_WORD = re.compile(
    r"""
    (?P<number>\d{1,3}(?:[\u0020\u00a0\u202f.]\d{3})+(?![\d])(?:,\d+)?   # 4.000  4 000
      | \d+(?:[.,]\d+)?)                                            # 12  4,5
    | (?P<acronym>(?:[^\W\d_]\.){2,}[^\W\d_]?\b)                         # C.G.T.
    # Accents may stand apart, and signs that are not seen may stand within a word.
    | (?P<word>[^\W_]+(?:[\u0300-\u036f\u00ad\u200b-\u200f\u2060\ufeff]+[^\W_]*)*)
    """,
    re.VERBOSE,
)
# Signs that look alike are one here, each of one character so that offsets stay: apostrophes
# (modifier letter, prime, acute and grave accent, full width), spaces of typography, digits of
# full width.
_LOOKALIKES = str.maketrans(
    {
        **dict.fromkeys("\u02bc\u02b9\u02bb\u02c8\u2018\u201b\u2032\u00b4\u0060\uff07\ua78c", "'"),
        **dict.fromkeys(map(chr, (*range(0x2000, 0x200B), 0x205F, 0x3000)), "\u00a0"),
        **{chr(0xFF10 + digit): str(digit) for digit in range(10)},
        "\uff0c": ",",
        "\uff0e": ".",
    }
)
_APOSTROPHES = frozenset("'’")
_MAX_WORD = 64  # characters: whole texts are folded without a cache
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "’": "'", "\u02bc": "'", "ß": "ss"})


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text: as written, folded, and its offsets."""

    text: str
    folded: str
    start: int
    end: int

    @property
    def is_number(self) -> bool:
        """Whether the word is a number written in digits."""
        return self.folded[:1].isdigit()


def fold(text: str) -> str:
    """Lower case without accents or ligatures; ``’`` becomes ``'``."""
    return _fold_word(text) if len(text) <= _MAX_WORD else _folded(text)


@lru_cache(maxsize=65_536)
def _fold_word(word: str) -> str:
    return _folded(word)


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).lower().translate(_LIGATURES)
    decomposed = unicodedata.normalize("NFKD", plain)
    return "".join(c for c in decomposed if not _is_unseen(c))


def _is_unseen(character: str) -> bool:
    return bool(unicodedata.combining(character)) or unicodedata.category(character) == "Cf"


def fold_in_place(text: str) -> str:
    """Folded letter by letter, so that offsets stay those of the text."""
    return "".join((fold(c) or c)[:1] for c in text)


@lru_cache(maxsize=64)
def word_list(file: str, section: str, key: str) -> frozenset[str]:
    """The folded words of a text in a data file, such as ``words/numbers.toml``."""
    return frozenset(fold(data.load(file)[section][key]).split())


@lru_cache(maxsize=32)
def word_values(file: str, section: str, key: str) -> dict[str, float]:
    """The folded words of some lines of a data file, each with the value that heads its line."""
    lines = (fold(line).split() for line in data.load(file)[section][key])
    return {word: float(value) for value, *words_ in lines for word in words_}


def number(text: str) -> str:
    """One spelling of a number: ``4.000`` and ``4 000`` are ``4000``, ``4,5`` is ``4.5``."""
    grouped = re.fullmatch(r"(\d{1,3}(?:[\s.]\d{3})+)(?:,(\d+))?", text)
    whole, _, part = text.replace(",", ".").partition(".")
    if grouped:
        whole, part = re.sub(r"\D", "", grouped[1]), grouped[2] or ""
    elif re.fullmatch(r"\d{1,3},\d{3}", text):  # an English thousand, not a decimal
        whole, part = text.replace(",", ""), ""
    return f"{whole}.{part}" if part else whole


def words(text: str) -> Iterator[Word]:
    """The words of a text in their order, elided articles left out.

    Signs that look alike are taken for each other: "L\u02bcAube" is "L'Aube".
    """
    alike = text if text.isascii() and "`" not in text else text.translate(_LOOKALIKES)
    for match in _WORD.finditer(alike):
        token, (start, end) = match[0], match.span()
        if match["number"]:
            yield Word(text[start:end], number(token), start, end)
        elif match["acronym"]:
            yield Word(token, fold(token.replace(".", "")), start, end)
        else:
            for word in _plain(alike, token, start, end):
                yield Word(text[word.start : word.end], word.folded, word.start, word.end)


def _plain(text: str, token: str, start: int, end: int) -> Iterator[Word]:
    """A word, unless it is an elided article or one half of ``aujourd'hui``."""
    folded = fold(token)
    if text[end : end + 1] in _APOSTROPHES:
        whole = _WORD.match(text, end + 1)
        if whole and f"{folded}'{fold(whole[0])}" in _apostrophes("whole"):
            joined = text[start : whole.end()]
            yield Word(joined, fold(joined).replace("'", ""), start, whole.end())
            return
        if folded in _apostrophes("elided"):
            return
    if start and text[start - 1] in _APOSTROPHES:
        left = re.search(r"[^\W_]+$", text[: start - 1][-12:])
        if left and f"{fold(left[0])}'{folded}" in _apostrophes("whole"):
            return
    yield Word(token, folded, start, end)


@lru_cache(maxsize=1)
def _function_words() -> dict[str, Any]:
    return data.load("words/stopwords.toml")


@lru_cache(maxsize=2)
def _apostrophes(kind: str) -> frozenset[str]:
    """Words elided before an apostrophe (``elided``), or never split (``whole``)."""
    return frozenset(_function_words()["apostrophes"][kind])


@lru_cache(maxsize=4)
def _stop_words(language: str) -> frozenset[str]:
    listed = _function_words()[language]
    return frozenset(listed) | frozenset(fold(word) for word in listed)


_STEMMERS = {
    "fr": Stemmer.Stemmer("french"),
    "en": Stemmer.Stemmer("english"),
}


@lru_cache(maxsize=200_000)
def stem(folded: str, language: str) -> str:
    """The Snowball stem of a folded word; numbers are left as they are."""
    if folded[:1].isdigit():
        return folded
    stemmed: str = _STEMMERS["en" if language == "en" else "fr"].stemWord(folded)
    return stemmed


@dataclass(frozen=True, slots=True)
class Equivalents:
    """Words that mean the same thing to a reader of news (``config/words/equivalents.toml``).

    ``same`` groups of the file are one term everywhere (OTAN and NATO); ``related`` groups are
    distinct words that stand for each other (soldats, militaires), as in follow-ups.

    ``phrases`` maps a sequence of folded words to its term; ``reach`` tells of a word how
    long the phrases are that begin with it; ``kin`` maps a stem to the stems that may stand
    for it.
    """

    phrases: dict[tuple[str, ...], str]
    reach: dict[str, int]
    kin: dict[str, frozenset[str]]

    def longest(self, folded: Sequence[str], at: int) -> tuple[int, str]:
        """The longest phrase that starts at ``at``: its length in words, and its term."""
        for length in range(min(self.reach.get(folded[at], 0), len(folded) - at), 0, -1):
            term = self.phrases.get(tuple(folded[at : at + length]))
            if term is not None:
                return length, term
        return 0, ""

    def related(self, term: str) -> frozenset[str]:
        """The terms that may stand for a term, itself excluded."""
        return self.kin.get(term, frozenset())


@lru_cache(maxsize=1)
def _equivalents() -> Equivalents:
    table = data.load("words/equivalents.toml")
    phrases = {
        _folded_words(form): canonical
        for canonical, forms in table["same"].items()
        for form in (canonical, *forms)
    }
    kin: dict[str, frozenset[str]] = {}
    for group in table["related"]["groups"]:
        stems = frozenset(term for word in group for term in _terms_of(word, phrases))
        for term in stems:
            kin[term] = kin.get(term, frozenset()) | stems - {term}
    reach: dict[str, int] = {}
    for phrase in phrases:
        reach[phrase[0]] = max(reach.get(phrase[0], 0), len(phrase))
    return Equivalents(phrases, reach, kin)


def _folded_words(phrase: str) -> tuple[str, ...]:
    return tuple(word.folded for word in words(phrase))


def _terms_of(word: str, phrases: Mapping[tuple[str, ...], str]) -> tuple[str, ...]:
    """The term of a word that is one everywhere, else its stems, French and English."""
    known = phrases.get(_folded_words(word))
    return (known,) if known else (stem(fold(word), "fr"), stem(fold(word), "en"))


def is_stop_word(word: Word, language: str) -> bool:
    """Whether a word is a function word: articles, pronouns, auxiliaries, question words."""
    if len(word.folded) == 1 and not word.is_number:
        return True
    return _is_listed(word.text, "en" if language == "en" else "fr")


@lru_cache(maxsize=65_536)
def _is_listed(word: str, language: str) -> bool:
    written = unicodedata.normalize("NFC", word.lower()).replace("’", "'")
    return written in _stop_words(language)


@dataclass(frozen=True, slots=True)
class Term:
    """The unit of comparison: a stem or an equivalent, with the words it stands for."""

    term: str
    text: str
    start: int
    end: int

    @property
    def is_number(self) -> bool:
        """Whether the term is a number in digits."""
        return self.term[:1].isdigit()

    @property
    def is_name(self) -> bool:
        """Whether it is written as a name: a capital first, or all capitals."""
        return self.text[:1].isupper()


def terms(text: str, language: str = "fr") -> list[Term]:
    """The terms of a text with their offsets, in their order, repeated as they are."""
    found = list(words(text))
    folded = [word.folded for word in found]
    longest = _equivalents().longest
    result: list[Term] = []
    at = 0
    while at < len(found):
        length, canonical = longest(folded, at)
        word = found[at]
        if canonical and not (length == 1 and is_stop_word(word, language)):
            last = found[at + length - 1]
            result.append(Term(canonical, text[word.start : last.end], word.start, last.end))
        elif not is_stop_word(word, language):
            result.append(Term(stem(word.folded, language), word.text, word.start, word.end))
        at += max(length, 1)
    return result


def analyse(text: str, language: str = "fr") -> list[str]:
    """The terms of a text as plain strings: what the lexical index stores and is asked."""
    return [term.term for term in terms(text, language)]


def related(term: str) -> frozenset[str]:
    """Terms that readers use for the same thing (``soldat`` for ``militaire``), itself excluded."""
    return _equivalents().related(term)


def guess_language(text: str) -> str:
    """``fr`` or ``en``, by the function words; French when in doubt.

    Accents decide short texts: a reader who types ``é`` does not write English. A message
    that is half greetings or more has their language, where there is no other sign ("hello").
    """
    found = [word.text.lower() for word in words(text[:4000])]
    french = sum(word in _stop_words("fr") for word in found)
    english = sum(word in _stop_words("en") for word in found)
    french += sum(not word.isascii() for word in found)
    if not french and not english:
        greetings = sum(word in _function_words()["greetings"]["en"] for word in found)
        english = greetings if 2 * greetings >= len(found) else 0
    return "en" if english > french else "fr"
