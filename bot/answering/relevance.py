"""How well a sentence of an article answers a question: features, and their probability.

Pure functions of the question, the sentence and what surrounds it. The weights are
calibrated on questions with known answers and kept in ``config/thresholds.toml``.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from bot.answering.understanding import Asked, Kind
from retrieval.analysis import Term, fold, opposites, related, terms
from retrieval.periods import names

if TYPE_CHECKING:
    from collections.abc import Callable

    from retrieval.vocabulary import Evidence

EXACT, RELATED, SHARED_ROOT = 1.0, 0.8, 0.6


@lru_cache(maxsize=100_000)
def closeness(asked: str, found: str) -> float:
    """How much a term of a text stands for a term of a question: 0 to 1."""
    if asked == found:
        return EXACT
    if asked[:1].isdigit() or found[:1].isdigit():
        return 0.0
    if found in related(asked):
        return RELATED
    shorter = min(len(asked), len(found))
    common = 0
    while common < shorter and asked[common] == found[common]:
        common += 1
    if common >= 4 and common >= 0.75 * shorter and max(len(asked), len(found)) - common <= 5:
        return SHARED_ROOT
    if shorter >= 5 and _one_slip(asked, found):
        return SHARED_ROOT
    return 0.0


def _one_slip(a: str, b: str) -> bool:
    """Whether one letter added, left out, changed or swapped makes one word the other."""
    if abs(len(a) - len(b)) > 1 or a[0] != b[0]:
        return False
    at = 0
    while at < min(len(a), len(b)) and a[at] == b[at]:
        at += 1
    rest_a, rest_b = a[at:], b[at:]
    return (
        rest_a[1:] == rest_b[1:]
        or rest_a[1:] == rest_b
        or rest_a == rest_b[1:]
        or (rest_a[:2] == rest_b[1::-1] and rest_a[2:] == rest_b[2:])
    )


def best_match(asked: str, ground: frozenset[str]) -> float:
    """The closest that any term of a text comes to a term of a question."""
    if asked in ground:
        return EXACT
    return max((closeness(asked, found) for found in ground), default=0.0)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A term of the question, and how much it weighs.

    ``strict`` terms (names, numbers, peoples) cannot be missing from what answers.
    """

    term: str
    weight: float
    strict: bool
    carried: bool = False


def wanted_terms(
    asked: Asked, frequency: Callable[[str], int], passages: int, names: frozenset[str]
) -> tuple[Wanted, ...]:
    """Weigh the terms of a question by their rarity in the archive.

    Args:
        asked: the question understood.
        frequency: in how many passages a term stands.
        passages: how many passages there are.
        names: terms that the evidence writes as names: readers type without capitals.
    """
    result = []
    for carried, group in ((False, asked.terms), (True, asked.carried)):
        for term in group:
            weight = math.log(1 + (passages + 1) / (frequency(term.term) + 0.5))
            if term.term in light_terms():
                weight *= 0.25
            strict = term.term in names or _strict(term, asked.question.text)
            result.append(Wanted(term.term, weight * (0.6 if carried else 1), strict, carried))
    return tuple(result)


@lru_cache(maxsize=1)
def light_terms() -> frozenset[str]:
    """Terms that say little: what questions are phrased with."""
    return frozenset(
        term.term
        for text, language in ((_LIGHT_FR, "fr"), (_LIGHT_EN, "en"))
        for term in terms(text, language)
    )


_LIGHT_FR = (
    "coup cas chose truc histoire nouvelles question réponse plaît svp stp savoir dites expliquer "
    "lieu part vouloir veut veulent voir faire fait dire dit disent penser pense compter compte "
    "trouver trouve trouvent savoir sait an année jour mois date fois chose personne gens pays ville "
    "nom appelle appeler terme sujet propos parler raison exister existe passer passe aller devenir "
    "devenu nombre quantité montant veulent prévu prévoir avant après exactement environ article "
    "fini finir côté actuel nouveau nouvelle premier première dernier dernière but type sorte genre"
)
_LIGHT_EN = (
    "name number year day time place country say said people many much long concern happen tell"
)


