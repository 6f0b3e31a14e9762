"""Grounds claims in the passages given to a model. Pure.

A claim stands on quotes that are found in the passages given. A proof under the wrong number
is looked for in the other passages; a claim without one stands on the sentence of its passage
that shares most of its words. What is cited is always cut from the article.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rapidfuzz import fuzz

from bot.answering.model_claims import declination
from bot.answering.picking import excerpt, gives_orders, is_sayable
from bot.answering.quotes import locate, sentence_around
from bot.answering.vetoes import first_veto
from config import data
from prompts.rendering import PromptPassage
from retrieval.text.analysis import fold, guess_language
from retrieval.text.numbers import numbers
from retrieval.text.segmentation import sentences
from retrieval.vocabulary import Span

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from bot.answering.model_claims import Claim, Proof
    from bot.messages.catalogue import Catalogue
    from retrieval.vocabulary import Evidence

_QUOTE_CHARS = 400
"""A quote is shown as the whole sentence that holds it, up to this length."""
_OTHERS = 3
"""Further passages of the cited articles that a claim is checked against."""
_ALIKE = 60.0
"""How alike (0 to 100) a sentence must be to a claim that names no words of it."""
_CHARS_A_TOKEN = 3.0
"""French takes three to four characters a token; three are assumed, so that the prompt fits."""
_FENCE_CHARS = 100
_QUOTED = re.compile(r"«[^»]{0,500}»|“[^”]{0,500}”|\"[^\"]{0,500}\"")
_LATIN = re.compile(r"[^\W\d_]")
_OF_ITSELF = re.compile("|".join(data.load("words/writing.toml")["of_itself"]))


@dataclass(frozen=True, slots=True)
class GivenPassage:
    """A passage as it is given to a model.

    Args:
        number: what it is cited by, from 1.
        evidence: the passage.
        span: the part of it that is shown, as offsets into the article's text.
    """

    number: int
    evidence: Evidence
    span: Span

    @property
    def text(self) -> str:
        """The part that is shown."""
        return self.evidence.article.text[self.span.start : self.span.end]

    def fenced(self, texts: Catalogue) -> PromptPassage:
        """The passage for a prompt, with its title, outlet and date."""
        article = self.evidence.article
        outlet = article.outlet or texts.text("source.unknown_outlet")
        return PromptPassage(
            self.number, article.title, outlet, texts.date(article.published), self.text
        )


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of a passage that prove a claim: the sentence to show, and the words in it."""

    given: GivenPassage
    span: Span
    words: Span


@dataclass(frozen=True, slots=True)
class GroundedClaim:
    """A claim with its proof, or the fault that forbids it.

    Args:
        text: the claim's sentence.
        quotes: the words that prove it.
        ground: the passages that it is to be checked against.
        fault: why it may not be said, if it may not.
    """

    text: str
    quotes: tuple[Quote, ...] = ()
    ground: tuple[GivenPassage, ...] = ()
    fault: str | None = None


def fitting_passages(
    evidence: Sequence[Evidence], tokens: int, max_passages: int, chars: int
) -> tuple[GivenPassage, ...]:
    """The first passages that fit a number of tokens; the first always, cut if it must be.

    Args:
        evidence: the passages, the best first.
        tokens: room in the model's window.
        max_passages: how many passages at most.
        chars: of a longer passage, so many characters around its best window are given.
    """
    room = int(tokens * _CHARS_A_TOKEN)
    given: list[GivenPassage] = []
    for one in evidence[:max_passages]:
        span = _shown(one, chars)
        room -= span.end - span.start + len(one.article.title) + _FENCE_CHARS
        if room < 0 and given:
            break
        if room < 0:
            span = _shown(one, max(200, span.end - span.start + room))
        given.append(GivenPassage(len(given) + 1, one, span))
    return tuple(given)


def _shown(evidence: Evidence, chars: int) -> Span:
    """A passage; of a longer one, whole sentences around its best window."""
    passage, window = evidence.passage, evidence.window
    best = Span(window.start, min(window.end, window.start + chars))
    return excerpt(evidence.article.text, Span(passage.start, passage.end), best, chars)


