"""`forge-emu check` as a user calls it: exit codes, JSON, SARIF."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from forge_emu.rules import RULES
from tests.conftest import AppDir, Call
from tests.rules.apps import write_example
from tests.rules.examples import EXAMPLES, MANIFEST, Example, with_consumer_body

pytestmark = pytest.mark.node

WARNING = Example(with_consumer_body("return new InvocationError({ retryAfter: 901 });"))
ERROR = Example(with_consumer_body("throw new InvocationError();"))


def test_a_sound_app(call: Call, tmp_path: Path) -> None:
    """Nothing on stdout, exit code 0, and nothing is written into the app.

    Forge's own bundler, which this machine may have, keeps what it has read in `node_modules`.
    """
    app = write_example(tmp_path, Example())
    before = sorted(app.rglob("*"))
    said = call("check", app, "--bundler", "esbuild")
    assert (said.code, said.out) == (0, "")
    assert "nothing found" in said.err
    assert sorted(app.rglob("*")) == before


def test_errors_end_with_one(call: Call, tmp_path: Path) -> None:
    """Each with place, rule and hint on stdout, and the count on stderr."""
    said = call("check", write_example(tmp_path, ERROR))
    assert said.code == 1
    first, hint = said.out.splitlines()
    assert first.startswith("src/index.js:6:9 error ")
    assert first.endswith(" [retry-thrown]")
    assert hint.startswith("    Return it")
    assert "1 error, 0 warnings" in said.err
    assert "\x1b" not in said.out


def test_warnings_end_with_one_when_strict(call: Call, tmp_path: Path) -> None:
    """And with 0 otherwise."""
    app = write_example(tmp_path, WARNING)
    assert call("check", app).code == 0
    assert call("check", app, "--strict").code == 1


def test_a_broken_manifest_is_found_and_not_raised(call: Call, app_dir: AppDir) -> None:
    """Every problem of it, on stdout as the others; the code is left out."""
    app = app_dir(
        {"manifest.yml": MANIFEST.replace("queue: later", "queue: 7"), "src/index.js": ""}
    )
    said = call("check", app)
    assert said.code == 1
    assert "manifest.yml:10:" in said.out
    assert "the code was not looked at" in said.err


@pytest.mark.parametrize("path", ["nowhere", "empty", "manifest.yml"])
def test_what_is_no_app_ends_with_two(call: Call, tmp_path: Path, path: str) -> None:
    """Nothing can be looked at."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "manifest.yml").write_text("")
    said = call("check", tmp_path / path)
    assert said.code == 2
    assert not said.out
    assert "Traceback" not in said.err


def test_code_can_be_left_out(call: Call, tmp_path: Path) -> None:
    """Then no tool is needed."""
    app = write_example(tmp_path, ERROR)
    assert call("check", app, "--no-code").code == 0


def test_loading_can_be_left_out(call: Call, tmp_path: Path) -> None:
    """What stands outside functions does not run."""
    app = write_example(tmp_path, EXAMPLES["load"])
    assert call("check", app, "--no-load").code == 0
    assert call("check", app).code == 1


def test_json(call: Call, tmp_path: Path) -> None:
    """One object with counts and problems."""
    found = json.loads(call("check", write_example(tmp_path, ERROR), "--json").out)
    assert (found["errors"], found["warnings"], found["code_seen"]) == (1, 0, True)
    (problem,) = found["problems"]
    assert problem["rule"] == "retry-thrown"
    assert (problem["file"], problem["line"], problem["column"]) == ("src/index.js", 6, 9)


def log_of(call: Call, app: Path, to: Path) -> Any:
    """The SARIF log of a check."""
    call("check", app, "--sarif", to)
    return json.loads(to.read_text("utf-8"))


def test_sarif(call: Call, tmp_path: Path) -> None:
    """The parts that code hosts read, each rule described, paths from the repository's root."""
    (tmp_path / ".git").mkdir()
    app = tmp_path / "apps" / "my app"
    log = log_of(call, write_example(app, ERROR), tmp_path / "out.sarif")
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    (rule,) = run["tool"]["driver"]["rules"]
    assert rule["id"] == "retry-thrown"
    assert rule["shortDescription"]["text"] == RULES["retry-thrown"].about
    (result,) = run["results"]
    assert result["level"] == "error"
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "apps/my%20app/src/index.js"
    assert place["region"] == {"startLine": 6, "startColumn": 9}


def test_sarif_on_stdout(call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In place of the findings, whose number is still told; no file of that name comes to be."""
    app = write_example(tmp_path / "app", ERROR)
    monkeypatch.chdir(tmp_path)
    said = call("check", app, "--sarif", "-")
    assert json.loads(said.out)["runs"][0]["results"][0]["level"] == "error"
    assert said.code == 1
    assert "1 error" in said.err
    assert not (tmp_path / "-").exists()
    assert call("check", app, "--sarif", "-", "--json").code == 2


def test_a_sarif_log_of_nothing_is_a_log(call: Call, tmp_path: Path) -> None:
    """Code hosts take old findings away when they see it."""
    log = log_of(call, write_example(tmp_path / "app", Example()), tmp_path / "out.sarif")
    assert log["runs"][0]["results"] == []


def test_a_finding_without_a_place_has_no_region(call: Call, tmp_path: Path) -> None:
    """Lines begin at 1: there is no line 0."""
    example = EXAMPLES["package-untested"]
    log = log_of(call, write_example(tmp_path / "app", example), tmp_path / "out.sarif")
    places = [r["locations"][0]["physicalLocation"] for r in log["runs"][0]["results"]]
    assert any("region" not in place for place in places)


def test_a_sarif_file_that_cannot_be_written(call: Call, tmp_path: Path) -> None:
    """Exit code 2 and the file's name."""
    said = call(
        "check", write_example(tmp_path / "app", Example()), "--sarif", tmp_path / "no" / "x.sarif"
    )
    assert said.code == 2
    assert "x.sarif" in said.err
