"""The one composition: settings in, the parts of Kiosque out, joined, and closed in reverse.

Every front is built by it: the command line and its child processes, Telegram, the evaluation.
A part is opened at its first use, since a command needs few of them. What can be wrong with the
settings is checked before anything is loaded.
"""

from __future__ import annotations

from contextlib import ExitStack, aclosing
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Self

from bot import options
from retrieval.errors import BadSettings
from retrieval.index.generations import Places
from retrieval.text.file_names import is_utf8

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from bot.answering.chain import Chain
    from bot.answering.following import SubjectSearch
    from bot.answering.model.endpoint import ChatEndpoint
    from bot.answering.pipeline import Pipeline
    from bot.answering.quotation.suggestions import QuoteSuggestions
    from bot.answering.request import Event, Request
    from bot.answering.task_reports import Tasks
    from bot.answering.trust import Examiner, Mode
    from bot.answering.writing import Writer
    from config.settings import Settings
    from retrieval.archive.reader import ArchiveReader
    from retrieval.change import Editor, Indexer
    from retrieval.embedding.embedder import Embedder, Progress
    from retrieval.errors import IndexDamaged
    from retrieval.reranker import Reader
    from retrieval.search import HybridSearch
    from retrieval.vocabulary import Answer

_EXAMINED_BESIDE = 2
"""Items of a model's test asked at a time, while the model may have questions to answer."""


