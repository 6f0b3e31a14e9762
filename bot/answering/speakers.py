"""An article read for who speaks, sentence by sentence.

Pure. A pronoun is the speaker before it, or the person that its paragraph is about; an office
is whoever the article says holds it; a quotation of several sentences has one speaker.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from bot.answering.clauses import Clause, clause_in, turned_in
from bot.answering.names import (
    NAMES,
    begins_with,
    capital_word,
    first_word,
    fullest,
    gender_of,
    genders,
    is_owned,
    names_of_people,
    plain,
)
from bot.answering.quotations import blanked, inside, near, quotations
from retrieval.segmentation import sentences

if TYPE_CHECKING:
    from collections.abc import Mapping

    from retrieval.vocabulary import Span

_REACH = 12
"""How many sentences back a pronoun looks for who it is."""
_LONG = 25
"""A shorter quotation is a word or a title, nobody's statement."""
_ASIDE = re.compile(r"(?:alors que|si|quand|lorsque|apres que|bien que|tandis que|comme)\b")
_SIGNATURE = 90


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who says something: in the fullest form that the article gives."""

    name: str
    anonymous: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence of an article: who speaks in it, and who it is about."""

    span: Span
    line: int
    speaker: Speaker | None = None
    about: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class _People:
    """An article, and the genders that it tells of its names."""

    text: str
    folded: str
    genders: Mapping[str, str]

    def gender(self, speaker: Speaker) -> str:
        return self.genders.get(speaker.name) or gender_of(speaker.name)


@lru_cache(maxsize=64)
def read(text: str) -> tuple[Said, ...]:
    """The sentences of an article in their order, each with its speaker."""
    quoted = quotations(text)
    people = _People(text, plain(text), genders(text))
    said: list[Said] = []
    for span in sentences(text):
        whole = text[span.start : span.end]
        hidden = blanked(whole, near(quoted, span), span.start)
        clause = clause_in(hidden) or (turned_in(whole) if whole != hidden else None)
        one = Said(span, text.rfind("\n", 0, span.start) + 1, about=_about(hidden, people))
        if clause is not None:
            one = replace(one, speaker=_speaker(clause, said, people, hidden))
        said.append(one)
    said = _one_speaker_a_quotation(said, quoted)
    said = _continued(said, quoted, text)
    return tuple(_signed(said, quoted, people))


def _about(hidden: str, people: _People) -> str:
    """The person that a sentence is about: the first that it names for themself."""
    found = [name for name in names_of_people(hidden) if not is_owned(hidden, name)]
    aside = _ASIDE.match(plain(hidden))  # "Alors que Jo Marec dort, Ana Lys veille"
    chosen = found[1:2] if aside and len(found) > 1 else found[:1]
    return "".join(fullest(name.text, people.text) for name in chosen)


def _speaker(clause: Clause, before: list[Said], people: _People, hidden: str) -> Speaker | None:
    if clause.pronoun:
        return _meant_by(clause.pronoun, before, people)
    phrase = clause.phrase
    word = first_word(plain(phrase))
    if word not in NAMES["determiners"] or names_of_people(phrase):
        return Speaker(fullest(phrase, people.text))
    if plain(phrase).startswith(("la meme source", "les memes sources")):
        return next((one.speaker for one in reversed(before[-_REACH:]) if one.speaker), None)
    nameless = begins_with(phrase, NAMES["somebody"])
    if not nameless and _is_role(phrase):
        holder = _holder(phrase, people) or _last_person(before, people, gender_of(phrase))
        if holder is None:  # nobody has spoken yet: who the sentence, or the one before, is about
            about = [_about(hidden, people), *(one.about for one in reversed(before[-2:]))]
            holder = next((Speaker(name) for name in about if name), None)
        if holder is not None:
            return holder
    folded = plain(f"{phrase} {hidden if nameless else ''}")
    hides = any(one in folded for one in NAMES["anonymous"])
    return Speaker(_uncapitalised(phrase), anonymous=hides or nameless)


def _uncapitalised(phrase: str) -> str:
    return phrase[:1].lower() + phrase[1:]


def _meant_by(pronoun: str, before: list[Said], people: _People) -> Speaker | None:
    """Who a pronoun stands for."""
    wanted = "m" if pronoun in NAMES["masculine_pronouns"] else "f"
    wanted = "" if pronoun in NAMES["plural_pronouns"] else wanted
    many = pronoun in ("ils", "elles", "eux")
    for one in reversed(before[-_REACH:]):
        told = [one.speaker, Speaker(one.about) if one.about else None]
        for speaker in told:
            if speaker is None or many != _is_many(speaker) or _is_outlet(speaker):
                continue
            if not wanted or people.gender(speaker) in ("", wanted):
                return speaker
    return None


def _is_outlet(speaker: Speaker) -> bool:
    """Whether a speaker is "le Figaro": who is quoted by it is "il", not the paper."""
    words = speaker.name.split()
    return len(words) == 2 and words[0] in ("le", "la") and words[1][:1].isupper()