def _strict(term: Term, question: str) -> bool:
    """Names, acronyms, numbers and peoples; capitals say nothing in a question all in them."""
    if term.is_number or term.term in peoples():
        return True
    if question.isupper():
        return False
    return (term.start > 0 and term.is_name) or (term.text.isupper() and len(term.text) > 1)


def names_in(text: str, language: str) -> frozenset[str]:
    """The terms that a text writes as names: with a capital, not at a sentence's beginning."""
    return frozenset(
        term.term
        for term in terms(text, language)
        if term.is_name and not _BEGINS.search(text[max(0, term.start - 3) : term.start] or ".")
    )


_BEGINS = re.compile(r"[.!?…:«\"“\n]\s*$")


@lru_cache(maxsize=1)
def peoples() -> frozenset[str]:
    """Stems of adjectives of nations: "soldats français" is not "soldats"."""
    return frozenset(term.term for term in terms(_PEOPLES))


_PEOPLES = (
    "français américain irakien afghan russe ukrainien allemand italien espagnol britannique "
    "anglais chinois japonais iranien syrien turc israélien palestinien libyen belge suisse "
    "canadien polonais suédois finlandais algérien marocain tunisien indien brésilien malien "
    "saoudien égyptien jordanien danois norvégien néerlandais grec portugais hongrois roumain "
    "mexicain coréen australien libanais yéménite pakistanais nigérian sénégalais ivoirien "
    "canadian british french german italian american russian"
)


@dataclass(frozen=True, slots=True)
class Ground:
    """The terms of a sentence, of its passage, of its article's title and of all its text."""

    sentence: frozenset[str]
    passage: frozenset[str]
    title: frozenset[str]
    article: frozenset[str]

    def cover(self, term: str) -> tuple[float, float]:
        """How far a term is covered: by the sentence, and by all that surrounds it."""
        near = best_match(term, self.sentence)
        wide = max(near, 0.85 * best_match(term, self.passage), 0.85 * best_match(term, self.title))
        return near, wide


