"""A chat model as the judge of claims: it reads the nearest passages and gives a verdict.

Its verdict counts only with words that stand in a passage, letter for letter. "Written" also
needs that no number or date is certainly given nowhere, and the verifier's yes.
"""

from __future__ import annotations

import asyncio
import logging
import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from bot.answering.checking.verdicts import Judgement
from bot.answering.findings import CheckedClaim, Detail, Discrepancy, Standing
from bot.answering.grounding import fitting_passages
from bot.answering.picking import gives_orders
from bot.answering.quotes import locate, sentence_around
from bot.answering.vetoes import first_veto
from bot.messages.catalogue import Catalogue
from config import data
from prompts import rendering
from retrieval.errors import WriterUnavailable
from retrieval.text.analysis import fold, guess_language
from retrieval.text.dates import date_mentions
from retrieval.text.numbers import numbers

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from bot.answering.checking.claim_evidence import ClaimEvidence
    from bot.answering.grounding import GivenPassage
    from bot.answering.model.protocol import ChatModel
    from bot.answering.verifying import Verifier
    from bot.answering.writing import WritingOptions
    from prompts.rendering import Message
    from retrieval.vocabulary import Article, Span

_LOG = logging.getLogger(__name__)
_PASSAGES, _CHARS = 5, 1_500
_TOKENS = 300
_READ = 2_000
"""Characters of a verdict that are read."""
_PROMPT_TOKENS = 800
_QUOTE_CHARS = 400
_MAX_PROOFS = 2
"""Quotes of a verdict: what an article has written, and what another says otherwise."""
_NUMBER = re.compile(r"\[\s?(\d{1,2})\s?\]")
_PROOF = re.compile(r"«\s?(.+?)\s?»|“(.+?)”|\"(.+?)\"", re.DOTALL)
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class CopiedProof:
    """Words that a model copied from a passage.

    Args:
        words: what it copied.
        number: of the passage; 0 when none is named.
    """

    words: str
    number: int = 0


@dataclass(frozen=True, slots=True)
class ParsedVerdict:
    """What a model wrote of a claim.

    Args:
        standing: its verdict.
        proofs: what it copied to prove it.
        wrong: the words of the claim that it calls wrong.
    """

    standing: Standing
    proofs: tuple[CopiedProof, ...] = ()
    wrong: str = ""


def parse_judgement(written: str) -> ParsedVerdict | None:
    """Read a model's verdict; None when it gave none."""
    line = written.strip()[:_READ]
    standing = _standing(line)
    if standing is None:
        return None
    said, _, wrong = line.partition("=>")
    return ParsedVerdict(standing, tuple(_proofs(said)), wrong.strip(' «»“”".\n'))


def _proofs(said: str) -> Iterator[CopiedProof]:
    """What was copied, each with the number that stands before it; of one alone, after it."""
    end = 0
    for proof in islice(_PROOF.finditer(said), _MAX_PROOFS):
        before = _NUMBER.findall(said[end : proof.start()]) or _NUMBER.findall(said)
        copied = next(group for group in proof.groups() if group)
        yield CopiedProof(copied, int(before[-1]) if before else 0)
        end = proof.end()


def _standing(line: str) -> Standing | None:
    for word in _WORD.findall(fold(line[:40]))[:2]:
        if word in _verdicts():
            return _verdicts()[word]
    return None


@lru_cache(maxsize=1)
def _verdicts() -> dict[str, Standing]:
    listed = data.load("words/claims.toml")["verdicts"]
    return {word: Standing(name) for name, words in listed.items() for word in words.split()}


