"""What a question asks for: its language, its period, the kind of answer, its terms.

Pure: today and the turns before are arguments. Without a model, a follow-up ("et combien
de blessés ?") borrows the subject of the last question that had one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from retrieval.analysis import Term, fold, guess_language, terms
from retrieval.periods import find_period
from retrieval.vocabulary import Period, Question, Turn

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date


class Kind(StrEnum):
    """The kind of answer that a question calls for."""

    AGE = "age"
    NUMBER = "number"
    DATE = "date"
    PLACE = "place"
    PERSON = "person"
    REASON = "reason"
    YES_NO = "yes_no"
    OTHER = "other"


_LEAD = r"(?:^|[\s,;:(«\"'-])"
_KINDS: tuple[tuple[Kind, str], ...] = (
    (Kind.AGE, r"\bquel age|\bhow old|\bl'age (?:de|du)\b"),
    (
        Kind.DATE,
        r"depuis (?:quand|combien de temps|cb|quelle (?:date|annee))|jusqu'a quand|quand\b"
        r"|(?:a |en |de |d')?quel(?:le)?s? (?:date|annee|jour|mois|epoque|moment)s?\b|since when"
        r"|when\b|(?:what|which|in what|in which) (?:date|year|day|month)|how long|date limite"
        r"|ca fait combien (?:de temps|d'annees)|deadline",
    ),
    (
        Kind.NUMBER,
        r"combien|conbien|\bcb\b|how (?:many|much|large|big)|what (?:number|percentage|share)"
        r"|quel(?:le)?s? (?:est |sont |etait |a ete |fut )?(?:le |la |les |l')?(?:nombre|montant|taux|prix|bilan"
        r"|score|pourcentage|effectifs?|cout|somme|proportion|part\b|population|taille|budget"
        r"|chiffre|duree|superficie|hauteur|longueur|distance|vitesse|salaire)",
    ),
    (
        Kind.PLACE,
        rf"{_LEAD}(?:d')?ou (?:est|sont|se|s'|a |ont|doit|aura|va|vont|sera|exactement|etait|en est"
        r"|ca|l[ae']|les|le|peut|faut|habite|vit|il|elle|on|un|une|des|ces|cet)"
        r"|^ou\b|where\b|(?:dans |a |en |de |sur |vers )?quel(?:le)?s? (?:ville|pays|region|lieu|endroit"
        r"|commune|quartier|capitale|continent|mer|departement|rue|terrain|site|batiment|salle)s?\b"
        r"|(?:what|which) (?:city|country|town|place|region)",
    ),
    (Kind.REASON, r"pourquoi|why\b|pour quelles? raisons?|quelle est la (?:raison|cause)"),
    (
        Kind.PERSON,
        rf"(?<!ce)(?<!celui)(?<!celle)(?<!ceux){_LEAD}(?:(?:a|de|par|avec|pour|chez|d'apres|selon|contre) )?"
        r"(?:qui|who|whom)\b"
        r"|quel(?:le)?s? (?:est |etait |sont )?(?:le |la |l')?(?:nom|president|presidente|ministre"
        r"|premier ministre|general|directeur|directrice|maire|chef|secretaire|dirigeant|responsable"
        r"|auteur|autrice|homme|femme|journaliste|joueur|joueuse|entraineur|acteur|actrice"
        r"|candidat|candidate|juge|avocat|avocate|chanteur|chanteuse|athlete)s?\b"
        r"|comment s'appel|what is the name|by whom",
    ),
    (
        Kind.YES_NO,
        r"^(?:est-ce qu|est ce qu|is |are |was |were |did |does |do |has |have |had |will |can )"
        r"|-t-(?:il|elle|on|ils|elles)\b|\b(?:est|sont|a|ont|peut|doit|va|vont|sera|etait)-(?:il|elle|ce|on|ils|elles)\b",
    ),
)
_COMPILED = tuple((kind, re.compile(pattern)) for kind, pattern in _KINDS)
_WH = re.compile(r"\b(?:que|qu|qu'|quoi|quel|quelle|quels|quelles|comment|what|which|how)\b")


def _squeeze(text: str) -> str:
    return re.sub(r"\s+", " ", fold(text.replace("’", "'"))).strip()


def kind_of(text: str) -> Kind:
    """The kind of answer that a question calls for; `Kind.OTHER` when its words do not tell."""
    folded = _squeeze(text)
    for kind, pattern in _COMPILED:
        if not pattern.search(folded):
            continue
        if kind is Kind.YES_NO and _WH.search(folded):
            return Kind.OTHER
        return kind
    return Kind.OTHER


_UNIT = re.compile(
    r"(?:combien|conbien|cb|how many|nombre)\s+(?:d['’e]s?\s*|of\s+)?(?:la |le |les )?"
    r"(?P<unit>[^\W\d_]+(?:[ '’-](?:de |d['’])?[^\W\d_]+)?)"
)
# What a question counts may be left out of the answer's words: "combien de personnes".
_EMPTY_UNITS = frozenset({"personn", "foi", "temp", "gen", "people", "peopl", "time"})


@dataclass(frozen=True, slots=True)
class Asked:
    """A question understood.

    Args:
        question: the question, with its language and period.
        kind: the kind of answer it calls for.
        terms: its own terms, each once, those of a date left out.
        carried: terms of an earlier question that a follow-up leans on.
        unit: terms of what it counts ("militaires français"), for numbers.
        search_text: what is looked for: the question, with the carried subject.
    """

    question: Question
    kind: Kind
    terms: tuple[Term, ...]
    carried: tuple[Term, ...] = ()
    unit: tuple[str, ...] = ()
    search_text: str = ""


def understand(text: str, today: date, turns: Sequence[Turn] = ()) -> Asked:
    """Understand a question.

    Args:
        text: the question as it was typed.
        today: the day on which it is asked.
        turns: the turns before it, oldest first.
    """
    language = guess_language(text)
    asked = _alone(text, language, today)
    earlier = [turn.text for turn in turns if turn.speaker == "user"]
    if earlier and is_follow_up(text, asked):
        previous = understand(earlier[-1], today, _before(turns))
        asked = _joined(asked, previous)
    return replace(asked, question=replace(asked.question, turns=tuple(turns)))


def _before(turns: Sequence[Turn]) -> Sequence[Turn]:
    """The turns before the last one of the user."""
    last = max(index for index, turn in enumerate(turns) if turn.speaker == "user")
    return turns[:last]


def _alone(text: str, language: str, today: date) -> Asked:
    period = find_period(text, today)
    kind = kind_of(text)
    found = terms(text, language)
    own = _distinct(_without_period(found, text, period))
    match = _UNIT.search(text.lower())
    unit: tuple[str, ...] = ()
    if kind is Kind.NUMBER and match:
        start, end = match.span("unit")
        unit = tuple(
            term.term for term in own if start <= term.start < end and term.term not in _EMPTY_UNITS
        )
    return Asked(Question(text, language, period), kind, own, (), unit, text)


def _without_period(found: list[Term], text: str, period: Period | None) -> list[Term]:
    """A date is a condition on the evidence, not a word to look for."""
    if period is None or not period.words:
        return found
    start = text.find(period.words)
    end = start + len(period.words)
    dates = _DATE_WORDS
    return [
        term
        for term in found
        if not (start <= term.start < end and (term.is_number or term.term in dates))
    ]


_DATE_WORDS = frozenset(
    term.term
    for language in ("fr", "en")
    for term in terms(
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre "
        "January February March April May June July August September October November December "
        "an année mois semaine jour dernier dernière derniers passé passée an year month week day "
        "last début fin mi printemps été automne hiver années hier",
        language,
    )
)


def _distinct(found: Sequence[Term]) -> tuple[Term, ...]:
    seen: dict[str, Term] = {}
    for term in found:
        seen.setdefault(term.term, term)
    return tuple(seen.values())


_AND_WHAT = re.compile(
    r"\s*,?\s+(?:et|and)\s+(?=(?:combien|qui|quand|pourquoi|comment|où|quel(?:le)?s?|à quel|en quel"
    r"|depuis quand|how|who|when|why|where|which|what)\b)",
    re.IGNORECASE,
)


def parts(text: str, today: date, turns: Sequence[Turn] = ()) -> tuple[Asked, ...]:
    """The questions that a text asks: "qui était … fin 2016, et qui lui a succédé ?" is two.

    The second leans on the first for its subject, as a follow-up does.
    """
    pieces = [piece for piece in _AND_WHAT.split(text) if piece.strip()]
    first = understand(pieces[0] if pieces else text, today, turns)
    asked = [first]
    for piece in pieces[1:3]:
        alone = _alone(piece, first.question.language, today)
        asked.append(_joined(alone, asked[-1]))
    return tuple(asked)


_LEANS = re.compile(
    r"^(?:et|mais|alors|donc|and|but|or|ou|so|why|when|where|pourquoi|quand|comment|depuis quand"
    r"|since when|en quelle annee|lequel|laquelle|lesquels)\b"
    r"|\b(?:parmi eux|d'entre eux|celui-ci|celle-ci|la-bas|la-dessus|ceux-ci|them|there)\b"
)
_INSTEAD = re.compile(r"^(?:et|and|what about) (?:pour|en|a|au|aux|de|chez|sur|for|in|at|about)\b")
_PRONOUN = re.compile(
    r"(?:^|[\s-])(?:il|elle|ils|elles|eux|lui|leur|ce dernier|cette derniere|y|en|he|she|it|they"
    r"|him|her|ca|cela)\b"
)


def is_follow_up(text: str, asked: Asked) -> bool:
    """Whether a question needs the one before it to be understood."""
    folded = _squeeze(text)
    if _LEANS.search(folded):
        return True
    names = [term for term in asked.terms if term.is_name and term.start > 0]
    return len(asked.terms) <= 1 or (not names and bool(_PRONOUN.search(folded)))


def _joined(asked: Asked, previous: Asked) -> Asked:
    """A follow-up with the subject of the question before it."""
    own = {term.term for term in asked.terms}
    subject = [*previous.terms, *previous.carried]
    names = [term for term in subject if term.is_name and term.start > 0]
    if _INSTEAD.search(_squeeze(asked.question.text)) and any(t.is_name for t in asked.terms):
        # "et pour l'Afghanistan ?" puts one name in the place of another, the one said last.
        subject = [term for term in subject if term not in names[-1:]]
    carried = tuple(term for term in subject if term.term not in own)
    period = asked.question.period or previous.question.period
    context = " ".join(
        previous.search_text[term.start : term.end] if term in previous.terms else term.text
        for term in carried
    )
    return replace(
        asked,
        question=replace(asked.question, period=period),
        kind=asked.kind,
        carried=carried,
        search_text=f"{asked.question.text} {context}",
    )
