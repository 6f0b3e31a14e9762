"""``kiosque chat``: a conversation in a terminal, and what is stored of it."""

from __future__ import annotations

import asyncio
import difflib
import secrets
import sys
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from bot.answering.intents import Intent
from bot.answering.notices import Since, nearest
from bot.answering.request import Request
from bot.answering.tasks import worded
from bot.cli.chat_console import PipedLines, TalkToPeople, TalkToPrograms, TypedLines
from bot.cli.invocation import Invocation, opened
from bot.cli.output import harmless
from bot.cli.streaming import watched
from bot.cli.translated import command, typer_app
from bot.desk.errata import changed_in_terminal
from bot.memory.conversation import (
    MAX_EXCHANGES,
    Conversation,
    goes_on,
    in_a_terminal,
    reason_of,
    sources_of,
    still_quoted,
)
from bot.memory.errata import ErratumStore
from bot.memory.history import has_memory, open_memory
from bot.memory.reports import ReportMemory
from bot.memory.store import FILE_NAME, Store
from bot.memory.values import TERMINAL, PendingQuestion, StoredAnswer
from bot.messages.answers import answer_text, shortened
from bot.messages.errors import explained
from config import data
from retrieval.errors import BadQuestion, BadUse, KiosqueError, StorageFull
from retrieval.text.analysis import fold
from retrieval.vocabulary import Citation, State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from bot.app import Kiosque
    from bot.cli.chat_console import Talk
    from bot.desk.errata import CitedArticle
    from bot.memory.values import StoredSource
    from retrieval.archive.reader import ArchiveReader
    from retrieval.vocabulary import Answer

_SHOWN_CHARS = 60
_RECALLED = 200


class ChatCommand(StrEnum):
    """What a line that begins with ``/`` asks for."""

    NEW = "new"
    SOURCES = "sources"
    CHRONO = "chrono"
    CHECK = "check"
    QUOTE = "quote"
    FORGET = "forget"
    HELP = "help"
    QUIT = "quit"


_COMMANDS = {
    name: ChatCommand(command)
    for command, names in data.load("commands.toml").items()
    for name in names
}


@dataclass(frozen=True, slots=True)
class TypedCommand:
    """A command, and what was typed after it."""

    command: ChatCommand
    argument: str = ""


@dataclass(frozen=True, slots=True)
class UnknownCommand:
    """A command that does not exist, and the nearest that does, if one is near."""

    name: str
    nearest: str | None


def parse_line(line: str) -> TypedCommand | UnknownCommand | str | None:
    """What a line means: a command, a question, or None when it is empty."""
    text = "".join(c if c.isprintable() else " " for c in line).strip()
    if not text.startswith("/"):
        return text or None
    typed, _, argument = text[1:].partition(" ")
    name = fold(typed)
    if name in _COMMANDS:
        return TypedCommand(_COMMANDS[name], argument.strip())
    near = difflib.get_close_matches(name[:40], _COMMANDS, n=1)
    return UnknownCommand(typed, near[0] if near else None)


class ChatMemory:
    """The memory of a chat, opened when something is stored.

    A fault of it is reported once; after that nothing is stored, and the chat goes on.

    Args:
        home: the folder of Kiosque.
        days: how long answers are stored; nothing is at 0.
        enabled: whether anything is read or stored at all.
        on_fault: reports a fault.
    """

    def __init__(
        self, home: Path, days: int, on_fault: Callable[[KiosqueError], None], *, enabled: bool
    ) -> None:
        self._home = home
        self._days = days
        self._enabled = enabled
        self._on_fault = on_fault
        self._store: Store | None = None

    def close(self) -> None:
        """Close the file."""
        if self._store is not None:
            self._store.close()
            self._store = None

    def last(self) -> tuple[Conversation | None, tuple[str, ...]]:
        """The conversation that goes on, if one does, and the last questions, oldest first."""
        going_on: Conversation | None = None
        questions: tuple[str, ...] = ()
        if self._enabled and has_memory(self._home):
            with self._guarded():
                store = self._opened()
                exchanges = store.newest(TERMINAL, MAX_EXCHANGES)
                questions = tuple(store.questions(TERMINAL, _RECALLED))
                if goes_on(exchanges, _now()):
                    sources = tuple(store.sources(exchanges[-1].id))
                    going_on = Conversation(exchanges[-1].place, tuple(exchanges), sources)
        return going_on, questions

    def changed(self, reader: ArchiveReader) -> list[CitedArticle]:
        """The articles that earlier answers quote otherwise than they are now, each said once."""
        if self._enabled and has_memory(self._home):
            with self._guarded():
                store = self._opened()
                return changed_in_terminal(ErratumStore(store), ReportMemory(store), reader)
        return []

    @contextmanager
    def asking(self, conversation: Conversation, question: str) -> Iterator[int]:
        """Mark a question as being answered; its number, or 0 when nothing is stored."""
        number = 0
        if self._enabled and self._days:
            with self._guarded():
                number = secrets.randbits(53) + 1
                asked = PendingQuestion(conversation.place, number, _now(), question)
                self._opened().add_pending(asked)
        try:
            yield number
        finally:
            if number and self._enabled:
                with self._guarded():
                    self._opened().remove_pending(TERMINAL, number)

    def store(self, answer: StoredAnswer, sources: Sequence[StoredSource]) -> None:
        """Store an answer, unless its question was forgotten meanwhile."""
        if self._enabled and answer.asked:
            with self._guarded():
                self._opened().add_answer(answer, sources)

    def end(self, conversation: Conversation) -> None:
        """Note that a conversation does not go on."""
        if self._enabled and self._days and conversation.exchanges:
            with self._guarded():
                self._opened().end_conversation(conversation.place)

    def forget(self) -> None:
        """Delete all that terminals left.

        Raises:
            KiosqueError: it cannot be deleted.
        """
        if has_memory(self._home):
            self._opened().forget(TERMINAL)

    def _opened(self) -> Store:
        if self._store is None:
            self._store = open_memory(self._home, self._days)
        return self._store

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            yield
        except KiosqueError as error:
            self._enabled = False
            self._on_fault(error)


