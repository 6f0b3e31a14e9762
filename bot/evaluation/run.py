"""Putting known questions to an archive, and judging what comes back."""

from __future__ import annotations

import asyncio
import json
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bot.answering.events import Finished, Request
from bot.answering.understanding import understand
from bot.app import Kiosque
from bot.evaluation.measures import AnswerOutcome, RankedOutcome
from bot.messages.catalogue import Catalogue
from bot.messages.wording import answer_text
from retrieval.search import Query
from retrieval.vocabulary import State, Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.evaluation.questions import Known, SquadSet
    from retrieval.indexing import Progress
    from retrieval.vocabulary import Answer, Evidence

_DEPTH = 10
_PASSAGES = 30
"""Passages asked for where whole paragraphs are ranked: a long one has several."""


def ranked(app: Kiosque, questions: Sequence[Known], progress: Progress) -> list[RankedOutcome]:
    """Where each answerable question's gold quote is found among the passages."""
    outcomes = []
    asked = [known for known in questions if known.answerable and known.quotes]
    progress.stage("questions", len(asked))
    for known in asked:
        evidence = _searched(app, known, _DEPTH)
        places = [at for at, one in enumerate(evidence) if _holds_quote(known, one)]
        outcomes.append(RankedOutcome(known.id, known.question, min(places, default=None)))
        progress.advance(1)
    return outcomes


def ranked_paragraphs(
    app: Kiosque, questions: Sequence[Known], progress: Progress
) -> list[RankedOutcome]:
    """Where each question's paragraph is found among the paragraphs of a SQuAD set."""
    outcomes = []
    asked = [known for known in questions if known.answerable]
    progress.stage("questions", len(asked))
    for known in asked:
        found = [one.article.source for one in _searched(app, known, _PASSAGES)]
        distinct = list(dict.fromkeys(source.rpartition("#")[2] for source in found))
        (gold,) = known.articles
        rank = distinct.index(gold) if gold in distinct else None
        outcomes.append(RankedOutcome(known.id, known.question, rank))
        progress.advance(1)
    return outcomes


def _searched(app: Kiosque, known: Known, k: int) -> tuple[Evidence, ...]:
    asked = understand(known.question, app.today(), known.history)
    question = asked.question
    query = Query(asked.search_text, question.language, question.period)
    return app.search.search(query, k).evidence


def _holds_quote(known: Known, evidence: Evidence) -> bool:
    """Whether a passage holds most of a gold quote: a cut may fall inside a long one."""
    if known.articles and not known.names(evidence.article):
        return False
    passage = evidence.passage
    for quote in known.quotes:
        start = evidence.article.text.find(quote)
        while start >= 0:
            shared = min(passage.end, start + len(quote)) - max(passage.start, start)
            if shared * 2 > len(quote):
                return True
            start = evidence.article.text.find(quote, start + 1)
    return False


def answered(app: Kiosque, questions: Sequence[Known], progress: Progress) -> list[AnswerOutcome]:
    """How each question is answered."""
    outcomes = []
    progress.stage("questions", len(questions))
    for known in questions:
        answer = answered_by(app, Request(known.question, app.today(), known.history))
        outcomes.append(_judged(app, known, answer))
        progress.advance(1)
    return outcomes


def answered_by(app: Kiosque, request: Request) -> Answer:
    """The answer to a question, by the model where one is set."""
    if app.writer is None:
        return app.answerer.answer(request.text, request.today, request.turns, request.scope)
    finished = asyncio.run(app.chain.ainvoke(request))
    if not isinstance(finished, Finished):
        raise TypeError(f"the chain ended on {finished!r}")
    return finished.answer


def _judged(app: Kiosque, known: Known, answer: Answer) -> AnswerOutcome:
    refused = answer.status is Status.REFUSED
    said = "" if refused else answer_text(Catalogue(answer.question.language), answer)
    right = known.answerable and not refused and known.is_held_by(said)
    squad = known.kind == "squad"
    cites = any(
        citation.article.source.endswith(f"#{known.articles[0]}")
        if squad
        else known.names(citation.article)
        for citation in answer.sources
    )
    return AnswerOutcome(
        id=known.id,
        question=known.question,
        kind=known.kind,
        answerable=known.answerable,
        refused=refused,
        right=right,
        cited=right and cites,
        inexact_quotes=_inexact(app, answer),
        said=answer.refusal.reason.value if answer.refusal else said,
        milliseconds=answer.timings_ms.get("total", 0.0),
    )


def _inexact(app: Kiosque, answer: Answer) -> int:
    """Quotes that the archive, read again, does not hold letter for letter."""
    wrong = 0
    for citation in answer.sources:
        article = app.reader.article(citation.article.id)
        exact = article.text[citation.start : citation.end] == citation.quote
        wrong += not exact or article.state is State.WITHDRAWN
    return wrong


@contextmanager
def temporary_archive(app: Kiosque, squad: SquadSet, progress: Progress) -> Iterator[Kiosque]:
    """The paragraphs of a SQuAD set, indexed in an archive that is gone afterwards.

    The models of the real home are used.
    """
    with tempfile.TemporaryDirectory(prefix="kiosque-evaluate-") as folder:
        home = Path(folder)
        export = home / "paragraphs.jsonl"
        with export.open("w", encoding="utf-8") as file:
            for one in squad.paragraphs:
                row = {"id": one.id, "title": one.title, "text": one.text, "language": "fr"}
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
        settings = app.settings.model_copy(update={"home": home})
        with Kiosque(settings, app.today) as inside:
            inside.__dict__["embedder"] = app.embedder
            inside.indexer("evaluate").index([export], progress=progress)
            yield inside
