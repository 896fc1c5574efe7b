"""What is in events that a remote handles, or whose handler calls one."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.e2e.apps import link_packages
from tests.e2e.remotes.backend import APP, backend, free_port, run_events
from tests.npm import NEWEST

CALLS = ROOT / "tests" / "apps" / "remote_calls"


def payload_of_run(folder: Path, app: Path = APP) -> tuple[dict[str, Any], str]:
    """What is in the product event of a run, and all that the page says of payloads."""
    page, port = folder / "out.html", free_port()
    with backend(port, "200") as remote:
        run_events(
            folder,
            *("--remote", f"backend={remote.url}", "--report", str(page), "--with-payloads"),
            port=port,
            app=app,
        )
    assert remote.requests[0]["headers"]["authorization"].startswith("Bearer ")
    (text,) = re.findall(r'id="run">(.*?)</script>', page.read_text("utf-8"), re.S)
    payloads = json.loads(text)["payloads"]
    (found,) = payloads.values()
    return found, json.dumps(payloads)


def test_an_event_that_a_remote_handles(tmp_path: Path) -> None:
    """What it was sent and has answered, without the tokens."""
    found, text = payload_of_run(tmp_path)
    (attempt,) = found["invocations"]

    assert attempt["given"]["event"]["issue"]["key"] == "EMU-1"
    (request,) = attempt["requests"]
    assert (request["method"], request["status"]) == ("POST", 200)
    assert request["url"].endswith("/issues")
    assert json.loads(request["sent"])["payload"]["issue"]["key"] == "EMU-1"
    assert "Bearer" not in text
    assert "eyJ" not in text


@pytest.mark.node
def test_a_handler_that_calls_a_remote(tmp_path: Path) -> None:
    """The request has the address of the remote, and a status."""
    shutil.copytree(CALLS, tmp_path / "app")
    link_packages(tmp_path / "app", NEWEST)
    found, text = payload_of_run(tmp_path)
    (attempt,) = found["invocations"]

    request = attempt["requests"][0]
    assert request["status"] == 200
    assert request["url"].startswith("http://127.0.0.1:")
    assert json.loads(request["sent"]) == {"key": "EMU-1"}
    assert "Bearer" not in text
