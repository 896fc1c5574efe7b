"""What is in events: bodies, what handlers were given and returned, their logs and requests.

It is kept beside the records, in bounded memory and in the state. Pure.
"""

from forge_emu.payloads.collector import PayloadCollector
from forge_emu.payloads.entries import NO_PAYLOADS, PayloadChanges, PayloadRow
from forge_emu.payloads.kept import KeptPayloads

__all__ = ["NO_PAYLOADS", "KeptPayloads", "PayloadChanges", "PayloadCollector", "PayloadRow"]
