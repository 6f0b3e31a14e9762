"""A Chroma server that holds the windows: who it lets in, what it takes, how long it may take.

Each base has a collection of its own, which is filled once and then never changed, like a base's
folder. So what was said of generations holds: a change is live whole or not at all, and a server
that is killed in mid-change leaves a collection that nobody asks.

We speak through Chroma's own interface of a server, not through its client: the client asks
before any timeout can be set.
"""

from __future__ import annotations

import ssl
import time
from base64 import b64encode
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import unquote, urlsplit

import httpx

from retrieval.errors import IndexDamaged, KiosqueError, ServerRefuses, ServerUnreachable
from retrieval.index.vectors import BATCH, HNSW, Bounds, VectorIndex
from retrieval.process import is_failure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chromadb.api.fastapi import FastAPI
    from chromadb.config import System

Told = TypeVar("Told")
_PAUSES = (0.5, 1.0, 2.0, 4.0)
"""Seconds before each further attempt of a writer; then always the last."""
_BRIEF = 120


@dataclass(frozen=True, slots=True)
class ChromaServer:
    """Where a Chroma server is, and how it is spoken to.

    Args:
        url: ``https://host:8000``, with a name and a password before the host or not.
        user: the name for basic authentication; wins over that of the address.
        password: the password for it.
        token: a token, or a key of Chroma Cloud.
        header: what carries it: ``Authorization`` (as a bearer's), or ``X-Chroma-Token``.
        tenant: whose the database is; empty: as the server says who we are.
        database: holds the collections; empty: as the server says.
        ca_file: certificates to trust instead of the system's, a PEM file.
        timeout_s: seconds for one request of a writer.
        query_timeout_s: seconds for one request of a question.
        retry_s: seconds for which a writer goes on asking a server that is away.
        max_results: of one query; 0: no limit (300 at Chroma Cloud).
        max_records: of one write; 0: what the server says (300 at Chroma Cloud).
        patient: a writer speaks to it, not a question.
    """

    url: str = field(repr=False)
    user: str = ""
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    header: str = "Authorization"
    tenant: str = ""
    database: str = ""
    ca_file: str = ""
    timeout_s: float = 30.0
    query_timeout_s: float = 5.0
    retry_s: float = 60.0
    max_results: int = 0
    max_records: int = 0
    patient: bool = False

    @property
    def address(self) -> str:
        """Its address without a name and a password, to be shown, without a last slash."""
        parts = urlsplit(self.url)
        return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl().rstrip("/")

    def bounds(self, batch: int) -> Bounds:
        """What it takes and gives at a time.

        Args:
            batch: how many records it says that it takes; not positive if it does not say.
        """
        said = Bounds.of_server(urlsplit(self.url).hostname or "", batch if batch > 0 else BATCH)
        return Bounds(self.max_records or said.records, self.max_results or said.results)

    def headers(self) -> dict[str, str]:
        """What tells it who asks (RFC 7617, RFC 6750).

        Raises:
            ServerRefuses: the token has characters that no header may have; the library's own
                error would quote it.
        """
        parts = urlsplit(self.url)
        user = self.user or unquote(parts.username or "")
        password = self.password or unquote(parts.password or "")
        found = {}
        if user or password:
            pair = b64encode(f"{user}:{password}".encode()).decode()
            found["Authorization"] = f"Basic {pair}"
        if token := self.token.strip():
            if not (token.isascii() and token.isprintable()):
                raise ServerRefuses("chroma_key_malformed", url=self.address)
            bearer = "Bearer " if self.header == "Authorization" else ""
            found[self.header] = f"{bearer}{token}"
        return found

    def open(self, collection: str, where: str) -> ServerIndex:
        """A collection that is there.

        Args:
            collection: its name.
            where: the file that names it, for errors.

        Raises:
            IndexDamaged: the server has none of that name.
            ServerUnreachable: the server does not answer, or refuses.
        """
        with _Connection.unless(self) as asked:
            found = asked.call(
                lambda: asked.api.get_collection(
                    collection, tenant=asked.tenant, database=asked.database
                ),
                where,
            )
            return ServerIndex(asked, found, where)

    def create(self, collection: str, where: str) -> ServerIndex:
        """A new collection, to be filled; arguments as for `open`.

        Raises:
            ServerUnreachable: the server does not answer for `retry_s`, or refuses.
        """
        with _Connection.unless(replace(self, patient=True)) as asked:
            asked.check_place()
            made = asked.call(
                lambda: asked.api.create_collection(
                    collection,
                    configuration={"hnsw": HNSW},
                    get_or_create=True,  # the answer to a first attempt may have been lost
                    tenant=asked.tenant,
                    database=asked.database,
                )
            )
            return ServerIndex(asked, made, where)

    def drop(self, collection: str) -> None:
        """Delete a collection; one that is not there is as good.

        Raises:
            ServerUnreachable: the server does not answer, or refuses.
        """
        with _Connection.unless(self) as asked:
            where = {"tenant": asked.tenant, "database": asked.database}
            with suppress(IndexDamaged):
                asked.call(lambda: asked.api.delete_collection(collection, **where), collection)
            asked.close()

    def about(self) -> tuple[str, str, str]:
        """Its version, the tenant and the database that are used.

        Raises:
            ServerUnreachable: it does not answer, or refuses.
        """
        with _Connection.unless(self) as asked:
            asked.check_place()
            version = asked.call(asked.api.get_version)
            asked.close()
            return version, asked.tenant, asked.database