def _is_many(speaker: Speaker) -> bool:
    return first_word(plain(speaker.name)) in ("les", "des", "plusieurs", "certains", "certaines")


def _content(phrase: str) -> list[str]:
    words = re.findall(r"\w{2,}", plain(phrase))
    return [word for word in words if word not in NAMES["determiners"] | {"de", "du", "au"}]


def _is_role(phrase: str) -> bool:
    words = _content(phrase)
    return bool(words) and words[0] in NAMES["roles"]


@lru_cache(maxsize=256)
def _holder(phrase: str, people: _People) -> Speaker | None:
    """Who the article says holds an office: "le Secrétaire général de l'Otan, Jens Stoltenberg"."""
    words = _content(phrase)
    head = re.compile(rf"\b{re.escape(words[0])}\b")
    for match in islice(head.finditer(people.folded), 40):
        rest = people.text[match.start() : match.start() + 110]
        names = names_of_people(rest)
        if not names or re.search(r"[.;:!?\n«»\"]", rest[: names[0].start]):
            continue
        between = plain(rest[: names[0].start])
        if all(re.search(rf"\b{re.escape(word)}\b", between) for word in words):
            return Speaker(fullest(names[0].text, people.text))
    return None


def _last_person(before: list[Said], people: _People, gender: str) -> Speaker | None:
    """The person who spoke last, of whom an office is another name."""
    for one in reversed(before[-_REACH:]):
        speaker = one.speaker
        if speaker is None or speaker.anonymous:
            continue
        if first_word(plain(speaker.name)) in NAMES["determiners"]:
            continue
        if not gender or people.gender(speaker) in ("", gender):
            return speaker
    return None


def _quoted_share(one: Said, quoted: list[Span]) -> float:
    length = one.span.end - one.span.start
    return inside(near(quoted, one.span), one.span.start, one.span.end) / max(length, 1)


def _one_speaker_a_quotation(said: list[Said], quoted: list[Span]) -> list[Said]:
    """A quotation of several sentences: all have the speaker that one of them names."""
    result = list(said)
    at = 0
    for quotation in quoted:
        while at < len(said) and said[at].span.end <= quotation.start:
            at += 1
        last = at
        while last < len(said) and said[last].span.start < quotation.end:
            last += 1
        within = range(at, last)
        if len(within) < 2:
            continue
        # The clause that closes a quotation names its speaker more often than the one before.
        named = [said[i].speaker for i in (within[-1], *within) if said[i].speaker]
        for i in within:
            if named and result[i].speaker is None and _quoted_share(said[i], quoted) > 0.5:
                result[i] = replace(result[i], speaker=named[0])
    return result


def _continued(said: list[Said], quoted: list[Span], text: str) -> list[Said]:
    """A quotation without a word of who says it goes on with the speaker of its paragraph."""
    result = list(said)
    for at in range(1, len(result)):
        one, previous = result[at], result[at - 1]
        if one.speaker is not None or text[one.span.start] not in '«“"':
            continue
        if _quoted_share(one, quoted) < 0.5 or one.span.end - one.span.start < _LONG:
            continue
        announced = text[previous.span.end - 1] == ":"
        speaker = previous.speaker
        if speaker is None and announced and previous.about:
            speaker = Speaker(previous.about)
        if speaker is not None and (announced or previous.line == one.line):
            result[at] = replace(one, speaker=speaker)
    return result


def _signed(said: list[Said], quoted: list[Span], people: _People) -> list[Said]:
    """A quotation that stands alone is signed by the line below, or said again elsewhere."""
    result = list(said)
    for at, one in enumerate(result):
        if one.speaker is not None or _quoted_share(one, quoted) < 0.85:
            continue
        words = people.text[one.span.start : one.span.end]
        speaker = None
        if len(words) >= _LONG and at + 1 < len(result):
            speaker = _signature(people.text, result[at + 1])
        if speaker is None:
            speaker = _said_again(words, one, result, people)
        if speaker is not None:
            result[at] = replace(one, speaker=speaker)
    return result


def _signature(text: str, following: Said) -> Speaker | None:
    """A line that is a name and nothing else, or a name and what its bearer is."""
    line = text[following.line : following.span.end].lstrip("—–- ").strip()
    if len(line) > _SIGNATURE or line.endswith((".", "!", "?", ":")):
        return None
    names = names_of_people(line)
    head = line.partition(",")[0].strip()
    if names and names[0].start == 0 and names[0].text == head:
        return Speaker(fullest(head, text))
    return Speaker(head) if head and head == line and capital_word(head) == head else None


def _said_again(words: str, heading: Said, said: list[Said], people: _People) -> Speaker | None:
    """The speaker of the same words further on, when they are a sentence: a heading took them."""
    inner = re.sub(r"^[«“\"\s]+|[»”\"\s]+$", "", plain(words))
    if len(inner) < 8 or (inner.count(" ") < 3 and inner[-1] not in "?!"):
        return None
    again = people.folded.find(inner, heading.span.end)
    if again < 0:
        return None
    return said[bisect_right(said, again, key=lambda one: one.span.start) - 1].speaker
