"""The LangChain retriever, over a real archive with a real index."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from threading import Barrier

import numpy as np
import pytest
from langchain_core.documents import Document
from langchain_core.runnables import RunnableLambda
from numpy.typing import NDArray

from retrieval.archive.reader import ArchiveReader
from retrieval.errors import ModelMismatch
from retrieval.index.generations import Places
from retrieval.retriever import KiosqueRetriever
from retrieval.scope import Scope
from retrieval.search import HybridSearch
from retrieval.vocabulary import Period
from tests.retrieval.hashed_embedder import HashedEmbedder
from tests.retrieval.library import indexer, write_folder

_SLOW_SECONDS = 0.4


class SlowEmbedder(HashedEmbedder):
    """Blocks its thread at each question, as an endpoint that is far away does."""

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """The vector of a question, after a while."""
        time.sleep(_SLOW_SECONDS)
        return super().embed_query(text)


class MeetingEmbedder(HashedEmbedder):
    """Embeds only once so many questions wait for it together."""

    def __init__(self, questions: int) -> None:
        super().__init__()
        self._meeting = Barrier(questions, timeout=30)

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """The vector of a question, once all are there.

        Raises:
            BrokenBarrierError: the others did not come.
        """
        self._meeting.wait()
        return super().embed_query(text)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of sixteen articles of May 2017, of two outlets."""
    home = tmp_path_factory.mktemp("home")
    indexer(home).index([write_folder(tmp_path_factory.mktemp("articles"), 16)])
    return home


@pytest.fixture
def reader(home: Path) -> Iterator[ArchiveReader]:
    """The archive, open."""
    with ArchiveReader(Places(home).archive) as reader:
        yield reader


@pytest.fixture
def retriever(home: Path, reader: ArchiveReader) -> Iterator[KiosqueRetriever]:
    """A retriever over the archive, with an embedder that is quick."""
    search = HybridSearch(Places(home), reader, HashedEmbedder())
    yield KiosqueRetriever(search=search, today=lambda: date(2018, 3, 1))
    search.close()


@pytest.fixture
def slow(home: Path, reader: ArchiveReader) -> Iterator[KiosqueRetriever]:
    """The same with an embedder that blocks."""
    search = HybridSearch(Places(home), reader, SlowEmbedder())
    yield KiosqueRetriever(search=search)
    search.close()


def test_it_gives_the_passage_and_where_it_stands(
    retriever: KiosqueRetriever, reader: ArchiveReader
) -> None:
    """A document is a passage, and its offsets and its window's lead to the article's text."""
    found = retriever.invoke("Que répond la mairie au sujet du théâtre numéro 7 ?")
    assert found[0].metadata["title"] == "Le théâtre 7"
    for document in found:
        facts, window = document.metadata, document.metadata["window"]
        text = reader.article(facts["article_id"]).text
        assert text[facts["start"] : facts["end"]] == document.page_content
        assert text[window["start"] : window["end"]] == window["text"]
        assert window["text"] in document.page_content


def test_it_says_what_a_source_needs(retriever: KiosqueRetriever) -> None:
    """The metadata hold all that is needed to cite, and the scores."""
    facts = retriever.invoke("musée numéro 8")[0].metadata
    assert set(facts) == {
        *("article_id", "source", "title", "outlet", "published", "start", "end"),
        *("score", "dense", "lexical", "window"),
    }
    assert facts["published"] == "2017-05-09"
    assert facts["outlet"] == "La Gazette"
    assert facts["source"].endswith("article-008.md")
    assert 0 < facts["score"] <= 1
    assert facts["dense"] > 0
    assert facts["lexical"] > 0


def test_the_best_comes_first_and_k_are_given(retriever: KiosqueRetriever) -> None:
    """Documents come best first, and as many as asked: of the retriever or of one question."""
    found = retriever.invoke("Le port restera-t-il ouvert ?", k=4)
    scores = [document.metadata["score"] for document in found]
    assert scores == sorted(scores, reverse=True)
    assert len(found) == 4
    three = retriever.model_copy(update={"k": 3})
    assert len(three.invoke("le port")) == 3


