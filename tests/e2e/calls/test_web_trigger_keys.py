"""Addresses of web triggers with secret keys, and what of them outlives a kill."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import httpx
import pytest

from forge_emu.services.web_triggers.signatures import sign
from tests.conftest import ROOT
from tests.e2e import apps
from tests.e2e.emulator_process import EmulatorProcess, run_command, running_emulator
from tests.npm import NEWEST

KEY = "c2VjcmV0LWtleS1vZi10aGUtYXBw"


def address(run: EmulatorProcess, **given: Any) -> Any:
    """What the app's own `getUrl` answers, or `deleteUrl` with `deleted`."""
    done = run_command("invoke", "address", "--payload", json.dumps(given), "--app", run.app)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.node
def test_a_signed_web_trigger_and_a_deleted_address_outlive_a_kill(tmp_path: Path) -> None:
    """Requests have to be signed with the key that `getUrl` gave, and what was deleted stays so."""
    app = tmp_path / "app"
    shutil.copytree(ROOT / "tests" / "apps" / "called", app)
    apps.link_packages(app, NEWEST)
    with running_emulator(app) as run:
        port = run.records_of("app.loaded")[0]["url"].rpartition(":")[2]
        url = address(run, key="signed", secretKeyConfig={"key": KEY, "noExpiry": True})
        deleted = address(run, key="hook")
        address(run, deleted=deleted)
        newest = address(run, key="hook")
        run.kill()
    with running_emulator(app, "--port", port) as run:
        unsigned = httpx.post(url, content="{}")
        signed = httpx.post(url, content="{}", headers={"x-hub-signature": sign(b"{}", KEY)})
        words = ("trigger", "web", "signed", "--data", "{}", "--app", app, "--json")
        by_hand = json.loads(run_command(*words, "--secret", KEY).stdout)
        statuses = [httpx.get(each).status_code for each in (deleted, newest)]
        refused = run_command("trigger", "web", "hook", "--secret", KEY, "--app", app)
        log = run.wait_for(lambda r: r["type"] == "log" and "was refused" in r["message"])

    assert (unsigned.status_code, signed.status_code, by_hand["status"]) == (401, 207, 207)
    assert unsigned.json() == {"message": "the signature of the request does not hold"}
    assert log["message"] == (
        "a request to the web trigger 'signed' was refused: it has no header X-Hub-Signature"
    )
    assert statuses == [404, 207]
    assert refused.returncode == 2
    assert "takes requests without a signature" in refused.stderr
    assert KEY not in json.dumps(run.records)
