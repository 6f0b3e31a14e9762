"""Hybrid search over real archives: exact filters, changes that are noticed, Chroma and exact."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.app import Kiosque
from config.settings import Settings
from retrieval.archive.reader import ArchiveReader
from retrieval.errors import ArchiveDamaged, Failed, IndexDamaged, ModelMismatch, StorageFull
from retrieval.index.generations import Places
from retrieval.scope import Scope
from retrieval.search import Found, HybridSearch, Query, SearchOptions
from retrieval.vocabulary import Evidence, Period
from tests.retrieval.hashed_embedder import HashedEmbedder
from tests.retrieval.library import indexer, write_article, write_folder
from tests.sample_home import indexed_home

EXACT = SearchOptions()
CHROMA = SearchOptions(exact_below=0, narrow_below=0)
MAY_10 = Period(date(2017, 5, 10), date(2017, 5, 12))
QUESTIONS = (
    "Combien de stations aura la ligne T2 ?",
    "Qui dirige le CHU de Vaubrelles ?",
    "nécropole gallo-romaine",
    "How much does a foot passenger pay?",
    "combien d'habitants evacues pendant la crue",
    "le faussaire des cartes marines",
)


@contextmanager
def searching(
    home: Path, options: SearchOptions = EXACT, embedder: HashedEmbedder | None = None
) -> Iterator[HybridSearch]:
    """A search over an archive, closed afterwards."""
    places = Places(home)
    with ArchiveReader(places.archive) as reader:
        search = HybridSearch(places, reader, embedder or HashedEmbedder(), options)
        try:
            yield search
        finally:
            search.close()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixteen articles of May 2017: even days by La Gazette, odd ones by Le Courrier."""
    home = tmp_path_factory.mktemp("home")
    indexer(home).index([write_folder(tmp_path_factory.mktemp("articles"), 16)])
    return home


@pytest.fixture
def own(tmp_path: Path) -> tuple[Path, Path]:
    """A small archive to change, and its folder of articles."""
    folder = write_folder(tmp_path / "articles", 4)
    indexer(tmp_path / "home").index([folder])
    return tmp_path / "home", folder


def titles(found: Found) -> list[str]:
    """The titles of the passages, in their order."""
    return [one.article.title for one in found.evidence]


def ranking(found: Found) -> list[tuple[int, int]]:
    """The passages and their windows, in their order."""
    return [(one.passage.id, one.window.id) for one in found.evidence]


@pytest.mark.parametrize("options", [EXACT, CHROMA], ids=["exact", "chroma"])
@pytest.mark.parametrize(
    ("scope", "count"),
    [
        (Scope(), 16),
        (Scope(20170510, 20170512), 3),
        (Scope(first=20170515), 2),
        (Scope(last=20170501), 1),
        (Scope(outlets=frozenset({"La Gazette"})), 8),
        (Scope(20170502, 20170505, frozenset({"La Gazette"})), 2),
        (Scope(outlets=frozenset({"La Gazette", "Le Courrier"})), 16),
        (Scope(outlets=frozenset({"la gazette"})), 0),
        (Scope(20180101, 20181231), 0),
    ],
)
def test_filters_are_exact(options: SearchOptions, scope: Scope, count: int, home: Path) -> None:
    """Every article inside of the filter is found, and none outside, on both engines."""
    with searching(home, options) as search:
        found = search.search(Query("la mairie et le musée", scope=scope), k=500).evidence
    assert len({one.article.id for one in found}) == count
    for one in found:
        assert one.article.published is not None
        day = int(f"{one.article.published.first_day:%Y%m%d}")
        assert scope.first <= day <= scope.last
        assert not scope.outlets or one.article.outlet in scope.outlets


@pytest.mark.parametrize("options", [EXACT, CHROMA], ids=["exact", "chroma"])
def test_period_admits_what_was_published_in_it(options: SearchOptions, home: Path) -> None:
    """A question's period keeps the articles of those days, and those that name its year."""
    with searching(home, options) as search:
        found = search.search(Query("la mairie", period=MAY_10), k=500)
    days = {one.article.published.day for one in found.evidence if one.article.published}
    assert days == {10, 11, 12}


def test_article_that_names_the_period_competes(tmp_path: Path) -> None:
    """An article of another year that speaks of the period's year is found as well."""
    folder = write_folder(tmp_path / "articles", 2)
    write_article(folder, 2, "En 1998, le port avait déjà fermé pour cause de tempête.")
    indexer(tmp_path / "home").index([folder])
    asked = Period(date(1998, 1, 1), date(1998, 12, 31), "1998")
    with searching(tmp_path / "home") as search:
        found = search.search(Query("Pourquoi le port avait-il fermé ?", period=asked))
        only = search.search(
            Query("Pourquoi le port avait-il fermé ?", scope=Scope(19980101, 19981231))
        )
    assert set(titles(found)) == {"Le port 2"}
    assert only.evidence == ()


