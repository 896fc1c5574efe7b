"""One state file: what is written is read, or refused with its path."""

from __future__ import annotations

import sqlite3
import stat
import time
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from forge_emu.model import KvsRequest, PushItem
from forge_emu.records import RecordLines
from forge_emu.store import checkpoints
from forge_emu.store.database import Database
from forge_emu.store.opening import StateError, open_connection
from forge_emu.store.retention import Retention
from forge_emu.store.schema import STATE_FILE
from forge_emu.store.shapes import StateHeader, StateUpdate
from tests.engine.world import World
from tests.store.state_files import as_first_format, close, fill_state_file, open_state_file


def test_what_was_written_is_read(tmp_path: Path) -> None:
    """Every delivery, value and figure, and the number of the last record."""
    world = fill_state_file(tmp_path)
    close(world)
    kept = open_state_file(tmp_path).read_state()
    assert kept is not None
    assert len(kept.saved.deliveries) == 20
    assert kept.saved.values[(True, "hidden")].value_text == b"1"
    assert kept.saved.seq == world.records[-1].seq
    assert [s.retry_count for _, s in kept.saved.deliveries.values()].count(1) == 1
    assert kept.header.pending == 20


def test_only_the_user_can_read_it(tmp_path: Path) -> None:
    """The file and what lies beside it while it is in use."""
    fill_state_file(tmp_path)
    files = list(tmp_path.iterdir())
    assert len(files) == 3
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_a_turn_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    """A turn that breaks off in its middle leaves no trace."""
    world = fill_state_file(tmp_path)
    before = open_state_file(tmp_path).read_state()
    broken = StateUpdate(before.header if before else StateHeader(0, 0, 0, 0, 0, 1, 1))
    broken.lines = [RecordLines(99_999, 0, b"{}"), RecordLines("no number", 0, b"{}")]  # type: ignore[arg-type]
    assert world.database is not None
    with pytest.raises(sqlite3.Error):
        world.database.write_update(broken)
    after = open_state_file(tmp_path)
    assert after.read_state() == before
    assert after.record_lines(99_000, 10) == []


def test_the_oldest_records_go_first(tmp_path: Path) -> None:
    """By number of lines, and by their size."""
    for keep in (Retention(lines=100), Retention(megabytes=0)):
        world = World()
        folder = tmp_path / str(keep.lines)
        folder.mkdir()
        world.persist_to(folder)
        database = Database(folder / STATE_FILE, retention=keep)
        for seq in range(1, 2001):
            line = RecordLines(seq, seq, b"x" * 100)
            database.write_update(StateUpdate(StateHeader(seq, 0, seq, 0, 0, 1, 1), lines=[line]))
        left = len(database.record_lines(0, 10_000))
        assert 0 < left <= 700
        assert database.first_seq == 2001 - left


def _written(folder: Path, parts: list[RecordLines], keep: Retention | None = None) -> Database:
    """A state with records, each part by a turn of its own."""
    close(fill_state_file(folder))
    database = Database(folder / STATE_FILE, retention=keep)
    with closing(sqlite3.connect(database.path, isolation_level=None)) as connection:
        connection.execute("DELETE FROM records")
    for part in parts:
        header = StateHeader(part.at, 0, part.last, 0, 0, 1, 1)
        database.write_update(StateUpdate(header, lines=[part]))
    return database


def test_records_are_read_by_their_numbers(tmp_path: Path) -> None:
    """However many of them are in a row."""
    parts = [RecordLines(1, 5, b"1\n2\n3"), RecordLines(4, 6, b"4"), RecordLines(5, 9, b"5\n6\n7")]
    database = _written(tmp_path, parts)
    for after in range(-2, 9):
        for most in range(1, 9):
            wanted = [b"%d" % seq for seq in range(max(after, 0) + 1, 8)][:most]
            assert database.record_lines(after, most) == wanted
    database.close()


def test_records_go_by_rows(tmp_path: Path) -> None:
    """No more than a row's worth too many stay, and none too few."""
    parts = [RecordLines(10 * n + 1, n, b"\n".join([b"x"] * 10)) for n in range(512)]
    database = _written(tmp_path, parts, Retention(lines=95))
    left = len(database.record_lines(0, 10_000))
    assert 95 <= left < 105
    assert database.first_seq == 5_121 - left
    database.close()


def test_a_state_of_the_first_format_is_read_and_goes_on(tmp_path: Path) -> None:
    """Its records are rows of their own. It has the new format then."""
    path = close(fill_state_file(tmp_path))
    database = open_state_file(tmp_path)
    before, lines = database.read_state(), database.record_lines(0, 1_000)
    database.close()
    as_first_format(path)
    database = open_state_file(tmp_path)
    assert database.read_state() == before
    assert database.record_lines(0, 1_000) == lines
    last = len(lines)
    assert database.record_lines(last - 2, 5) == lines[-2:]
    part = RecordLines(last + 1, 70_000, b"{}\n[]")
    database.write_update(StateUpdate(StateHeader(70_000, 0, part.last, 20, 0, 1, 1), lines=[part]))
    assert database.record_lines(last - 1, 5) == [lines[-1], b"{}", b"[]"]
    database.close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (2,)


