"""What tells how a claim stands beside a window of an article: a vector of signs. Pure.

Most are shares of the claim's words, weighed by how rare they are, that stand in the window, its
passage and its article; others are numbers, dates and names that do not, negations and hedges
that differ, the order of the names, and what search and the reader make of the window.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from bot.answering.checking.claim_words import ClaimWords, KnownWords
from bot.answering.checking.counts import agreeing, counted, replaced
from bot.answering.findings import Detail, Discrepancy
from bot.answering.vetoes import first_veto
from config import data
from retrieval.text.analysis import Term, analyse, fold, terms, words
from retrieval.text.dates import date_mentions
from retrieval.text.numbers import numbers
from retrieval.text.segmentation import sentences

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from numpy.typing import NDArray

    from bot.answering.checking.claim_words import ClaimReading, Ground
    from retrieval.vocabulary import PublicationDate

_LOOSE, _CLOSE = 0.3, 0.7
"""The share of pairs of words in common from which a wording begins to be, and is, close."""
_COSINE = 0.86
"""About what the best windows of a claim have."""
_MAX_ARTICLE = 20_000

_READ_SIGNS = (
    "bias",
    "window",
    "passage",
    "article",
    "best_window",
    "window_squared",
    "rarest_missing",
    "rarest_missing_passage",
    "rarest_missing_article",
    "wording_missing",
    "titled_window",
    "run",
    "pairs",
    "cosine",
    "cosine_gap",
    "probability",
    "numbers_missing",
    "numbers_missing_passage",
    "numbers_present",
    "numbers_agree",
    "numbers_replaced",
    "veto",
    "veto_article",
    "names_missing",
    "names_missing_passage",
    "names_missing_article",
    "names_replaced",
    "names_many",
    "negation",
    "hedge_gained",
    "hedge_lost",
    "certain_gained",
    "cause_gained",
    "contrary",
    "order",
    "english",
    "english_window",
    "english_cosine",
    "short",
    "added",
)
_LOOSE_ONLY = frozenset({"best_window", "names_missing"})
NAMES = (*_READ_SIGNS, *(f"close_{one}" for one in _READ_SIGNS if one not in _LOOSE_ONLY))
"""The signs, in their order in the vector: each, and each again by how close the wording is.

