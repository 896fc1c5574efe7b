"""The bytes per second of single keys."""

from __future__ import annotations

from forge_emu.engine.kvs.key_throughput import KeyThroughput
from forge_emu.engine.kvs.place import KvsPlace
from forge_emu.settings import KVS_KEY_WRITE_MB, Settings


def test_idle_keys_are_forgotten() -> None:
    """Memory for throughput is bounded by the keys of the last second."""
    throughput = KeyThroughput(KVS_KEY_WRITE_MB, Settings(), "sliding")
    for i in range(500):
        throughput.consume(KvsPlace("plain", "", f"k{i}"), 10, i)
    crowded = len(throughput)
    throughput.consume(KvsPlace("plain", "", "later"), 10, 1_250)

    assert crowded == 500
    assert len(throughput) == 250


def test_a_key_has_its_own_megabyte_a_second() -> None:
    """A megabyte fits to the byte, another key has its own, and a second later there is room."""
    throughput = KeyThroughput(KVS_KEY_WRITE_MB, Settings(), "sliding")
    one, other = KvsPlace("plain", "", "one"), KvsPlace("plain", "", "other")
    throughput.consume(one, 999_999, 0)

    assert throughput.fits(one, 1, 999)
    assert not throughput.fits(one, 2, 999)
    assert throughput.fits(other, 1_000_000, 999)
    assert throughput.fits(one, 1_000_000, 1_000)