def test_uses_that_no_limit_counts_are_forgotten(tmp_path: Path) -> None:
    """The file does not grow with every push ever made."""
    world = World(limits__push__events_per_minute=None)
    world.persist_to(tmp_path)
    for n in range(600):
        world.push(PushItem.of(n, 900))
        world.now += 1000
    kept = open_state_file(tmp_path).read_state()
    assert kept is not None
    assert len(kept.saved.uses) < 600


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"this is not a database, however long it may be" * 100, "damaged"),
        (b"SQLite format 3\x00" + b"\xff" * 4000, "damaged"),
    ],
)
def test_a_file_that_is_no_state_is_left_alone(tmp_path: Path, content: bytes, words: str) -> None:
    """The message has its path, and the file is as it was."""
    path = tmp_path / STATE_FILE
    path.write_bytes(content)
    with pytest.raises(StateError) as raised:
        open_state_file(tmp_path)
    assert words in raised.value.message
    assert str(path) in raised.value.message
    assert raised.value.hint
    assert "--recover" in raised.value.hint
    assert path.read_bytes() == content


def test_a_foreign_database_is_left_alone(tmp_path: Path) -> None:
    """Somebody else's tables are not ours."""
    with sqlite3.connect(tmp_path / STATE_FILE) as connection:
        connection.execute("CREATE TABLE mine (x)")
    connection.close()
    with pytest.raises(StateError, match="is not a state"):
        open_state_file(tmp_path)


def test_a_newer_state_is_left_alone(tmp_path: Path) -> None:
    """With both versions in the message."""
    path = close(fill_state_file(tmp_path))
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 7")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StateError, match=r"newer forge-emu \(format 7; this one reads 2\)"):
        open_state_file(tmp_path)
    assert path.read_bytes() == before


def test_damage_inside_is_found_when_it_is_read(tmp_path: Path) -> None:
    """A row that is no JSON, a table that is gone."""
    path = close(fill_state_file(tmp_path))
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE standings SET standing = 'x' WHERE number = 3")
    connection.close()
    with pytest.raises(StateError, match="damaged"):
        open_state_file(tmp_path).read_state()
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TABLE standings")
    connection.close()
    with pytest.raises(StateError, match="damaged"):
        open_state_file(tmp_path).read_state()


def test_a_body_that_nobody_can_read_is_damage(tmp_path: Path) -> None:
    """It is left as text until its handler starts, so it is looked at before."""
    path = close(fill_state_file(tmp_path))
    with sqlite3.connect(path) as connection:
        rows = connection.execute("SELECT number, fixed FROM deliveries").fetchall()
        number, text = next(row for row in rows if b'"body":' in row[1])
        at = text.index(b'"body":') + len(b'"body":')
        end = at + len(msgspec.json.encode(msgspec.json.decode(text)[6]["body"]))
        broken = text[:at] + b"1e999" + text[end:]
        connection.execute("UPDATE deliveries SET fixed = ? WHERE number = ?", (broken, number))
    connection.close()
    with pytest.raises(StateError, match="the body of an event is no JSON"):
        open_state_file(tmp_path).read_state()


def test_what_was_written_moves_into_the_file(tmp_path: Path) -> None:
    """What lies beside it does not grow with everything that was ever written."""
    world = World()
    world.persist_to(tmp_path)
    database = world.database
    assert database is not None
    until, seq = time.monotonic() + 60, 0
    # Another thread moves it, in its own time.
    while database.path.stat().st_size < 20_000_000 and time.monotonic() < until:
        seq += 1
        line = RecordLines(seq, seq, b"x" * 20_000)
        database.write_update(StateUpdate(StateHeader(seq, 0, seq, 0, 0, 1, 1), lines=[line]))
    assert database.path.stat().st_size >= 20_000_000
    database.close()


def test_pages_that_are_no_longer_used_are_not_written(tmp_path: Path) -> None:
    """Also where SQLite was built to write zeros into them."""
    with closing(open_connection(tmp_path / STATE_FILE)) as connection:
        rows = ((number, b"x" * 3_000) for number in range(300))
        connection.executemany("INSERT INTO deliveries VALUES (?, ?)", rows)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("DELETE FROM deliveries WHERE number > 3")
        written = (tmp_path / f"{STATE_FILE}-wal").stat().st_size

    assert written < 10 * 8_192


def test_what_lies_beside_the_file_does_not_grow_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside a busy writer something is always left to move: it moves that itself, and begins
    anew in the same space."""
    monkeypatch.setattr(checkpoints, "_CHECKPOINT_BYTES", 1 << 60)
    world = fill_state_file(tmp_path)
    assert world.database is not None
    heads = []
    for most in (1 << 60, 1_000):
        monkeypatch.setattr(checkpoints, "MAX_WAL_BYTES", most)
        with closing(sqlite3.connect(tmp_path / STATE_FILE, isolation_level=None)) as other:
            world.database._checkpoints.checkpoint(other)
        for n in range(3):
            world.engine.call_kvs(KvsRequest("set", f"k{n}", value_text=b"1"), n)
            world.collect()
            heads.append((tmp_path / f"{STATE_FILE}-wal").read_bytes()[:32])
    usual, full = heads[:3], heads[3:]
    assert usual[0] == usual[1] == usual[2]
    assert full[0] != full[1] == full[2]
    kept = open_state_file(tmp_path).read_state()
    assert kept is not None
    assert {f"k{n}" for n in range(3)} <= {key for _, key in kept.saved.values}
