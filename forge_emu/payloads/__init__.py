"""What is in events: bodies, what handlers were given and returned, their logs and requests.

It is kept beside the records: in the state, or in bounded memory where there is none. Pure.
"""

from forge_emu.payloads.collector import PayloadCollector
from forge_emu.payloads.entries import NO_PAYLOADS, PayloadChanges, PayloadRow
from forge_emu.payloads.kept import KeptPayloads, PayloadsInMemory
from forge_emu.payloads.on_disk import PayloadsOnDisk

__all__ = [
    "NO_PAYLOADS",
    "KeptPayloads",
    "PayloadChanges",
    "PayloadCollector",
    "PayloadRow",
    "PayloadsInMemory",
    "PayloadsOnDisk",
]
