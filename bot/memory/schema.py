"""The tables of ``bot.db``, and how an earlier file becomes one of this version."""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from pathlib import Path

from retrieval.errors import ForeignFile
from retrieval.storage import storage_faults

APPLICATION_ID = 0x4B696F42  # "KioB"
VERSION = 12

_TABLES = """
CREATE TABLE answers (
    id INTEGER PRIMARY KEY AUTOINCREMENT,   -- what buttons name: never used twice
    chat INTEGER NOT NULL,                  -- 0 is a terminal
    thread INTEGER NOT NULL,                -- 0 outside forums; in a terminal a conversation
    user INTEGER NOT NULL,                  -- 0 is a terminal
    at TEXT NOT NULL,                       -- UTC
    language TEXT NOT NULL,
    question TEXT NOT NULL,
    status TEXT NOT NULL,
    text TEXT NOT NULL,                     -- as it was read, with its [1]
    asked INTEGER NOT NULL,                 -- the message that asked
    viewer INTEGER NOT NULL DEFAULT 0,      -- the message that shows its sources
    reason TEXT NOT NULL DEFAULT ''         -- why it was refused
) STRICT;
CREATE INDEX answers_to ON answers(chat, asked);
CREATE INDEX answers_of ON answers(chat, thread, user, id);
CREATE INDEX answers_by_time ON answers(at);
CREATE INDEX answers_of_user ON answers(user);

CREATE TABLE pending (                      -- asked, and not yet answered in full
    chat INTEGER NOT NULL,
    message INTEGER NOT NULL,               -- the one that asks
    thread INTEGER NOT NULL,
    user INTEGER NOT NULL,
    at TEXT NOT NULL,
    question TEXT NOT NULL,
    shown INTEGER NOT NULL DEFAULT 0,       -- the message of the answer, once there is one
    PRIMARY KEY (chat, message)
) STRICT, WITHOUT ROWID;

CREATE TABLE sources (                      -- or, where nothing answered, what came near
    answer INTEGER NOT NULL REFERENCES answers(id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    article TEXT NOT NULL,
    start INTEGER NOT NULL,
    stop INTEGER NOT NULL,
    quote TEXT NOT NULL,
    title TEXT NOT NULL,
    outlet TEXT,
    published TEXT,
    url TEXT,
    answer_start INTEGER,                   -- the words of the quote that answer, if marked
    answer_stop INTEGER,
    digest TEXT NOT NULL DEFAULT '',        -- of the article's text
    PRIMARY KEY (answer, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE messages (                     -- where an answer was shown
    chat INTEGER NOT NULL,
    message INTEGER NOT NULL,
    answer INTEGER NOT NULL REFERENCES answers(id) ON DELETE CASCADE,
    PRIMARY KEY (chat, message)
) STRICT, WITHOUT ROWID;
CREATE INDEX messages_of ON messages(answer);

CREATE TABLE votes (
    answer INTEGER NOT NULL REFERENCES answers(id) ON DELETE CASCADE,
    user INTEGER NOT NULL,
    at TEXT NOT NULL,
    good INTEGER NOT NULL,
    PRIMARY KEY (answer, user)
) STRICT, WITHOUT ROWID;
CREATE INDEX votes_of_user ON votes(user);

CREATE TABLE beginnings (                   -- /new: a conversation starts after this answer
    chat INTEGER NOT NULL,
    thread INTEGER NOT NULL,
    user INTEGER NOT NULL,
    after INTEGER NOT NULL,
    PRIMARY KEY (chat, thread, user)
) STRICT, WITHOUT ROWID;

CREATE TABLE languages (user INTEGER PRIMARY KEY, language TEXT NOT NULL) STRICT;

CREATE TABLE acts (                         -- the audit of administrators
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    user INTEGER NOT NULL,
    action TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;
"""

_ORDERS = """
CREATE TABLE orders (                       -- changes that administrators asked for
    id INTEGER PRIMARY KEY AUTOINCREMENT,   -- what buttons name: never used twice
    at TEXT NOT NULL,
    chat INTEGER NOT NULL,
    message INTEGER NOT NULL,               -- the one that shows it
    user INTEGER NOT NULL,
    who TEXT NOT NULL,
    language TEXT NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    name TEXT NOT NULL,
    facts TEXT NOT NULL,                    -- JSON
    plan TEXT NOT NULL,                     -- JSON
    generation INTEGER NOT NULL,            -- of the indexes, when it was planned
    worker INTEGER NOT NULL,                -- who confirmed it, or 0
    worker_name TEXT NOT NULL,
    seen INTEGER NOT NULL,                  -- the newest change when the work began
    change INTEGER NOT NULL                 -- the change it made, or 0
) STRICT;
CREATE INDEX orders_shown_in ON orders(chat, message);
CREATE INDEX orders_by_state ON orders(state, at);
"""

