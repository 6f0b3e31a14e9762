"""Checks a text against the archive: claim by claim, with a model or without.

Each claim is searched for by itself. Without a model the signs of the nearest window decide
(`verdicts`); a trusted model reads the best passages and decides, and its "written" counts only
with words that stand there, no certain veto, and the verifier's yes.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bot.answering import notices
from bot.answering.checking.assertions import split_claims
from bot.answering.checking.verdicts import judgement_of
from bot.answering.findings import CheckedClaim, CheckReport, Standing
from retrieval.errors import BadQuestion
from retrieval.vocabulary import (
    Citation,
    Notice,
    Question,
    Reason,
    Refusal,
    Statement,
    Status,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.answering.checking.assertions import Assertion, Assertions
    from bot.answering.checking.claim_evidence import ClaimFinder
    from bot.answering.checking.judge import ClaimJudge
    from bot.answering.checking.verdicts import Judgement, VerdictModel
    from bot.answering.evidence import GatheredEvidence
    from bot.answering.request import Request
    from retrieval.archive.reader import ArchiveReader

_UNSURE = (Standing.NEAR, Standing.ABSENT)
_AT_ONCE = 4
"""Claims that a model judges at a time."""
_MAX_CLAIM_SECONDS = 150.0
"""For all claims of a text; those after it are not read."""


class Checker:
    """Checks texts. Safe for several at once.

    Args:
        finder: finds what is near a claim.
        reader: the archive, for what it covers.
        model: decides without a chat model.
        judge: has a chat model decide where it is trusted; None without one.
    """

    def __init__(
        self,
        finder: ClaimFinder,
        reader: ArchiveReader,
        model: VerdictModel,
        judge: ClaimJudge | None = None,
    ) -> None:
        self._finder = finder
        self._reader = reader
        self._model = model
        self._judge = judge

    async def report(self, gathered: GatheredEvidence, *, with_model: bool) -> CheckReport:
        """Check the text of a task.

        Args:
            gathered: a task that was understood; its search text is what is checked.
            with_model: whether the chat model is trusted to judge.

        Raises:
            BadQuestion: the text asserts nothing that can be checked.
            KiosqueError: the archive or a model cannot be used.
        """
        cut = await asyncio.to_thread(split_claims, gathered.asked.search_text)
        if not cut.claims:
            raise BadQuestion("check_no_claim")
        places, clock = asyncio.Semaphore(_AT_ONCE), asyncio.get_running_loop()
        deadline = clock.time() + _MAX_CLAIM_SECONDS

        async def judged(assertion: Assertion) -> Judgement | None:
            async with places:
                if clock.time() > deadline:
                    return None
                return await self._judgement(assertion, gathered.request, with_model=with_model)

        judgements = await asyncio.gather(*map(judged, cut.claims))
        gathered.clock.lap("search")
        coverage = await asyncio.to_thread(self._reader.coverage)
        done = [one for one in judgements if one is not None]
        return concluded(gathered, cut, done, Refusal(Reason.NOT_IN_ARCHIVE, coverage))

    async def _judgement(
        self, assertion: Assertion, request: Request, *, with_model: bool
    ) -> Judgement:
        found = await asyncio.to_thread(self._finder.find, assertion, request)
        if with_model and self._judge is not None:
            judgement = await self._judge.judgement(found, request.today)
            if judgement is not None:
                return judgement
        return await asyncio.to_thread(judgement_of, found, self._model)


# --- pure ----------------------------------------------------------------------------------


def concluded(
    gathered: GatheredEvidence, cut: Assertions, done: Sequence[Judgement], refusal: Refusal
) -> CheckReport:
    """The report of the claims that were judged.

    Args:
        gathered: the task.
        cut: its text, cut into claims.
        done: what became of the first claims, in their order.
        refusal: says what the archive covers, where nothing of the text is written.
    """
    numbers: dict[tuple[str, int, int], Citation] = {}
    # What is openable beside something written has the numbers from 1 on: each has its button.
    for sure_first in sorted(done, key=_is_unsure):
        _numbered(sure_first, numbers)
    claims = tuple(_numbered(one, numbers) for one in done)
    sure = [one for one in claims if one.standing not in _UNSURE]
    said = tuple(Statement(one.citations[0].quote, one.citations) for one in sure)
    near = tuple(dict.fromkeys(c for one in claims for c in one.citations)) if not said else ()
    status = Status.EXTRACTIVE if said else Status.PASSAGES if near else Status.REFUSED
    gathered.clock.lap("answer")
    return CheckReport(
        question=Question(gathered.request.shown, gathered.asked.question.language),
        status=status,
        statements=said,
        as_of=notices.newest([c.article for one in sure for c in one.citations]),
        notices=tuple(_notices(done)),
        refusal=None if said or near else refusal,
        timings_ms=gathered.clock.total(),
        passages=near,
        claims=claims,
        skipped=cut.skipped,
        unread=cut.unread + len(cut.claims) - len(done),
        coverage=refusal.coverage,
    )


def _is_unsure(one: Judgement) -> bool:
    return one.claim.standing in _UNSURE


def _notices(done: Iterable[Judgement]) -> Iterable[Notice]:
    """That no model judged, where none did."""
    if any(one.claim.probability is not None for one in done):
        yield Notice("check_without_model")


def _numbered(one: Judgement, numbers: dict[tuple[str, int, int], Citation]) -> CheckedClaim:
    """A claim with its citations; a span that was cited keeps its number."""
    cited = []
    for article, span in one.spans:
        key = (article.id, span.start, span.end)
        if key not in numbers:
            quote = article.text[span.start : span.end]
            numbers[key] = Citation(len(numbers) + 1, article, quote, span.start, span.end)
        cited.append(numbers[key])
    claim = one.claim
    return CheckedClaim(
        claim.text, claim.standing, tuple(cited), claim.discrepancies, claim.probability
    )
