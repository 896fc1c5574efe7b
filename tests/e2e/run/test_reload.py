"""A changed app is taken over while it runs; a broken one is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e import apps
from tests.e2e.emulator_process import run_command, running_emulator

pytestmark = pytest.mark.node

SAYS = "exports.created = () => console.log('{}'); exports.store = () => {{}};"


def send(app: Path) -> None:
    """Trigger an event."""
    assert run_command("trigger", "issue-created", "--app", app).returncode == 0


def test_changed_code_is_used_from_the_next_invocation_on(tmp_path: Path) -> None:
    """The record of the reload comes first, then the new code speaks."""
    with running_emulator(apps.app_without_packages(tmp_path, SAYS.format("old"))) as run:
        send(tmp_path)
        assert run.wait_for_type("log")["message"] == "old"
        (tmp_path / "src" / "index.js").write_text(SAYS.format("new"))
        assert run.wait_for_type("app.reloaded")["generation"] == 2
        send(tmp_path)
        assert run.wait_for_type("log")["message"] == "new"


def test_what_runs_finishes_on_the_old_code(tmp_path: Path) -> None:
    """A swap in the middle of a handler changes nothing for it."""
    held = """\
    const { existsSync } = require('fs');
    exports.created = async () => {
      console.log('begun');
      while (!existsSync(process.cwd() + '/release')) await new Promise((r) => setTimeout(r, 5));
      console.log('old end');
    };
    exports.store = () => {};
    """
    app = apps.app_without_packages(tmp_path, held)
    with running_emulator(app, "--layout", "source") as run:
        send(tmp_path)
        run.wait_for(lambda r: r.get("message") == "begun")
        (tmp_path / "src" / "index.js").write_text(SAYS.format("new"))
        run.wait_for_type("app.reloaded")
        send(tmp_path)
        run.wait_for(lambda r: r.get("message") == "new")
        (tmp_path / "release").touch()
        run.wait_for(lambda r: r.get("message") == "old end")


def test_a_broken_build_keeps_the_last_good_one(tmp_path: Path) -> None:
    """The error names file, line and column; the next good save is taken."""
    with running_emulator(apps.app_without_packages(tmp_path, SAYS.format("good"))) as run:
        source = tmp_path / "src" / "index.js"
        source.write_text("exports.created = () => {\n  const x = ;\n};\n")
        (problem,) = run.wait_for_type("app.rejected")["problems"]
        assert (problem["file"], problem["line"], problem["column"]) == ("src/index.js", 2, 13)
        send(tmp_path)
        assert run.wait_for_type("log")["message"] == "good"
        source.write_text(SAYS.format("mended"))
        run.wait_for_type("app.reloaded")
        send(tmp_path)
        assert run.wait_for_type("log")["message"] == "mended"


def test_a_changed_manifest_is_read_again(tmp_path: Path) -> None:
    """A broken one is refused with its place; a sound one changes who listens."""
    with running_emulator(apps.app_without_packages(tmp_path, SAYS.format("heard"))) as run:
        manifest = tmp_path / "manifest.yml"
        manifest.write_text(apps.MANIFEST.replace("function: created", "function: gone"))
        (problem,) = run.wait_for_type("app.rejected")["problems"]
        assert (problem["file"], problem["line"]) == ("manifest.yml", 10)
        manifest.write_text(apps.MANIFEST.replace("created:issue", "deleted:issue"))
        reloaded = run.wait_for_type("app.reloaded")
        assert reloaded["triggers"] == {"on-created": ["avi:jira:deleted:issue"]}
        send(tmp_path)
        assert run.wait_for_type("product_event.dropped")["reason"] == "no_trigger"


def test_a_function_that_does_not_load_may_stay_broken(tmp_path: Path) -> None:
    """The rest runs and reloads; breaking one that ran is refused, mending one is taken up."""
    root = apps.app_without_packages(tmp_path, SAYS.format("one"))
    (root / "src" / "other.js").write_text("throw new Error('no browser');")
    manifest = apps.MANIFEST.replace("handler: index.store", "handler: other.store")
    (root / "manifest.yml").write_text(manifest)
    with running_emulator(root) as run:
        assert run.records[-1]["functions"] == ["created"]
        warning = run.wait_for(lambda r: r["type"] == "log" and r["level"] == "warn")
        assert (
            "other.store (function 'store') does not load: src/other.js:1:7" in warning["message"]
        )
        (root / "src" / "index.js").write_text(SAYS.format("two"))
        assert run.wait_for_type("app.reloaded")["functions"] == ["created"]
        send(root)
        assert run.wait_for(lambda r: r.get("message") == "two")
        (root / "src" / "index.js").write_text("throw new Error('broken');")
        assert run.wait_for_type("app.rejected")["problems"]
        (root / "src" / "index.js").write_text(SAYS.format("three"))
        (root / "src" / "other.js").write_text("exports.store = () => {};")
        run.wait_for(lambda r: r["type"] == "app.reloaded" and len(r["functions"]) == 2)


def test_a_consumer_that_a_reload_takes_away(tmp_path: Path) -> None:
    """Its waiting events end as dropped, with the reason; none is forgotten."""
    pushes = """\
    exports.created = () => __forge_fetch__(
      { type: 'fpp', provider: 'app', remote: 'stargate' },
      '/webhook/queue/publish/{contextAri}/{environmentId}/{appId}/{appVersion}',
      { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({
        queueName: 'store-later', jobId: 'j', type: 'avi:forge:app:event',
        schema: 'ari:cloud:ecosystem::forge/app-event-2', time: new Date().toISOString(),
        payload: [{ body: {}, delayInSeconds: 900 }] }) });
    exports.store = () => {};
    """
    with running_emulator(apps.app_without_packages(tmp_path, pushes)) as run:
        send(tmp_path)
        run.wait_for_type("event.pushed")
        lines = apps.MANIFEST.splitlines(keepends=True)
        start = next(i for i, line in enumerate(lines) if "consumer:" in line)
        (tmp_path / "manifest.yml").write_text("".join(lines[:start] + lines[start + 4 :]))
        run.wait_for_type("app.reloaded")
        assert run_command("clock", "advance", "15m", "--app", tmp_path).returncode == 0
        assert run.wait_for_type("event.dropped")["reason"] == "no_consumer"
