"""The tables of a state file, and how to tell that a file is one."""

from __future__ import annotations

from typing import Final

STATE_FILE: Final = "state.sqlite"
"""In the folder that the emulator keeps in an app."""

APPLICATION_ID: Final = 0x46454D55
"""`FEMU`, in the header of every state file."""

FORMAT: Final = 2
"""Grows when an older forge-emu could not read a file any more. 1: each record was a row."""

WEB_TRIGGERS: Final = "web_triggers"
"""The fact that has the addresses of web triggers, with their secret keys."""

TABLES: Final = (
    # JSON texts: as fast as anything here, numbers of any size, readable in the sqlite3 shell.
    "CREATE TABLE facts (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID",
    # What never changes of a delivery lies apart from what does: its payload can be large.
    "CREATE TABLE deliveries (number INTEGER PRIMARY KEY, fixed BLOB NOT NULL)",
    "CREATE TABLE standings (number INTEGER PRIMARY KEY, standing BLOB NOT NULL)",
    "CREATE TABLE jobs (id TEXT PRIMARY KEY, job BLOB NOT NULL) WITHOUT ROWID",
    "CREATE TABLE pushes (origin TEXT PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE progress (product_event_id TEXT PRIMARY KEY, progress BLOB NOT NULL)"
    " WITHOUT ROWID",
    "CREATE TABLE kvs (secret INTEGER NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL,"
    " created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, expires_at INTEGER,"
    " PRIMARY KEY (secret, key))",
    "CREATE TABLE uses (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, uses BLOB NOT NULL)",
    "CREATE TABLE figures (meter TEXT PRIMARY KEY, figures BLOB NOT NULL) WITHOUT ROWID",
    "CREATE TABLE orders (id TEXT PRIMARY KEY, batch BLOB NOT NULL) WITHOUT ROWID",
    # Some consecutive records a row: the number of the first, the instant of the last, and their
    # lines, with newlines between them.
    "CREATE TABLE records (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, line BLOB NOT NULL)",
    "CREATE TABLE site (kind TEXT NOT NULL, id TEXT NOT NULL, thing BLOB NOT NULL,"
    " PRIMARY KEY (kind, id)) WITHOUT ROWID",
    # What is in events: `entry` without secrets, `original` with them, where there are any.
    "CREATE TABLE payloads (number INTEGER PRIMARY KEY, event TEXT NOT NULL, kind TEXT NOT NULL,"
    " is_attempt INTEGER NOT NULL, entry BLOB NOT NULL, original BLOB, job TEXT, subject TEXT)",
    # What the last turns have changed and deleted that is not in its own table yet.
    "CREATE TABLE turns (number INTEGER PRIMARY KEY, changes BLOB NOT NULL)",
)

ADDED_TABLES: Final = ("site", "payloads", "turns")
"""Tables that files of the same format, written before there were these, do not have."""

TABLE_NAMES: Final = tuple(table.split()[2] for table in TABLES)
