"""LangChain's own hybrid search over the same archive: `EnsembleRetriever` of Chroma and BM25.

It opens our collection as it is (the same windows and vectors), embeds questions with the
same model, and counts words with our analysis, which is kinder to it than its default of
splitting at spaces. Its BM25 side has no filter, so filters are timed on its Chroma alone.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from langchain_core.embeddings import Embeddings

from tests.benchmarks.asking import Asked
from tests.benchmarks.common import AbsentError, caption, ms, percentile
from tests.benchmarks.results import table

if TYPE_CHECKING:
    from langchain_chroma import Chroma
    from langchain_core.documents import Document
    from langchain_core.retrievers import BaseRetriever

    from retrieval.embedding.embedder import Embedder

_K = 10
_WARM = 5
_QUESTIONS = 120
_PAGE = 5_000


class _Questions(Embeddings):
    """Our embedder, for LangChain."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    def embed_query(self, text: str) -> list[float]:
        """The vector of a question."""
        return [float(value) for value in self._embedder.embed_query(text)]

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """The vectors of passages."""
        return [[float(value) for value in row] for row in self._embedder.embed_passages(texts)]


@dataclass(frozen=True, slots=True)
class Theirs:
    """Seconds of each search, by what was searched; seconds to make the BM25 side."""

    times: dict[str, list[float]]
    building: float


def measure(home: Path, asked: Sequence[Asked]) -> Theirs:
    """Search in this process, with the first of the questions: it is slow."""
    some = list(asked[:_QUESTIONS])
    store = _store(home)
    begun = time.perf_counter()
    lexical = _bm25(_documents(store))
    building = time.perf_counter() - begun
    chroma = store.as_retriever(search_kwargs={"k": _K})
    both = _ensemble([chroma, lexical])
    return Theirs(
        {
            "EnsembleRetriever": _timed(lambda one: both.invoke(one.text), some),
            "its Chroma alone": _timed(lambda one: chroma.invoke(one.text), some),
            "its BM25Retriever alone": _timed(lambda one: lexical.invoke(one.text), some),
            "its Chroma alone, `filter` of a month": _timed(
                lambda one: store.similarity_search(one.text, _K, filter=_month(one)), some
            ),
        },
        building,
    )


def _store(home: Path) -> Chroma:
    from chromadb.config import Settings as ChromaSettings
    from langchain_chroma import Chroma

    from retrieval.archive.reader import ArchiveReader
    from retrieval.embedding import EmbeddingChoice, open_embedder
    from retrieval.index.generations import CHROMA, Places
    from retrieval.index.vectors import COLLECTION

    places = Places(home)
    with ArchiveReader(places.archive) as reader:
        live = reader.live_generation()
    if live is None:
        raise AbsentError("the archive is empty")
    return Chroma(
        collection_name=COLLECTION,
        embedding_function=_Questions(open_embedder(EmbeddingChoice(), home)),
        persist_directory=str(places.generation(live) / CHROMA),
        client_settings=ChromaSettings(anonymized_telemetry=False),
    )


def _documents(store: Chroma) -> list[Document]:
    from langchain_core.documents import Document

    documents: list[Document] = []
    while True:
        page = store.get(limit=_PAGE, offset=len(documents), include=["documents", "metadatas"])
        if not page["ids"]:
            return documents
        rows = zip(page["ids"], page["documents"], page["metadatas"], strict=True)
        documents += [Document(text, metadata=facts, id=id_) for id_, text, facts in rows]


def _bm25(documents: list[Document]) -> BaseRetriever:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the package is at its end
        from langchain_community.retrievers import BM25Retriever

    from retrieval.text.analysis import analyse

    return BM25Retriever.from_documents(documents, preprocess_func=analyse, k=_K)


def _ensemble(retrievers: list[BaseRetriever]) -> BaseRetriever:
    from langchain_classic.retrievers import EnsembleRetriever

    return EnsembleRetriever(retrievers=list(retrievers), weights=[0.5, 0.5])


def _month(one: Asked) -> dict[str, Any]:
    first, last = one.month.first, one.month.last
    return {
        "$and": [
            {"published": {"$gte": int(f"{first:%Y%m%d}")}},
            {"published": {"$lte": int(f"{last:%Y%m%d}")}},
        ]
    }


def _timed(search: Callable[[Asked], object], asked: list[Asked]) -> list[float]:
    for one in asked[:_WARM]:
        search(one)
    seconds = []
    for one in asked:
        begun = time.perf_counter()
        search(one)
        seconds.append(time.perf_counter() - begun)
    return seconds


def written(theirs: Theirs, ours: Sequence[float]) -> str:
    """The comparison: ours on the same questions, and how many times longer theirs takes."""
    same = list(ours[:_QUESTIONS])
    rows: list[tuple[object, ...]] = []
    for name, seconds in {"**ours**": same, **theirs.times}.items():
        ratios = (percentile(seconds, s) / percentile(same, s) for s in (0.5, 0.95))
        p50, p95 = (ms(percentile(seconds, s)) for s in (0.5, 0.95))
        rows.append((name, p50, p95, *(f"{ratio:.1f}" for ratio in ratios)))
    packages = ("langchain-classic", "langchain-chroma", "langchain-community", "rank-bm25")
    head = ("no filter unless said", "p50 ms", "p95 ms", "ratio of p50 to ours", "of p95")
    return (
        f"Beside LangChain, the same {len(same)} questions, the same vectors, the same analysis "
        f"of words. It fuses the {_K} best windows of each side by rank, where ours weighs 500 "
        f"candidates of each side by score. Its BM25 side is made again at each start, which "
        f"takes {theirs.building:.0f} s here. "
        f"{caption(*packages)}\n\n{table(head, rows)}"
    )