def ground_claim(
    claim: Claim, given: Sequence[GivenPassage], language: str, today: date
) -> GroundedClaim:
    """Locate the proof of a claim, and apply the certain vetoes.

    Args:
        claim: what a model wrote.
        given: the passages that it was given.
        language: of the answer.
        today: the day on which it is asked.
    """
    fault = _fault(claim.text, language)
    if fault:
        return GroundedClaim(claim.text, fault=fault)
    quotes = tuple(dict.fromkeys(_quotes(claim, given)))
    if not quotes:
        return GroundedClaim(claim.text, fault="no quote of it stands in the passages")
    ground = _of_the_articles(quotes, given)
    words = _vetoed(claim.text, quotes, ground, today)
    return GroundedClaim(claim.text, quotes, ground, f"{words!r} stands nowhere" if words else None)


def _vetoed(
    text: str, quotes: Sequence[Quote], ground: Sequence[GivenPassage], today: date
) -> str | None:
    """Numbers or a date of a claim that nothing cited gives, nor the rest of the ground."""
    cited = dict.fromkeys(quote.given for quote in quotes)
    texts = [f"{one.evidence.article.title}\n{one.evidence.passage.text}" for one in cited]
    days = [one.evidence.article.published for one in cited]
    words = first_veto(text, texts, days, today)
    if words is None:
        return None
    said = {number.value for one in ground for number in numbers(one.evidence.passage.text)}
    own = {number.value for number in numbers(words)}
    return None if own and own <= said else words


def _of_the_articles(
    quotes: Sequence[Quote], given: Sequence[GivenPassage]
) -> tuple[GivenPassage, ...]:
    """The cited passages, and the other given passages of their articles.

    A name may stand in an earlier passage of the article than what it did.
    """
    cited = {quote.given.number for quote in quotes}
    articles = {quote.given.evidence.article.id for quote in quotes}
    others = [
        one for one in given if one.number not in cited and one.evidence.article.id in articles
    ]
    kept = cited | {one.number for one in others[:_OTHERS]}
    return tuple(one for one in given if one.number in kept)


def _fault(text: str, language: str) -> str | None:
    own = _QUOTED.sub(" ", text[:1_000])  # what somebody else says of himself is news
    folded = fold(own.replace("’", "'"))
    letters = _LATIN.findall(text)
    if declination(text) is not None or _OF_ITSELF.search(folded) or gives_orders(own):
        return "it speaks of the passages or of itself"
    if len(text) < len(letters) or sum(c < "\u0250" for c in letters) < 0.7 * len(letters):
        return "it is in another script"
    if language == "fr" and guess_language(text) != "fr" and len(letters) > 30:
        return "it is in another language"
    return None


def _quotes(claim: Claim, given: Sequence[GivenPassage]) -> list[Quote]:
    found: list[Quote] = []
    for proof in claim.proofs:
        found += _located(proof, given)
    if not found and not any(proof.quote for proof in claim.proofs):
        named = [one for one in given if any(one.number == p.number for p in claim.proofs)]
        found += [quote for one in named if (quote := _alike(claim.text, one))]
    return found


def _located(proof: Proof, given: Sequence[GivenPassage]) -> list[Quote]:
    """Locate a proof, first in the passage that it names, then in the others."""
    if not proof.quote:
        return []
    for one in sorted(given, key=lambda each: each.number != proof.number):
        text, passage = one.evidence.article.text, one.evidence.passage
        spans = locate(proof.quote, text, passage.start, passage.end)
        quotes = [quote for span in spans if (quote := _quote(one, span))]
        if quotes:
            return quotes
    return []


def _quote(given: GivenPassage, words: Span) -> Quote | None:
    """The words with their sentence; None if that sentence gives orders to a machine."""
    text = given.evidence.article.text
    span = sentence_around(text, words, _QUOTE_CHARS)
    return None if gives_orders(text[span.start : span.end]) else Quote(given, span, words)


def _alike(text: str, given: GivenPassage) -> Quote | None:
    """The sentence of a passage that is most similar to a claim."""
    article = given.evidence.article.text
    best, score = None, _ALIKE
    for span in sentences(given.text, given.span.start):
        sentence = article[span.start : span.end]
        alike = fuzz.token_set_ratio(fold(text[:600]), fold(sentence[:600]))
        if alike > score and is_sayable(sentence):
            best, score = Quote(given, span, span), alike
    return best
