"""An app in Python that pushes, stores, asks for retries, and has a resolver-like function."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import AppDir

MANIFEST = """\
app:
  id: ari:cloud:ecosystem::app/0b1f6a5e-3c49-4f0e-8e0b-5f5b0f6d7a11
  runtime: {name: nodejs22.x}
permissions:
  scopes: [read:jira-work, storage:app]
modules:
  trigger:
    - {key: on-created, function: created, events: ['avi:jira:created:issue']}
  consumer:
    - {key: storing, queue: notes, function: store}
  function:
    - {key: created, handler: index.created}
    - {key: store, handler: index.store}
    - {key: double, handler: index.double}
"""
SOURCE = """\
from forge_emu.sdk import InvocationError, Queue, kvs

queue = Queue(key="notes")

def created(event):
    queue.push({"body": {"key": event["issue"]["key"]}, "delayInSeconds": 60})

def store(event):
    key = event["body"]["key"]
    print("storing", key)
    if key in (kvs.get("bad") or []):
        raise ValueError(f"no {key}")
    if event.get("retryContext", {}).get("retryCount", 0) == 0 and key in (kvs.get("slow") or []):
        return InvocationError(retry_after=120)
    kvs.set(f"note:{key}", {"done": True})

def double(payload):
    return payload["n"] * 2
"""


def write_app(app_dir: AppDir) -> Path:
    """The app in a fresh directory."""
    return app_dir({"manifest.yml": MANIFEST, "src/index.py": SOURCE})
