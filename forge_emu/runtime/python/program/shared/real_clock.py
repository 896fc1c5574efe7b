"""The machine's clock and source of randomness, saved before handlers' are patched in.

Everything of the host that waits or measures uses these.
"""

from __future__ import annotations

import os
import random
import threading
import time
from typing import Final

monotonic_ns: Final = time.monotonic_ns
sleep: Final = time.sleep
urandom: Final = os.urandom
thread_id: Final = threading.get_ident
Random: Final = random.Random


def now_ms() -> float:
    """Milliseconds of a clock that all processes of the machine share and that never goes back."""
    return monotonic_ns() / 1e6
