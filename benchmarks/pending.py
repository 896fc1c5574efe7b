"""A million pending events: pushed, kept, read back. No handler runs.

Run it: `python -m benchmarks.pending [EVENTS]`.
"""

from __future__ import annotations

import gc
import resource
import sys
import tempfile
from itertools import count
from pathlib import Path

from benchmarks.calibration import CalibratedTimer
from forge_emu.engine.build import build_parts
from forge_emu.engine.engine import Engine
from forge_emu.model import App, Consumer, Function, PushItem, PushRequest
from forge_emu.settings import Settings
from forge_emu.store.database import Database
from forge_emu.store.gc_pause import gc_paused
from forge_emu.store.shapes import Identity, StateHeader, StateUpdate

BATCH = 50
PUSHES_A_TURN = 10


def app() -> App:
    """An app with one queue."""
    function = Function("work", "index.work", "src/index.js", "work", None, 512, 1)
    consumers = (Consumer("consumer", "work", "work", None, 1),)
    return App("a", "a", "manifest.yml", "nodejs22.x", {"work": function}, consumers, ())


def fresh_engine() -> Engine:
    """An engine whose ids and chances are cheap."""
    ids = count()
    parts = build_parts(
        app(), Settings("off"), epoch_ms=0, new_id=lambda: f"{next(ids):032x}", chance=lambda: 0.5
    )
    return Engine(app(), parts)


def push_all(engine: Engine, database: Database | None, events: int) -> None:
    """Push events of an issue's size, due in a quarter of an hour, turn by turn."""
    body = {"issue": {"key": "EMU-1", "fields": {"summary": "s" * 200, "labels": ["a", "b"]}}}
    for number in range(events // BATCH):
        items = tuple(PushItem.of({**body, "n": number}, 900) for _ in range(BATCH))
        request = PushRequest("work", f"job{number}", items, (300,) * BATCH, 15_000, f"i{number}")
        engine.push(request, number)
        if number % PUSHES_A_TURN == 0:
            end_turn(engine, database, number)
    end_turn(engine, database, events // BATCH)


def end_turn(engine: Engine, database: Database | None, now: int) -> None:
    """The end of a turn."""
    engine.take_records()
    if database is not None:
        present = StateHeader(now, 0, engine.last_seq, engine.pending, 0, 1, 1)
        database.write_update(StateUpdate(present, engine.take_changes()))


def peak_megabytes() -> float:
    """The most memory this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(events: int) -> None:
    """Print one line per measurement."""
    clock = CalibratedTimer()
    before = peak_megabytes()
    with clock.measure("push, in memory alone", events):
        push_all(fresh_engine(), None, events)
    gc.collect()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "state.sqlite"
        database = Database(path)
        engine = fresh_engine()
        engine.snapshot_writer.start()
        identity = Identity("j", "a", 0, 1, engine.installation)
        database.replace_state(identity, StateUpdate(StateHeader(0, 0, 0, 0, 0, 1, 1)))
        with clock.measure("push, kept on disk", events):
            push_all(engine, database, events)
        print(f"{'memory':<34}{peak_megabytes() - before:>9,.0f} MB")
        with clock.measure("close the file", events):
            database.close()
        print(f"{'file':<34}{path.stat().st_size / 1e6:>9,.0f} MB")
        del engine
        gc.collect()
        with clock.measure("read it back", events):
            database = Database(path)
            kept = database.read_state()
        assert kept is not None
        again = fresh_engine()
        with clock.measure("restore the engine", events), gc_paused(freeze=True):
            again.restore(kept.saved, events, away_ms=0, clean=False)
        assert again.pending == events
        with clock.measure("the first turn after it", events):
            end_turn(again, database, events)
        database.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