app = typer_app()


@command(app, "chat")
def chat(
    ctx: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="help.chat.json")] = False,
) -> None:
    """Answer questions, one a line, until there are no more.

    Raises:
        KiosqueError: the settings, the archive or the embedding model cannot be used.
    """
    invocation: Invocation = ctx.obj
    if hasattr(sys.stdin, "reconfigure"):
        sys.stdin.reconfigure(errors="replace")
    with opened(invocation) as (parts, bars), asyncio.Runner() as runner:
        texts, model = invocation.texts, parts.settings.llm.model
        talk = TalkToPrograms(texts, model) if as_json else TalkToPeople(texts)
        # What is missing is better reported, and what is slow done, before the first question.
        examiner = parts.answering.examiner
        bars.stop()
        with examiner.in_background() if examiner else nullcontext():
            session = ChatSession(invocation, parts, runner, talk, stored=not as_json)
            session.run()


class ChatSession:
    """One run of ``kiosque chat``.

    Args:
        invocation: the language, and what an unexpected error must not tell.
        app: answers.
        runner: runs the answers; an interruption stops the one that is being written.
        talk: shows them.
        stored: whether the memory is read and written.
    """

    def __init__(
        self,
        invocation: Invocation,
        app: Kiosque,
        runner: asyncio.Runner,
        talk: Talk,
        *,
        stored: bool,
    ) -> None:
        self._invocation = invocation
        self._app = app
        self._runner = runner
        self._talk = talk
        self._typed = sys.stdin.isatty()
        self._stored = stored
        settings = app.settings
        self._memory = ChatMemory(
            settings.home, settings.answers.keep_days, self._memory_failed, enabled=stored
        )
        self._conversation = in_a_terminal()
        self._lines = PipedLines()

    def run(self) -> None:
        """Read and answer until the end, or until somebody leaves."""
        try:
            self._run()
        finally:
            self._memory.close()

    def _run(self) -> None:
        self._begin()
        self._tell_changes()
        while (line := self._next()) is not None:
            try:
                if self._left(line):
                    return
            except KeyboardInterrupt:
                if not self._typed:
                    raise
                self._talk.aside("chat.stopped")
            except BrokenPipeError:
                raise
            except KiosqueError as error:
                self._talk.failed(explained(error, self._invocation.texts))
            except Exception as error:
                self._talk.failed(self._invocation.unexpected(error))

    def _begin(self) -> None:
        """Continue the last conversation when it is recent, and say so."""
        own, texts = self._app.settings.answers.disclosure, self._invocation.texts
        disclosure = own or texts.text("chat.disclosure")
        going_on, questions = self._memory.last()
        if self._typed:
            self._lines = TypedLines(questions)
        if going_on is not None:
            self._conversation = going_on
            question = shortened(going_on.exchanges[-1].question, _SHOWN_CHARS)
            question = texts.text("quote.marks", text=question)
            self._talk.aside("chat.continued", disclosure=disclosure, question=question)
        elif self._typed:
            self._talk.aside("chat.hello", disclosure=disclosure)

    def _tell_changes(self) -> None:
        for one in self._memory.changed(self._app.reader):
            self._talk.aside("erratum.in_chat", title=harmless(one.title), id=one.id)

    def _next(self) -> str | None:
        """The next line; Ctrl-C twice at an empty prompt is the end."""
        try:
            return self._lines.read()
        except KeyboardInterrupt:
            if not self._typed:
                raise
        self._talk.aside("chat.leave")
        try:
            return self._lines.read()
        except KeyboardInterrupt:
            return None

    def _left(self, line: str) -> bool:
        """Obey or answer a line; whether the conversation is over.

        Raises:
            KiosqueError: it could not be done.
        """
        meant = parse_line(line)
        if isinstance(meant, UnknownCommand):
            raise _unknown(meant)
        if isinstance(meant, TypedCommand):
            return self._obeyed(meant)
        if meant is not None:
            self._answer(meant)
        elif not self._stored:  # a program waits for a value
            raise BadQuestion("question_empty")
        return False

    def _answer(self, question: str, *, chronology: bool = False) -> None:
        turns = self._conversation.turns(self._app.settings.answers.turns)
        before = () if chronology else turns  # it names its subject itself
        request = Request(question, self._app.today(), before, chronology=chronology)
        asked_at = _now()
        with self._memory.asking(self._conversation, question) as number:
            events = self._app.answering.events(request)
            answer = self._runner.run(watched(events, self._talk.view()))
            self._talk.answered(answer)
            exchange = self._exchange(question, answer, asked_at, number)
            sources = sources_of(answer)
            self._conversation = self._conversation.followed_by(exchange, sources)
            self._memory.store(exchange, sources)

    def _exchange(self, question: str, answer: Answer, at: datetime, number: int) -> StoredAnswer:
        texts, place = self._invocation.texts, self._conversation.place
        text, status = answer_text(texts, answer), answer.status.value
        reason = reason_of(answer)
        return StoredAnswer(
            0, place, at, texts.language, question, status, text, number, reason=reason
        )

    def _obeyed(self, order: TypedCommand) -> bool:
        match order.command:
            case ChatCommand.QUIT:
                return True
            case ChatCommand.NEW:
                self._start_anew()
            case ChatCommand.FORGET:
                self._memory.forget()
                self._lines.forget()
                self._conversation = in_a_terminal()
                self._talk.result("forget", "chat.forgotten")
            case ChatCommand.HELP:
                self._talk.result("help", "chat.help")
            case ChatCommand.SOURCES:
                self._show_sources(order.argument)
            case ChatCommand.CHRONO if order.argument:
                texts = self._invocation.texts
                question = texts.text("dossier.question", subject=order.argument)
                self._answer(question, chronology=True)
            case ChatCommand.CHECK | ChatCommand.QUOTE if order.argument:
                intent = Intent.CLAIM if order.command is ChatCommand.CHECK else Intent.QUOTE
                self._answer(worded(intent, order.argument, self._invocation.texts.language))
            case ChatCommand.CHRONO | ChatCommand.CHECK | ChatCommand.QUOTE:
                self._talk.result(order.command.value, f"chat.{order.command.value}_how")
        return False

    def _start_anew(self) -> None:
        self._memory.end(self._conversation)
        self._conversation = in_a_terminal()
        self._talk.result("new", "chat.new")

    def _show_sources(self, wanted: str) -> None:
        if not self._conversation.exchanges:
            return self._talk.result("sources", "chat.no_answer")
        cited = self._conversation.sources
        if not cited:
            return self._talk.result("sources", "chat.no_sources")
        if wanted:
            cited = tuple(one for one in cited if str(one.number) == wanted.strip("[]"))
        if not cited:
            raise BadUse("unknown_source", number=wanted)
        articles = self._app.reader.articles_of([one.article_id for one in cited])
        found = [(one, still_quoted(one, articles) or self._since(one)) for one in cited]
        citation = found[0][1]
        if wanted and isinstance(citation, Citation):
            return self._talk.whole(citation)
        return self._talk.sources(found)

    def _since(self, source: StoredSource) -> Since:
        """What became of a source that does not stand any more."""
        reader = self._app.reader
        found = reader.article_cited(source.article_id)
        if found is None:
            return Since(withdrawn=True)
        article, reason = found
        if article.state is State.WITHDRAWN:
            return Since(withdrawn=True, reason=reason)
        quote = source.quote
        passages = [passage.text for passage in reader.passages_of(article.id)]
        now = passages[nearest(quote, passages)] if quote and passages else ""
        return Since(withdrawn=False, before=quote, now=now)

    def _memory_failed(self, error: KiosqueError) -> None:
        texts, home = self._invocation.texts, self._app.settings.home
        detail = explained(error, texts).message
        failed = StorageFull("history_failed", path=home / FILE_NAME, detail=detail)
        self._talk.failed(explained(failed, texts))


def _now() -> datetime:
    return datetime.now(UTC)


def _unknown(command: UnknownCommand) -> BadUse:
    name = command.name[:_SHOWN_CHARS]
    if command.nearest is None:
        return BadUse("unknown_chat_command", name=name)
    return BadUse("unknown_chat_command_near", name=name, nearest=command.nearest)
