"""Parsing: from the bytes of a form to its pieces.

The libraries that read hostile bytes may crash, hang or take all memory. `parse` calls them; the
`Sandbox` runs it in a bounded process.

A parser of one article takes bytes. A parser of a collection (an export, a mailbox) takes an
open file and gives its articles one by one, so that memory holds one of them.
"""

from __future__ import annotations

import io
import json
import math
import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, replace
from importlib import import_module
from pathlib import Path
from threading import Lock, Timer
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from retrieval.process import ChildProcess, Connection
from retrieval.reading.pieces import Claims, Limits, Piece, Refused
from retrieval.reading.text.decoding import opened
from retrieval.storage import Closing

try:
    import resource
except ImportError:  # Windows: the parent still bounds the time
    resource = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Generator

_WHOLE = {
    "html": "pages.webpage:parse_html",
    "beginning": "pages.webpage:parse_beginning",  # of a page whose rest is sold
    "mhtml": "pages.webpage:parse_mhtml",
    "pdf": "documents.pdf:parse_pdf",
    "docx": "documents.word:parse_docx",
    "feed": "xml.feeds:parse_feed",
    "feed_links": "pages.links:parse_feed_links",  # what a page names, to be followed
    "markdown": "documents.markdown:parse_markdown",
    "record": "records.record:parse_record",
    "foreign_sheet": "records.tables:refuse_sheet",
    "rtf": "documents.wordprocessors:parse_rtf",
    "odt": "documents.wordprocessors:parse_odt",
    "sitemap": "xml.feeds:parse_sitemap",
    "opml": "xml.feeds:parse_opml",
    "markdown_notes": "documents.footnotes:parse_markdown_notes",  # of a dossier, to verify it
    "docx_notes": "documents.footnotes:parse_docx_notes",
}
"""Forms of one article, or of a feed, and what reads their bytes; of PDF, pages are bounded."""

_COLLECTIONS: dict[str, str] = {
    "database": "databases.splitting:read_export",
    "mail": "mail.mailbox:read_mail",
    "json": "records.jsonfiles:parse_json",
    "xlsx": "records.tables:parse_xlsx",
    "wordpress": "xml.wordpress:parse_wordpress",
    "blogger": "xml.feeds:parse_blogger",
    "newsml": "xml.newsml:parse_newsml",
    "nitf": "xml.nitf:parse_nitf",
}
"""Forms of many articles: ``(file: BinaryIO) -> Iterator[Piece]``."""

COLLECTIONS = frozenset(_COLLECTIONS)
"""The forms that are streamed, whatever the size of the file; only a piece is bounded."""

PARSED = frozenset({*_WHOLE, *_COLLECTIONS})
"""The forms that a parser reads; plain text needs none."""


def parse(form: str, source: bytes | str, limits: Limits) -> Iterable[Piece]:
    """Parse in this process; only the number of pages is bounded here.

    Args:
        form: one of `PARSED`.
        source: the bytes, or the path of a file.
        limits: what it may cost.

    Raises:
        Refused: there is no article in it.
        Exception: whatever a library raises on what it does not understand.
    """
    if form in _COLLECTIONS:
        stream = cast("Callable[[BinaryIO], Iterator[Piece]]", _function(_COLLECTIONS[form]))
        return _streamed(stream, source, frozenset(limits.admit))
    raw = source if isinstance(source, bytes) else Path(source).read_bytes()
    whole = cast("Callable[..., tuple[Piece, ...]]", _function(_WHOLE[form]))
    return whole(raw, limits.pages) if form == "pdf" else whole(raw)


def _streamed(
    stream: Callable[[BinaryIO], Iterator[Piece]], source: bytes | str, admit: frozenset[str]
) -> Iterator[Piece]:
    with io.BytesIO(source) if isinstance(source, bytes) else opened(Path(source)) as file:
        yield from (_admitted(piece, admit) for piece in stream(file))


def _admitted(piece: Piece, admit: frozenset[str]) -> Piece:
    """A piece that is left out only for its kind, if that kind is taken in; else without text."""
    if not piece.left_out or piece.left_out == "scheduled":
        return piece
    kind = piece.detail if piece.left_out == "other_kind" else piece.left_out
    if kind in admit and piece.text:
        return replace(piece, left_out="", detail="")
    return replace(piece, text="", raw="")


def _function(place: str) -> object:
    """A function of this package by ``module:name``: only the module needed is imported."""
    module, _, name = place.partition(":")
    return getattr(import_module(f"retrieval.reading.{module}"), name)


# --- a bounded process ---------------------------------------------------------------------------

_START_S = 60.0
_MAX_SOURCES = 1000  # for one process: what libraries cache of each adds up
_MAX_ANSWER = 150_000_000  # bytes
_MAX_CHARS = 20_000_000  # of text: what is compressed may be longer than its file
_MAX_DETAIL = 300  # characters
_OUT_OF_TIME = -int(getattr(signal, "SIGXCPU", 0))

Answer = dict[str, Any]
"""``{"piece": {…}}`` each; ``{}`` or ``{"refused": …}`` ends."""


