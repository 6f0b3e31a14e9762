"""Who says it: the person, or the source, that an article reports as saying a sentence.

Pure. What somebody said is not a fact: a sentence that reports it says who did.
"""

from __future__ import annotations

import re
from bisect import bisect_right

from bot.answering.speech.clauses import clause_in
from bot.answering.speech.names import NAMES, begins_with, first_word, plain
from bot.answering.speech.quotations import blanked, quotations
from bot.answering.speech.speakers import Speaker, read
from config import data
from retrieval.vocabulary import Span

__all__ = ["Speaker", "attributed", "is_named", "said_by", "speaker_of"]

_LOWERED = frozenset(data.load("speech.toml")["names"]["lowered"])


def speaker_of(text: str, span: Span) -> Speaker | None:
    """Who says a sentence of an article; ``None`` when it is the article itself.

    Args:
        text: the article.
        span: one of its sentences.
    """
    said = read(text)
    at = max(bisect_right(said, span.start, key=lambda one: one.span.start) - 1, 0)
    best = max(
        said[at : at + 8],
        key=lambda one: min(one.span.end, span.end) - max(one.span.start, span.start),
        default=None,
    )
    return best.speaker if best else None


def said_by(text: str, span: Span) -> Speaker | None:
    """Who says a sentence that does not name its speaker; ``None`` when it does, or for nobody."""
    speaker = speaker_of(text, span)
    if speaker is None or is_named(text[span.start : span.end], speaker):
        return None
    return speaker


def attributed(statement: str, speaker: Speaker, language: str) -> str:
    """A statement that says who said it; unchanged when it already does, if only by a pronoun.

    Args:
        statement: a sentence that reports what ``speaker`` said.
        speaker: who said it.
        language: ``fr`` or ``en``, that of the statement.
    """
    hidden = blanked(statement, quotations(statement))
    if is_named(statement, speaker) or clause_in(hidden) is not None:
        return statement
    according = "According to" if language == "en" else "Selon"
    return f"{according} {speaker.name}, {_lowered(statement)}"


def is_named(statement: str, speaker: Speaker) -> bool:
    """Whether a sentence has the surname of its speaker, or the first noun of one without name."""
    name = plain(speaker.name)
    words = re.findall(r"[\w-]{2,}", name) or re.findall(r"[\w-]+", name)
    if not words:  # nothing that could be missed
        return True
    if begins_with(speaker.name, NAMES["determiners"]):
        nouns = [word for word in words if word not in NAMES["determiners"] | {"un", "une"}]
        word = (nouns or words)[0]
    else:
        word = words[-1]
    return word in re.findall(r"[\w-]+", plain(statement))


def _lowered(statement: str) -> str:
    """A statement as it goes on after "Selon X,": only a word that is no name loses its capital."""
    word = first_word(plain(statement))
    common = NAMES["determiners"] | NAMES["ends"] | NAMES["nobody"] | _LOWERED
    common |= NAMES["masculine_pronouns"] | NAMES["feminine_pronouns"]
    return statement[:1].lower() + statement[1:] if word in common else statement