class ClaimJudge:
    """Has a model judge claims. Safe for several at once.

    Args:
        model: the chat model.
        verifier: confirms what it calls written.
        options: how the model is asked.
    """

    def __init__(self, model: ChatModel, verifier: Verifier, options: WritingOptions) -> None:
        self._model = model
        self._verifier = verifier
        self._room = options.context_tokens - _PROMPT_TOKENS - _TOKENS
        self._timeout_s = options.timeout_s
        _verdicts()  # read now: verdicts are read in the event loop

    async def judgement(self, found: ClaimEvidence, today: date) -> Judgement | None:
        """The model's verdict on a claim; None when it gives none that counts.

        Args:
            found: what was found for the claim.
            today: the day of the check.
        """
        text = found.assertion.text
        given = fitting_passages(found.evidence, self._room, _PASSAGES, _CHARS)
        if not given:
            return Judgement(CheckedClaim(text, Standing.ABSENT))
        verdict = await self._verdict(text, given, today)
        if verdict is None:
            return None
        if verdict.standing is Standing.ABSENT:
            return Judgement(CheckedClaim(text, Standing.ABSENT))
        placed = await asyncio.to_thread(_all_placed, verdict, given)
        if not placed:
            return None
        one, _ = placed[0]
        standing = verdict.standing
        if standing is Standing.WRITTEN and not await self._is_written(text, one, today):
            standing = Standing.NEAR
        differing = _differing(verdict.wrong, text) if standing is Standing.PARTLY else ()
        spans = tuple((each.evidence.article, span) for each, span in placed)
        return Judgement(CheckedClaim(text, standing, (), differing), spans)

    async def _verdict(
        self, text: str, given: Sequence[GivenPassage], today: date
    ) -> ParsedVerdict | None:
        messages = await asyncio.to_thread(_messages, text, given, today)
        try:
            async with asyncio.timeout(self._timeout_s):
                written = await self._model.complete(messages, max_tokens=_TOKENS)
        except (WriterUnavailable, TimeoutError) as error:
            _LOG.warning("A claim was not judged: %s", str(error) or "it took too long")
            return None
        return parse_judgement(written)

    async def _is_written(self, text: str, one: GivenPassage, today: date) -> bool:
        """Whether a passage says all of a claim: no certain veto, and the verifier's yes."""
        article = one.evidence.article
        grounds, days = [one.text, article.title], [article.published]
        if await asyncio.to_thread(first_veto, text, grounds, days, today):
            return False
        language = guess_language(text)
        fenced = [one.fenced(Catalogue(language))]
        return await self._verifier.supports(text, language, fenced) is True


def _messages(text: str, given: Sequence[GivenPassage], today: date) -> tuple[Message, ...]:
    language = guess_language(text)
    texts = Catalogue(language)
    return rendering.check(text, language, texts.date(today), [one.fenced(texts) for one in given])


def _all_placed(
    verdict: ParsedVerdict, given: Sequence[GivenPassage]
) -> tuple[tuple[GivenPassage, Span], ...]:
    """Where the copied words stand, in their sentences; nothing when the first stand nowhere.

    Only what is contradicted is shown with two quotes: that it was written, and otherwise.
    """
    count = _MAX_PROOFS if verdict.standing is Standing.CONTRADICTED else 1
    placed = [_placed(proof, given) for proof in verdict.proofs[:count]]
    return tuple(one for one in placed if one) if placed and placed[0] else ()


def _placed(proof: CopiedProof, given: Sequence[GivenPassage]) -> tuple[GivenPassage, Span] | None:
    """Where copied words stand, in their sentence; None when they stand nowhere."""
    for one in sorted(given, key=lambda each: each.number != proof.number):
        article, passage = one.evidence.article, one.evidence.passage
        spans = locate(proof.words, article.text, passage.start, passage.end)
        if proof.words and spans:
            return _sentence(one, article, spans[0])
    return None


def _sentence(one: GivenPassage, article: Article, words: Span) -> tuple[GivenPassage, Span] | None:
    span = sentence_around(article.text, words, _QUOTE_CHARS)
    return None if gives_orders(article.text[span.start : span.end]) else (one, span)


def _differing(wrong: str, claim: str) -> tuple[Discrepancy, ...]:
    """The words of the claim that are wrong; none when the model made them up."""
    at = fold(claim).find(fold(wrong)) if wrong else -1
    if at < 0:
        return ()
    kind = Detail.NAME
    if date_mentions(wrong):
        kind = Detail.DATE
    elif numbers(wrong):
        kind = Detail.NUMBER
    return (Discrepancy(kind, wrong),)
