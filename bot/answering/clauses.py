"""The words by which a sentence says who speaks: "a déclaré X", "selon X", "X said".

Pure, over one sentence whose quotations are blanked out; the patterns are made of the verbs
of ``config/speech.toml`` and are linear.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.answering.names import (
    NAMES,
    begins_with,
    capital_word,
    first_word,
    is_owned,
    names_of_people,
    plain,
)
from config import data

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_FR, _EN = (data.load("speech.toml")[name] for name in ("french", "english"))


def _any(listed: Iterable[str]) -> str:
    return "|".join(re.escape(one) for one in sorted(listed, key=len, reverse=True))


def _adverbs(listed: Iterable[str]) -> str:
    return rf"(?:,?\s+(?:{_any(listed)})\b,?){{0,3}}"


_PRESENT_END, _PAST_END = "(?:e|ent|ait|aient)", "e(?:e|es|s)?"
_SAYS, _TURNED = _any(_FR["says"]), _any([*_FR["says"], *_FR["turned"]])
_HE = r"(?P<pronoun>ils?|elles?)"
_AUX = r"(?:a|ont|avait|avaient|s'est|s'etait|se sont|s'etaient)"
_ADVERBS = _adverbs(_FR["adverbs"])
_PRESENT = rf"(?:(?:{_SAYS}){_PRESENT_END}|{_any(_FR['present'])})"
_PARTICIPLE = rf"(?:(?:{_SAYS}){_PAST_END}|{_any(_FR['participle'])})"
_TURNED_PRESENT = (
    rf"(?:(?:{_TURNED}){_PRESENT_END}|{_any([*_FR['present'], *_FR['turned_present']])})"
)
_TURNED_PARTICIPLE = (
    rf"(?:(?:{_TURNED}){_PAST_END}|{_any([*_FR['participle'], *_FR['turned_participle']])})"
)
_OPEN = r"[«“\"]"
_INFINITIVE = r"(?:avoir|etre|vouloir|pouvoir|devoir|lutter|n'avoir|s'etre)"

# ", a-t-il ajouté", ", dit-elle"
_TURNED_PRONOUN = re.compile(
    rf"\b{_AUX}-(?:t-)?{_HE}{_ADVERBS}\s+{_TURNED_PARTICIPLE}\b"
    rf"|\b{_TURNED_PRESENT}-(?:t-)?{_HE.replace('pronoun', 'present')}\b"
)
# ", a déclaré le ministre"
_TURNED_NAMED = re.compile(
    rf"(?:[,»”\"!?…—–]\s*|\bcomme l[e'] ?)"
    rf"(?:{_AUX}{_ADVERBS}\s+{_TURNED_PARTICIPLE}|(?:se |s')?{_TURNED_PRESENT})\b"
    rf"{_ADVERBS}\s+(?!a\s)"
)
# "Le ministre a déclaré que", "dit «"
_BEFORE = re.compile(
    rf"\b(?:{_AUX}{_ADVERBS}\s+{_PARTICIPLE}|{_PRESENT})\b"
    rf"[^«»“”\";.!?]{{0,140}}?(?:\s+qu(?:e\b|')|\s+s(?:i\b|'ils?\b)|{_OPEN})"
    rf"|\b(?:{_AUX}{_ADVERBS}\s+{_PARTICIPLE}|{_PRESENT})\s+(?:ne (?:pas|plus) )?{_INFINITIVE}\b"
    rf"|\b(?:{_AUX}{_ADVERBS}\s+{_TURNED_PARTICIPLE}|(?:se |s')?{_TURNED_PRESENT})\b"
    rf"[^«»“”\";:.!?]{{0,80}}?\s*:\s*{_OPEN}"
    rf"|\b{_AUX}{_ADVERBS}\s+(?:{_any(_FR['announces'])}){_PAST_END}\b"
    rf"|\b(?:{_AUX}{_ADVERBS}\s+)?(?:{_any(_FR['quoting'])})(?:{_PRESENT_END}|{_PAST_END})\b"
    rf"[^«»“”\";:.!?]{{0,60}}?{_OPEN}"
)
_JUDGED = re.compile(rf"\b(?:juge|qualifie)e?s?\b[^«»“”\";:.!?]{{0,30}}?{_OPEN}¤*[»”\"]\s+par\s+")
_ACCORDING = re.compile(rf"\b(?:{_any([*_FR['according'], *_EN['according']])})\s+")
_OF_A_SOURCE = re.compile(r"\b(?P<of>de sources? )(?P<what>[\w'-]+(?: [\w'-]+){0,3})")
_IN_THE_EYES_OF = re.compile(r"^pour\s+")
_NO_SOURCE = re.compile(rf"(?:{_any(_FR['not_a_source'])})(?:\b|(?<='))")
_EN_VERB, _EN_ADVERBS = rf"(?:{_any(_EN['says'])})", _adverbs(_EN["adverbs"])
_SAID_HE = re.compile(rf"[,”\"»]\s*(?P<pronoun>he|she|they){_EN_ADVERBS}\s+{_EN_VERB}\b")
_SAID_NAMED = re.compile(rf"[,”\"»!?]\s*{_EN_VERB}{_EN_ADVERBS}\s+")
_NAMED_SAID = re.compile(
    rf"(?<=\w){_EN_ADVERBS}\s+(?P<verb>(?:{_EN_VERB}\b{_EN_ADVERBS})|(?:{_any(_EN['quoting'])})\b"
    rf"[^«»“”\";:.!?]{{0,60}}?{_OPEN})"
)
_QUOTE_ENDS = re.compile(r"[»”\"]\s*[,!?…]?$")
_PRONOUN = re.compile(
    r"\b(?P<pronoun>ils?|elles?|he|she|they)(?:\s+(?:le|la|les|lui|leur|en|y|se|s'|l'))?\s*$"
)
_NOT_A_VERB = re.compile(
    r"(?:\b(?:la|une|de|sa|cette|leur|en|du|le|un|qui|ne|pas|des|les|ces|aucune|est|sont|etait"
    r"|ete|no|the|who|not|which|that|to|is|was|been)|\b[nd]')\s*$"
)
_ASIDE = re.compile(r"(?:qui|dont|que|ou|who|which|whose|where)\b|qu'")
_CUT = re.compile(r"[.;:!?«»“”\"\n(—–¤]")
_ENDS = re.compile(rf"\s+(?:{_any(NAMES['ends'])})\b|\s+(?:a|à) l[a']|'s\b|\s+\(")
_STARTS = re.compile(
    r"^(?:(?:mais|et|or|car|puis|ainsi|aussi|pourtant|cependant|toutefois|en outre|enfin|hier"
    r"|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|but|and|then|lui aussi)\s+)+"
)


@dataclass(frozen=True, slots=True)
class Clause:
    """Who a sentence says is speaking: ``phrase`` as it stands, or a ``pronoun``."""

    phrase: str = ""
    pronoun: str = ""
    whole: str = ""


def clause_in(sentence: str) -> Clause | None:
    """Who speaks in a sentence whose quotations are blanked out (``¤``); ``None`` for nobody."""
    folded = plain(sentence)
    opening = _ACCORDING.match(folded)
    if opening and not _NO_SOURCE.match(folded, opening.end()):  # it holds for all that follows
        found = next(_after(sentence, opening.end()), None)
        if found is not None:
            return found
    found = next(_clauses(sentence, folded), None)
    if found is None or found.pronoun or _has_name(found):
        return found
    # "Ana Lys a répondu : « … », a ironisé la maire"
    at = sentence.find(found.phrase)
    earlier = _before(sentence[:at], folded[:at])
    return next((one for one in earlier if _has_name(one)), found)


def _has_name(clause: Clause) -> bool:
    return bool(clause.phrase) and first_word(plain(clause.phrase)) not in NAMES["determiners"]


def turned_in(sentence: str) -> Clause | None:
    """The same of a sentence that is quoted itself: only ", raconte la géographe," says who."""
    return next(_turned(sentence, plain(sentence)), None)


def _clauses(sentence: str, folded: str) -> Iterator[Clause]:
    yield from _turned(sentence, folded)
    yield from _before(sentence, folded)
    judged = _JUDGED.search(folded)
    if judged:
        yield from _after(sentence, judged.end())
    for match in _ACCORDING.finditer(folded):
        if not _NO_SOURCE.match(folded, match.end()):
            yield from _after(sentence, match.end())
    source = _OF_A_SOURCE.search(folded)
    if source:
        what = _trimmed(sentence[source.start("what") : source.end()])
        yield Clause(f"une source {what}", whole=f"une source {what}")
    if _IN_THE_EYES_OF.match(folded):
        rest = sentence[5:100]
        names = names_of_people(rest)
        if names and "," not in rest[: names[0].start] and not is_owned(rest, names[0]):
            yield Clause(names[0].text, whole=rest[: names[0].end])


def _turned(sentence: str, folded: str) -> Iterator[Clause]:
    for match in _TURNED_PRONOUN.finditer(folded):
        if not sentence.rstrip().endswith("?"):
            yield Clause(pronoun=match["pronoun"] or match["present"])
    said = _SAID_HE.search(folded)
    if said:
        yield Clause(pronoun=said["pronoun"])
    for pattern in (_TURNED_NAMED, _SAID_NAMED):
        for match in pattern.finditer(folded):
            quotes = bool(_QUOTE_ENDS.search(_tail(folded, match.start() + 1)))
            yield from (c for c in _after(sentence, match.end()) if quotes or _may_speak(c))


def _tail(folded: str, end: int) -> str:
    """The last words before an offset."""
    return folded[max(0, end - 40) : end]


def _may_speak(clause: Clause) -> bool:
    """Whether a phrase is somebody: "…, son maire, a annoncé la fin" has its subject before.

    Only needed where no quotation stands before the verb.
    """
    words = plain(clause.phrase).replace("'", " ").split()
    known = NAMES["roles"] | NAMES["speakers"] | NAMES["anonymous"]
    named = any(word[:1].isupper() for word in re.split(r"[\s’']", clause.phrase)[1:])
    alone = first_word(plain(clause.phrase)) not in NAMES["determiners"]
    has_name = bool(names_of_people(clause.whole)) or named
    is_known = begins_with(clause.phrase, frozenset({"l'un", "l'une"})) or any(
        word in known for word in words[1:2]
    )
    return bool(clause.pronoun) or alone or has_name or is_known


def _before(sentence: str, folded: str) -> Iterator[Clause]:
    at = 0
    while match := _BEFORE.search(folded, at):
        at = match.start() + 1  # a verb that tells nothing hides none that follows
        if not _NOT_A_VERB.search(_tail(folded, match.start())):
            yield from _subject(sentence[: match.start()])
    for match in _NAMED_SAID.finditer(folded):
        if not _NOT_A_VERB.search(_tail(folded, match.start("verb"))):
            yield from _subject(sentence[: match.start()])


def _after(sentence: str, start: int) -> Iterator[Clause]:
    """The phrase that follows a verb, or "selon"."""
    rest = sentence[start : start + 200]
    names = names_of_people(rest)
    titled = names[0] if names and names[0].start == 0 else None
    if titled:
        yield Clause(titled.text, whole=titled.text)
        return
    cut = _CUT.search(rest)
    chunks = rest[: cut.start() if cut else len(rest)].split(", ")
    head = chunks[0].strip()
    folded = plain(head)
    word = first_word(folded)
    if not head or word in NAMES["nobody"]:
        return
    if word in NAMES["masculine_pronouns"] | NAMES["feminine_pronouns"]:
        yield Clause(pronoun=word)
    elif word in NAMES["determiners"]:
        yield _named_or_phrase(head, chunks[1] if len(chunks) > 1 else "")
    elif capital_word(head):
        yield Clause(capital_word(head), whole=head)


def _named_or_phrase(head: str, apposed: str) -> Clause:
    """The name in a phrase, or beside it; else the phrase."""
    for name in names_of_people(head):
        if not is_owned(head, name):
            return Clause(_with_article(head, name.text, name.start), whole=head)
    beside = names_of_people(apposed)
    if beside and beside[0].start == 0:
        return Clause(beside[0].text, whole=head)
    if apposed and capital_word(apposed) == apposed.strip():
        return Clause(apposed.strip(), whole=head)
    return Clause(_trimmed(head), whole=head)


def _with_article(head: str, name: str, start: int) -> str:
    """ "La Maison Blanche" keeps its article; "la géographe Inès Maldonnat" does not."""
    before = head[:start]
    is_article = plain(before).strip() in NAMES["determiners"] - {"un", "une"}
    return before + name if is_article else name


def _trimmed(phrase: str) -> str:
    found = _ENDS.search(plain(phrase), 3)
    return (phrase[: found.start()] if found else phrase).strip(" ,-")


def _subject(before: str) -> Iterator[Clause]:
    """The subject of a verb, from what stands before it."""
    tail = re.split(r"[;:»”\"—–(¤]", before[-300:])[-1]
    pronoun = _PRONOUN.search(plain(tail))
    if pronoun:
        yield Clause(pronoun=pronoun["pronoun"])
        return
    chunks = [chunk.strip() for chunk in tail.split(",")]
    for place, chunk in enumerate(reversed(chunks)):
        found = _subject_in(chunk, tail if place == 0 else "")
        if found is not None:
            yield found
            return
        if chunk and not place:
            return  # the words right before the verb are no subject


def _subject_in(chunk: str, adjacent: str) -> Clause | None:
    start = _STARTS.match(plain(chunk))
    phrase = chunk[start.end() :] if start else chunk
    folded = plain(phrase)
    word = first_word(folded)
    if not phrase or _ASIDE.match(folded) or word in NAMES["nobody"]:
        return None
    for name in names_of_people(phrase):
        if not is_owned(phrase, name) and (name.start == 0 or word in NAMES["determiners"]):
            return Clause(_with_article(phrase, name.text, name.start), whole=phrase)
    if word in NAMES["determiners"]:
        return Clause(phrase if adjacent else _trimmed(phrase), whole=phrase)
    alone = capital_word(phrase) if " " not in phrase else ""
    return Clause(alone, whole=phrase) if alone else None