One word that differs says much where the others stand in their order, and little in a paraphrase.
"""


@dataclass(frozen=True, slots=True)
class Signs:
    """A claim beside the window that comes nearest to it.

    Args:
        ground: the window.
        values: the signs, named by `NAMES`.
        discrepancies: numbers, dates and names of the claim that its passage does not give.
        unsaid: other words that its passage does not have, the rarest first; where it has all,
            those that the window does not have.
        denies: whether one of the two has a negation and the other none.
        vetoed: whether a number or a date of the claim is certainly given nowhere.
    """

    ground: Ground
    values: NDArray[np.float64]
    discrepancies: tuple[Discrepancy, ...]
    unsaid: tuple[Discrepancy, ...]
    denies: bool
    vetoed: bool

    @property
    def is_named(self) -> bool:
        """Whether it can be said what differs."""
        return bool(self.discrepancies) or self.denies

    def __getitem__(self, name: str) -> float:
        """A sign by its name."""
        return float(self.values[NAMES.index(name)])


def read_signs(reading: ClaimReading, grounds: Sequence[Ground]) -> Signs | None:
    """Hold a claim against the windows that were found for it.

    Args:
        reading: the claim.
        grounds: the windows, in any order.

    Returns:
        The signs of the nearest window; None without one.
    """
    if not grounds:
        return None
    claim = ClaimWords.of(reading)
    shares = [
        claim.share(KnownWords.of(one.text(one.window), one.article.language)) for one in grounds
    ]
    scores = [
        share + 5 * (one.cosine - _COSINE) for share, one in zip(shares, grounds, strict=True)
    ]
    best = max(range(len(grounds)), key=scores.__getitem__)
    ground = grounds[best]
    elsewhere = [g.cosine for g in grounds if g.article.id != ground.article.id]
    gap = ground.cosine - max(elsewhere, default=_COSINE - 0.05)
    return _signs(claim, ground, gap, max(shares), reading.today)


def _signs(claim: ClaimWords, ground: Ground, gap: float, best: float, today: date) -> Signs:
    article = ground.article
    window, passage = ground.text(ground.window), ground.text(ground.passage)
    titled = f"{article.title}\n{passage}"
    whole = f"{article.title}\n{article.text[:_MAX_ARTICLE]}"
    near, named, around, all_ = (
        KnownWords.of(text, article.language)
        for text in (window, f"{article.title}\n{window}", titled, whole)
    )
    said = counted(claim.text, claim.language)
    sentence = _nearest_sentence(claim, window, article.language)
    near = near.and_also(claim.subject_resumed(sentence, article.language, around))
    share = claim.share(near)
    denies = _has("negations", claim.text) != _has("negations", sentence)
    english = float(claim.language != article.language)
    missing = _missing_numbers(claim.text, window), _missing_numbers(claim.text, titled)
    absent = [_share_missing(claim.names, held) for held in (near, around, all_)]
    days = [article.published]
    vetoes = _veto(claim.text, titled, days, today), _veto(claim.text, whole, days, today)
    values = {
        "bias": 1.0,
        "window": share,
        "passage": claim.share(around),
        "article": claim.share(all_),
        "best_window": best - share,
        "window_squared": share * share,
        "rarest_missing": claim.rarest(near),
        "rarest_missing_passage": claim.rarest(around),
        "rarest_missing_article": claim.rarest(all_),
        "wording_missing": claim.wording_missing(around),
        "titled_window": claim.share(named),
        "run": _longest_run(claim, window, article.language),
        "pairs": _pairs(claim, window, article.language),
        "cosine": 10 * (ground.cosine - _COSINE),
        "cosine_gap": 10 * gap,
        "probability": ground.probability,
        "numbers_missing": min(2.0, len(missing[0])),
        "numbers_missing_passage": min(2.0, len(missing[1])),
        "numbers_present": float(bool(numbers(claim.text)) and not missing[0]),
        "numbers_agree": agreeing(said, counted(titled, article.language)),
        "numbers_replaced": float(bool(replaced(said, counted(window, article.language)))),
        "veto": float(vetoes[0] is not None),
        "veto_article": float(vetoes[1] is not None),
        "names_missing": absent[0],
        "names_missing_passage": absent[1],
        "names_missing_article": absent[2],
        "names_replaced": absent[1] * _other_names(claim, window, article.language),
        "names_many": min(4, len(claim.names)) / 4,
        "negation": float(denies),
        "hedge_gained": _gained("hedges", claim.text, sentence),
        "hedge_lost": _gained("hedges", sentence, claim.text),
        "certain_gained": _gained("certain", claim.text, window),
        "cause_gained": _gained("cause", claim.text, window),
        "contrary": float(_contrary(claim.text, window)),
        "order": float(_reordered(claim.names, window, article.language)),
        "english": english,
        "english_window": english * share,
        "english_cosine": english * 10 * (ground.cosine - _COSINE),
        "short": 1 / math.sqrt(max(1, len(claim.terms))),
        "added": _added(claim, window, article.language),
    }
    differing = tuple(_discrepancies(claim, missing[1], around, vetoes[0]))
    close = closeness(values["pairs"])
    values |= {f"close_{name}": close * values[name] for name in _READ_SIGNS}
    told = {one.words for one in differing}
    words_missing = claim.unsaid(around) or claim.unsaid(near)
    unsaid = [Discrepancy(Detail.WORD, one) for one in words_missing if one not in told]
    vector = np.array([values[name] for name in NAMES])
    return Signs(ground, vector, differing, tuple(unsaid), denies, bool(vetoes[0]))


def closeness(pairs: float) -> float:
    """How close a claim's wording is to the window's, 0 to 1, by its sign ``pairs``."""
    return min(1.0, max(0.0, (pairs - _LOOSE) / (_CLOSE - _LOOSE)))


# --- single signs --------------------------------------------------------------------------


def _missing_numbers(text: str, held: str) -> list[str]:
    """The numbers of a claim that a text does not give."""
    known = {one.value for one in (*numbers(held, "fr"), *numbers(held, "en"))}
    dates = date_mentions(text)
    return [
        text[one.start : one.end]
        for one in numbers(text)
        if one.value not in known
        and all(one.end <= said.start or said.end <= one.start for said in dates)
    ]


def _veto(text: str, held: str, days: Sequence[PublicationDate | None], today: date) -> str | None:
    return first_veto(text, [held], days, today)


def _share_missing(names: Sequence[Term], held: KnownWords) -> float:
    missing = sum(not held.match(one) for one in names)
    return missing / len(names) if names else 0.0


def _other_names(claim: ClaimWords, window: str, language: str) -> float:
    """Whether a window names somebody or something that the claim does not."""
    known = KnownWords.of(claim.text, claim.language)
    named = (one for one in terms(window, language) if one.is_name and one.start > 1)
    return float(any(not known.match(one) for one in named))


def _longest_run(claim: ClaimWords, window: str, language: str) -> float:
    """The longest run of terms that both have, as a share of the claim's."""
    ours, theirs = analyse(claim.text, claim.language), analyse(window, language)
    best, row = 0, [0] * (len(theirs) + 1)
    for term in ours[:80]:
        row = [0, *(row[at] + 1 if term == other else 0 for at, other in enumerate(theirs))]
        best = max(best, max(row))
    return best / max(1, len(ours))


