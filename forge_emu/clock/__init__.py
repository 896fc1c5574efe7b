"""Time and chance: the one package that reads the machine's clock and its random numbers."""

from forge_emu.clock.chance import SeededRandom, fresh_id, fresh_seed, fresh_token
from forge_emu.clock.machine import monotonic_seconds, sleep, wall_ms
from forge_emu.clock.real import RealClock
from forge_emu.clock.virtual import PacedClock, VirtualClock

__all__ = [
    "PacedClock",
    "RealClock",
    "SeededRandom",
    "VirtualClock",
    "fresh_id",
    "fresh_seed",
    "fresh_token",
    "monotonic_seconds",
    "sleep",
    "wall_ms",
]