class _Connection:
    """The connections of one index to its server.

    Args:
        server: where it is.
    """

    def __init__(self, server: ChromaServer) -> None:
        self.server = server
        self._patience = server.retry_s if server.patient else 0.0
        with server_faults(server.address):
            self._system, self.api = _spoken_to(server)
        self.api._session.timeout = server.timeout_s if server.patient else server.query_timeout_s
        self.tenant, self.database = server.tenant, server.database

    @classmethod
    @contextmanager
    def unless(cls, server: ChromaServer) -> Iterator[_Connection]:
        """Connections that know their tenant; closed if what is done with them fails."""
        made = cls(server)
        try:
            made._greet()
            yield made
        except BaseException:
            made.close()
            raise

    def call(self, asked: Callable[[], Told], collection: str = "") -> Told:
        """Ask the server; a writer asks again and again until `retry_s` have passed.

        A question asks a second time at once: a server that was restarted meanwhile has cut the
        connection that was kept.

        Args:
            asked: what asks it.
            collection: where the collection is named, if one is asked for.

        Raises:
            IndexDamaged: the server has no such collection.
            ServerUnreachable: it does not answer, or refuses.
        """
        limit = time.monotonic() + self._patience
        pauses = list(_PAUSES)
        again = True
        while True:
            try:
                with server_faults(self.server.address, collection):
                    return asked()
            except ServerRefuses:
                raise
            except ServerUnreachable:
                if self._patience and time.monotonic() < limit:
                    time.sleep(pauses.pop(0) if len(pauses) > 1 else pauses[0])
                elif again and not self._patience:
                    again = False
                else:
                    raise

    def _greet(self) -> None:
        """See that it is a Chroma of ours, and who we are there."""
        self.call(self._heartbeat)
        if self.tenant and self.database:
            return
        known = self.call(self.api.get_user_identity)
        databases = [name for name in known.databases or () if name != "*"]
        tenant = known.tenant if known.tenant not in {None, "*"} else ""
        self.tenant = self.tenant or tenant or "default_tenant"
        only = databases[0] if len(databases) == 1 else ""
        self.database = self.database or only or "default_database"

    def check_place(self) -> None:
        """See that the tenant and its database are there.

        Raises:
            ServerUnreachable: the server does not answer, or knows no such ones.
        """
        self.call(lambda: self.api.get_database(self.database, tenant=self.tenant))

    def _heartbeat(self) -> None:
        try:
            self.api.heartbeat()
        except (KeyError, TypeError, ValueError) as error:
            # It answers, and not as a Chroma server does.
            raise ServerRefuses("chroma_other_version", url=self.server.address) from error
        except Exception as error:
            if _status(error) in _NOT_OURS:
                raise ServerRefuses("chroma_other_version", url=self.server.address) from error
            raise

    def close(self) -> None:
        """Let the connections go."""
        self.api._session.close()  # Chroma forgets to
        self._system.stop()


