"""State files with something in them, as an engine writes them."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from forge_emu.model import KvsRequest, PushItem, RetryRequested
from forge_emu.store.database import Database
from forge_emu.store.schema import STATE_FILE
from tests.engine.world import World


def fill_state_file(folder: Path, events: int = 20) -> World:
    """A world with pending events, a retry, a running invocation, values and a secret."""
    world = World(limits__push__events_per_minute=None, delivery__max_instances=1)
    world.persist_to(folder)
    for n in range(events):
        world.push(PushItem.of({"n": n, "text": "x" * 3000}, 60))
    for n in range(events):
        world.engine.call_kvs(KvsRequest("set", f"key{n}", value_text=b'"%s"' % (b"v" * 2000)), 0)
    world.engine.call_kvs(KvsRequest("set", "hidden", value_text=b"1", secret=True), 0)
    world.collect()
    world.advance_to(60_000)
    world.end_invocation(RetryRequested(30))
    return world


def close(world: World) -> Path:
    """Let go of the file and answer where it is."""
    assert world.database is not None
    world.database.close()
    return world.database.path


def replace_record(path: Path, seq: int, line: bytes) -> None:
    """Put `line` in the place of the record with the number `seq`."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        query = "SELECT max(seq), line FROM records WHERE seq <= ?"
        first, text = connection.execute(query, (seq,)).fetchone()
        lines = text.split(b"\n")
        lines[seq - first] = line
        change = "UPDATE records SET line = ? WHERE seq = ?"
        connection.execute(change, (b"\n".join(lines), first))


def as_first_format(path: Path) -> None:
    """Make of a state what the first forge-emu that had one would have written."""
    with closing(sqlite3.connect(path)) as connection, connection:
        found = connection.execute("SELECT seq, line FROM records").fetchall()
        connection.execute("DELETE FROM records")
        for first, text in found:
            for seq, line in enumerate(text.split(b"\n"), first):
                at = json.loads(line)["at"]
                connection.execute("INSERT INTO records VALUES (?, ?, ?)", (seq, at, line))
        connection.execute("PRAGMA user_version = 1")


def open_state_file(folder: Path) -> Database:
    """The state file in a folder."""
    return Database(folder / STATE_FILE)
