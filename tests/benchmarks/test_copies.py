"""Copies of articles are other news about as much, and their windows stay near the originals'."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np

from retrieval.archive.archive_after import VectorCache
from retrieval.archive.rows import window_digest
from retrieval.archive.writer import ArchiveStore
from retrieval.change.duplicates import Edition, copied_share
from tests.benchmarks.copies import CopyEmbedder, RealVectors, Record, copy, kept, write_export
from tests.retrieval.hashed_embedder import HashedEmbedder

ARTICLE: Record = {
    "id": "brume-1",
    "url": "https://courrier.example/pont",
    "title": "Le pont de Brume rouvre, annonce Claire Martin",
    "published": "2017-05-24",
    "outlet": "Le Courrier",
    "text": "Le pont de Brume rouvre lundi, après 14 mois de travaux, a annoncé la maire Claire"
    " Martin. Le chantier, ouvert en mars 2016, a coûté 4,2 millions d'euros à la région"
    " Bretagne.\nLes ouvriers de la société Lannec ont remplacé 12 piles, et le département du"
    " Finistère a payé la moitié de ce que la commune n'avait pas, selon Paul Le Goff.",
}


def edition(of: Record) -> Edition:
    """An article as near-duplicates are looked for."""
    return Edition(str(of["title"]), str(of["text"]))


def test_a_copy_is_other_news() -> None:
    """Its names, numbers and dates are others, the same all over it; its length is the same."""
    made = copy(ARTICLE, 3)
    text = str(made["text"])
    for told in ("Claire", "Brume", "14 mois", "mars", "lundi", "Lannec", "12 piles"):
        assert told not in text
    assert len(text.split()) == len(str(ARTICLE["text"]).split())
    assert str(made["title"]).split()[-2] in text  # the mayor, under her other name
    assert copied_share(edition(made), edition(ARTICLE)) is None
    assert copied_share(edition(made), edition(copy(ARTICLE, 4))) is None
    assert copy(ARTICLE, 3) == made


def test_an_export_has_as_many_articles_as_asked(tmp_path: Path) -> None:
    """The real articles come first, those that were named before the others, then copies."""
    news = tmp_path / "news.jsonl.gz"
    with gzip.open(news, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(ARTICLE | {"id": f"brume-{n}"}) + "\n" for n in range(3))
    write_export(tmp_path / "out", news, 8, ["brume-2"])
    lines = (tmp_path / "out" / "news-000.jsonl").read_text(encoding="utf-8").splitlines()
    ids = [json.loads(line)["id"] for line in lines]
    assert ids[:3] == ["brume-2", "brume-0", "brume-1"]
    assert ids[3:] == [f"brume-{n}-1" for n in (2, 0, 1)] + [f"brume-{n}-2" for n in (2, 0)]


def test_a_copy_stays_near_its_original(tmp_path: Path) -> None:
    """The vector of a copy's text is its original's, moved; a real text keeps its own."""
    real = [f"le conseil vote le point numéro {word} de son budget" for word in "abcdefgh"]
    model = HashedEmbedder(dimension=384)
    with ArchiveStore(tmp_path / "archive.db") as store:
        cache = VectorCache(store, model.model_id)
        cache.put([window_digest(text) for text in real], model.embed_passages(real))
    embedder = CopyEmbedder(model, RealVectors(tmp_path / "archive.db", real))
    assert np.allclose(embedder.embed_passages(real), model.embed_passages(real), atol=2e-5)
    altered = [f"{text} 1234 Brume" for text in real]
    assert [kept(text) for text in altered] == [kept(text) for text in real]
    near = (embedder.embed_passages(altered) * model.embed_passages(real)).sum(axis=1)
    assert (near > 0.8).all()
    assert (near < 0.9999).any()
    assert embedder.counts == {"real": 8, "moved": 8, "drawn": 0}