class Sandbox(Closing):
    """A `Parser` in a bounded process, for any number of sources; closed as a context.

    Threads may share one: it reads one source at a time. Where the system cannot bound the
    memory of a process (Windows, macOS), time still is.

    Args:
        limits: what one source may cost.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._process: _Process | None = None
        self._lock = Lock()

    def __call__(self, form: str, source: bytes | str) -> Iterable[Piece]:
        """Parse the bytes of one source, or the file under a path.

        The process is busy until all the pieces of a collection are taken, or let go.

        Raises:
            Refused: there is no article in it, or it costs more than it may; also raised in the
                midst of the pieces of a collection.
        """
        if form in COLLECTIONS:
            return self._streamed(form, source)
        with self._lock:
            worn = self._process is not None
            try:
                return tuple(self._pieces(form, source))
            except Refused as refused:
                if not (worn and self._process is None and refused.reason == "too_complex"):
                    raise
            # What earlier files left behind is not this one's fault.
            return tuple(self._pieces(form, source))

    def close(self) -> None:
        """End the process, if there is one; a later call starts another."""
        if self._process is not None:
            self._process.stop()
            self._process = None

    def _streamed(self, form: str, source: bytes | str) -> Iterator[Piece]:
        with self._lock:
            yield from self._pieces(form, source)

    def _pieces(self, form: str, source: bytes | str) -> Iterator[Piece]:
        with closing(self._answers(form, source)) as answers:
            yield from (_piece(answer["piece"]) for answer in answers)

    def _answers(self, form: str, source: bytes | str) -> Generator[Answer, None, None]:
        """The answers of the process; it is ended if they are not all taken."""
        try:
            if self._process is None:
                self._process = _Process(self._limits)
            for answer in self._process.ask(form, source):
                if "refused" in answer:
                    raise Refused(answer["refused"], answer["detail"])
                yield answer
        except OSError as error:  # no process could be started
            raise Refused("unreadable", error.strerror or str(error)) from error
        finally:
            self._retire()

    def _retire(self) -> None:
        process = self._process
        if process is not None and (process.lost or process.served >= _MAX_SOURCES):
            self.close()


def _piece(values: Answer) -> Piece:
    claims, removed = Claims(**values["claims"]), tuple(values["removed"])
    return Piece(**{**values, "claims": claims, "removed": removed})


class _Process:
    """The parent's side of one process."""

    def __init__(self, limits: Limits) -> None:
        self._seconds = limits.seconds
        self._late = False
        self.lost = False
        self.served = 0
        self._child = ChildProcess(_serve, limits, memory_mb=limits.memory_mb)
        try:
            with self._within(_START_S):
                self._child.connection.recv_bytes(_MAX_ANSWER)
        except EOFError as error:
            self.stop()
            raise OSError("the process that parses did not start") from error

    def ask(self, form: str, source: bytes | str) -> Iterator[Answer]:
        """The answers to one source, without the empty one that ends them; a loss is one too."""
        self.served += 1
        self.lost = True  # until the last is read: an interruption leaves some unread
        path, raw = (source, b"") if isinstance(source, str) else ("", source)
        messages: tuple[bytes, ...] = (form.encode(), os.fsencode(path), raw)
        while True:
            try:
                with self._within(self._seconds):
                    self._child.connection.send_bytes(*messages)
                    messages = ()
                    answer: Answer = json.loads(self._child.connection.recv_bytes(_MAX_ANSWER))
            except (OSError, EOFError, ValueError):
                yield self._loss()
                return
            if not answer or "refused" in answer:
                # The process ends by itself after it ran out of memory; late is in time.
                self.lost = self._late or answer.get("refused") == "too_complex"
            if not answer:
                return
            yield answer
            if "refused" in answer:
                return

    @contextmanager
    def _within(self, seconds: float) -> Iterator[None]:
        """Kill the process after so many seconds: a thread that waits for it then goes on."""
        timer = Timer(seconds, self._kill)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()

    def _kill(self) -> None:
        self._late = True
        self._child.kill()

    def _loss(self) -> Answer:
        status = self._child.end()
        if self._late or status == _OUT_OF_TIME < 0:
            return _refusal("took_too_long", f"{self._seconds:g} s")
        return _refusal("too_complex")

    def stop(self) -> None:
        """End it, if it has not ended."""
        self._child.end()


def _refusal(reason: str, detail: str = "") -> Answer:
    return {"refused": reason, "detail": detail[:_MAX_DETAIL]}


# --- in the child -------------------------------------------------------------------


def _serve(connection: Connection, limits: Limits) -> None:
    connection.send_bytes(b"ready")
    answer: Answer = {}
    while answer.get("refused") != "too_complex":  # memory that was once exhausted is in pieces
        form, path, raw = (connection.recv_bytes() for _ in range(3))
        for answer in _parsed(form.decode(), os.fsdecode(path) or raw, limits):
            _limit_time(limits.seconds)
            connection.send_bytes(json.dumps(answer).encode())
    os._exit(0)  # no library has anything to finish


def _parsed(form: str, source: bytes | str, limits: Limits) -> Iterator[Answer]:
    """The pieces of the source, and the end or a refusal."""
    _limit_time(limits.seconds)
    left = _MAX_CHARS
    try:
        for piece in parse(form, source, limits):
            left -= len(piece.text) + len(piece.raw)
            if left < 0:
                yield _refusal("too_long", f"{_MAX_CHARS} characters allowed")
                return
            yield {"piece": asdict(piece)}
            if form in COLLECTIONS:  # one of its articles is bounded, not their number
                left = _MAX_CHARS
        yield {}
    except Refused as refused:
        yield _refusal(refused.reason, refused.detail)
    except (MemoryError, RecursionError):
        yield _refusal("too_complex")
    except ImportError as error:  # a missing library says nothing of the source
        yield _refusal("unreadable", str(error))
    except Exception as error:  # a library may fail in any way on hostile bytes
        yield _refusal("damaged", f"{type(error).__name__}: {error}")


def _limit_time(seconds: float) -> None:
    """Let the system end this process if it computes too long, even without a parent."""
    if resource is None:
        return
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    with suppress(ValueError, OSError):
        resource.setrlimit(
            resource.RLIMIT_CPU, (math.ceil(time.process_time() + seconds) + 1, hard)
        )