def test_both_ways_give_the_same(retriever: KiosqueRetriever) -> None:
    """Asked in an event loop, the same question gives the same documents."""
    question = "Qui s'étonne pour le lycée ?"
    assert asyncio.run(retriever.ainvoke(question)) == retriever.invoke(question)


def test_the_event_loop_goes_on(slow: KiosqueRetriever) -> None:
    """A heartbeat ticks on while a search blocks its thread."""

    async def ticks_while_searching() -> tuple[int, list[Document]]:
        ticks = 0

        async def beat() -> None:
            nonlocal ticks
            while True:
                await asyncio.sleep(0.01)
                ticks += 1

        heart = asyncio.create_task(beat())
        found = await slow.ainvoke("le marché")
        heart.cancel()
        return ticks, found

    ticks, found = asyncio.run(ticks_while_searching())
    assert found
    assert ticks > 1  # a loop that was blocked has no tick at all


def test_questions_are_searched_side_by_side(home: Path, reader: ArchiveReader) -> None:
    """Four questions at once wait for the embedder together, not one after the other."""
    search = HybridSearch(Places(home), reader, MeetingEmbedder(4))
    retriever = KiosqueRetriever(search=search)

    async def all_at_once() -> list[list[Document]]:
        asked = (retriever.ainvoke(f"le musée {number}") for number in range(4))
        return await asyncio.gather(*asked)

    assert all(asyncio.run(all_at_once()))
    search.close()


def test_a_search_may_not_take_for_ever(slow: KiosqueRetriever) -> None:
    """Beyond its time, an asynchronous search raises TimeoutError."""
    hasty = slow.model_copy(update={"timeout": 0.05})
    with pytest.raises(TimeoutError):
        asyncio.run(hasty.ainvoke("le marché"))


def test_nothing_escapes_its_scope(retriever: KiosqueRetriever) -> None:
    """A period and outlets keep everything else out, of the retriever or of one question."""
    week = Period(date(2017, 5, 8), date(2017, 5, 14))
    scope = Scope.of(week, frozenset({"Le Courrier"}))
    within = retriever.model_copy(update={"scope": scope})
    for found in (within.invoke("la mairie", k=50), retriever.invoke("la mairie", scope=scope)):
        assert found
        assert {document.metadata["outlet"] for document in found} == {"Le Courrier"}
        assert {document.metadata["published"][:8] for document in found} == {"2017-05-"}
        assert all(8 <= int(document.metadata["published"][8:]) <= 14 for document in found)


def test_the_period_of_a_question_is_understood(retriever: KiosqueRetriever) -> None:
    """What a question's words name counts from today, and leaves out what is not of it."""
    assert retriever.invoke("Qui s'étonne, l'an dernier ?")
    assert not retriever.invoke("Qui s'étonne, cette année ?")
    (day,) = {
        document.metadata["published"] for document in retriever.invoke("le 10 mai 2017, la mairie")
    }
    assert day == "2017-05-10"


def test_it_is_a_link_of_a_chain(retriever: KiosqueRetriever) -> None:
    """It runs in a pipe of LangChain's language, both ways, and in a batch."""

    def titles(documents: list[Document]) -> list[str]:
        return [document.metadata["title"] for document in documents]

    chain = retriever | RunnableLambda(titles)
    asked = "Que dit-on de la forêt numéro 4 ?"
    assert chain.invoke(asked)[0] == "Le forêt 4"
    assert asyncio.run(chain.ainvoke(asked)) == chain.invoke(asked)
    assert chain.batch([asked, asked]) == [chain.invoke(asked)] * 2


@pytest.mark.parametrize("question", ["", "   ", "?", "x" * 100_000, "zzz\x00\ud800"])
def test_odd_questions_are_questions(retriever: KiosqueRetriever, question: str) -> None:
    """An empty, huge or broken text raises nothing: it is searched like any other."""
    assert len(retriever.invoke(question, k=2)) <= 2


def test_our_errors_go_through(home: Path, reader: ArchiveReader) -> None:
    """LangChain does not wrap what our search raises."""
    other = HybridSearch(Places(home), reader, HashedEmbedder("another-model"))
    with pytest.raises(ModelMismatch):
        KiosqueRetriever(search=other).invoke("le port")
