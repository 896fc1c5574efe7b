"""What can be read of a damaged state is saved, and the old file kept."""

from __future__ import annotations

import random
import sqlite3
from pathlib import Path

import msgspec
import pytest

from forge_emu.engine.installation import Installation
from forge_emu.store.opening import StateError
from forge_emu.store.recovery import Recovery, recover_file
from forge_emu.store.schema import STATE_FILE
from forge_emu.store.shapes import Identity, StoredState
from tests.engine.world import EPOCH
from tests.store.state_files import close, fill_state_file, open_state_file, replace_record

STRANGER = Identity("new", "app", EPOCH + 5_000_000, 9, Installation("i", "c"))


def recovered(path: Path) -> tuple[Recovery, StoredState]:
    """What became of the state at `path`."""
    before = path.read_bytes()
    salvage = recover_file(path, STRANGER, 0)
    assert salvage.old_file.read_bytes() == before
    kept = open_state_file(path.parent).read_state()
    assert kept is not None
    return salvage, kept


def test_a_sound_state_is_saved_whole(tmp_path: Path) -> None:
    """Recovering needlessly loses nothing."""
    path = close(fill_state_file(tmp_path))
    before = open_state_file(tmp_path).read_state()
    salvage, after = recovered(path)
    assert salvage.lost == []
    assert before is not None
    assert after.saved.deliveries == before.saved.deliveries
    assert after.saved.values == before.saved.values
    assert after.identity == before.identity


def test_an_unreadable_row_is_lost_alone(tmp_path: Path) -> None:
    """How far the event was is not known: it is delivered at once, and that is said."""
    path = close(fill_state_file(tmp_path))
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE standings SET standing = 'x' WHERE number = 3")
        connection.execute("UPDATE deliveries SET fixed = 'x' WHERE number = 5")
    connection.close()
    salvage, kept = recovered(path)
    assert len(kept.saved.deliveries) == 19
    assert kept.saved.deliveries[3][1].state == "scheduled"
    assert "19 pending events" in salvage.saved
    assert "1 pending events" in salvage.lost
    assert any("at once" in line for line in salvage.lost)


def test_without_its_facts_the_time_is_found_in_the_records(tmp_path: Path) -> None:
    """The instant 0 follows from any record."""
    path = close(fill_state_file(tmp_path))
    with sqlite3.connect(path) as connection:
        connection.execute("DELETE FROM facts")
        last = connection.execute("SELECT max(seq) FROM records").fetchone()[0]
    connection.close()
    stamp = b'{"seq":%d,"at":60000,"time":"2023-11-14T22:14:20.000Z"}'
    replace_record(path, last, stamp % last)
    salvage, kept = recovered(path)
    assert kept.identity.epoch_ms == EPOCH
    assert len(kept.saved.deliveries) == 20
    assert any("installation" in line for line in salvage.lost)


def test_records_that_can_be_read_are_saved(tmp_path: Path) -> None:
    """Those beside a damaged one in its row as well, with their numbers; the others are counted."""
    path = close(fill_state_file(tmp_path))
    database = open_state_file(tmp_path)
    state, lines = database.read_state(), database.record_lines(0, 1_000)
    database.close()
    assert state is not None
    replace_record(path, 2, b"{]")
    replace_record(path, 5, lines[5])
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE records SET line = 7 WHERE seq = (SELECT max(seq) FROM records)")
        left = connection.execute("SELECT max(seq) FROM records").fetchone()[0] - 1
    connection.close()
    salvage, _ = recovered(path)
    kept = open_state_file(tmp_path)
    assert kept.record_lines(0, 1_000) == [lines[n] for n in range(left) if n not in (1, 4)]
    assert kept.record_lines(2, 2) == lines[2:4]
    kept.close()
    assert f"{left - 2:,} records" in salvage.saved
    assert f"{len(lines) - left + 2:,} records" in salvage.lost


def test_a_newer_state_is_read_as_far_as_it_is_known(tmp_path: Path) -> None:
    """Its file is kept, and what it shares with this version is saved."""
    path = close(fill_state_file(tmp_path))
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 7")
    connection.close()
    _, kept = recovered(path)
    assert len(kept.saved.deliveries) == 20


@pytest.mark.parametrize("seed", range(25))
def test_damage_anywhere_ends_in_a_sound_state(tmp_path: Path, seed: int) -> None:
    """Pages overwritten, the end cut off: what remains is sound and counted."""
    path = close(fill_state_file(tmp_path, events=60))
    content = bytearray(path.read_bytes())
    chance = random.Random(seed)
    for _ in range(chance.randint(1, 8)):
        # The header alone says that it is a state; a file without it holds nothing to find.
        start = chance.randrange(4096, len(content))
        content[start : start + 2000] = chance.randbytes(min(2000, len(content) - start))
    if chance.random() < 0.3:
        del content[len(content) // 2 :]
    path.write_bytes(content)
    salvage, kept = recovered(path)
    missing = 60 - len(kept.saved.deliveries)
    assert bool(missing) == any("pending events" in line for line in salvage.lost)
    assert all(
        value.value_text == b'"%s"' % (b"v" * 2000) or value.key == "hidden"
        for value in kept.saved.values.values()
        if value.value_text[:1] == b'"'
    )


def test_two_recoveries_keep_both_files(tmp_path: Path) -> None:
    """A name that is taken is not used again."""
    path = close(fill_state_file(tmp_path))
    first, _ = recovered(path)
    second, _ = recovered(path)
    assert first.old_file != second.old_file
    assert first.old_file.exists()


def test_what_is_no_database_leaves_an_empty_state(tmp_path: Path) -> None:
    """Everything is lost, and the file is still there for somebody cleverer."""
    path = tmp_path / STATE_FILE
    path.write_bytes(b"rubbish" * 1000)
    salvage = recover_file(path, STRANGER, 0)
    assert salvage.old_file.read_bytes() == b"rubbish" * 1000
    kept = open_state_file(tmp_path).read_state()
    assert kept is not None
    assert not kept.saved.deliveries
    assert salvage.lost


def test_the_old_file_still_is_refused(tmp_path: Path) -> None:
    """Only a copy of it was opened."""
    path = tmp_path / STATE_FILE
    path.write_bytes(b"rubbish" * 1000)
    salvage = recover_file(path, STRANGER, 0)
    salvage.old_file.rename(path)
    with pytest.raises(StateError):
        open_state_file(tmp_path)


@pytest.mark.parametrize(
    ("saved", "kept"),
    [
        ([{"hook": 2}, ["0-a"], {"2-b": ["a2V5", 5]}], True),
        ([{"hook": 10**9}, [], {}], False),
        ([{"hook": -1}, [], {}], False),
        ([{}, [], {"0-a": ["a2V5", -1]}], False),
    ],
)
def test_addresses_of_web_triggers_are_saved_where_they_can_be_right(
    tmp_path: Path, saved: list[object], kept: bool
) -> None:
    """Numbers that no emulator gives are damage to a reader, and lost to a recovery."""
    path = close(fill_state_file(tmp_path))
    with sqlite3.connect(path) as connection:
        text = msgspec.json.encode(saved)
        connection.execute("INSERT INTO facts VALUES ('web_triggers', ?)", (text,))
    connection.close()
    if not kept:
        with pytest.raises(StateError):
            open_state_file(tmp_path).read_state()
    _, after = recovered(path)

    assert (after.saved.web_triggers.created == {"hook": 2}) == kept
