"""The composition root: settings in, the parts of Kiosque out, joined and closed in order.

Each part is opened when it is first used, since a command needs few of them; what was
opened is closed in reverse, whatever happens.
"""

from __future__ import annotations

import time
from contextlib import ExitStack, contextmanager, suppress
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Self

from retrieval.index.generations import Places

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from bot.answering.chain import Chain
    from bot.answering.model.endpoint import ChatEndpoint
    from bot.answering.pipeline import Pipeline
    from bot.answering.trust import Examiner, Mode
    from bot.answering.writing import Writer
    from config.settings import Settings
    from retrieval.archive.reader import ArchiveReader
    from retrieval.archive.rows import Known
    from retrieval.change import Editor, Indexer, Options
    from retrieval.embedding.embedder import Embedder, Progress
    from retrieval.errors import IndexDamaged
    from retrieval.reading import CleaningRules, Limits
    from retrieval.reranker import Reader
    from retrieval.search import HybridSearch
    from retrieval.web.feeds import KnownPages
    from retrieval.web.pages import WebReader

_EXAMINED_BESIDE = 2
"""Items of a model's test asked at a time, while the model may have questions to answer."""


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
            self.judge,
        )
        self._closing.callback(search.close)
        return search

    @cached_property
    def judge(self) -> Reader:
        """Reads what search finds; it goes on loading in the background."""
        from retrieval.reranker import Reader

        judge = Reader(self.settings.home, threads=self.settings.embedding.threads)
        judge.warm()
        return judge

    def _heal(self, damage: IndexDamaged) -> None:
        from retrieval.change import heal

        heal(self.places, damage)

    @cached_property
    def pipeline(self) -> Pipeline:
        """From a question to its answer, with the model where one is set.

        Raises:
            BadSettings: the settings of the model are incomplete.
        """
        from bot.answering.evidence import Finder
        from bot.answering.picking import load_limits
        from bot.answering.pipeline import AnswerOptions, Pipeline

        chosen = self.settings.answers
        return Pipeline(
            Finder(self.search),
            self.reader,
            AnswerOptions(
                chosen.max_statements, chosen.max_written, chosen.max_question_chars, load_limits()
            ),
            self.writer,
            self._mode,
        )

    @cached_property
    def chain(self) -> Chain:
        """The pipeline as a LangChain Runnable."""
        from bot.answering.chain import answer_chain

        return answer_chain(self.pipeline)

    @cached_property
    def writer(self) -> Writer | None:
        """What has the model write; None when no endpoint is set, or it is not to be used."""
        from bot.answering.verifying import Verifier
        from bot.answering.writing import Writer, WritingOptions

        chosen = self.settings.llm
        model, verifying = self.chat_model, self.verifier_endpoint
        if chosen.trust == "off" or model is None or verifying is None:
            return None
        options = WritingOptions(chosen.max_tokens, chosen.context_tokens, chosen.timeout_s)
        # Of the same endpoint, a verdict may have to wait until answers are written.
        patience = chosen.timeout_s if verifying is model else chosen.verifier.timeout_s
        return Writer(model, Verifier(verifying, patience), options)

    def _mode(self) -> tuple[Mode, str | None]:
        """What the model may do, and the key of what a reader should know of that."""
        from bot.answering.trust import Mode

        examiner = self.examiner
        return (Mode.OFF, None) if examiner is None else (examiner.mode, examiner.notice)

    @cached_property
    def chat_model(self) -> ChatEndpoint | None:
        """The model that writes the answers; None when no endpoint is set.

        Raises:
            BadSettings: no model is named, or the address or the key cannot be one.
        """
        from retrieval.errors import BadSettings

        endpoint = self.chat_endpoint
        if endpoint is not None and not endpoint.name:
            raise BadSettings("llm_model_unnamed", host=endpoint.host)
        return endpoint

    @cached_property
    def chat_endpoint(self) -> ChatEndpoint | None:
        """The endpoint of the model that writes the answers, even when no model is named.

        Raises:
            BadSettings: the address or the key cannot be one.
        """
        chosen = self.settings.llm
        if not chosen.base_url:
            return None
        key = chosen.api_key.get_secret_value() or None
        return self._endpoint(chosen.base_url, chosen.model, key, chosen.timeout_s)

    def _endpoint(
        self, base_url: str, model: str, api_key: str | None, timeout_s: float
    ) -> ChatEndpoint:
        from bot.answering.model.endpoint import ChatEndpoint
        from bot.answering.model.protocol import ModelChoice

        chosen = self.settings.llm
        choice = ModelChoice(base_url, model, api_key, timeout_s, chosen.parallel, chosen.retries)
        return ChatEndpoint(choice)

    @cached_property
    def verifier_endpoint(self) -> ChatEndpoint | None:
        """The endpoint of the model that verifies; None when no endpoint is set.

        The writer's own, with its places for answers at a time, unless another is named. One of
        its own is given its own key, never the writer's.

        Raises:
            BadSettings: the address or the key cannot be one.
        """
        chosen, writing = self.settings.llm.verifier, self.settings.llm
        if not (chosen.base_url or chosen.model):
            return self.chat_endpoint
        if not writing.base_url:
            return None
        key = chosen.api_key if chosen.base_url else writing.api_key
        return self._endpoint(
            chosen.base_url or writing.base_url,
            chosen.model or writing.model,
            key.get_secret_value() or None,
            chosen.timeout_s,
        )

    @cached_property
    def examiner(self) -> Examiner | None:
        """What gives the model's mode, and puts its test to it; None when no endpoint is set.

        Raises:
            BadSettings: the settings of the model are incomplete.
        """
        return self.new_examiner(_EXAMINED_BESIDE)

    def new_examiner(self, parallel: int) -> Examiner | None:
        """The same, asking so many items of the test at a time."""
        from bot.answering.exam import Examination
        from bot.answering.picking import load_limits as load_picking_limits
        from bot.answering.trust import Examinee, Examiner, TrustStore, load_limits

        model, verifier, chosen = self.chat_model, self.verifier_endpoint, self.settings.llm
        if model is None or verifier is None:
            return None
        limits = load_limits()
        examination = Examination(
            model,
            verifier,
            self.judge,
            sure=load_picking_limits().sure,
            parallel=min(parallel, chosen.parallel),
            timeout_s=chosen.timeout_s,
        )
        examinee = Examinee(model.host, model.name, verifier.host, verifier.name)
        store = TrustStore(self.settings.home / "trust.json")
        return Examiner(chosen.trust, examinee, store, examination, limits)

    def indexer(self, by: str = "cli") -> Indexer:
        """What takes articles in; ``by`` goes to the audit."""
        from retrieval.change import Indexer

        return Indexer(self.places, self.embedder, self.cleaning_rules, self.options(by))

    def editor(self, by: str) -> Editor:
        """What corrects and withdraws articles, and takes changes back."""
        from retrieval.change import Editor

        rules = self.cleaning_rules
        return Editor(self.places, lambda: self.embedder, rules, self.options(by))

    def options(self, by: str) -> Options:
        """How changes are made, and by whom."""
        from retrieval.change import Options, Retention

        chosen = self.settings.indexing
        return Options(
            chosen.max_file_mb * 1_000_000,
            chosen.passage_chars,
            chosen.window_chars,
            chosen.keep_generations,
            Retention(chosen.keep_changes, chosen.keep_days),
            by,
            self.reading_limits,
            chosen.near_duplicates == "link",
            self.settings.reading.timezone,
        )

    @property
    def reading_limits(self) -> Limits:
        """What reading one source may cost."""
        from retrieval.reading import Limits

        chosen = self.settings.indexing
        admit = self.settings.reading.admit
        return Limits(chosen.max_pages, chosen.read_timeout_s, chosen.read_memory_mb, admit)

    @contextmanager
    def web_reader(self) -> Iterator[WebReader]:
        """What fetches pages and feeds, for one run; its parser ends with it."""
        from bot.web_sources import web_reader
        from retrieval.reading import Clock

        rules, limits = self.cleaning_rules, self.reading_limits
        clock = Clock.at(time.time(), self.settings.reading.timezone)
        with web_reader(self.settings.fetch, rules, limits, clock) as made:
            yield made

    @property
    def watch_memory(self) -> Path:
        """Where it is kept what became of the feeds and folders that are followed."""
        return self.settings.home / "watch.db"

    def identity(self) -> str:
        """What tells the archive apart; ``""`` when there is none yet.

        Raises:
            ArchiveDamaged: it cannot be read.
        """
        from retrieval.archive.reader import ArchiveReader
        from retrieval.errors import ArchiveMissing

        # Whoever made it may have been killed before anything was in it: that is none, too.
        with suppress(ArchiveMissing), ArchiveReader(self.places.archive) as reader:
            return reader.identity()  # not that of one that was opened long ago
        return ""

    def known_pages(self) -> KnownPages:
        """The pages that the archive has; none when there is no archive yet."""
        from retrieval.archive.reader import ArchiveReader
        from retrieval.errors import ArchiveMissing
        from retrieval.web.feeds import KnownPages

        def known() -> dict[str, Known]:
            with suppress(ArchiveMissing), ArchiveReader(self.places.archive) as reader:
                return reader.known()
            return {}

        return KnownPages(known)

    @property
    def cleaning_rules(self) -> CleaningRules:
        """The rules of cleaning: ours, or the administrator's own beside the archive.

        Raises:
            BadSettings: a rule is not well formed.
        """
        from config.data import path
        from retrieval.reading import load_rules

        own, builtin = self.settings.home / "cleaning.toml", path("reading/cleaning.toml")
        return load_rules(own, builtin) if own.is_file() else load_rules(builtin)
