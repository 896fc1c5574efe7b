"""The store's rate limits: each at its edge, each by name, and none of them by accident."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from forge_emu.engine.kvs.requests import KvsBatch, KvsItem
from forge_emu.engine.kvs.single_key import run_single_key
from forge_emu.engine.kvs.store import KvsStore
from forge_emu.engine.snapshot.shapes import EngineSnapshot
from forge_emu.errors import Fault
from forge_emu.model import Instant, KvsRequest, LimitUsage
from forge_emu.settings import Settings, SettingValue
from tests.engine.world import World

ONE_UNIT = b'"' + b"x" * 9_998 + b'"'
REQUESTS, READS, WRITES = (
    "limits.kvs.requests_per_second",
    "limits.kvs.read_units_per_minute",
    "limits.kvs.write_units_per_minute",
)


def text_of(size: int) -> bytes:
    """JSON text of exactly `size` bytes."""
    return b'"' + b"x" * (size - 2) + b'"'


def store(overrides: dict[str, SettingValue] | None = None) -> KvsStore:
    return KvsStore(Settings(overrides=overrides), 0)


def read(kvs: KvsStore, now: Instant, key: str = "none") -> str | None:
    """The limit that refused a read, None when it was answered."""
    return ask(kvs, KvsRequest("get", key), now)


def write(kvs: KvsStore, now: Instant, key: str = "k", text: bytes = b"1") -> str | None:
    return ask(kvs, KvsRequest("set", key, text), now)


def ask(kvs: KvsStore, request: KvsRequest, now: Instant) -> str | None:
    try:
        run_single_key(kvs, request, now)
    except Fault as fault:
        return fault.limit
    return None


def used(kvs: KvsStore, now: Instant) -> dict[str, float]:
    return {usage.name: usage.used for usage in kvs.usage(now)}


def hits(kvs: KvsStore, now: Instant) -> dict[str, int]:
    return {usage.name: usage.hits for usage in kvs.usage(now) if usage.hits}


@pytest.mark.parametrize(
    ("size", "units"),
    [
        (1, 1),
        (9_999, 1),
        (10_000, 1),
        (10_001, 2),
        (65_000, 7),
        (70_000, 7),
        (70_001, 8),
        (245_760, 25),
    ],
)
def test_requests_round_up_to_units_of_10_kb(size: int, units: int) -> None:
    """A request costs whole units of 10,000 bytes; 65 KB are 7, written or read."""
    kvs = store()
    text = text_of(size) if size > 1 else b"1"
    _, written = run_single_key(kvs, KvsRequest("set", "k", text), 0)
    _, seen = run_single_key(kvs, KvsRequest("get", "k"), 0)

    assert (written.bytes, written.units) == (size, units)
    assert (seen.bytes, seen.units) == (size, units)
    assert used(kvs, 0) == {REQUESTS: 2, READS: units, WRITES: units}


def test_unit_size_is_a_setting() -> None:
    """`limits.kvs.unit_kb` changes what a unit is."""
    kvs = store({"limits.kvs.unit_kb": 4})
    _, done = run_single_key(kvs, KvsRequest("set", "k", text_of(4_001)), 0)

    assert done.units == 2


def test_request_over_1000_a_second_is_refused() -> None:
    """The 1,000th request within a second passes and the 1,001st does not, until one leaves."""
    kvs = store()
    answers = [read(kvs, i // 2) for i in range(1_000)]

    assert answers == [None] * 1_000
    assert read(kvs, 999) == REQUESTS
    assert read(kvs, 1_000) is None
    assert read(kvs, 1_000) is None
    assert read(kvs, 1_000) == REQUESTS
    assert hits(kvs, 1_000) == {REQUESTS: 2}


def test_write_unit_over_4000_a_minute_is_refused() -> None:
    """Writes fit up to exactly 4,000 units a minute and again 60 s after the oldest."""
    kvs = store()
    for i in range(3_999):
        assert write(kvs, i * 2, f"k{i}", ONE_UNIT) is None
    two_units = text_of(10_001)

    assert write(kvs, 8_000, "last", two_units) == WRITES
    assert write(kvs, 8_000, "last", ONE_UNIT) is None
    assert write(kvs, 8_000, "more") == WRITES
    assert write(kvs, 59_999, "more") == WRITES
    assert write(kvs, 60_000, "more") is None
    assert hits(kvs, 60_000) == {WRITES: 3}


@pytest.mark.parametrize(("limit", "refused"), [(3, True), (4, False), (5, False)])
def test_read_units_at_the_edge(limit: int, refused: bool) -> None:
    """A read fits if its units bring the minute to the limit, and not beyond."""
    kvs = store({READS: limit})
    write(kvs, 0, "k", text_of(20_001))
    read(kvs, 0)
    answer = read(kvs, 0, "k")

    assert (answer == READS) is refused


@pytest.mark.parametrize(("limit", "refused"), [(1, True), (2, False), (3, False)])
def test_delete_costs_a_write_unit(limit: int, refused: bool) -> None:
    """A delete takes one write unit, whatever it deletes."""
    kvs = store({WRITES: limit})
    write(kvs, 0)
    answer = ask(kvs, KvsRequest("delete", "k"), 0)

    assert (answer == WRITES) is refused


def test_reads_and_writes_have_minutes_of_their_own() -> None:
    """Used-up write units leave reading untouched, and the other way round."""
    kvs = store({WRITES: 1, READS: 1})
    write(kvs, 0)

    assert write(kvs, 0) == WRITES
    assert read(kvs, 0) is None
    assert read(kvs, 0) == READS


def test_secrets_share_the_limits() -> None:
    """The limits are those of the installation: secrets and values draw on the same."""
    kvs = store({WRITES: 1})
    ask(kvs, KvsRequest("set", "k", b"1", secret=True), 0)

    assert write(kvs, 0) == WRITES


def test_refused_request_is_not_applied_and_costs_nothing() -> None:
    """A refusal by rate leaves the value, and by default the windows, as they were."""
    kvs = store({WRITES: 1})
    write(kvs, 0, "k", b"1")
    before = used(kvs, 0)

    assert write(kvs, 0, "k", b"2") == WRITES
    assert [v.value_text for v in kvs.items()] == [b"1"]
    assert used(kvs, 0) == before


def test_form_is_judged_before_rate_and_rate_before_state() -> None:
    """A malformed request is a 400 even over the limit; a conflict there is a 429."""
    kvs = store({WRITES: 1})
    write(kvs, 0)
    conflict = KvsRequest("set", "k", b"1", {"keyPolicy": "FAIL_IF_EXISTS"})

    assert ask(kvs, KvsRequest("set", "k"), 0) == "kvs.value"
    assert ask(kvs, conflict, 0) == WRITES


def test_rate_refusal_says_which_limit_in_plain_words() -> None:
    """The answer is 429 with the platform's code, and the message names limit and setting."""
    kvs = store({WRITES: 1})
    write(kvs, 0)
    with pytest.raises(Fault) as caught:
        run_single_key(kvs, KvsRequest("set", "k", b"1"), 0)

    assert caught.value.status == 429
    assert caught.value.body["code"] == "RATE_LIMIT_EXCEEDED"
    assert "1 units/min" in caught.value.body["message"]
    assert WRITES in caught.value.body["message"]


