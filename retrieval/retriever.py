"""Hybrid search as a LangChain retriever, for those who build their own chains on it.

    from retrieval.retriever import KiosqueRetriever

    retriever = KiosqueRetriever(search=search, k=5)
    documents = retriever.invoke("Que disait-on du tramway en 2021 ?")
    documents = await retriever.ainvoke("…", scope=Scope.of(period, frozenset({"AFP"})))
    chain = retriever | RunnableLambda(my_function)

``search`` is a `HybridSearch`; ``bot.app.Kiosque(settings).search`` is one that is ready.
The language of a question and the period that it names are understood from its words.
A document is a passage; its metadata say where it stands and which window of it is nearest:
``article_id, source, title, outlet, published, start, end, score, dense, lexical`` and
``window`` (``start, end, text``). ``start`` and ``end`` count in the article's text.

Kiosque itself asks `HybridSearch`: importing LangChain takes most of a second.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date
from typing import Any

from langchain_core.callbacks import (
    AsyncCallbackManagerForRetrieverRun,
    CallbackManagerForRetrieverRun,
)
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever

from retrieval.scope import EVERYTHING, Scope
from retrieval.search import HybridSearch, Query
from retrieval.text.analysis import guess_language
from retrieval.text.periods import find_period
from retrieval.vocabulary import Evidence


class KiosqueRetriever(BaseRetriever):
    """The passages of the archive that may answer a question, as LangChain documents.

    Attributes:
        search: hybrid search over an archive; who opened it closes it.
        k: how many passages; None for as many as the search gives.
        scope: only articles of this period and of these outlets.
        today: gives the day from which "last year" counts.
        timeout: seconds that an asynchronous search may take; None for any time.

    ``k`` and ``scope`` may also be given with one question:
    ``retriever.invoke(question, k=3, scope=scope)``.
    """

    search: HybridSearch
    k: int | None = None
    scope: Scope = EVERYTHING
    today: Callable[[], date] = date.today
    timeout: float | None = 30.0

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun | None = None,  # noqa: ARG002
        k: int | None = None,
        scope: Scope | None = None,
    ) -> list[Document]:
        """Search in this thread.

        Raises:
            ModelMismatch: the index was made with another embedding model.
            ModelUnavailable: the question cannot be embedded.
            ArchiveDamaged: an index cannot be read.
        """
        return self._documents(query, k, scope)

    async def _aget_relevant_documents(
        self,
        query: str,
        *,
        run_manager: AsyncCallbackManagerForRetrieverRun | None = None,  # noqa: ARG002
        k: int | None = None,
        scope: Scope | None = None,
    ) -> list[Document]:
        """Search in another thread; the event loop goes on.

        Raises:
            TimeoutError: it took longer than ``timeout``. The thread ends by itself, when
                it is done; what it finds is dropped.
            ModelMismatch: the index was made with another embedding model.
            ModelUnavailable: the question cannot be embedded.
            ArchiveDamaged: an index cannot be read.
        """
        async with asyncio.timeout(self.timeout):
            return await asyncio.to_thread(self._documents, query, k, scope)

    def _documents(self, question: str, k: int | None, scope: Scope | None) -> list[Document]:
        query = Query(
            question,
            guess_language(question),
            find_period(question, self.today()),
            self.scope if scope is None else scope,
        )
        found = self.search.search(query, self.k if k is None else k)
        return [_document(evidence) for evidence in found.evidence]


def _document(evidence: Evidence) -> Document:
    article, passage, window = evidence.article, evidence.passage, evidence.window
    metadata: dict[str, Any] = {
        "article_id": article.id,
        "source": article.source,
        "title": article.title,
        "outlet": article.outlet,
        "published": str(article.published) if article.published else None,
        "start": passage.start,
        "end": passage.end,
        "score": evidence.score,
        "dense": evidence.dense,
        "lexical": evidence.lexical,
        "window": {"start": window.start, "end": window.end, "text": window.text},
    }
    return Document(page_content=passage.text, metadata=metadata, id=str(passage.id))
