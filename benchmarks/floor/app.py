"""The app of the benchmarks: the shape of Atlassian's guide, with the packages of sample_app."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Final

from forge_emu.runtime.node.tools import Tools

PACKAGES: Final = Path(__file__).parents[2] / "sample_app" / "node_modules"

MANIFEST: Final = """\
app:
  id: ari:cloud:ecosystem::app/6f1d2c3b-58a4-4e07-9b61-c2d4a8e07f35
  runtime:
    name: nodejs22.x
permissions:
  scopes: [read:jira-work, storage:app]
modules:
  trigger:
    - key: on-created
      function: created
      events: [avi:jira:created:issue]
  consumer:
    - key: storing
      queue: store-later
      function: store
  function:
    - key: created
      handler: index.created
    - key: store
      handler: index.store
"""

SOURCE: Final = """\
import { InvocationError, InvocationErrorCode, Queue } from '@forge/events';
import { kvs } from '@forge/kvs';

const queue = new Queue({ key: 'store-later' });

const later = () => new InvocationError({
  retryAfter: 60,
  retryReason: InvocationErrorCode.FUNCTION_UPSTREAM_RATE_LIMITED,
});

export async function created(event) {
  try {
    await queue.push({ body: { key: event.issue.key, fields: event.issue.fields } });
  } catch {
    return later();
  }
}

export async function store(event) {
  try {
    await kvs.set(event.body.key, { summary: event.body.fields.summary });
  } catch {
    return later();
  }
}
"""


def write_app(root: Path) -> Path:
    """The app in `root`, with the packages of sample_app."""
    (root / "src").mkdir(parents=True)
    (root / "manifest.yml").write_text(MANIFEST)
    (root / "src" / "index.js").write_text(SOURCE)
    (root / "node_modules").symlink_to(PACKAGES)
    return root


def bundle_app(root: Path, tools: Tools) -> Path:
    """Its code with its packages in one file."""
    bundle = root / "bundle.cjs"
    options = ("--bundle", "--platform=node", "--format=cjs", f"--outfile={bundle}")
    command = [str(tools.esbuild.path), str(root / "src" / "index.js"), *options]
    subprocess.run([*command, "--log-level=error"], check=True)
    return bundle