# What an answer of a kind must hold.
_NUMBER_WORDS = (
    r"deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze|seize|vingt"
    r"|trente|quarante|cinquante|soixante|cent|cents|mille|millions?|milliards?|dizaines?|douzaine"
    r"|vingtaine|trentaine|centaines?|milliers?|moitie|tiers|quart|une|un|aucun|aucune|premier"
)
_MONTH_NAMES = (
    "janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre|january"
    "|february|march|april|may|june|july|august|september|october|november|december"
)
_DAYS = "lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche"
_A_YEAR = r"(?<![\d.,])(?:1[5-9]|20)\d\d(?![\d.,]\d|\d)"
_A_DATE = re.compile(
    rf"\b(?:{_MONTH_NAMES})\b|{_A_YEAR}|\b(?:{_DAYS})\b|\b\d{{1,2}}\s*h(?:eures?)?\b|\b\d+ (?:ans|mois|jours|semaines|heures)\b"
    rf"|\b(?:{_NUMBER_WORDS}) (?:ans|mois|jours|semaines|annees|heures)\b|plus d'un an|\b(?:hier|demain|aujourd'hui)\b"
)
_STRONG_DATE = re.compile(rf"\b(?:{_MONTH_NAMES})\b|{_A_YEAR}|depuis \w+ ans|\b\d+ (?:ans|mois)\b")
_A_NUMBER = re.compile(rf"(?<![\w])\d[\d.,\s\u00a0\u202f]*|\b(?:{_NUMBER_WORDS})\b")
_A_PLACE = re.compile(
    r"\b(?:[aàÀ]|en|au|aux|dans|pr[eè]s d[eu]|vers|sur|chez|depuis|devant|in|at|near)\s+"
    r"(?:l['’]\s?|l[ae]s?\s+|the\s+)?(?:\w+\s+){0,3}?(?P<name>[A-ZÉÈÀÎ]\w+(?:-\w+)*)"
)
_SOMEWHERE = re.compile(
    r"\b(?:a l[a']|au|aux|dans|devant|pres d[eu]|sur l[ae']|en (?:mer|banlieue|ville)) ?(?:une? |la |le |les |l')?\w{3,}"
)
_AN_AGE = re.compile(
    r"\b(?:\d{1,3}|[a-z-]+) ans\b|\bag[eé]e?s?\b|\bn[eé]e? (?:en|le)\b|years old|aged"
)
_A_NAME = re.compile(r"(?<![.!?…]\s)(?<!^)(?<![«\"“]\s)(?<![«\"“])\b[A-ZÉÈÀÎÔ][\w’'-]+")
_FULL_NAME = re.compile(
    r"\b[A-ZÉÈÀÎÔ][\w’'-]*[a-zéèêëàâîïôûç](?:\s(?:de|du|von|van|el|al|ben|d['’])?\s?[A-ZÉÈÀÎÔ][\w’'-]+)+"
    r"|\b(?:M\.|MM\.|Mme|Mlle|Dr|Me|Mr\.?|Mrs\.?|Ms\.?)\s[A-ZÉÈÀÎÔ][\w’'-]+"
)
_A_REASON = re.compile(
    r"\b(?:parce qu|car\b|en raison|a cause|du fait|afin|pour\b|grace a|puisqu|comme\b|suite a"
    r"|apres\b|en reponse|craign|crain|risque|motif|raison|li[ee]e? a|faute de|expliqu|permet"
    r"|provoqu|entrain|due?s? a\b|because|since|en tant que|estimant|jug|accus)"
)


def answers_kind(asked: Asked, sentence: str) -> float:
    """Whether a sentence holds the kind of thing asked for: 0, 1, or between when unsure."""
    folded = fold(sentence.replace("’", "'"))
    kind = asked.kind
    if kind is Kind.AGE:
        return float(bool(_AN_AGE.search(folded)))
    if kind is Kind.DATE:
        return 1.0 if _STRONG_DATE.search(folded) else 0.6 * bool(_A_DATE.search(folded))
    if kind is Kind.NUMBER:
        return _holds_number(asked, sentence, folded)
    if kind is Kind.PLACE:
        return _holds_place(asked, sentence, folded)
    if kind is Kind.PERSON:
        return _holds_name(asked, sentence)
    if kind is Kind.REASON:
        return 1.0 if _A_REASON.search(folded) else 0.4
    return 1.0


def _holds_number(asked: Asked, sentence: str, folded: str) -> float:
    own = {term.term for term in asked.terms}
    dates = [
        match.span()
        for match in re.finditer(rf"\d{{1,2}}(?:er)? (?:{_MONTH_NAMES})|{_A_YEAR}", folded)
    ]
    best = 0.0
    for match in _A_NUMBER.finditer(folded):
        inside = any(start <= match.start() < end for start, end in dates)
        digits = re.sub(r"\D", "", match[0])
        if inside or (digits and digits in own):
            continue
        word = match[0].strip()
        best = max(best, 0.3 if word in ("un", "une", "premier") else 1.0)
    return best


def _is_fresh(name: str, own: frozenset[str]) -> bool:
    """Whether a name says something that the question did not."""
    return not any(best_match(term.term, own) for term in terms(name))


def _own_terms(asked: Asked) -> frozenset[str]:
    return frozenset(term.term for term in (*asked.terms, *asked.carried))


def _holds_place(asked: Asked, sentence: str, folded: str) -> float:
    """A place that the question did not name; less sure when it has no name."""
    own = _own_terms(asked)
    if any(_is_fresh(match["name"], own) for match in _A_PLACE.finditer(sentence)):
        return 1.0
    return 0.5 if _SOMEWHERE.search(folded) else 0.0