_NOT_OURS = (404, 405, 410, 501)
_LATER = (408, 425, 429)
"""What a server answers that may do it later."""


def _spoken_to(server: ChromaServer) -> tuple[System, FastAPI]:
    from chromadb.api.fastapi import FastAPI
    from chromadb.config import Settings, System

    parts = urlsplit(server.address)
    port = parts.port or (443 if parts.scheme == "https" else 8000)
    host = parts.hostname or "localhost"
    netloc = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    system = System(
        Settings(
            anonymized_telemetry=False,
            chroma_api_impl="chromadb.api.fastapi.FastAPI",
            chroma_server_host=parts._replace(netloc=netloc).geturl(),
            chroma_server_http_port=port,
            chroma_server_ssl_enabled=parts.scheme == "https",
            chroma_server_headers=server.headers(),
        )
    )
    api = system.instance(FastAPI)
    system.start()
    if server.ca_file:  # Chroma's own setting for it is one that httpx is about to drop
        plain, trusted = api._session, ssl.create_default_context(cafile=server.ca_file)
        headers, limits = plain.headers, api.http_limits
        api._session = httpx.Client(headers=headers, limits=limits, verify=trusted)
        plain.close()
    return system, api


class ServerIndex(VectorIndex):
    """A collection of a server.

    Args:
        connection: to the server; closed with it.
        model: what the server says of the collection.
        where: the file that names it.
    """

    def __init__(self, connection: _Connection, model: Any, where: str) -> None:  # noqa: ANN401
        from chromadb import Collection

        self._connection = connection
        server = connection.server
        collection = Collection(client=connection.api, model=model, embedding_function=None)
        said = connection.call(connection.api.get_max_batch_size)
        super().__init__(collection, where, server.bounds(said))

    def _asked(self, call: Callable[[], Told]) -> Told:
        return self._connection.call(call, self.where)

    def settle(self) -> None:
        """A server has nothing to repeat at an opening."""

    def close(self) -> None:
        """Let the connections go."""
        self._connection.close()


@contextmanager
def server_faults(url: str, collection: str = "") -> Iterator[None]:
    """Translate what a server answers, or what keeps it from answering.

    Args:
        url: of the server, without a password.
        collection: the one that is asked for; empty: the tenant or the database is.

    Raises:
        IndexDamaged: it has no such collection.
        ServerRefuses: it answers, and will not do it.
        ServerUnreachable: anything else.
    """
    try:
        yield
    except KiosqueError:
        raise
    except BaseException as error:
        if not is_failure(error):
            raise
        raise _told(error, url, collection) from error


def _told(error: BaseException, url: str, collection: str) -> KiosqueError:
    from chromadb.errors import NotFoundError

    status = _status(error)
    if isinstance(error, NotFoundError):
        if collection:
            return IndexDamaged("index_missing", path=collection)
        return ServerRefuses("chroma_place_unknown", url=url)
    if status in {401, 403}:
        return ServerRefuses("chroma_refused", url=url)
    if status is not None and status // 100 == 4 and status not in _LATER:
        return ServerRefuses("chroma_rejects", url=url, detail=_brief(error))
    return ServerUnreachable("chroma_unreachable", url=url, detail=_brief(error))


def _status(error: BaseException | None) -> int | None:
    """The status of HTTP that an error goes back to."""
    from chromadb.errors import ChromaError

    while error is not None:
        if isinstance(error, httpx.HTTPStatusError):
            return error.response.status_code
        if isinstance(error, ChromaError):
            return int(error.code())
        error = error.__cause__ or error.__context__
    return None


def _brief(error: BaseException) -> str:
    """Why a server cannot be reached, without the layers that the reason came through."""
    said = str(error).strip() or type(error).__name__
    return said.splitlines()[0][:_BRIEF]