def test_texts_are_exact(home: Path) -> None:
    """A passage and its window stand in their article by their offsets, the window inside."""
    with searching(home) as search:
        for one in search.search(Query("le tramway"), k=50).evidence:
            _check_spans(one)


def _check_spans(one: Evidence) -> None:
    text, passage, window = one.article.text, one.passage, one.window
    assert text[passage.start : passage.end] == passage.text
    assert text[window.start : window.end] == window.text
    assert passage.start <= window.start < window.end <= passage.end
    assert passage.article_id == one.article.id


def test_best_first_and_no_passage_twice(home: Path) -> None:
    """Scores fall from 1 at most, k is how many, and the same question ranks the same."""
    with searching(home) as search:
        first = search.search(Query("le port numéro 2"), k=12)
        again = search.search(Query("le port numéro 2"), k=12)
    scores = [one.score for one in first.evidence]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] <= 1
    assert len(set(ranking(first))) == len(first.evidence) == 12
    assert ranking(first) == ranking(again)


def test_among_some_articles(home: Path) -> None:
    """Nothing else is found, and all of them is, however far behind others; never out of scope."""
    few = SearchOptions(candidates=1, exact_below=0)
    with searching(home, few) as search, ArchiveReader(Places(home).archive) as reader:
        wanted = reader.article(reader.entries()[-1].id)
        text = reader.article(reader.entries()[0].id).text
        assert wanted.title not in titles(search.search(Query(text)))
        found = search.search(Query(text, among=frozenset({wanted.id})), 50)
        assert {one.passage.id for one in found.evidence} == {
            one.id for one in reader.passages_of(wanted.id)
        }
        elsewhere = Scope(outlets=frozenset({"Un autre journal"}))
        query = Query(text, scope=elsewhere, among=frozenset({wanted.id}))
        assert search.search(query).evidence == ()


def test_new_generation_is_noticed(own: tuple[Path, Path]) -> None:
    """A search that is open finds what another process indexed since its last question."""
    home, folder = own
    with searching(home) as search:
        assert "Le forêt 4" not in titles(search.search(Query("la forêt numéro 4"), k=50))
        write_article(folder, 4)
        indexer(home).index([folder])
        assert titles(search.search(Query("la forêt numéro 4")))[0] == "Le forêt 4"


@pytest.mark.parametrize("options", [EXACT, CHROMA], ids=["exact", "chroma"])
def test_old_text_of_a_changed_article_is_gone(
    options: SearchOptions, own: tuple[Path, Path]
) -> None:
    """A changed article is found by its new words; its old words lead to nothing that says them."""
    home, folder = own
    write_article(folder, 1, "Une girafe traverse la voie.")
    indexer(home).index([folder])
    with searching(home, options) as search:
        assert "girafe" in search.search(Query("girafe")).evidence[0].passage.text
        write_article(folder, 1, "Un hippopotame traverse la voie.")
        indexer(home).index([folder])
        changed = search.search(Query("girafe"), k=500).evidence
        assert not any("girafe" in one.article.text for one in changed)
        assert not any(one.lexical for one in changed)
        assert "hippopotame" in search.search(Query("hippopotame")).evidence[0].passage.text


@pytest.mark.parametrize("options", [EXACT, CHROMA], ids=["exact", "chroma"])
def test_withdrawn_article_is_gone(options: SearchOptions, own: tuple[Path, Path]) -> None:
    """A withdrawn article is found no more, by a search that had found it a moment ago."""
    home, folder = own
    with searching(home, options) as search:
        assert "Le tramway 1" in titles(search.search(Query("le tramway"), k=50))
        (folder / "article-001.md").unlink()
        indexer(home).index([folder], prune=True)
        assert "Le tramway 1" not in titles(search.search(Query("le tramway"), k=500))


def test_question_that_is_under_way_keeps_its_generation(own: tuple[Path, Path]) -> None:
    """A generation that is held open goes on answering after the next one is live."""
    home, folder = own
    with searching(home) as search, search.generation() as held:
        assert held is not None
        before = held.lexical.count(), len(held.table)
        for number in (4, 5, 6):
            write_article(folder, number)
            indexer(home).index([folder])
            search.search(Query("la forêt"))
        assert (held.lexical.count(), len(held.table)) == before


