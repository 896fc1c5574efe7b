"""An app whose manifest lacks the scope `storage:app`: every call of the store is refused."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.e2e.apps import MANIFEST, write_files
from tests.e2e.emulator_process import RecordJson, run_command
from tests.npm import packages_folder
from tests.runtime.node.packages.probe_app import PACKAGE_SETS

pytestmark = pytest.mark.node

WITHOUT_SCOPE = MANIFEST.replace("read:jira-work, storage:app", "read:jira-work")
TEXT = "Request principal is not authorized to use storage resource"
CALLS = """\
import { kvs, WhereConditions } from '@forge/kvs';

const calls = {
  get: () => kvs.get('k'), set: () => kvs.set('k', 1), delete: () => kvs.delete('k'),
  secret: () => kvs.setSecret('k', 'hidden'), entity: () => kvs.entity('e').get('k'),
  query: () => kvs.query().where('key', WhereConditions.beginsWith('k')).getMany(),
  entityQuery: () => kvs.entity('e').query().index('i').getMany(),
  batch: () => kvs.batchSet([{ key: 'k', value: 1 }]),
  transaction: () => kvs.transact().set('k', 1).execute(),
};

export async function created() {
  for (const [name, call] of Object.entries(calls)) {
    try { console.log(name, await call()); } catch (error) {
      console.log(name, error.constructor.name, error.code, error.message,
        error.responseDetails?.status);
    }
  }
}
export const store = created;
"""
LEGACY = """\
import { storage } from '@forge/api';

export async function created() {
  for (const call of [() => storage.set('k', 1), () => storage.query().getMany()]) {
    try { console.log(await call()); } catch (error) { console.log(error.message); }
  }
}
export const store = created;
"""
PYTHON = """\
from forge_emu.sdk import kvs, storage

async def created():
    for call in (lambda: kvs.get("k"), lambda: storage.set("k", 1)):
        try:
            print(await call())
        except Exception as error:
            print(type(error).__name__, getattr(error, "code", None), error)

async def store():
    pass
"""


def run_once(root: Path, files: dict[str, str], *options: str) -> list[RecordJson]:
    """The records of one created issue, in virtual time."""
    write_files(root, files)
    records = root / "records.jsonl"
    done = run_command("simulate", root, "issue-created", "--records", records, *options)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in records.read_text("utf-8").splitlines()]


def messages(records: list[RecordJson], level: str = "info") -> list[str]:
    """The log lines of one level."""
    return [r["message"] for r in records if r["type"] == "log" and r["level"] == level]


def link_packages(root: Path, packages: str) -> None:
    """Install a set of packages."""
    os.symlink(packages_folder(PACKAGE_SETS[packages]) / "node_modules", root / "node_modules")


def test_every_call_of_the_package_is_refused(tmp_path: Path) -> None:
    """Keys, secrets, entities, queries, batches, transactions: with 403, each by its rule."""
    link_packages(tmp_path, "api8")

    records = run_once(tmp_path, {"manifest.yml": WITHOUT_SCOPE, "src/index.js": CALLS})

    logs = messages(records)
    assert len(logs) == 9
    assert all(line.endswith(f" ForgeKvsAPIError FORBIDDEN {TEXT} 403") for line in logs), logs
    refused = [r for r in records if r["type"] == "kvs.refused"]
    assert {(r["limit"], r["status"]) for r in refused} == {("kvs.scope", 403)}
    assert len(refused) == 9
    (warning,) = messages(records, "warn")
    assert "lacks the scope storage:app" in warning
    assert "permissions.scopes in manifest.yml" in warning
    advice = [a["message"] for a in records[-1]["advice"] if a["detail"]["limit"] == "kvs.scope"]
    assert "storage:app" in advice[0]


def test_the_old_storage_is_refused(tmp_path: Path) -> None:
    """Its errors carry a message alone, which begins with the code."""
    link_packages(tmp_path, "api4")

    records = run_once(tmp_path, {"manifest.yml": WITHOUT_SCOPE, "src/index.js": LEGACY})

    assert messages(records) == [f"FORBIDDEN: {TEXT}"] * 2


def test_python_handlers_are_refused(tmp_path: Path) -> None:
    """`kvs` and `storage` of the SDK alike."""
    records = run_once(tmp_path, {"manifest.yml": WITHOUT_SCOPE, "src/index.py": PYTHON})

    assert messages(records) == [
        f"ForgeKvsAPIError FORBIDDEN {TEXT}",
        f"APIError None FORBIDDEN: {TEXT}",
    ]


def test_a_setting_lets_them_through(tmp_path: Path) -> None:
    """`storage.missing_scope=allow`."""
    files = {"manifest.yml": WITHOUT_SCOPE, "src/index.py": PYTHON}

    records = run_once(tmp_path, files, "--set", "storage.missing_scope=allow")

    assert messages(records) == ["None", "None"]
