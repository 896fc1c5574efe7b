"""Mistakes about retries in whole runs: said once, with file and line, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e import apps
from tests.e2e.simulate.test_simulate import made, of, played

CLAIMING = """\
import { Queue } from '@forge/events';
import { kvs } from '@forge/kvs';

const queue = new Queue({ key: 'store-later' });

export async function created(event) {
  await queue.push({ body: { task: event.issue.key } });
}

export async function store(event) {
  const { task } = event.body;
  try {
    await kvs.set(`claim:${task}`, { at: 1 }, { keyPolicy: 'FAIL_IF_EXISTS' });
  } catch (error) {
    if (error.responseDetails.status === 409) return { deduplicated: true };
    throw error;
  }
  await new Promise((done) => setTimeout(done, event.retryContext ? 2_000 : 60_000));
  await kvs.set(`done:${task}`, true);
}
"""

NO_NUMBER = """\
import { InvocationError, Queue } from '@forge/events';

const queue = new Queue({ key: 'store-later' });

export async function created(event) {
  await queue.push({ body: {} });
}

export async function store(event) {
  const seconds = parseInt(event.body.missing);
  return new InvocationError({
    retryAfter: seconds,
  });
}
"""

RETURNED = """\
from forge_emu.sdk import Queue

queue = Queue(key="store-later")


async def created(event):
    await queue.push({"body": {}})


def store(event):
    try:
        return 1 / 0
    except ZeroDivisionError as error:
        return error
"""


@pytest.mark.node
def test_work_that_its_own_claim_kept_from_being_done_is_found(tmp_path: Path) -> None:
    """The line of the claim is named, and nothing is said of limits, which had no part."""
    _, summary = played(made(tmp_path, CLAIMING), "issue-created:20")
    found = {finding["rule"]: finding for finding in summary["advice"]}

    assert summary["events"]["succeeded"] == 20
    assert found["lost_claim"]["detail"]["events"] == 20
    assert found["lost_claim"]["places"] == ["src/index.js:13"]
    assert set(found) == {"timed_out", "lost_claim"}
    assert not [words for words in ("limit", "retryAfter") if words in str(summary["advice"])]


@pytest.mark.node
def test_a_wait_that_is_no_number_is_said_with_its_line(tmp_path: Path) -> None:
    """Once while it runs, and once in the advice."""
    records, summary = played(made(tmp_path, NO_NUMBER), "issue-created")
    warnings = [r["message"] for r in of(records, "log") if r["level"] == "warn"]
    (found,) = [f for f in summary["advice"] if f["rule"] == "retry_mistake"]

    assert [text for text in warnings if text.startswith("src/index.js:12: ")] == warnings
    assert len(warnings) == 1
    assert {r["retry_after_given"] for r in of(records, "retry.scheduled")} == {"NaN"}
    assert (found["places"], found["detail"]["count"]) == (["src/index.js:12"], 5)


def test_an_error_that_python_returns_is_said_with_its_line(tmp_path: Path) -> None:
    """The line is that of the error, by its traceback."""
    app = apps.write_files(
        tmp_path / "app", {"manifest.yml": apps.MANIFEST, "src/index.py": RETURNED}
    )
    records, _ = played(app, "issue-created")
    ends = [r for r in of(records, "invocation.finished") if r["function"] == "store"]

    assert ends[0]["outcome"] == "success"
    assert ends[0]["mistakes"] == [
        {
            "kind": "returned_error",
            "given": "ZeroDivisionError: division by zero",
            "place": "src/index.py:12",
        }
    ]
