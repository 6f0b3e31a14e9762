"""The reader on real articles, with its real weights."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from bot.app import Kiosque
from config.settings import Settings
from retrieval.reranker import Reader, choose, load_reader_options, rerank
from retrieval.search import Query, RankedWindow
from retrieval.text.segmentation import segment
from retrieval.vocabulary import Article, Evidence, Passage, Window
from tests.sample_home import ARTICLES, indexed_home, model_home

if TYPE_CHECKING:
    from collections.abc import Iterator

SURE = 0.3
"""From here on a sentence is said without a model (`config/thresholds.toml`)."""
QUESTION = "Quel âge a la barreuse du huit de Mirvolle ?"


def windows_of(name: str) -> list[RankedWindow]:
    """The windows of a sample article, each passage scored a little lower than the last."""
    title, _, text = (ARTICLES / name).read_text(encoding="utf-8").partition("\n\n")
    article = Article(name, title, text, None, None, None, None, "fr", name, "")
    ranked: list[RankedWindow] = []
    for ordinal, spans in enumerate(segment(text)):
        passage = Passage(
            ordinal, name, ordinal, spans.start, spans.end, text[spans.start : spans.end]
        )
        for at, span in enumerate(spans.windows):
            window = Window(100 * ordinal + at, span.start, span.end, text[span.start : span.end])
            evidence = Evidence(article, passage, window, 0.85, 4.0, 0.9 - ordinal / 10)
            ranked.append(RankedWindow(evidence, window, 0.85 - at / 100))
    return sorted(ranked, key=lambda one: -one.score)


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    """The reader in a home that has the embedding model already."""
    return Reader(model_home(tmp_path_factory))


@pytest.fixture(scope="module")
def kiosque(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kiosque]:
    """Everything over the sample articles."""
    with Kiosque(Settings(home=indexed_home(tmp_path_factory))) as app:
        yield app


def test_answer_is_marked_where_it_stands(reader: Reader) -> None:
    """The window that answers comes first, and the words that answer are exact offsets."""
    best = reader.read(QUESTION, windows_of("aviron-huit-mirvolle.txt"))[0]
    assert best.answer is not None
    assert best.window.start <= best.answer.start < best.answer.end <= best.window.end
    marked = best.evidence.article.text[best.answer.start : best.answer.end]
    assert "15 ans" in marked
    assert best.probability > SURE


def test_most_probable_first(reader: Reader) -> None:
    """Hits are in the order of their probability, each a window that was given."""
    given = windows_of("aviron-huit-mirvolle.txt")
    hits = reader.read(QUESTION, given)
    probabilities = [hit.probability for hit in hits]
    assert probabilities == sorted(probabilities, reverse=True)
    assert all(0 <= each <= 1 for each in probabilities)
    assert {hit.window.id for hit in hits} <= {one.window.id for one in given}


def test_another_subject_is_less_probable(reader: Reader) -> None:
    """A question that an article does not answer is given less than one that it does."""
    given = windows_of("aviron-huit-mirvolle.txt")
    answered = reader.read(QUESTION, given)[0].probability
    assert reader.read("Quel âge a le maire de Bordeaux ?", given)[0].probability < answered


def test_never_more_windows_than_set(reader: Reader) -> None:
    """Whatever is given, only as many windows are read as the options say."""
    given = windows_of("aviron-huit-mirvolle.txt") + windows_of("ferry-ballycarrick.txt")
    given += windows_of("crue-mirvolle.txt")
    assert len(given) > reader.options.windows
    assert len(reader.read(QUESTION, given)) == reader.options.windows


def test_every_passage_is_read_before_second_windows() -> None:
    """The best window of each passage is chosen before any passage's second."""
    given = windows_of("aviron-huit-mirvolle.txt")
    passages = {one.evidence.passage.id for one in given}
    chosen = choose(given, len(passages))
    assert {one.evidence.passage.id for one in chosen} == passages


@pytest.mark.parametrize(
    "question",
    [
        "é" * 10_000,
        "mot " * 5_000,
        "\ud800\udfff \x00\x07 \u202e",
        "🙂🙃" * 200,
        "</s><s></s></s>",
        "?",
    ],
)
def test_any_question_is_read(reader: Reader, question: str) -> None:
    """Length and characters of a question never make reading fail."""
    given = windows_of("aviron-huit-mirvolle.txt")[:2]
    hits = reader.read(question, given)
    assert len(hits) == len(given)
    assert all(0 <= hit.probability <= 1 for hit in hits)


@pytest.mark.parametrize("question", ["", " \n\t"])
def test_no_question_has_no_hits(reader: Reader, question: str) -> None:
    """An empty question is not read at all."""
    assert reader.read(question, windows_of("aviron-huit-mirvolle.txt")) == ()


def test_nothing_found_has_no_hits(reader: Reader) -> None:
    """Without windows there is nothing to judge."""
    assert reader.read(QUESTION, []) == ()


def test_same_result_from_any_thread(reader: Reader) -> None:
    """The same question and windows give the same hits, one by one or all at once."""
    given = windows_of("aviron-huit-mirvolle.txt")[:4]
    once = reader.read(QUESTION, given)
    with ThreadPoolExecutor(4) as pool:
        every = list(pool.map(lambda _: reader.read(QUESTION, given), range(6)))
    assert all(each == once for each in every)


def test_rerank_keeps_every_passage(kiosque: Kiosque) -> None:
    """Reranked passages are those found, each once, and the first is that of the best hit."""
    found = kiosque.search.search(Query(QUESTION), 20)
    hits = kiosque.search.read(QUESTION, found)
    reordered = rerank(found.evidence, hits)
    assert sorted(one.passage.id for one in reordered) == sorted(
        one.passage.id for one in found.evidence
    )
    assert reordered[0].passage == hits[0].evidence.passage
    assert reordered[0].window == hits[0].window
    texts = [one.article.text[one.window.start : one.window.end] for one in reordered]
    assert texts == [one.window.text for one in reordered]


def test_without_reader_order_of_search(kiosque: Kiosque) -> None:
    """No hits leave the passages as search had them."""
    found = kiosque.search.search(Query(QUESTION), 5)
    assert rerank(found.evidence, ()) == found.evidence


def test_windows_of_best_passages_only(kiosque: Kiosque) -> None:
    """Windows come from as many passages as asked, best first, with their exact texts."""
    found = kiosque.search.search(Query(QUESTION), 20)
    ranked = kiosque.search.windows(found, 3)
    best = {one.passage.id for one in found.evidence[:3]}
    assert {one.evidence.passage.id for one in ranked} == best
    assert [one.score for one in ranked] == sorted((one.score for one in ranked), reverse=True)
    for one in ranked:
        article = one.evidence.article
        assert article.text[one.window.start : one.window.end] == one.window.text


def test_probability_grows_with_rank() -> None:
    """A higher rank never has a lower probability, however large it is."""
    options = load_reader_options()
    ranks = [-1e6, -20.0, 0.0, 5.0, 20.0, 1e6]
    probabilities = [options.probability(rank) for rank in ranks]
    assert probabilities == sorted(probabilities)