@dataclass(frozen=True, eq=False)
class Models:
    """The networks of a home; several archives may be searched with the same.

    Each is opened at its first use, and goes on loading in the background.

    Args:
        settings: which embedding model, and where the built-in ones are made.
        converting: called with the steps of the built-in model's first conversion.
    """

    settings: Settings
    converting: Progress | None = None
    _opened: ExitStack = field(default_factory=ExitStack, init=False, repr=False)

    @cached_property
    def embedder(self) -> Embedder:
        """The embedding model.

        Raises:
            ModelUnavailable: it cannot be made or found.
        """
        from retrieval.embedding import open_embedder

        choice = options.embedding_choice(self.settings)
        embedder = open_embedder(choice, self.settings.home, self.converting)
        self._opened.callback(embedder.close)
        embedder.warm()
        return embedder

    @cached_property
    def reader(self) -> Reader:
        """The cross-encoder that reads what search finds."""
        from retrieval.reranker import Reader

        reader = Reader(self.settings.home, threads=self.settings.embedding.threads)
        self._opened.callback(reader.close)
        reader.warm()
        return reader

    def close(self) -> None:
        """Close what was opened."""
        self._opened.close()


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The endpoints of the chat models; both are None when none is set.

    Nothing has to be closed: each answer has its own connections, which end with it.

    Args:
        writer: of the model that writes the answers; its name may be missing.
        verifier: of the model that verifies; the writer's own, with its places for answers at
            a time, unless another is set.
    """

    writer: ChatEndpoint | None = None
    verifier: ChatEndpoint | None = None

    def named(self) -> tuple[ChatEndpoint, ChatEndpoint] | None:
        """Both endpoints; None when none is set.

        Raises:
            BadSettings: the writer's endpoint is set, but no model.
        """
        if self.writer is None or self.verifier is None:
            return None
        if not self.writer.name:
            raise BadSettings("llm_model_unnamed", host=self.writer.host)
        return self.writer, self.verifier


@dataclass(frozen=True, slots=True)
class Answering:
    """From questions to answers.

    Args:
        pipeline: the stages, joined by us.
        chain: the same, joined by LangChain; None without a model.
        examiner: gives the model's mode, and puts its test to it; None without a model.
    """

    pipeline: Pipeline
    chain: Chain | None
    examiner: Examiner | None

    async def events(self, request: Request) -> AsyncGenerator[Event, None]:
        """What happens while a question is answered; the last event holds the answer.

        All fronts come this way. A model is asked through LangChain; without one, its import,
        most of a second of a cold command, is spared. Both give the same events.

        Raises:
            BadQuestion: it is empty or too long.
            KiosqueError: the archive or the embedding model cannot be used.
        """
        joined = self.pipeline.events if self.chain is None else self.chain.astream
        async with aclosing(joined(request)) as events:  # type: ignore[type-var] # both are generators
            async for event in events:
                yield event

    async def answer(self, request: Request) -> Answer:
        """The whole answer; raises as `events`."""
        from bot.answering.request import Finished

        async for event in self.events(request):
            if isinstance(event, Finished):
                return event.answer
        raise RuntimeError("the pipeline ended without an answer")


@dataclass(frozen=True, eq=False)
class Kiosque:
    """The parts of Kiosque for one set of settings, closed together at the end of the block.

    Args:
        settings: what is set.
        today: gives the day on which questions are asked.
        converting: called with the steps of the embedding model's first conversion.
        shared: models of another Kiosque, which closes them; else this one has its own.
    """

    settings: Settings
    today: Callable[[], date] = date.today
    converting: Progress | None = None
    shared: Models | None = None
    _opened: ExitStack = field(default_factory=ExitStack, init=False, repr=False)

    def __enter__(self) -> Self:
        home = self.settings.home
        if home.exists() and not home.is_dir():
            raise BadSettings("home_not_folder", path=home)
        if not is_utf8(home):
            raise BadSettings("home_not_utf8", path=home)
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    @cached_property
    def places(self) -> Places:
        """Where the archive and its indexes are."""
        return options.places(self.settings)

    @cached_property
    def models(self) -> Models:
        """The networks."""
        if self.shared is not None:
            return self.shared
        models = Models(self.settings, self.converting)
        self._opened.callback(models.close)
        return models

    @cached_property
    def reader(self) -> ArchiveReader:
        """The archive, to read.

        Raises:
            ArchiveMissing: there is none yet.
            ArchiveDamaged: it cannot be read.
        """
        from retrieval.archive.reader import ArchiveReader

        return self._opened.enter_context(ArchiveReader(self.places.archive))

    def begin_archive(self) -> bool:
        """Make an archive without articles where there is none; whether it was made.

        Raises:
            ArchiveBusy: another process is writing.
            StorageFull: no room, or no right, to write.
        """
        from retrieval.archive.writer import ArchiveStore
        from retrieval.storage import writer_lock

        if self.places.archive.exists():
            return False
        with writer_lock(self.settings.home), ArchiveStore(self.places.archive):
            return True

    @cached_property
    def search(self) -> HybridSearch:
        """Hybrid search over the live generation; indexes found damaged are rebuilt."""
        from retrieval.search import HybridSearch

        # The archive first: without one there is no use in loading a model.
        reader, models = self.reader, self.models
        search = HybridSearch(
            self.places,
            reader,
            models.embedder,
            options.search_options(self.settings),
            self._heal,
            models.reader,
        )
        self._opened.callback(search.close)
        return search

    def _heal(self, damage: IndexDamaged) -> None:
        from retrieval.change import heal  # a question need not load what changes the archive

        heal(self.places, damage)

    @cached_property
    def endpoints(self) -> Endpoints:
        """The endpoints of the chat models.

        Raises:
            BadSettings: an address or a key cannot be one.
        """
        writer = options.writer_choice(self.settings)
        if writer is None:
            return Endpoints()
        from bot.answering.model.endpoint import ChatEndpoint

        writing, verifier = ChatEndpoint(writer), options.verifier_choice(self.settings)
        return Endpoints(writing, writing if verifier is None else ChatEndpoint(verifier))

    @cached_property
    def answering(self) -> Answering:
        """From questions to answers, with the model where one is set.

        Raises:
            BadSettings: the settings of the model are incomplete.
            ArchiveMissing: there is no archive yet.
            ModelUnavailable: the embedding model cannot be made or found.
        """
        from bot.answering.evidence import Finder
        from bot.answering.pipeline import Pipeline

        writer = self._writer()  # what is wrong with the settings is said before anything is loaded
        finder = Finder(self.search)
        examiner = self.examiner(_EXAMINED_BESIDE)

        def mode() -> tuple[Mode, str | None]:
            from bot.answering.trust import Mode

            return (Mode.OFF, None) if examiner is None else (examiner.mode, examiner.notice)

        chosen = options.answer_options(self.settings)
        pipeline = Pipeline(finder, self.reader, chosen, writer, mode, lambda: self._tasks)
        if writer is None:
            return Answering(pipeline, None, examiner)
        from bot.answering.chain import answer_chain

        return Answering(pipeline, answer_chain(pipeline), examiner)

    @cached_property
    def _tasks(self) -> Tasks:
        """What checks texts and finds quotes, opened at the first of them."""
        from bot.answering.checking.checker import Checker
        from bot.answering.checking.claim_evidence import ClaimFinder
        from bot.answering.checking.judge import ClaimJudge
        from bot.answering.checking.verdicts import load_verdict_model
        from bot.answering.quotation.finder import QuoteFinder, load_quote_limits
        from bot.answering.task_reports import Tasks

        writer = self._writer()
        judge = None
        if writer is not None:
            judge = ClaimJudge(writer.model, writer.verifier, writer.options)
        return Tasks(
            Checker(ClaimFinder(self.search), self.reader, load_verdict_model(), judge),
            QuoteFinder(self.search, self.reader, load_quote_limits()),
        )

    def _writer(self) -> Writer | None:
        """What has the model write; None when no endpoint is set, or it is not to be used."""
        from bot.answering.verifying import Verifier
        from bot.answering.writing import Writer, WritingOptions

        chosen, endpoints = self.settings.llm, self.endpoints.named()
        if endpoints is None or chosen.trust == "off":
            return None
        model, verifying = endpoints
        limits = WritingOptions(chosen.max_tokens, chosen.context_tokens, chosen.timeout_s)
        # Of the same endpoint, a verdict may have to wait until answers are written.
        patience = chosen.timeout_s if verifying is model else chosen.verifier.timeout_s
        return Writer(model, Verifier(verifying, patience), limits)

    @cached_property
    def subjects(self) -> SubjectSearch:
        """Finds what is new for followed subjects; no model is asked.

        Raises:
            ArchiveMissing: there is no archive yet.
            ModelUnavailable: the embedding model cannot be made or found.
        """
        from bot.answering.evidence import Finder
        from bot.answering.following import SubjectSearch
        from bot.answering.picking import load_limits

        return SubjectSearch(Finder(self.search), self.reader, load_limits())

    @cached_property
    def suggestions(self) -> QuoteSuggestions:
        """Suggests sentences to cite for words that somebody types; no model is asked.

        Raises:
            ArchiveMissing: there is no archive yet.
            ModelUnavailable: the embedding model cannot be made or found.
        """
        from bot.answering.evidence import Finder
        from bot.answering.picking import load_limits
        from bot.answering.quotation.finder import QuoteFinder, load_quote_limits
        from bot.answering.quotation.suggestions import QuoteSuggestions

        quotes = QuoteFinder(self.search, self.reader, load_quote_limits())
        return QuoteSuggestions(Finder(self.search), quotes, self.reader, load_limits())

    def examiner(self, parallel: int) -> Examiner | None:
        """What gives the model's mode, and puts its test to it; None when no endpoint is set.

        Args:
            parallel: items of the test asked at a time, at most.

        Raises:
            BadSettings: the settings of the model are incomplete.
        """
        from bot.answering.exam import Examination
        from bot.answering.picking import load_limits as load_picking_limits
        from bot.answering.trust import Examinee, Examiner, TrustStore, load_limits

        chosen, endpoints = self.settings.llm, self.endpoints.named()
        if endpoints is None:
            return None
        model, verifier = endpoints
        examination = Examination(
            model,
            verifier,
            self.models.reader,
            sure=load_picking_limits().sure,
            parallel=min(parallel, chosen.parallel),
            timeout_s=chosen.timeout_s,
        )
        examinee = Examinee(model.host, model.name, verifier.host, verifier.name)
        store = TrustStore(self.settings.home / "trust.json")
        return Examiner(chosen.trust, examinee, store, examination, load_limits())

    def indexer(self, by: str = "cli") -> Indexer:
        """What takes articles into the archive; ``by`` names the author in the history."""
        from retrieval.change import Indexer

        rules = options.cleaning_rules(self.settings.home)
        chosen = options.change_options(self.settings, by)
        return Indexer(self.places, self.models.embedder, rules, chosen)

    def editor(self, by: str) -> Editor:
        """What corrects and withdraws articles, and takes changes back."""
        from retrieval.change import Editor

        rules = options.cleaning_rules(self.settings.home)
        chosen = options.change_options(self.settings, by)
        return Editor(self.places, lambda: self.models.embedder, rules, chosen)