@pytest.mark.parametrize(("size", "refused"), [(199_999, False), (200_000, False), (200_001, True)])
def test_one_key_takes_1_mb_of_writes_a_second(size: int, refused: bool) -> None:
    """Writes of one key fit up to exactly 1,000,000 bytes within a second."""
    kvs = store()
    for _ in range(4):
        write(kvs, 0, "k", text_of(200_000))
    answer = write(kvs, 999, "k", text_of(size))

    assert (answer == "limits.kvs.key_write_mb_per_second") is refused


def test_key_throughput_is_per_key_and_per_second() -> None:
    """Another key is not held up, nor the same one a second later."""
    kvs = store()
    for _ in range(5):
        write(kvs, 0, "k", text_of(200_000))

    assert write(kvs, 999, "k") == "limits.kvs.key_write_mb_per_second"
    assert write(kvs, 999, "other") is None
    assert ask(kvs, KvsRequest("set", "k", b"1", secret=True), 999) is None
    assert write(kvs, 1_000, "k") is None


def test_one_key_gives_12_mb_of_reads_a_second() -> None:
    """Reads of one key fit up to 12,000,000 bytes within a second."""
    kvs = store()
    write(kvs, 0, "k", text_of(200_000))
    answers = [read(kvs, 500, "k") for _ in range(60)]

    assert answers == [None] * 60
    assert read(kvs, 1_499, "k") == "limits.kvs.key_read_mb_per_second"
    assert read(kvs, 1_500, "k") is None


def test_fixed_windows_start_anew() -> None:
    """With `limits.kvs.window = fixed` the minute begins at full minutes of the run."""
    kvs = store({WRITES: 1, "limits.kvs.window": "fixed"})

    assert write(kvs, 59_000) is None
    assert write(kvs, 59_999) == WRITES
    assert write(kvs, 60_000) is None


def test_old_preset_counts_per_20_seconds() -> None:
    """Under `legacy` 400 deletes fit into 20 s, and there are no units."""
    kvs = KvsStore(Settings("legacy"), 0)
    deletes = [ask(kvs, KvsRequest("delete", "k"), 0) for _ in range(400)]

    assert deletes == [None] * 400
    assert ask(kvs, KvsRequest("delete", "k"), 19_999) == "limits.kvs.deletes_per_20_seconds"
    assert ask(kvs, KvsRequest("delete", "k"), 20_000) is None
    assert [u.name for u in kvs.usage(0) if u.limit is not None] == [
        "limits.kvs.reads_per_20_seconds",
        "limits.kvs.writes_per_20_seconds",
        "limits.kvs.deletes_per_20_seconds",
        "limits.kvs.queries_per_20_seconds",
        "limits.kvs.batches_per_minute",
    ]