def _holds_name(asked: Asked, sentence: str) -> float:
    """A name that the question did not give: surest with a first name and a last."""
    own = _own_terms(asked)
    if any(_is_fresh(match[0], own) for match in _FULL_NAME.finditer(sentence)):
        return 1.0
    return 0.7 if any(_is_fresh(match[0], own) for match in _A_NAME.finditer(sentence)) else 0.2


def near_number(asked: Asked, sentence: str) -> float:
    """Whether a number of the sentence counts what the question counts: 0, 0.5 or 1."""
    if asked.kind is not Kind.NUMBER or not asked.unit:
        return 0.5
    found = terms(sentence)
    spots = [m.start() for m in _A_NUMBER.finditer(fold_in_place(sentence))]
    if not spots:
        return 0.0
    covered = 0.0
    for unit in asked.unit:
        reach = [
            min(abs(term.start - spot) for spot in spots)
            for term in found
            if closeness(unit, term.term)
        ]
        covered += 1.0 if reach and min(reach) <= 60 else 0.3 if reach else 0.0
    return covered / len(asked.unit)


def fold_in_place(text: str) -> str:
    """Folded letter by letter: offsets stay those of the text."""
    return "".join((fold(c) or c)[:1] for c in text)


FEATURES = (
    "close",
    "close_gap",
    "dense",
    "score",
    "rank",
    "near",
    "wide",
    "least",
    "elsewhere",
    "strict_missing",
    "kind",
    "unit",
    "timely",
    "short",
    "english",
    "near_english",
    "wide_english",
)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a sentence stands among the evidence, and how near it is to the question.

    Args:
        evidence: its passage, with its scores.
        rank: of the passage, from 0.
        cosine: of the question and the sentence.
        best_cosine: the highest of all the sentences compared.
    """

    evidence: Evidence
    rank: int
    cosine: float
    best_cosine: float


def features(
    asked: Asked, wanted: tuple[Wanted, ...], sentence: str, ground: Ground, standing: Standing
) -> tuple[float, ...]:
    """The features of a sentence, in the order of `FEATURES`.

    Args:
        asked: the question understood.
        wanted: its weighed terms.
        sentence: the sentence.
        ground: the terms of the sentence and of what surrounds it.
        standing: where it stands among the evidence.
    """
    covers = [(one, *ground.cover(one.term)) for one in wanted]
    total = sum(one.weight for one in wanted) or 1.0
    near = sum(one.weight * n for one, n, _ in covers) / total
    wide = sum(one.weight * w for one, _, w in covers) / total
    least = sum(one.weight for one, _, w in covers if w == 0) / total
    absent = [one for one, _, w in covers if w == 0 and not best_match(one.term, ground.article)]
    nowhere = sum(one.weight for one in absent) / total
    english = asked.question.language == "en"
    lexical = 0.0 if english else 1.0  # an English question shares few words with French text
    timely = _timeliness(asked, sentence, standing.evidence)
    return (
        (standing.cosine - 0.8) * 10,
        (standing.cosine - standing.best_cosine) * 10,
        (standing.evidence.dense - 0.8) * 10,
        standing.evidence.score,
        1.0 / (1 + standing.rank),
        near * lexical,
        wide * lexical,
        least * lexical,
        nowhere * lexical,
        float(min(sum(one.strict for one in absent), 2)),
        answers_kind(asked, sentence),
        near_number(asked, sentence),
        timely,
        float(len(sentence) < 40),
        float(english),
        near * (1.0 - lexical),
        wide * (1.0 - lexical),
    )


def _timeliness(asked: Asked, sentence: str, evidence: Evidence) -> float:
    """How a sentence meets the period of a question: 1 when it names it, 0 when none is asked."""
    period = asked.question.period
    if period is None:
        return 0.0
    if names(sentence, period):
        return 1.0
    return 0.0 if period.admits(evidence.article.published) else -1.0


def probability(values: tuple[float, ...], weights: tuple[float, ...], bias: float) -> float:
    """The logistic model's probability that a sentence answers."""
    total = bias + sum(v * w for v, w in zip(values, weights, strict=True))
    return 1 / (1 + math.exp(-max(min(total, 30.0), -30.0)))


