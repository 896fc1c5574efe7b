"""A sound manifest, and changes of it that break it."""

from __future__ import annotations

from forge_emu.errors import ManifestError, Problem
from forge_emu.manifest import read_manifest
from forge_emu.model import App, Json

MANIFEST = """\
modules:
  trigger:
    - key: on-created
      function: pusher
      events:
        - avi:jira:created:issue
  consumer:
    - key: worker
      queue: work
      function: consumer
  function:
    - key: pusher
      handler: index.push
    - key: consumer
      handler: queue/worker.consume
      timeoutSeconds: 100
permissions:
  scopes:
    - read:jira-work
    - storage:app
app:
  id: ari:cloud:ecosystem::app/7c1dd9d6-93c3-4a8e-b3f1-bd3b3f4e0f0a
  runtime:
    name: nodejs22.x
"""
FILES = frozenset({"src/index.js", "src/queue/worker.ts"})


def app_of(text: str, schema: Json = None, files: frozenset[str] = FILES) -> App:
    """The app of a sound manifest."""
    return read_manifest(text.encode(), "manifest.yml", has_file=files.__contains__, schema=schema)


def problems_of(
    text: str | bytes, schema: Json = None, files: frozenset[str] = FILES
) -> tuple[Problem, ...]:
    """Everything that is said of a manifest."""
    raw = text.encode() if isinstance(text, str) else text
    try:
        return tuple(
            read_manifest(raw, "manifest.yml", has_file=files.__contains__, schema=schema).warnings
        )
    except ManifestError as e:
        return e.problems


def lines(problems: tuple[Problem, ...]) -> list[str]:
    """Problems as the user reads them, warnings marked."""
    return [("warning: " if p.severity == "warning" else "") + str(p) for p in problems]


def manifest_with(old: str, new: str) -> str:
    """The sound manifest with `old` replaced, which it must have exactly once."""
    assert MANIFEST.count(old) == 1, old
    return MANIFEST.replace(old, new)
