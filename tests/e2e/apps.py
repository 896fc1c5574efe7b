"""Small real apps, written into a directory of their own outside the repository."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from tests.npm import NEWEST, packages_folder

WriteApp = Callable[[Path], Path]

MANIFEST = """\
app:
  id: ari:cloud:ecosystem::app/0b1f6a5e-3c49-4f0e-8e0b-5f5b0f6d7a11
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

QUEUED = """\
import { InvocationError, InvocationErrorCode, Queue } from '@forge/events';
import { storage } from '@forge/api';

const queue = new Queue({ key: 'store-later' });

export async function created(event) {
  await queue.push({ body: { key: event.issue.key }, delayInSeconds: 0.5 });
  return true;
}

export async function store(event, context) {
  const { key } = event.body;
  try {
    await storage.set(key, { key, job: event.jobId, at: context.installContext });
  } catch (error) {
    const count = event.retryContext?.retryCount ?? 0;
    return new InvocationError({
      retryAfter: 20 * 2 ** count + Math.random() * 100,
      retryReason: InvocationErrorCode.FUNCTION_UPSTREAM_RATE_LIMITED,
      retryData: { key, why: String(error.message) },
    });
  }
}
"""
"""The shape of Atlassian's guide: push each call, store in the consumer, ask for a retry."""

TYPED = """\
import { Queue, InvocationError, InvocationErrorCode, RateLimitError } from '@forge/events';
import type { AsyncEvent } from '@forge/events';
import { kvs, ForgeKvsAPIError } from '@forge/kvs';
import { wait } from './waiting';

interface Created { issue: { key: string; fields: Record<string, unknown> } }

const queue = new Queue({ key: 'store-later' });

export const created = async (event: Created): Promise<unknown> => {
  try {
    const { jobId } = await queue.push([{ body: { key: event.issue.key } }]);
    console.log(`pushed ${event.issue.key} as ${typeof jobId}`);
  } catch (error) {
    if (!(error instanceof RateLimitError)) throw error;
    return new InvocationError({ retryAfter: wait(60, 30) });
  }
};

export async function store(event: AsyncEvent): Promise<unknown> {
  const key = String(event.body.key);
  try {
    await kvs.set(key, { key, text: 'x'.repeat(20_000) });
  } catch (error) {
    if (!(error instanceof ForgeKvsAPIError) || error.code !== 'RATE_LIMIT_EXCEEDED') throw error;
    return new InvocationError({
      retryAfter: wait(20 * 2 ** (event.retryContext?.retryCount ?? 0), 40),
      retryReason: InvocationErrorCode.FUNCTION_UPSTREAM_RATE_LIMITED,
    });
  }
  const stored = await kvs.get<{ key: string }>(key);
  if (stored?.key !== key) throw new Error(`stored ${stored?.key} under ${key}`);
}
"""

WAITING = "export const wait = (least: number, spread: number) => least + Math.random() * spread;\n"


def write_files(root: Path, files: dict[str, str]) -> Path:
    """Write `files` below `root`."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def app_without_packages(root: Path, source: str, manifest: str = MANIFEST) -> Path:
    """An app without packages."""
    return write_files(root, {"manifest.yml": manifest, "src/index.js": source})


def queued_app(root: Path) -> Path:
    """JavaScript on `@forge/events` 2 and `@forge/api` 7."""
    write_files(root, {"manifest.yml": MANIFEST, "src/index.js": QUEUED})
    return link_packages(root, {"@forge/events": "^2", "@forge/api": "^7"})


def typescript_app(root: Path) -> Path:
    """TypeScript on `@forge/events` 3 and `@forge/kvs` 1."""
    write_files(
        root,
        {"manifest.yml": MANIFEST, "src/index.ts": TYPED, "src/waiting.ts": WAITING},
    )
    return link_packages(root, NEWEST)


def link_packages(root: Path, packages: dict[str, str]) -> Path:
    """Give the app `node_modules` with these packages."""
    os.symlink(packages_folder(packages) / "node_modules", root / "node_modules")
    return root
