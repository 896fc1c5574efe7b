"""The tortured app: it pushes and stores, misbehaves by number, and writes down what was answered.

What the emulator has answered is written to a file of the app's own, so that the proof does not
rest on what the emulator says of itself.
"""

from __future__ import annotations

from pathlib import Path

from tests.e2e import apps
from tests.npm import NEWEST

EVIDENCE_FILE = "evidence.txt"

SOURCE = """\
import { Queue, InvocationError } from '@forge/events';
import { kvs } from '@forge/kvs';
import fs from 'fs';

// version %(version)d
const queue = new Queue({ key: 'store-later' });
const evidence = process.env.EVIDENCE;
const note = (line) => fs.appendFileSync(evidence, line + '\\n');
const number = (key) => Number(key.split('-')[1]);

export async function created(event) {
  const n = number(event.issue.key);
  if (n %% 97 === 0 && !event.retryContext) throw new Error('not this time');
  const { jobId } = await queue.push({ body: { n }, delayInSeconds: n %% 5 });
  note(`pushed ${jobId}`);
  if (n %% 211 === 0) process.exit(1);
  return true;
}

export async function store(event) {
  const { n } = event.body;
  const attempt = event.retryContext?.retryCount ?? 0;
  if (n %% 89 === 0) return new InvocationError({ retryAfter: 1 + n %% 7 });
  if (n %% 83 === 0 && attempt < 2) throw new Error('not yet');
  if (n %% 199 === 0 && attempt === 0) process.exit(3);
  if (n %% 307 === 0 && attempt === 0) await new Promise(() => {});
  if (n %% 1009 === 0 && attempt === 0) for (;;) { /* until it is ended */ }
  if (n %% 61 === 0) setTimeout(() => { throw new Error('late'); }, 1);
  await kvs.set(`key-${n}`, { n, text: 'x'.repeat(n %% 500) });
  note(`stored ${n}`);
  if (n %% 3 === 0) await kvs.get(`key-${n}`);
  console.log(`done ${n}`);
}
"""

BROKEN = "export async function created( {"


def write_app(root: Path) -> Path:
    """The app in `root`."""
    apps.write_files(root, {"manifest.yml": apps.MANIFEST})
    apps.link_packages(root, NEWEST)
    write_version(root, 1)
    return root


def write_version(root: Path, version: int) -> None:
    """Other code, for a reload."""
    apps.write_files(root, {"src/index.js": SOURCE % {"version": version}})


def break_code(root: Path) -> None:
    """Code that cannot be loaded."""
    apps.write_files(root, {"src/index.js": BROKEN})