def _pairs(claim: ClaimWords, window: str, language: str) -> float:
    """The share of the claim's pairs of neighbouring terms that stand near each other too."""
    ours, theirs = analyse(claim.text, claim.language), analyse(window, language)
    places: dict[str, list[int]] = {}
    for at, term in enumerate(theirs):
        places.setdefault(term, []).append(at)
    pairs = list(itertools.pairwise(ours))
    near = sum(
        any(abs(a - b) <= 3 for a in places.get(one, ()) for b in places.get(two, ()))
        for one, two in pairs
    )
    return near / max(1, len(pairs))


@lru_cache(maxsize=8)
def _listed(name: str) -> frozenset[str]:
    return frozenset(fold(data.load("words/claims.toml")[name]["words"]).split())


@lru_cache(maxsize=1)
def _contraries() -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
    """Beginnings of words, and those of their contraries."""
    lines = (line.split("|") for line in data.load("words/claims.toml")["contrary"]["pairs"])
    pairs = [tuple(tuple(fold(side).split()) for side in line) for line in lines]
    return tuple((one, other) for one, other in pairs)


def _written(text: str) -> Iterable[str]:
    return (part for word in words(text) for part in word.folded.split("-"))


def _has(name: str, text: str) -> bool:
    """Whether a text has a word of a list of ``config/words/claims.toml``."""
    return any(word in _listed(name) for word in _written(text))


def _gained(name: str, text: str, held: str) -> float:
    """Whether a text has a word of a list and the other has none."""
    return float(_has(name, text) and not _has(name, held))


def _contrary(text: str, held: str) -> bool:
    """Whether one says a word and the other only its contrary."""
    ours, theirs = set(_written(text)), set(_written(held))
    for one, other in _contraries():
        for side, against in ((one, other), (other, one)):
            said, denied = _begin(ours, side), _begin(theirs, against)
            if said and denied and not _begin(theirs, side) and not _begin(ours, against):
                return True
    return False


def _begin(held: Iterable[str], beginnings: tuple[str, ...]) -> bool:
    return any(word.startswith(beginnings) for word in held)


def _nearest_sentence(claim: ClaimWords, window: str, language: str) -> str:
    """The sentence of a window that shares most of a claim's words."""
    parts = [window[span.start : span.end] for span in sentences(window)] or [window]
    return max(parts, key=lambda part: claim.share(KnownWords.of(part, language)))


def _reordered(names: Sequence[Term], window: str, language: str) -> bool:
    """Whether two names stand in the other order."""
    theirs = analyse(window, language)
    ordered = sorted(names, key=lambda one: one.start)
    places = [theirs.index(one.term) for one in ordered if one.term in theirs]
    return any(before > after for before, after in itertools.pairwise(places))


def _added(claim: ClaimWords, window: str, language: str) -> float:
    """How many terms the window has beside the claim's, as a share of its own."""
    theirs = set(analyse(window, language))
    ours = {one.term for one in claim.terms}
    return len(theirs - ours) / max(1, len(theirs))


def _discrepancies(
    claim: ClaimWords, numbers_missing: Sequence[str], around: KnownWords, veto: str | None
) -> Iterable[Discrepancy]:
    """What of a claim its passage does not give: what a veto names, other numbers, names."""
    if veto:
        dated = any(veto in claim.text[d.start : d.end] for d in date_mentions(claim.text))
        yield Discrepancy(Detail.DATE if dated else Detail.NUMBER, veto)
    for number in numbers_missing:
        if number not in (veto or ""):
            yield Discrepancy(Detail.NUMBER, number)
    for name in claim.names:
        if not around.match(name) and name.text not in (veto or ""):
            yield Discrepancy(Detail.NAME, name.text)
