"""Old packages, and packages that are too new for their app, through the whole emulator."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.e2e.apps import MANIFEST, write_files
from tests.e2e.emulator_process import EmulatorProcess
from tests.npm import packages_folder
from tests.runtime.node.packages.probe_app import PACKAGE_SETS

pytestmark = pytest.mark.node

RESOLVED = MANIFEST.replace(
    "      function: store\n", "      resolver: {function: store, method: keep}\n"
)
OLD = """\
import Resolver from '@forge/resolver';
import { InvocationError, Queue } from '@forge/events';
import { storage } from '@forge/api';

const queue = new Queue({ key: 'store-later' });
const resolver = new Resolver();

export async function created(event) {
  const id = await queue.push({ key: event.issue.key }, { delayInSeconds: 1 });
  await queue.getJob(id).getStats();
}

resolver.define('keep', async ({ payload }) => {
  if (!payload.retryContext) return new InvocationError({ retryAfter: 1, retryData: { n: 1 } });
  await storage.set(payload.key, payload.retryContext.retryData);
  await storage.entity('kept').query().index('by-key').getMany();
});
export const store = resolver.getDefinitions();
"""
BROKEN = """\
import { Queue, InvocationError } from '@forge/events';
import { storage as kvs } from '@forge/api';

export const created = (event) =>
  new Queue({ key: 'store-later' }).push({ body: { key: event.issue.key } });

export async function store(event) {
  try {
    await kvs.set(event.body.key, 1);
  } catch {
    return new InvocationError({ retryAfter: 1 });
  }
}
"""


def run(root: Path, packages: str, files: dict[str, str]) -> EmulatorProcess:
    """One created issue, to the end."""
    write_files(root, files)
    os.symlink(packages_folder(*PACKAGE_SETS[packages]) / "node_modules", root / "node_modules")
    run = EmulatorProcess(root, "--trigger", "issue-created", "--until-idle", "--speed", "60")
    run.wait_for_summary()
    assert run.process.returncode == 0, run.stderr
    return run


def test_the_first_version_of_the_queue(tmp_path: Path) -> None:
    """`@forge/events` 1, a resolver as consumer, `storage`: retried once, then stored."""
    run_ = run(tmp_path, "api5", {"manifest.yml": RESOLVED, "src/index.js": OLD})

    first, *_ = run_.records_of("retry.scheduled")
    assert (first["asked_by"], first["retry_after_ms"]) == ("app", 1000)
    assert run_.records_of("kvs.done")[0]["key"] == "EMU-1"
    # Entities are missing: the error reaches the app, and a record names them.
    assert "storage.entity().query()" in run_.records_of("request.unsupported")[0]["message"]
    assert [r["reason"] for r in run_.records_of("event.dropped")] == ["max_retries"]


def test_storage_on_a_version_without_it(tmp_path: Path) -> None:
    """Said when the app is loaded and again in the summary: file, line, and what to do."""
    run_ = run(tmp_path, "api8", {"manifest.yml": MANIFEST, "src/index.js": BROKEN})

    (problem,) = [
        p for p in run_.records_of("app.loaded")[0]["problems"] if p["rule"] == "storage-removed"
    ]
    assert (problem["file"], problem["line"], problem["column"]) == ("src/index.js", 2, 10)
    assert "npm install @forge/kvs" in problem["hint"]
    advice = " ".join(str(a) for a in run_.records[-1]["advice"])
    assert "src/index.js:2:10" in advice
    assert "@forge/kvs" in advice
    assert [r["reason"] for r in run_.records_of("event.dropped")] == ["max_retries"]
