"""One app in two languages, and the records of a run of each with all that may differ taken out."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

from tests.e2e.emulator_process import run_command
from tests.npm import NEWEST, packages_folder

Record = dict[str, Any]
OLD_PACKAGES = {"@forge/events": "^2", "@forge/api": "^7"}

MANIFEST = """\
app:
  id: ari:cloud:ecosystem::app/0b1f6a5e-3c49-4f0e-8e0b-5f5b0f6d7a11
  name: conformance
  runtime:
    name: nodejs22.x
    memoryMB: 128
  storage:
    entities:
      - name: employee
        attributes:
          surname: {type: string}
          age: {type: integer}
          gender: {type: string}
        indexes:
          - surname
          - name: by-age-per-gender
            partition: [gender]
            range: [age]
permissions:
  scopes: [read:jira-work, storage:app]
modules:
  trigger:
    - key: on-created
      function: created
      events: [avi:jira:created:issue]
  consumer:
    - key: working
      queue: work
      function: work
  function:
    - key: created
      handler: index.created
    - key: work
      handler: index.work
      timeoutSeconds: 20
"""

JS_HEAD = """\
import * as events from '@forge/events';
import { Queue, InvocationError, InvocationErrorCode, QueueResponse } from '@forge/events';
const queue = new Queue({ key: 'work' });
"""
JS_KVS = """\
import {
  Filter, FilterConditions, kvs, MetadataField, Sort, WhereConditions,
} from '@forge/kvs';
"""
JS_STORAGE = "import { startsWith, storage } from '@forge/api';\n"

PY_HEAD = """\
import asyncio, json, time
from forge_emu import sdk
from forge_emu.sdk import (
    Filter, FilterConditions, InvocationError, InvocationErrorCode, MetadataField, Queue,
    QueueResponse, Sort, WhereConditions, kvs, starts_with, storage,
)
queue = Queue(key="work")
"""


class Pair(NamedTuple):
    """The same in both languages; `seen` are types of records that must be among them."""

    name: str
    javascript: str
    python: str
    expected_types: tuple[str, ...]
    arguments: tuple[str, ...] = ()


def compare_records(pair: Pair, root: Path) -> list[Record]:
    """Every record of both, in the same order; answers those of one."""
    script = run_records(javascript_app(root / "js", pair.javascript), *pair.arguments)
    module = run_records(python_app(root / "py", pair.python), *pair.arguments)

    types = Counter(record["type"] for record in module)
    assert set(pair.expected_types) <= set(types)
    for n, (theirs, ours) in enumerate(zip(script, module, strict=False)):
        assert ours == theirs, f"record {n}"
    assert len(module) == len(script)
    return module


def javascript_app(root: Path, source: str) -> Path:
    """The app in JavaScript, with the packages that it imports."""
    old = "storage." in source
    head = JS_HEAD + (JS_STORAGE if old else JS_KVS)
    _write(root, "index.js", head + source)
    packages = OLD_PACKAGES if old else NEWEST
    os.symlink(packages_folder(packages) / "node_modules", root / "node_modules")
    (root / "package.json").write_text("{}")
    return root


def python_app(root: Path, source: str) -> Path:
    """The app in Python."""
    return _write(root, "index.py", PY_HEAD + source)


def run_records(app: Path, *arguments: str) -> list[Record]:
    """What happens in virtual time, with everything but names of files and stacks."""
    done = run_command(
        "run",
        app,
        "--json",
        "--virtual",
        "--seed",
        "7",
        "--trigger",
        "issue-created",
        "--until-idle",
        *arguments,
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    jobs: dict[str, str] = {}
    return [_normalized_record(json.loads(line), jobs) for line in lines]


def _write(root: Path, name: str, source: str) -> Path:
    (root / "src").mkdir(parents=True)
    (root / "manifest.yml").write_text(MANIFEST)
    (root / "src" / name).write_text(source)
    return root


def _normalized_record(record: Record, jobs: dict[str, str]) -> Record:
    """Ids that the app's own code mints by their order, stacks by whether they name the app."""
    text = json.dumps(record).replace("index.js", "index").replace("index.py", "index")
    text = re.sub(r"src/index(:\d+)+", "src/index", text)
    for job in _job_ids(record):
        jobs.setdefault(job, f"job-{len(jobs) + 1}")
    for job, name in jobs.items():
        text = text.replace(job, name)
    normal: Record = json.loads(text)
    error = normal.get("error")
    if isinstance(error, dict):
        error["stack"] = "src/index" in (error.get("stack") or "")
    return normal


def _job_ids(record: Record) -> list[str]:
    if record["type"] == "log":
        return re.findall(r"job ([0-9a-f-]{36})", record["message"])
    return [record["job_id"]] if "job_id" in record else []
