"""What kind of thing a sentence holds: a date, a place, a name, a number of what is counted.

Pure, over the sentence's own words; a score from 0 (no) to 1 (yes), between when unsure.
"""

from __future__ import annotations

import re

from bot.answering.closeness import best_match, closeness
from bot.answering.understanding import Asked, Kind, wording
from retrieval.analysis import fold, fold_in_place, terms

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
    rf"\b(?:{_MONTH_NAMES})\b|{_A_YEAR}|\b(?:{_DAYS})\b|\b\d{{1,2}}\s*h(?:eures?)?\b"
    rf"|\b\d+ (?:ans|mois|jours|semaines|heures)\b"
    rf"|\b(?:{_NUMBER_WORDS}) (?:ans|mois|jours|semaines|annees|heures)\b|plus d'un an"
    r"|\b(?:hier|demain|aujourd'hui)\b"
)
_STRONG_DATE = re.compile(rf"\b(?:{_MONTH_NAMES})\b|{_A_YEAR}|depuis \w+ ans|\b\d+ (?:ans|mois)\b")
_A_NUMBER = re.compile(rf"(?<![\w])\d[\d.,\s\u00a0\u202f]*|\b(?:{_NUMBER_WORDS})\b")
_A_PLACE = re.compile(
    r"\b(?:[aàÀ]|en|au|aux|dans|pr[eè]s d[eu]|vers|sur|chez|depuis|devant|in|at|near)\s+"
    r"(?:l['’]\s?|l[ae]s?\s+|the\s+)?(?:\w+\s+){0,3}?(?P<name>[A-ZÉÈÀÎ]\w+(?:-\w+)*)"
)
_SOMEWHERE = re.compile(
    r"\b(?:a l[a']|au|aux|dans|devant|pres d[eu]|sur l[ae']|en (?:mer|banlieue|ville)) ?"
    r"(?:une? |la |le |les |l')?\w{3,}"
)
_AN_AGE = re.compile(
    r"\b(?:\d{1,3}|[a-z]+) ans\b|\bag[eé]e?s?\b|\bn[eé]e? (?:en|le)\b|years old|aged"
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
        return _holds_number(asked, folded)
    if kind is Kind.PLACE:
        return _holds_place(asked, sentence, folded)
    if kind is Kind.PERSON:
        return _holds_name(asked, sentence)
    if kind is Kind.REASON:
        return 1.0 if _A_REASON.search(folded) else 0.4
    return 1.0


def _holds_number(asked: Asked, folded: str) -> float:
    own = {term.term for term in asked.terms}
    dates = [
        match.span()
        for match in re.finditer(rf"\d{{1,2}}(?:er)? (?:{_MONTH_NAMES})\b|{_A_YEAR}", folded)
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


_MONEY = re.compile(r"euro|€|dollar|\$|livre|£|franc|million|milliard|yen|yuan|rouble")
_SHARE = re.compile(
    r"%|pour ?cent|moitie|tiers|quart|cinquieme|dixieme|sur (?:deux|trois|dix|cent)"
)


def holds_measure(asked: Asked, sentence: str) -> bool:
    """Money when a cost is asked for, a share when a percentage is."""
    question, said = fold(asked.question.text), fold(sentence)
    if wording("shares").search(question):
        return bool(_SHARE.search(said))
    return not wording("costs").search(question) or bool(_MONEY.search(said))
