"""``kiosque chat``: questions that follow on from one another."""

from __future__ import annotations

import asyncio
import sys
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated
from uuid import uuid4

import typer

from bot.answering.notices import Since, nearest
from bot.answering.request import Request
from bot.cli import failures
from bot.cli.chat_lines import PipedLines, TypedLines
from bot.cli.chat_talk import TalkToPeople, TalkToPrograms
from bot.cli.history import History
from bot.cli.invocation import Invocation, opened
from bot.cli.streaming import watched
from bot.cli.translated import command, typer_app
from bot.memory.conversation import (
    Command,
    Conversation,
    Ended,
    Exchange,
    Order,
    Unknown,
    continued,
    meaning,
    still_quoted,
)
from bot.messages.wording import answer_text
from retrieval.errors import BadQuestion, BadUse, KiosqueError, NotFound, StorageFull
from retrieval.vocabulary import Citation, State

if TYPE_CHECKING:
    from bot.app import Kiosque
    from bot.cli.chat_lines import Lines
    from bot.cli.chat_talk import Talk
    from bot.memory.conversation import Cited, Kept

_SHOWN_CHARS = 60


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
    talk = TalkToPrograms(invocation.texts) if as_json else TalkToPeople(invocation.texts)
    with opened(invocation) as (parts, bars), asyncio.Runner() as runner:
        # What is missing is better said, and what is slow done, before the first question.
        _ = parts.pipeline
        bars.stop()
        examiner = parts.examiner
        with examiner.in_background() if examiner else nullcontext():
            Chat(invocation, parts, runner, talk, kept=not as_json).run()


class Chat:
    """One run of ``kiosque chat``.

    Args:
        invocation: the language, and what an unexpected error must not tell.
        app: answers.
        runner: runs the answers; an interruption stops the one that is being written.
        talk: says them.
        kept: whether the history is read and written.
    """

    def __init__(
        self,
        invocation: Invocation,
        app: Kiosque,
        runner: asyncio.Runner,
        talk: Talk,
        *,
        kept: bool,
    ) -> None:
        self._invocation = invocation
        self._app = app
        self._runner = runner
        self._talk = talk
        self._typed = sys.stdin.isatty()
        self._kept = kept
        keep = timedelta(days=app.settings.answers.keep_days)
        self._history = History(app.settings.home / "chat", keep)
        self._conversation = _new()
        self._lines: Lines = PipedLines()

    def run(self) -> None:
        """Read and answer until the end, or until somebody leaves."""
        self._begin()
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
                self._talk.failed(failures.explained(error, self._invocation.texts))
            except Exception as error:
                self._talk.failed(self._invocation.unexpected(error))

    def _begin(self) -> None:
        """Take up what is kept, and say so."""
        kept: tuple[Kept, ...] = ()
        if self._kept:
            try:
                kept = self._history.load(_now())
            except StorageFull as error:
                self._history_failed(error)
        if self._typed:
            self._lines = TypedLines(one.question for one in kept if isinstance(one, Exchange))
        going_on = continued(kept, _now())
        if going_on is not None:
            self._conversation = going_on
            question = _shortened(going_on.exchanges[-1].question)
            question = self._invocation.texts.text("quote.marks", text=question)
            self._talk.aside("chat.continued", question=question)
        elif self._typed:
            self._talk.aside("chat.hello")

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
        meant = meaning(line)
        if isinstance(meant, Unknown):
            raise _unknown(meant)
        if isinstance(meant, Order):
            return self._obeyed(meant)
        if meant is not None:
            self._answer(meant)
        elif not self._kept:  # a program waits for a value
            raise BadQuestion("question_empty")
        return False

    def _answer(self, question: str) -> None:
        asked_at = _now()
        turns = self._conversation.turns(self._app.settings.answers.turns)
        request = Request(question, self._app.today(), turns)
        answer = self._runner.run(watched(self._app.pipeline.events(request), self._talk.view()))
        self._talk.answered(answer)
        text = answer_text(self._invocation.texts, answer)
        self._conversation = self._conversation.followed_by(question, answer, text, asked_at)
        self._keep(self._conversation.exchanges[-1])

    def _obeyed(self, order: Order) -> bool:
        match order.command:
            case Command.QUIT:
                return True
            case Command.NEW:
                self._start_anew()
            case Command.FORGET:
                self._history.forget()
                self._lines.forget()
                self._conversation = _new()
                self._talk.said("forget", "chat.forgotten")
            case Command.HELP:
                self._talk.said("help", "chat.help")
            case Command.SOURCES:
                self._show_sources(order.argument)
        return False

    def _start_anew(self) -> None:
        if self._conversation.exchanges:
            self._keep(Ended(self._conversation.thread, _now()))
        self._conversation = _new()
        self._talk.said("new", "chat.new")

    def _show_sources(self, wanted: str) -> None:
        if not self._conversation.exchanges:
            return self._talk.said("sources", "chat.no_answer")
        cited = self._conversation.exchanges[-1].sources
        if not cited:
            return self._talk.said("sources", "chat.no_sources")
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

    def _since(self, cited: Cited) -> Since:
        """What became of a source that does not stand any more."""
        reader = self._app.reader
        try:
            article = reader.article(cited.article_id)
        except NotFound:
            return Since(withdrawn=True)
        if article.state is State.WITHDRAWN:
            return Since(withdrawn=True, reason=reader.known_as(article.id).note.reason)
        quote = (reader.text_then(article.id, cited.digest) or "")[cited.start : cited.end]
        passages = [passage.text for passage in reader.passages_of(article.id)]
        now = passages[nearest(quote, passages)] if quote and passages else ""
        return Since(withdrawn=False, before=quote, now=now)

    def _keep(self, kept: Kept) -> None:
        """Write to the history; without it, the conversation goes on."""
        if self._kept:
            try:
                self._history.append(kept)
            except StorageFull as error:
                self._history_failed(error)

    def _history_failed(self, error: StorageFull) -> None:
        self._kept = False
        self._talk.failed(failures.explained(error, self._invocation.texts))


def _new() -> Conversation:
    return Conversation(uuid4().hex)


def _now() -> datetime:
    return datetime.now(UTC)


def _shortened(question: str) -> str:
    if len(question) <= _SHOWN_CHARS:
        return question
    return question[:_SHOWN_CHARS].rpartition(" ")[0] + "…"


def _unknown(command: Unknown) -> BadUse:
    name = command.name[:_SHOWN_CHARS]
    if command.nearest is None:
        return BadUse("unknown_chat_command", name=name)
    return BadUse("unknown_chat_command_near", name=name, nearest=command.nearest)