def is_disqualified(
    asked: Asked, wanted: tuple[Wanted, ...], sentence: str, ground: Ground
) -> bool:
    """Whether a sentence cannot answer, whatever else speaks for it.

    A number must be there when one is asked for, an age when an age is; what is counted must
    stand by the number, and when the soldiers of one nation are counted, so must the nation.
    Every name of the question must stand somewhere in the article.
    """
    own = (one.term for one in wanted if one.strict and not one.carried)
    if not all(best_match(term, ground.article | ground.title) for term in own):
        return True
    if asked.kind in (Kind.AGE, Kind.NUMBER, Kind.DATE) and not answers_kind(asked, sentence):
        return True
    if asked.kind is Kind.NUMBER and not _holds_measure(asked, sentence):
        return True
    if asked.kind is not Kind.NUMBER or not asked.unit:
        return False
    counted = tuple(term for term in asked.unit if term in peoples())
    misses_nation = bool(counted) and near_number(replace(asked, unit=counted), sentence) < 1
    return misses_nation or near_number(asked, sentence) == 0


_MONEY = re.compile(r"euro|€|dollar|\$|livre|£|franc|million|milliard|yen|yuan|rouble")
_COSTS = re.compile(
    r"\b(?:combien|cb)\b.{0,25}\bcout|\bcout|\bprix\b|\bmontant|\bbudget|\bsomme\b|how much"
)
_SHARE = re.compile(
    r"%|pour ?cent|moitie|tiers|quart|cinquieme|dixieme|sur (?:deux|trois|dix|cent)"
)
_SHARES = re.compile(r"pourcentage|\btaux\b|proportion|quelle part\b|percentage|what share")


def _holds_measure(asked: Asked, sentence: str) -> bool:
    """Money when a cost is asked for, a share when a percentage is."""
    question, said = fold(asked.question.text), fold(sentence)
    if _SHARES.search(question):
        return bool(_SHARE.search(said))
    return not _COSTS.search(question) or bool(_MONEY.search(said))


_DENIED = re.compile(
    r"\b(?:ne |n')(?:\w+ ){0,2}?(?P<verb>\w+)(?: \w+)? (?:pas|plus|jamais)\b"
    r"|\b(?:mais|et) (?:pas|non) (?:de |d'|du |des |a |au |en |dans )?(?:l'|la |le |les )?(?P<thing>\w+)"
)


def denies(asked: Asked, sentence: str) -> bool:
    """Whether a sentence negates what a question asks the date or the reason of."""
    question = fold(asked.question.text.replace("’", "'"))
    if asked.kind not in (Kind.REASON, Kind.DATE) or re.search(r"\b(?:ne |n'|pas\b)", question):
        return False
    own = frozenset(term.term for term in asked.terms)
    for match in _DENIED.finditer(fold(sentence.replace("’", "'"))):
        denied = terms(match["verb"] or match["thing"] or "")
        if any(best_match(term.term, own) >= RELATED for term in denied):
            return True
    return False


def contradicts(asked: Asked, sentence: str, found: frozenset[str]) -> bool:
    """Whether a sentence says the opposite of what a question takes for granted.

    "Pourquoi l'OTAN quitte-t-elle l'Irak ?" against "l'OTAN renforce sa mission en Irak". A
    question that only asks whether takes nothing for granted.
    """
    if asked.kind is Kind.YES_NO:
        return False
    return denies(asked, sentence) or any(
        opposites(term.term) & found and best_match(term.term, found) < RELATED
        for term in asked.terms
    )