_REPORTS = """
CREATE TABLE reports (                      -- what administrators were told without asking
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    admin INTEGER NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (kind, subject, admin)
) STRICT, WITHOUT ROWID;
"""

_MOVES = """
CREATE TABLE moves (                        -- groups that became supergroups
    old INTEGER PRIMARY KEY,
    new INTEGER NOT NULL
) STRICT;
"""

_UNDERSTANDINGS = """
CREATE TABLE understandings (               -- how questions were understood, to ask them again
    answer INTEGER PRIMARY KEY REFERENCES answers(id) ON DELETE CASCADE,
    value TEXT NOT NULL                     -- JSON
) STRICT;
"""

_SUBJECTS = """
CREATE TABLE subjects (                     -- questions that are asked again after each change
    id INTEGER PRIMARY KEY AUTOINCREMENT,   -- what buttons name: never used twice
    chat INTEGER NOT NULL,
    thread INTEGER NOT NULL,
    user INTEGER NOT NULL,
    at TEXT NOT NULL,                       -- UTC, since when
    language TEXT NOT NULL,
    question TEXT NOT NULL,
    before TEXT NOT NULL,                   -- the questions before it, a line each
    begun INTEGER NOT NULL,                 -- the newest change then: what came later is news
    looked INTEGER NOT NULL,                -- the change after which it was asked last
    sent TEXT NOT NULL DEFAULT '',          -- UTC, the last notice
    asleep INTEGER NOT NULL DEFAULT 0,      -- the chat takes no message
    UNIQUE (chat, thread, user, question)
) STRICT;
CREATE INDEX subjects_of_user ON subjects(user);

CREATE TABLE news (                         -- evidence that is new for a subject
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    subject INTEGER NOT NULL REFERENCES subjects(id) ON DELETE CASCADE,
    changed INTEGER NOT NULL,               -- of a corrected article
    found TEXT NOT NULL,
    notice INTEGER NOT NULL DEFAULT 0,      -- the answer that shows it; 0 waits, -1 a terminal
    article TEXT NOT NULL,
    start INTEGER NOT NULL,
    stop INTEGER NOT NULL,
    quote TEXT NOT NULL,
    title TEXT NOT NULL,
    outlet TEXT,
    published TEXT,
    url TEXT,
    answer_start INTEGER,
    answer_stop INTEGER,
    digest TEXT NOT NULL,
    UNIQUE (subject, article, digest)
) STRICT;
CREATE INDEX news_by_notice ON news(notice);

CREATE TABLE notices (                      -- being sent: shown or not, after this message
    answer INTEGER PRIMARY KEY REFERENCES answers(id) ON DELETE CASCADE,
    after INTEGER NOT NULL,
    html TEXT NOT NULL,
    plain TEXT NOT NULL,
    buttons TEXT NOT NULL                   -- JSON
) STRICT;

CREATE TABLE digests (                      -- who wants one notice a day
    user INTEGER PRIMARY KEY,
    hour INTEGER NOT NULL,
    sent TEXT NOT NULL                      -- UTC, the last one, or when it was chosen
) STRICT;
"""

_ERRATA = """
CREATE TABLE errata (                       -- corrections for those who read an earlier answer
    id INTEGER PRIMARY KEY AUTOINCREMENT,   -- what buttons name: never used twice
    article TEXT NOT NULL,
    version TEXT NOT NULL,                  -- what the article is since: a digest, or withdrawn
    title TEXT NOT NULL,
    at TEXT NOT NULL,                       -- UTC, when it was proposed, then when it was sent
    state TEXT NOT NULL,
    sender INTEGER NOT NULL DEFAULT 0,      -- who had it sent; 0 a terminal
    told INTEGER NOT NULL DEFAULT 0,        -- whether the sender knows how it ended
    UNIQUE (article, version)
) STRICT;

CREATE TABLE erratum_readers (              -- the conversations that one goes to, each once
    erratum INTEGER NOT NULL REFERENCES errata(id) ON DELETE CASCADE,
    chat INTEGER NOT NULL,
    thread INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    answer INTEGER NOT NULL DEFAULT 0,      -- what shows it
    PRIMARY KEY (erratum, chat, thread)
) STRICT, WITHOUT ROWID;
CREATE INDEX erratum_readers_of ON erratum_readers(answer);
CREATE INDEX sources_by_article ON sources(article);

ALTER TABLE notices ADD COLUMN reply INTEGER NOT NULL DEFAULT 0;
"""