class IndexingEmbedder(HashedEmbedder):
    """While it embeds a question, somebody else indexes: endpoints are slow."""

    def __init__(self, home: Path, folder: Path) -> None:
        super().__init__()
        self._home, self._folder = home, folder

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """The vector of a question, after two changes of the archive."""
        for number in (4, 5):
            write_article(self._folder, number)
            indexer(self._home).index([self._folder])
        return super().embed_query(text)


def test_changes_while_a_question_is_embedded(own: tuple[Path, Path]) -> None:
    """However long embedding takes, what is searched is what is live afterwards."""
    home, folder = own
    with searching(home, embedder=IndexingEmbedder(home, folder)) as search:
        assert "Le forêt 4" in titles(search.search(Query("la forêt numéro 4")))


def test_several_threads(home: Path) -> None:
    """Threads that ask at once get what one would."""
    with searching(home, CHROMA) as search:
        expected = ranking(search.search(Query("le lycée")))
        results: list[list[tuple[int, int]]] = []
        threads = [
            threading.Thread(
                target=lambda: results.append(ranking(search.search(Query("le lycée"))))
            )
            for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert results == [expected] * 8


def test_other_model_is_refused(home: Path) -> None:
    """Vectors of two models are never compared: the names of both are told."""
    with (
        searching(home, embedder=HashedEmbedder("hashed-other")) as search,
        pytest.raises(ModelMismatch) as caught,
    ):
        search.search(Query("le port"))
    assert caught.value.facts == {"made": "hashed-64", "asked": "hashed-other"}


def test_archive_without_articles(tmp_path: Path) -> None:
    """In an archive that has no generation yet nothing is found, and nothing raises."""
    (tmp_path / "empty").mkdir()
    indexer(tmp_path / "home").index([tmp_path / "empty"])
    with searching(tmp_path / "home") as search, search.generation() as generation:
        assert generation is None
        assert search.search(Query("le port")).evidence == ()


def test_missing_generation_is_damage(own: tuple[Path, Path]) -> None:
    """A generation whose folder is gone is said to be damaged, not empty."""
    home, _ = own
    (home / "generations").rename(home / "elsewhere")
    with searching(home) as search, pytest.raises(ArchiveDamaged):
        search.search(Query("le port"))


@pytest.mark.parametrize("failure", [None, StorageFull("build_failed"), Failed("builder_died")])
def test_damaged_chroma_that_cannot_be_healed_now_is_done_without(
    own: tuple[Path, Path], failure: Failed | None
) -> None:
    """For people to heal, no room, a builder killed: all is scored exactly, with the newest too."""
    home, folder = own
    write_article(folder, 40, "Une girafe visite le phare.")
    indexer(home).index([folder])
    for file in (home / "generations").glob("*/chroma/*/data_level0.bin"):
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 0xFF
        file.write_bytes(content)
    told: list[IndexDamaged] = []

    def refuse(damage: IndexDamaged) -> None:
        told.append(damage)
        raise failure or damage

    places, expected = Places(home), {}
    with searching(home) as exact:
        for text in ("Une girafe visite le phare.", "le tramway 1"):
            expected[text] = [one.passage.id for one in exact.search(Query(text)).evidence]
    with ArchiveReader(places.archive) as reader:
        search = HybridSearch(places, reader, HashedEmbedder(), CHROMA, refuse)
        for text, passages in expected.items():
            assert [one.passage.id for one in search.search(Query(text)).evidence] == passages
        search.close()
    assert len(told) == 1


def test_words_that_nobody_wrote(home: Path) -> None:
    """With no word in common the vectors decide alone; with no word at all too."""
    with searching(home) as search:
        for text in ("zyxwv", "?", "", "le la les", "\x00"):
            found = search.search(Query(text)).evidence
            assert len(found) == 10
            assert not any(one.lexical for one in found)


def test_chroma_agrees_with_exact_scores(tmp_path_factory: pytest.TempPathFactory) -> None:
    """On the sample articles, with the real model, both ways give the same first passage."""
    settings = Settings(home=indexed_home(tmp_path_factory))
    chroma = settings.model_copy(
        update={"search": settings.search.model_copy(update={"exact_below": 0})}
    )
    with Kiosque(settings) as one, Kiosque(chroma) as other:
        for text in QUESTIONS:
            exact = one.search.search(Query(text)).evidence
            near = other.search.search(Query(text)).evidence
            assert (exact[0].passage, exact[0].window) == (near[0].passage, near[0].window)
            assert exact[0].score == pytest.approx(near[0].score, abs=1e-5)
            assert len({e.passage.id for e in exact} & {n.passage.id for n in near}) >= 9
