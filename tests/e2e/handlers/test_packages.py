"""Old packages, and packages that are too new for their app, through the whole emulator."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.e2e.apps import MANIFEST, write_files
from tests.e2e.emulator_process import EmulatorProcess, run_command
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
    os.symlink(packages_folder(PACKAGE_SETS[packages]) / "node_modules", root / "node_modules")
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
    # The manifest declares no entity: the error reaches the app, and a record names the rule.
    assert "kvs.entity" in {r["limit"] for r in run_.records_of("kvs.refused")}
    assert [r["reason"] for r in run_.records_of("event.dropped")] == ["max_retries"]


@pytest.mark.parametrize("packages", ["api2", "api3", "api4"])
def test_versions_that_send_over_https(tmp_path: Path, packages: str) -> None:
    """`@forge/api` 2 to 4 with `@forge/events` 0: a product is asked, an event is stored."""
    source = OLD.replace("import { storage }", "import api, { route, storage }").replace(
        "await queue.getJob(id).getStats();",
        "const job = await (await queue.getJob(id).getStats()).json();\n"
        "  const path = route`/rest/api/3/issue/${event.issue.key}`;\n"
        "  const issue = await api.asApp().requestJira(path);\n"
        "  console.log(typeof id, JSON.stringify(job), (await issue.json()).key);",
    )
    lines = source.splitlines()
    source = "\n".join(line for line in lines if "entity" not in line)
    mocks = "mocks: [{request: 'GET /rest/api/3/issue/{key}', body: {key: '{key}'}}]\n"
    files = {"manifest.yml": RESOLVED, "src/index.js": source, "forge-emu.yml": mocks}

    run_ = run(tmp_path, packages, files)

    logs = [r["message"] for r in run_.records_of("log") if r["level"] == "info"]
    assert logs == ['string {"success":0,"inProgress":1,"failed":0} EMU-1']
    assert [r["service"] for r in run_.records_of("request.mocked")] == ["fpp/app/jira"]
    assert [r["key"] for r in run_.records_of("kvs.done")] == ["EMU-1"]
    assert len(run_.records_of("retry.scheduled")) == len(run_.records_of("event.succeeded")) == 1


@pytest.mark.parametrize(
    ("package", "version", "advice"),
    [
        ("@forge/api", "1.2.0", "npm install @forge/api@2"),
        ("@forge/api", "2.9.1", "npm install @forge/api@2"),
        ("@forge/events", "0.6.1", "npm install @forge/events@0"),
    ],
)
def test_versions_of_the_sandbox(tmp_path: Path, package: str, version: str, advice: str) -> None:
    """One error says that the sandbox is gone, where it is imported, and what to install."""
    write_files(
        tmp_path,
        {
            "manifest.yml": MANIFEST,
            "src/index.js": f"import {{ x }} from '{package}';\n"
            "export const created = () => x();\nexport const store = created;\n",
            f"node_modules/{package}/package.json": json.dumps({"version": version}),
            f"node_modules/{package}/index.js": "export const x = global.api.asApp();\n",
        },
    )
    done = run_command("simulate", tmp_path, "issue-created")

    assert done.returncode == 2
    found = [line for line in done.stderr.splitlines() if "sandbox" in line]
    assert len(found) == 1
    assert "src/index.js:1:19" in found[0]
    assert f"{package} {version}" in found[0]
    assert advice in done.stderr
    assert "reading 'asApp'" not in done.stderr


def test_ui_kit_1(tmp_path: Path) -> None:
    """The file that shows a user interface with it is named, and `React` is not."""
    write_files(
        tmp_path,
        {
            "manifest.yml": MANIFEST,
            "src/index.jsx": "import ForgeUI, { Macro, render } from '@forge/ui';\n"
            "export const created = render(<Macro />);\nexport const store = created;\n",
            "node_modules/@forge/ui/package.json": json.dumps({"version": "1.11.4"}),
            "node_modules/@forge/ui/index.js": "exports.render = (x) => () => x;\n",
        },
    )
    done = run_command("simulate", tmp_path, "issue-created")

    assert done.returncode == 2
    assert "UI Kit 1, which Forge no longer has" in done.stderr
    assert "src/index.jsx:2" in done.stderr
    assert "@forge/react" in done.stderr
    assert "React is not defined" not in done.stderr
    assert done.stderr.count("UI Kit 1") == 1


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
