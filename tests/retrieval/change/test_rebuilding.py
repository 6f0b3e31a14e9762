"""Another model or other sizes: made beside, swapped, resumed after an interruption."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from retrieval.archive import meta
from retrieval.archive.reader import ArchiveReader
from retrieval.archive.similar import SimilarArticles
from retrieval.archive.writer import ArchiveStore
from retrieval.change import Options, rebuild, verify
from retrieval.errors import BadSettings, ModelMismatch, ModelUnavailable
from retrieval.index.generations import Places
from retrieval.search import HybridSearch, Query
from tests.retrieval.hashed_embedder import HashedEmbedder
from tests.retrieval.library import editor, indexer, search, write_article, write_folder

MUSEUM = "Que dit un riverain du musée numéro 0 ?"
SIZES = Options(passage_chars=300, window_chars=120)


class FailingEmbedder(HashedEmbedder):
    """Stops after so many texts, as a machine that is switched off does."""

    def __init__(self, model_id: str, dimension: int, after: int) -> None:
        super().__init__(model_id, dimension)
        self.after = after

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The vectors, or an end."""
        if self.embedded + len(texts) > self.after:
            raise ModelUnavailable("model_damaged", path="-")
        return super().embed_passages(texts)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An archive of eight articles."""
    indexer(tmp_path / "home").index([write_folder(tmp_path / "in", 8)])
    return tmp_path / "home"


def test_other_model_takes_over(home: Path) -> None:
    """Questions of the old model are answered until the swap, then those of the new."""
    other = HashedEmbedder("hashed-32", 32)
    with pytest.raises(ModelMismatch):
        search(home, MUSEUM, other)
    before = search(home, MUSEUM)[0].passage.text
    made = rebuild(Places(home), other, SIZES)
    assert made.embedded == other.embedded > 0
    assert search(home, MUSEUM, other)[0].passage.text == before
    assert verify(Places(home)) == []
    with pytest.raises(ModelMismatch):
        search(home, MUSEUM)


def test_other_sizes_take_over(home: Path) -> None:
    """A bot that has the archive open uses the new windows at its next question."""
    with (
        ArchiveReader(home / "archive.db") as reader,
        closing(HybridSearch(Places(home), reader, HashedEmbedder())) as searching,
    ):
        before = len(searching.search(Query(MUSEUM)).evidence[0].passage.text)
        rebuild(Places(home), HashedEmbedder(), Options(passage_chars=1000, window_chars=400))
        assert len(searching.search(Query(MUSEUM)).evidence[0].passage.text) > before
    assert verify(Places(home)) == []


def test_interrupted_rebuilding_goes_on_where_it_was(home: Path, tmp_path: Path) -> None:
    """What was embedded is not embedded again, the archive answers meanwhile and can change."""
    for n in range(8, 60):
        write_article(tmp_path / "in", n)
    indexer(home).index([tmp_path / "in"])
    failing = FailingEmbedder("hashed-32", 32, after=300)
    with pytest.raises(ModelUnavailable):
        rebuild(Places(home), failing, SIZES)
    assert search(home, MUSEUM)
    write_article(tmp_path / "in", 60)
    assert indexer(home).index([tmp_path / "in"]).added == 1
    whole = HashedEmbedder("hashed-32", 32)
    made = rebuild(Places(home), whole, SIZES)
    assert failing.embedded > 0
    with ArchiveReader(home / "archive.db") as reader:
        assert reader.coverage().articles == 61
    assert whole.embedded == made.embedded < made.windows - failing.embedded + 1
    assert verify(Places(home)) == []


def test_past_can_be_taken_back_after_a_rebuilding(home: Path, tmp_path: Path) -> None:
    """A text that comes back is cut and embedded as the archive is now."""
    write_article(tmp_path / "in", 0, "Une phrase de plus au musée.")
    indexer(home).index([tmp_path / "in"])
    rebuild(Places(home), HashedEmbedder("hashed-32", 32), SIZES)
    other = HashedEmbedder("hashed-32", 32)
    editor(home, other).rollback()
    assert "de plus" not in search(home, MUSEUM, other)[0].article.text
    assert verify(Places(home)) == []


def test_other_sizes_are_refused_until_a_rebuilding(home: Path, tmp_path: Path) -> None:
    """Silently mixing two cuts would spoil the scores."""
    with pytest.raises(BadSettings) as caught:
        indexer(home, options=Options(passage_chars=900)).index([tmp_path / "in"])
    assert caught.value.key == "sizes_mismatch"


def test_next_plan_after_a_rebuilding_looks_up_what_it_needs(home: Path) -> None:
    """What sources are recognised by goes with the copies: no plan reads or signs all articles."""
    path = home / "archive.db"
    rebuild(Places(home), HashedEmbedder("hashed-32", 32), SIZES)
    with ArchiveStore(path) as store, SimilarArticles(path) as similar:
        (newest,) = store.connection.execute("SELECT max(id) FROM revisions").fetchone()
        assert meta.number(store.connection, meta.KEYED) == newest
        assert similar.unsigned() == []
