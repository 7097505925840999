"""The SQLite schema, as the list of steps that build it.

A step is never edited once released; a change is a new step. ``PRAGMA
user_version`` says how many steps a library has had.
"""

from __future__ import annotations

LIBRARY_FILE = "library.sqlite3"
"""The store's file in a library's folder."""

APPLICATION_ID = 0x6D656464
"""``medd`` in ASCII: tells a medlit library from any other SQLite file."""

PAGE_BYTES = 16_384
"""Of SQLite's pages: a record and its neighbours. With 4,096 a load makes four times the system calls."""

VOCABULARY = """
    -- Derived from mesh: which file's descriptor counts, every term that leads to it, and its places in the tree.
    CREATE TABLE mesh_headings (
        ui          TEXT    PRIMARY KEY,
        file_id     INTEGER NOT NULL,
        name        TEXT    NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE mesh_terms (
        term        TEXT    NOT NULL,
        ui          TEXT    NOT NULL,
        preferred   INTEGER NOT NULL,
        PRIMARY KEY (term, ui)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE mesh_trees (
        number      TEXT    NOT NULL,
        ui          TEXT    NOT NULL,
        PRIMARY KEY (number, ui)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX mesh_trees_by_ui ON mesh_trees (ui, number);
    -- One row, counted up with every change, so that what was read can be kept until then.
    CREATE TABLE mesh_version (
        number      INTEGER NOT NULL
    ) STRICT;
    INSERT INTO mesh_version VALUES (0);
"""
"""The step after which the tables of :mod:`~medlit.library.sqlite_vocabulary` are filled."""

FIRST_EXTRA_WORKFLOW = 100
"""The code of the first type of workflow that an operator added; those below are the product's own."""

MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE files (
        id          INTEGER PRIMARY KEY,
        key         TEXT    NOT NULL UNIQUE,
        name        TEXT    NOT NULL,
        state       TEXT    NOT NULL CHECK (state IN ('loaded', 'failed')),
        format      TEXT,
        size        INTEGER,
        sha256      TEXT,
        year        INTEGER,
        number      INTEGER,
        read        INTEGER NOT NULL DEFAULT 0,
        stored      INTEGER NOT NULL DEFAULT 0,
        superseded  INTEGER NOT NULL DEFAULT 0,
        deleted     INTEGER NOT NULL DEFAULT 0,
        set_aside   INTEGER NOT NULL DEFAULT 0,
        loaded_at   TEXT,
        error       TEXT,
        pmids       BLOB
    ) STRICT;

    -- Short columns stand before the body: what comes after it is read through its overflow pages.
    -- The winner of every PMID. A deletion that won is a tombstone: no body. Version -1
    -- marks a PMID that no file claims any more: the row stays so that others see the change.
    CREATE TABLE articles (
        pmid        INTEGER PRIMARY KEY,
        seq         INTEGER NOT NULL,
        file_id     INTEGER NOT NULL REFERENCES files (id),
        version     INTEGER NOT NULL,
        revised     INTEGER NOT NULL,
        pointers    TEXT,
        body        BLOB
    ) STRICT;
    CREATE UNIQUE INDEX articles_by_seq ON articles (seq);
    CREATE INDEX tombstones ON articles (pmid) WHERE body IS NULL;

    -- The claims that did not win: what the library falls back on when a file is withdrawn.
    CREATE TABLE superseded (
        pmid        INTEGER NOT NULL,
        file_id     INTEGER NOT NULL REFERENCES files (id),
        version     INTEGER NOT NULL,
        revised     INTEGER NOT NULL,
        pointers    TEXT,
        body        BLOB,
        PRIMARY KEY (pmid, file_id)
    ) STRICT;

    -- The pointers of the winners, to be found from their other end.
    CREATE TABLE links (
        target      INTEGER NOT NULL,
        ref_type    TEXT    NOT NULL,
        source      INTEGER NOT NULL,
        PRIMARY KEY (target, ref_type, source)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX links_by_source ON links (source);

    CREATE TABLE set_aside (
        file_id     INTEGER NOT NULL REFERENCES files (id),
        position    INTEGER NOT NULL,
        pmid        INTEGER,
        reason      TEXT    NOT NULL,
        PRIMARY KEY (file_id, position)
    ) STRICT;
    """,
    """
    -- The vocabulary, every file's: of a descriptor the newest file's counts.
    CREATE TABLE mesh (
        ui          TEXT    NOT NULL,
        file_id     INTEGER NOT NULL REFERENCES files (id),
        name        TEXT    NOT NULL,
        body        BLOB    NOT NULL,
        PRIMARY KEY (ui, file_id)
    ) STRICT;
    """,
    VOCABULARY,
    """
    -- Daily totals of medlit.metrics: numbers under codes, which are positions in its closed lists.
    -- A day is counted from 1970-01-01, UTC. No finer time fits in the column, and no text in any but one.
    -- The types of workflow that the operator's settings file added: the only text, and of one form.
    CREATE TABLE metric_workflows (
        id          INTEGER PRIMARY KEY CHECK (id BETWEEN 100 AND 999),
        name        TEXT    NOT NULL UNIQUE
                    CHECK (length(name) BETWEEN 2 AND 32 AND name GLOB '[a-z]*' AND name NOT GLOB '*[^a-z0-9_]*')
    ) STRICT;
    CREATE TABLE metric_calls (
        day         INTEGER NOT NULL CHECK (day BETWEEN 0 AND 99999),
        workflow    INTEGER NOT NULL CHECK (workflow BETWEEN 0 AND 12 OR workflow BETWEEN 100 AND 999),
        lane        INTEGER NOT NULL CHECK (lane IN (0, 1)),
        outcome     INTEGER NOT NULL CHECK (outcome IN (0, 1, 2, 3, 4, 5)),
        source      INTEGER NOT NULL CHECK (source IN (0, 1, 2, 3)),
        bucket      INTEGER NOT NULL CHECK (bucket BETWEEN 0 AND 318),
        count       INTEGER NOT NULL CHECK (count > 0),
        PRIMARY KEY (day, workflow, lane, outcome, source, bucket)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE metric_runs (
        day         INTEGER NOT NULL CHECK (day BETWEEN 0 AND 99999),
        workflow    INTEGER NOT NULL CHECK (workflow BETWEEN 0 AND 12 OR workflow BETWEEN 100 AND 999),
        outcome     INTEGER NOT NULL CHECK (outcome IN (0, 1, 2, 3)),
        bucket      INTEGER NOT NULL CHECK (bucket BETWEEN 0 AND 277),
        count       INTEGER NOT NULL CHECK (count > 0),
        PRIMARY KEY (day, workflow, outcome, bucket)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE metric_ratings (
        day         INTEGER NOT NULL CHECK (day BETWEEN 0 AND 99999),
        workflow    INTEGER NOT NULL CHECK (workflow BETWEEN 0 AND 12 OR workflow BETWEEN 100 AND 999),
        rating      INTEGER NOT NULL CHECK (rating IN (0, 1, 2, 3, 4)),
        count       INTEGER NOT NULL CHECK (count > 0),
        PRIMARY KEY (day, workflow, rating)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE metric_counts (
        day         INTEGER NOT NULL CHECK (day BETWEEN 0 AND 99999),
        counter     INTEGER NOT NULL CHECK (counter BETWEEN 0 AND 26),
        count       INTEGER NOT NULL CHECK (count > 0),
        PRIMARY KEY (day, counter)
    ) STRICT, WITHOUT ROWID;
    """,
)

STAGING = """
    CREATE TEMP TABLE IF NOT EXISTS staged (
        position    INTEGER PRIMARY KEY,
        pmid        INTEGER NOT NULL,
        version     INTEGER NOT NULL,
        revised     INTEGER NOT NULL,
        pointers    TEXT,
        body        BLOB
    ) STRICT;
    CREATE TEMP TABLE IF NOT EXISTS staged_mesh (
        ui          TEXT    PRIMARY KEY,
        name        TEXT    NOT NULL,
        body        BLOB    NOT NULL
    ) STRICT;
    CREATE TEMP TABLE IF NOT EXISTS staged_aside (
        position    INTEGER PRIMARY KEY,
        pmid        INTEGER,
        reason      TEXT    NOT NULL
    ) STRICT;
"""
