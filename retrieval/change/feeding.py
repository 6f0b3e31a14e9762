"""A long feeding: how much there is to embed, how long it will take here, and when to pause.

Embedding is most of what indexing costs: hours for a hundred thousand articles on two cores. Its
speed is that of this machine now, so it is measured on the first texts, whose vectors are kept.
A pause loses nothing but the reading: vectors are kept batch by batch, and the next run of the
same command embeds what is left.
"""

from __future__ import annotations

import time
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING

from retrieval.archive.archive_after import VectorCache
from retrieval.change.report import EmbeddingWork
from retrieval.errors import ModelUnavailable, Paused
from retrieval.text.segmentation import embedded_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from retrieval.change.commit import WriteSession
    from retrieval.change.report import Progress
    from retrieval.embedding.embedder import Embedder
    from retrieval.text.segmentation import PassageSpans
    from retrieval.vocabulary import Draft

MEASURED_FROM = 5_000
"""Texts: fewer are embedded before an estimate would help."""
_SAMPLE = 256


def embedding_work(session: WriteSession, change: int, embedder: Embedder) -> EmbeddingWork:
    """What a staged change has to embed. The texts that the speed is measured on are embedded.

    Args:
        session: the archive, open for the change.
        change: its number.
        embedder: makes the vectors.

    Raises:
        ModelUnavailable: they cannot be embedded.
        StorageFull: no room, or no right, to write.
    """
    cache = VectorCache(session.store, embedder.model_id)
    lacking, a_second = cache.lacking(change), None
    if lacking < MEASURED_FROM:
        return EmbeddingWork(lacking)
    for digests, texts, _ in list(islice(cache.batches(change, _SAMPLE), 2)):
        begun = time.perf_counter()  # of the last batch: the first one loads the model
        cache.put(digests, embedder.embed_passages(texts))
        lacking -= len(texts)
        a_second = len(texts) / (time.perf_counter() - begun)
    return EmbeddingWork(lacking, a_second)


class EmbeddingSurvey:
    """Counts what the drafts of a plan would have embedded, and keeps a few texts to time.

    Args:
        cut: gives the passages of a draft.
    """

    def __init__(self, cut: Callable[[Draft], tuple[PassageSpans, ...]]) -> None:
        self._cut = cut
        self._texts = 0
        self._sample: list[str] = []

    def __call__(self, draft: Draft) -> tuple[PassageSpans, ...]:
        """Count the windows of a draft; it is given no passages, since a plan is not indexed."""
        for span in (span for passage in self._cut(draft) for span in passage.windows):
            self._texts += 1
            if len(self._sample) < 2 * _SAMPLE:
                self._sample.append(embedded_text(draft.title, draft.text[span.start : span.end]))
        return ()

    def work(self, embedder: Embedder) -> EmbeddingWork:
        """What would be embedded; a text that many articles share is counted in each.

        A plan can be shown when the model cannot be used: then its speed is not known.
        """
        a_second = None
        if self._texts >= MEASURED_FROM:
            with suppress(ModelUnavailable):
                embedder.embed_passages(self._sample[:_SAMPLE])
                begun = time.perf_counter()
                embedder.embed_passages(self._sample[_SAMPLE:])
                a_second = _SAMPLE / (time.perf_counter() - begun)
        return EmbeddingWork(self._texts, a_second)


class PausingProgress:
    """A `Progress` that stops a change at a moment, if it is still embedding then.

    Args:
        watched: told all the same.
        moment: in seconds since the epoch.
        clock: the time.
    """

    def __init__(
        self, watched: Progress, moment: float, clock: Callable[[], float] = time.time
    ) -> None:
        self._watched = watched
        self._moment = moment
        self._clock = clock
        self._left: int | None = None

    def stage(self, name: str, total: int | None) -> None:
        """A stage begins; only embedding can be stopped."""
        self._left = total if name == "embed" else None
        self._watched.stage(name, total)

    def advance(self, steps: int) -> None:
        """So many texts more are embedded, and kept.

        Raises:
            Paused: the moment has come, and there are more.
        """
        self._watched.advance(steps)
        if self._left is None:
            return
        self._left -= steps
        if self._left > 0 and self._clock() >= self._moment:
            raise Paused("indexing_paused", left=self._left)
