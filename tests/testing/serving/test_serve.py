"""`forge-emu testing serve`: what it takes and answers, whoever starts it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from forge_emu.errors import UserError
from forge_emu.testing.options import EmulatorOptions
from forge_emu.testing.serving.contract import ServedOptions
from forge_emu.testing.serving.serve import read_options
from tests.conftest import AppDir
from tests.testing.app import write_app


@contextmanager
def served(app: Path, options: str = "{}") -> Iterator[httpx.Client]:
    """A client of an emulator that ends with the block."""
    command = [sys.executable, "-m", "forge_emu", "testing", "serve", str(app)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(options.encode() + b"\n")
        process.stdin.flush()
        said = json.loads(process.stdout.readline())
        headers = {"authorization": f"Bearer {said['token']}"}
        with httpx.Client(base_url=said["url"], headers=headers, timeout=60) as client:
            yield client
        process.stdin.close()
        assert process.wait(60) == 0


def test_options_are_those_of_python() -> None:
    """All of them, and no other."""
    assert set(ServedOptions.__struct_fields__) == set(EmulatorOptions.__annotations__)
    assert read_options(b"") == read_options(b"{}\n")
    given = read_options(b'{"seed": 7, "kvs": {"a": 1}, "limits": "off"}\n')
    assert (given["seed"], given["kvs"], given["limits"]) == (7, {"a": 1}, "off")
    for wrong, named in ((b"[1]", "object"), (b"{", "truncated"), (b'{"sed": 1}', "`sed`")):
        with pytest.raises(UserError, match=named):
            read_options(wrong)


def test_a_run_over_http(app_dir: AppDir) -> None:
    """Events since a record, a story, figures, a refusal; the app's directory stays free."""
    app = write_app(app_dir)
    before = set(app.rglob("*"))
    with served(
        app, '{"kvs": {"bad": ["EMU-1"]}, "settings": {"async_events.max_retries": 0}}'
    ) as it:

        def ask(method: str, path: str, body: object = None) -> Any:
            return it.request(method, path, json=body).raise_for_status().json()

        ask("POST", "/v1/trigger", {"event": "issue-created", "count": 2})
        assert ask("GET", "/v1/test/events")["events"] == []
        assert ask("POST", "/v1/test/advance", {"span_ms": 1000}) == {"now": 1000}
        first = ask("GET", "/v1/test/events")
        assert [event["state"] for event in first["events"]] == ["succeeded"] * 2 + ["pending"] * 2
        assert ask("POST", "/v1/test/until-idle") == {"now": 60_000}
        later = ask("GET", f"/v1/test/events?since={first['seq']}")
        assert sorted(event["state"] for event in later["events"]) == ["dropped", "succeeded"]
        (lost,) = (event for event in later["events"] if event["state"] == "dropped")
        assert "max_retries" in lost["story"]
        assert ask("GET", f"/v1/test/story?event={lost['id']}") == {"story": lost["story"]}
        assert ask("GET", f"/v1/test/events?since={later['seq']}&logs_before=2")["logs"] == []
        assert ask("GET", "/v1/test/figure?name=dropped") == {"value": 1}
        assert ask("GET", "/v1/test/summary")["whole"]["events"]["dropped"] == 1
        answer = ask("POST", "/v1/test/invoke", {"target": "double", "payload": {"n": 4}})
        assert (answer["result"], answer["reason"]) == (8, None)
        refused = it.get("/v1/test/story?event=nope")
        assert (refused.status_code, "no event" in refused.text) == (400, True)
        assert it.get("/v1/test/summary", headers={"authorization": "Bearer x"}).status_code == 401
        assert ask("POST", "/v1/test/snapshots") == {"snapshot": 1}
        assert ask("DELETE", "/v1/test/snapshots/1") == {"now": 60_000}
        assert it.post("/v1/test/snapshots/1").status_code == 404
    left = {path for path in set(app.rglob("*")) - before if "__pycache__" not in path.parts}
    assert {path.relative_to(app).parts[0] for path in left} <= {".forge-emu"}
    assert not (app / ".forge-emu" / "session.json").exists()