def test_preset_off_refuses_nothing() -> None:
    """Without limits ten thousand writes of one instant all pass, and are counted."""
    kvs = KvsStore(Settings("off"), 0)
    answers = {write(kvs, 0, "k", ONE_UNIT) for _ in range(10_000)}

    assert answers == {None}
    assert used(kvs, 0)[WRITES] == 10_000


def test_usage_lists_requests_reads_and_writes() -> None:
    """Usage gives the three limits of today with their units."""
    kvs = store()
    write(kvs, 0)

    assert kvs.usage(0) == [
        LimitUsage(REQUESTS, "KVS requests", 1, 1_000, "requests/s", 0, 1, 1),
        LimitUsage(READS, "KVS reads", 0, 4_000, "units/min", 0, 0, 0.0),
        LimitUsage(WRITES, "KVS writes", 1, 4_000, "units/min", 0, 1, 1),
    ]


@given(st.lists(st.tuples(st.integers(0, 9_000), st.integers(2, 60_000)), max_size=60))
def test_no_minute_holds_more_write_units_than_the_limit(calls: list[tuple[int, int]]) -> None:
    """Whatever is written when, the units granted within any minute stay within the limit."""
    kvs, now, granted = store({WRITES: 12}), 0, []
    for gap, size in calls:
        now += gap
        if write(kvs, now, "k", text_of(size)) is None:
            granted.append((now, -(-size // 10_000)))

    for at, _ in granted:
        assert sum(units for t, units in granted if at <= t < at + 60_000) <= 12


KEY_WRITES = "limits.kvs.key_write_mb_per_second"


def write_much(world: World, key: str = "k") -> None:
    """200 KB under a key."""
    world.engine.kvs.call(KvsRequest("set", key, text_of(200_000)), world.now)


def refuse_writes(world: World, times: int = 1) -> None:
    """Write the key that has used up its second."""
    for _ in range(times):
        with pytest.raises(Fault):
            write_much(world)
    world.collect()


def key_usage(world: World) -> LimitUsage | None:
    """The figures of the limit of single keys."""
    every = world.engine.usage(world.now)
    return next((use for use in every if use.name == KEY_WRITES), None)


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A store one of whose keys has used up its second."""
    world = World()
    world.persist_to(tmp_path)
    for key in ("k", "other", "k", "k", "k", "k"):
        write_much(world, key)
    world.collect()
    return world


def test_a_key_has_no_figures_before_something_was_refused(world: World) -> None:
    """Then they are those of the key that uses most, in MB, without a mean."""
    assert key_usage(world) is None
    refuse_writes(world, 3)
    world.now = 999
    assert key_usage(world) == LimitUsage(KEY_WRITES, "KVS key writes", 1.0, 1, "MB/s", 3, 1.0, 0.0)
    world.now = 1_000
    assert key_usage(world) == LimitUsage(KEY_WRITES, "KVS key writes", 0.0, 1, "MB/s", 3, 1.0, 0.0)


def test_the_figures_of_a_key_outlive_a_restart(world: World) -> None:
    """Hits and peak, and what counts within the second."""
    refuse_writes(world, 2)
    before = key_usage(world)
    world.restart()

    assert before is not None
    assert key_usage(world) == before
    refuse_writes(world)
    assert key_usage(world) == structs.replace(before, hits=3)


def test_a_state_of_before_they_were_saved_can_be_loaded(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It counts anew, and enforces the limit all the same."""
    refuse_writes(world, 2)
    restore = type(world.engine).restore

    def restore_old(engine: object, saved: EngineSnapshot, *args: int, **more: bool) -> None:
        old = structs.replace(
            saved, figures={name: use for name, use in saved.figures.items() if name != KEY_WRITES}
        )
        restore(engine, old, *args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(type(world.engine), "restore", restore_old)
    world.restart()

    assert key_usage(world) is None
    refuse_writes(world)
    assert (found := key_usage(world)) is not None
    assert (found.hits, found.used) == (1, 1.0)


def test_a_key_of_a_batch_that_is_refused_is_a_hit(world: World) -> None:
    """Though the batch goes through."""
    batch = KvsBatch(
        "batch_set", (KvsItem("k", text_of(200_000)), KvsItem("new", text_of(200_000)))
    )
    answer = world.engine.kvs.call(batch, world.now)

    assert [failed.fault.limit for failed in answer.failed] == [KEY_WRITES]
    assert (found := key_usage(world)) is not None
    assert found.hits == 1
