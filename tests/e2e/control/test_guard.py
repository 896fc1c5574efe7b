"""Who can reach a running emulator, and what is seen of those who may not."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from tests.e2e import apps
from tests.e2e.emulator_process import run_command, running_emulator

pytestmark = pytest.mark.node
QUIET = "exports.created = () => {}; exports.store = () => {};"


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """An app that does nothing."""
    return apps.app_without_packages(tmp_path, QUIET)


def test_a_web_page_gets_nowhere_and_is_seen(app: Path) -> None:
    """It is in the records, in `tail`, and in the records of the next run; nothing was sent."""
    with running_emulator(app) as run:
        session = json.loads((app / ".forge-emu" / "session.json").read_text())
        order = {"event": "issue-created", "count": 5}
        page = {"origin": "https://evil.example", "authorization": f"Bearer {session['token']}"}
        answer = httpx.post(f"{session['url']}/v1/trigger", json=order, headers=page)
        assert answer.status_code == 403
        refusal = run.wait_for_type("control.refused")
        assert refusal["path"] == "/v1/trigger"
        assert "https://evil.example" in refusal["reason"]
        assert session["token"] not in json.dumps(refusal)
        told = run_command(
            "tail", "--app", app, "--json", "--type", "control.refused", "--no-follow"
        )
        assert json.loads(told.stdout) == refusal
        run.interrupt()
        assert run.wait_for_summary()["product_events"]["sent"] == 0
    with running_emulator(app) as again:
        assert again.records_of("app.loaded")[0]["seq"] > refusal["seq"]


def test_the_door_is_opened_with_a_warning(app: Path) -> None:
    """Another address is answered, by its number, and only with the token."""
    with running_emulator(app, "--host", "0.0.0.0") as run:
        assert "--host 0.0.0.0" in run.stderr
        assert "token" in run.stderr
        session = json.loads((app / ".forge-emu" / "session.json").read_text())
        url = session["url"].replace("127.0.0.1", "127.0.0.2")
        assert httpx.get(f"{url}/v1/status").status_code == 401
        token = {"authorization": f"Bearer {session['token']}"}
        assert httpx.get(f"{url}/v1/status", headers=token).status_code == 200
        stranger = {**token, "host": "evil.example"}
        assert httpx.get(f"{url}/v1/status", headers=stranger).status_code == 403
    with running_emulator(app) as run:
        assert "--host" not in run.stderr


@pytest.mark.parametrize("host", ["no such host", "192.0.2.1"])
def test_an_address_that_is_none_of_ours_is_an_error(app: Path, host: str) -> None:
    """Exit code 2 and the user's word; no session is left."""
    done = run_command("run", app, "--host", host, "--plain")
    assert done.returncode == 2
    assert host in done.stderr
    assert "Traceback" not in done.stderr
    assert not (app / ".forge-emu" / "session.json").exists()
