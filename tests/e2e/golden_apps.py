"""Apps whose records are kept as golden files: each does many things, in its own language."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import ROOT
from tests.e2e import apps

PYTHON_SOURCE = """\
import random

from forge_emu.sdk import (
    Concurrency,
    ForgeKvsAPIError,
    InvocationError,
    InvocationErrorCode,
    Queue,
    RateLimitError,
    kvs,
)

later = Queue(key="store-later")


async def created(event, context):
    key = event["issue"]["key"]
    print("created", key)
    event = {
        "body": {"key": key},
        "delay_in_seconds": 2,
        "concurrency": Concurrency(key="same", limit=3),
    }
    try:
        await later.push(event)
    except RateLimitError as error:
        print("refused:", error)
        return InvocationError(retry_after=random.randint(60, 90))


def store(event):
    key = event["body"]["key"]
    number = int(key.rpartition("-")[2])
    tried = event.get("retryContext", {}).get("retryCount", 0)
    if number % 11 == 0:
        raise ValueError(f"{key} cannot be stored")
    try:
        kvs.set(f"note:{key}", {"text": "x" * 15_000, "tried": tried})
        total = (kvs.get("total") or 0) + 1
        kvs.set("total", total)
    except ForgeKvsAPIError as error:
        if error.code != "RATE_LIMIT_EXCEEDED":
            raise
        return InvocationError(
            retry_after=random.randint(20, 40) * 2**tried,
            retry_reason=InvocationErrorCode.FUNCTION_UPSTREAM_RATE_LIMITED,
            retry_data={"key": key},
        )
    if number % 7 == 0:
        kvs.delete(f"note:{key}")
        kvs.set("", 1)
"""


@dataclass(frozen=True)
class Golden:
    """An app, what is simulated with it, and the name of its file in `golden/`."""

    name: str
    make: Callable[[Path], Path]
    arguments: tuple[str, ...]


def _sample(root: Path) -> Path:
    sample = ROOT / "sample_app"
    shutil.copytree(sample / "src", root / "src")
    shutil.copy(sample / "manifest.yml", root)
    return _with_sample_packages(root)


def _typescript(root: Path) -> Path:
    apps.write_files(
        root,
        {"manifest.yml": apps.MANIFEST, "src/index.ts": apps.TYPED, "src/waiting.ts": apps.WAITING},
    )
    return _with_sample_packages(root)


def _with_sample_packages(root: Path) -> Path:
    """Give it the packages of `sample_app`: its lock file says which."""
    os.symlink(ROOT / "sample_app" / "node_modules", root / "node_modules")
    return root


def _python(root: Path) -> Path:
    return apps.write_files(root, {"manifest.yml": apps.MANIFEST, "src/index.py": PYTHON_SOURCE})


# fmt: off
LIMITED = (
    "--set", "limits.push.events_per_minute=12",
    "--set", "limits.kvs.write_units_per_minute=60",
)
# fmt: on

# fmt: off
GOLDEN = (
    Golden(
        "sample_app",
        _sample,
        ("--event", "issue-created:30", "--event", "issue-updated:8@2m", *LIMITED),
    ),
    Golden(
        "typescript",
        _typescript,
        ("--event", "issue-created:30", "--fault", "kvs.error=10%", "--fault",
         "platform.error=5%", "--set", "delivery.duplicates=0.2", *LIMITED),
    ),
    Golden(
        "python",
        _python,
        ("--event", "issue-created:30", "--fault", "kvs.error=5%", "--fault",
         "invocation.timeout=3%", "--order", "fifo", *LIMITED),
    ),
)
# fmt: on