_MEMBERS = """
CREATE TABLE members (                      -- readers who were admitted one by one
    user INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    at TEXT NOT NULL,                       -- UTC
    by TEXT NOT NULL                        -- the name of who admitted them
) STRICT;

CREATE TABLE admissions (                   -- who asks to be admitted
    id INTEGER PRIMARY KEY AUTOINCREMENT,   -- what buttons name: never used twice
    user INTEGER NOT NULL UNIQUE,
    name TEXT NOT NULL,
    language TEXT NOT NULL,
    code TEXT NOT NULL,
    at TEXT NOT NULL,                       -- UTC
    state TEXT NOT NULL DEFAULT 'open',     -- or admitted, or refused
    told TEXT NOT NULL DEFAULT '',          -- the day on which administrators were told last
    notices TEXT NOT NULL DEFAULT '[]'      -- JSON: the chats and messages that told them
) STRICT;
"""

_UPDATES = """
CREATE TABLE updates (                      -- what Telegram delivered to the webhook
    seq INTEGER PRIMARY KEY AUTOINCREMENT,  -- the order of arrival
    update_id INTEGER NOT NULL UNIQUE,      -- Telegram's: one that comes again is known
    chat INTEGER NOT NULL,
    body TEXT NOT NULL,                     -- JSON; empty once it was handled
    worker INTEGER NOT NULL DEFAULT 0,      -- who handles it; 0 nobody yet
    tries INTEGER NOT NULL DEFAULT 0        -- how many workers took it
) STRICT;
CREATE INDEX updates_to_handle ON updates(worker, seq) WHERE body <> '';

CREATE TABLE claims (                       -- the chats of each worker
    chat INTEGER PRIMARY KEY,
    worker INTEGER NOT NULL                 -- 0: left by one that died in an answer
) STRICT;
CREATE INDEX claims_of ON claims(worker);
"""

_UNANSWERED = """
ALTER TABLE pending ADD COLUMN begun INTEGER NOT NULL DEFAULT 0;

CREATE TABLE unanswered (                   -- whose readers were told to ask them again
    chat INTEGER NOT NULL,
    message INTEGER NOT NULL,               -- the one that asked
    thread INTEGER NOT NULL,
    user INTEGER NOT NULL,
    at TEXT NOT NULL,
    question TEXT NOT NULL,
    shown INTEGER NOT NULL,                 -- the message that tells it
    PRIMARY KEY (chat, message)
) STRICT, WITHOUT ROWID;
"""

_SINCE = {
    2: _ORDERS,
    3: """
ALTER TABLE sources ADD COLUMN answer_start INTEGER;
ALTER TABLE sources ADD COLUMN answer_stop INTEGER;
""",
    4: """
ALTER TABLE sources ADD COLUMN digest TEXT NOT NULL DEFAULT '';
""",
    5: _MOVES,
    6: "ALTER TABLE answers ADD COLUMN reason TEXT NOT NULL DEFAULT '';\n" + _REPORTS,
    7: _UNDERSTANDINGS,
    8: _SUBJECTS,
    9: _ERRATA,
    10: _MEMBERS,
    11: _UPDATES,
    12: _UNANSWERED,
}
"""What each version added to the tables of the one before; never edited."""


def connect(path: Path) -> sqlite3.Connection:
    """Open the file, or make it; it is for its owner alone.

    Raises:
        ForeignFile: it is not ours, or of a later Kiosque.
        StorageFull: it cannot be written.
    """
    with storage_faults(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        _own(path)
        connection = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False, timeout=10.0
        )
        try:
            _prepare(connection, path)
        except BaseException as error:
            connection.close()
            if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_NOTADB:
                raise ForeignFile("not_bot_memory", path=str(path)) from error
            raise
    return connection


def _own(path: Path) -> None:
    """Make the file readable by its owner alone; SQLite gives its log the same mode."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    if path.stat().st_mode & 0o077:
        with suppress(OSError):  # a file of somebody else
            path.chmod(0o600)


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA secure_delete = ON")  # what is forgotten is gone
    connection.execute("BEGIN IMMEDIATE")
    try:
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        if not application and not tables:
            later_ones = (_ORDERS, _MOVES, _REPORTS, _UNDERSTANDINGS, _SUBJECTS, _ERRATA, _MEMBERS)
            _make(connection, "".join((_TABLES, *later_ones, _UPDATES, _UNANSWERED)))
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        elif application != APPLICATION_ID:
            raise ForeignFile("not_bot_memory", path=str(path))
        elif version > VERSION:
            raise ForeignFile("archive_newer", path=str(path), version=version)
        else:
            for later in range(version + 1, VERSION + 1):
                _make(connection, _SINCE[later])
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _make(connection: sqlite3.Connection, tables: str) -> None:
    for statement in tables.split(";\n"):
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {VERSION}")
