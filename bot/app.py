"""The composition root: settings in, the parts of Kiosque out, joined and closed in order.

Each part is opened when it is first used, since a command needs few of them; what was
opened is closed in reverse, whatever happens.
"""

from __future__ import annotations

from contextlib import ExitStack
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Self

from retrieval.generations import Places

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from langchain_core.runnables import Runnable

    from bot.answering.answerer import Answerer
    from bot.answering.events import Event, Request
    from config.settings import Settings
    from retrieval.archive.reader import ArchiveReader
    from retrieval.embedding.protocol import Embedder, Progress
    from retrieval.errors import ArchiveDamaged
    from retrieval.indexing import Indexer
    from retrieval.search import HybridSearch


class Kiosque:
    """The parts of Kiosque for one set of settings.

    Args:
        settings: what is set.
        today: gives the day on which questions are asked.
        converting: told how far the first conversion of the embedding model is.
    """

    def __init__(
        self,
        settings: Settings,
        today: Callable[[], date] = date.today,
        converting: Progress | None = None,
    ) -> None:
        self.settings = settings
        self.today = today
        self._converting = converting
        self._closing = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.close()

    @cached_property
    def places(self) -> Places:
        """Where the archive and its indexes are."""
        return Places(self.settings.home, self.settings.chroma.url or None)

    @cached_property
    def reader(self) -> ArchiveReader:
        """The archive, to read.

        Raises:
            NotFound: there is none yet.
            ArchiveDamaged: it cannot be read.
        """
        from retrieval.archive.reader import ArchiveReader

        return self._closing.enter_context(ArchiveReader(self.places.archive))

    @cached_property
    def embedder(self) -> Embedder:
        """The embedding model; it goes on loading in the background.

        Raises:
            ModelUnavailable: it cannot be made or found.
        """
        from retrieval.embedding import EmbeddingChoice, open_embedder

        chosen = self.settings.embedding
        embedder = open_embedder(
            EmbeddingChoice(
                model_dir=chosen.model_dir,
                base_url=chosen.base_url or None,
                model=chosen.model or None,
                api_key=chosen.api_key.get_secret_value() or None,
                timeout=chosen.timeout_s,
                threads=chosen.threads,
            ),
            self.settings.home,
            self._converting,
        )
        embedder.warm()
        return embedder

    @cached_property
    def search(self) -> HybridSearch:
        """Hybrid search over the live generation."""
        from retrieval.search import HybridSearch, SearchOptions

        chosen = self.settings.search
        # The archive first: without one there is no use in loading a model.
        reader = self.reader
        search = HybridSearch(
            self.places,
            reader,
            self.embedder,
            SearchOptions(chosen.k, chosen.dense_weight, chosen.candidates, chosen.exact_below),
            self._heal,
        )
        self._closing.callback(search.close)
        return search

    def _heal(self, damage: ArchiveDamaged) -> None:
        from retrieval.indexing import heal

        heal(self.places, damage)

    @cached_property
    def answerer(self) -> Answerer:
        """Answers without a model."""
        from bot.answering.answerer import Answerer, AnswerOptions
        from bot.answering.candidates import load_weights
        from bot.answering.extractive import load_limits

        chosen = self.settings.answers
        return Answerer(
            self.search,
            self.reader,
            self.embedder,
            AnswerOptions(
                chosen.max_statements, chosen.max_question_chars, load_weights(), load_limits()
            ),
        )

    @cached_property
    def chain(self) -> Runnable[Request, Event]:
        """Answers as they come, for fronts that show them meanwhile."""
        from bot.answering.chain import answer_chain

        return answer_chain(self.answerer)

    def indexer(self, by: str = "cli") -> Indexer:
        """What takes articles in; ``by`` goes to the audit."""
        from retrieval.indexing import Indexer
        from retrieval.reading import load_rules

        chosen = self.settings.indexing
        return Indexer(
            self.places,
            self.embedder,
            load_rules(self.cleaning_rules),
            limit_bytes=chosen.max_file_mb * 1_000_000,
            passage_chars=chosen.passage_chars,
            window_chars=chosen.window_chars,
            keep_generations=chosen.keep_generations,
            by=by,
        )

    @property
    def cleaning_rules(self) -> Path:
        """The rules of cleaning: the administrator's own beside the archive, else ours."""
        from config.data import path

        own = self.settings.home / "cleaning.toml"
        return own if own.is_file() else path("cleaning.toml")
