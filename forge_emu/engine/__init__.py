"""The pure engine: queues, retries, limits and the key-value store. Time comes as an argument."""

from forge_emu.engine.build import build_parts
from forge_emu.engine.engine import Engine

__all__ = ["Engine", "build_parts"]
