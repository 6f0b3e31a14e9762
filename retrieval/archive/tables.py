"""The tables of the archive, in SQL."""

SCHEMA_VERSION = 3
BYTES_A_NUMBER = "(SELECT iif(user_version < 3, 4, 2) FROM pragma_user_version)"
"""Of a vector. It is read in the same statement: a writer may just bring the archive up to date."""

TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE changes (                   -- the audit; its id also names the generation it made
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    action TEXT NOT NULL,
    by TEXT NOT NULL,
    started TEXT NOT NULL,
    finished TEXT,                       -- NULL: under way, or cut short by a crash
    counts TEXT NOT NULL DEFAULT '{}',   -- JSON, as in the report
    detail TEXT NOT NULL DEFAULT '{}',   -- JSON: sources, reason, the change that it undoes
    undone_by INTEGER,                   -- the change that took it back
    recipe TEXT                          -- JSON: the model and sizes that it brings, if any
) STRICT;

CREATE TABLE articles (
    id TEXT PRIMARY KEY,
    origin TEXT NOT NULL UNIQUE,
    current INTEGER REFERENCES revisions(id),  -- NULL until its first change is done
    state TEXT NOT NULL,
    note TEXT NOT NULL DEFAULT '{}'      -- JSON, `retrieval.archive.rows.Note`
) STRICT, WITHOUT ROWID;

CREATE TABLE revisions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    article TEXT NOT NULL REFERENCES articles(id),
    number INTEGER NOT NULL,
    change INTEGER NOT NULL REFERENCES changes(id),
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    published TEXT,
    first_day INTEGER,                   -- YYYYMMDD, both ends of what the date may mean
    last_day INTEGER,
    outlet TEXT,
    author TEXT,
    url TEXT,
    language TEXT NOT NULL,
    source TEXT NOT NULL,
    file TEXT NOT NULL,                  -- the file it was found in, resolved; '' for none
    digest TEXT NOT NULL,
    raw BLOB NOT NULL                    -- the source as it was read, deflated
) STRICT;
CREATE INDEX revisions_of ON revisions(article, number);
CREATE INDEX revisions_by_change ON revisions(change);

CREATE TABLE change_items (              -- what a change does, and what would undo it
    change INTEGER NOT NULL REFERENCES changes(id),
    article TEXT NOT NULL REFERENCES articles(id),
    before INTEGER REFERENCES revisions(id),
    before_state TEXT,
    after INTEGER NOT NULL REFERENCES revisions(id),
    after_state TEXT NOT NULL,           -- 'absent': as if it had never come
    before_note TEXT NOT NULL DEFAULT '{}',
    after_note TEXT NOT NULL DEFAULT '{}',
    PRIMARY KEY (change, article)
) STRICT, WITHOUT ROWID;

CREATE INDEX change_items_of ON change_items(article, change);

CREATE TABLE passages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    revision INTEGER NOT NULL REFERENCES revisions(id) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    start INTEGER NOT NULL,
    stop INTEGER NOT NULL
) STRICT;
CREATE INDEX passages_of ON passages(revision, ordinal);

CREATE TABLE windows (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    passage INTEGER NOT NULL REFERENCES passages(id) ON DELETE CASCADE,
    start INTEGER NOT NULL,
    stop INTEGER NOT NULL,
    digest BLOB NOT NULL                 -- of the text that is embedded
) STRICT;
CREATE INDEX windows_of ON windows(passage);

CREATE TABLE models (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
"""
VECTORS = """
CREATE TABLE vectors (                   -- what is known is never embedded again
    id INTEGER PRIMARY KEY,
    model INTEGER NOT NULL REFERENCES models(id),
    digest BLOB NOT NULL,
    vector BLOB NOT NULL,                -- of length 1, as `retrieval.packed` keeps it
    UNIQUE (model, digest)
) STRICT;
"""
DUPLICATES = """
CREATE TABLE duplicates (                -- sources that say what an article says already
    origin TEXT PRIMARY KEY,
    article TEXT NOT NULL REFERENCES articles(id),
    change INTEGER NOT NULL REFERENCES changes(id),
    source TEXT NOT NULL,
    file TEXT NOT NULL,
    title TEXT NOT NULL,
    outlet TEXT,
    published TEXT,
    url TEXT,
    digest TEXT NOT NULL,
    likeness REAL NOT NULL               -- 0 to 1
) STRICT, WITHOUT ROWID;
CREATE INDEX duplicates_of ON duplicates(article);
CREATE INDEX duplicates_by_change ON duplicates(change);

CREATE TABLE signatures (                -- MinHash of a revision's text
    revision INTEGER PRIMARY KEY REFERENCES revisions(id) ON DELETE CASCADE,
    signature BLOB NOT NULL
) STRICT;

CREATE TABLE bands (                     -- pieces of signatures: alike texts share one
    band INTEGER NOT NULL,
    revision INTEGER NOT NULL REFERENCES revisions(id) ON DELETE CASCADE,
    PRIMARY KEY (band, revision)
) STRICT, WITHOUT ROWID;
CREATE INDEX bands_of ON bands(revision);
"""
_BY_DAY = "CREATE INDEX IF NOT EXISTS revisions_by_day ON revisions(first_day, last_day, article);"
"""What was published on a day is found without reading the texts.

Writers add it to archives that were made before it; readers do without it, slower. It changes no
version: other Kiosques can open an archive that has it.
"""
_REFERRING = (
    "CREATE INDEX IF NOT EXISTS articles_by_current ON articles(current);",
    "CREATE INDEX IF NOT EXISTS change_items_by_after ON change_items(after);",
    "CREATE INDEX IF NOT EXISTS change_items_by_before ON change_items(before);",
)
"""Without these, SQLite reads the whole table for each revision that goes, to see that nothing
names it. Articles that are no more, or not yet, are found by the first. As `_BY_DAY`."""
KEYS = "article_keys"
"""The table of `retrieval.archive.known`."""
_KEYS = f"""
CREATE TABLE IF NOT EXISTS {KEYS} (     -- what sources are recognised by: digests, files, addresses
    key TEXT NOT NULL,
    article TEXT NOT NULL,               -- it has the key, or had it
    PRIMARY KEY (key, article)
) STRICT, WITHOUT ROWID;
"""
"""Writers add it to older archives, and fill it; readers do without it, slower; as `_BY_DAY`."""
_COVERAGE = (
    "CREATE INDEX IF NOT EXISTS revisions_coverage"
    " ON revisions(outlet, article, first_day, last_day);"
)
"""What the articles cover is told without reading the texts before these columns; as `_BY_DAY`."""
ADDED = (_BY_DAY, *_REFERRING, _KEYS, _COVERAGE)
"""What came without a new version, a statement each."""
