"""`forge-emu site` from another terminal: show, issues, seed, export, import."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.emulator_process import EmulatorProcess, run_command, running_emulator
from tests.python_app import write_app


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatorProcess]:
    """An app with 500 issues and 20 pages that were made up."""
    app = write_app(tmp_path_factory.mktemp("site") / "app")
    with running_emulator(app, "--ephemeral", "--no-watch") as run:
        seeded = site(run, "seed", "--issues", "500", "--pages", "20")
        assert seeded.returncode == 0, seeded.stderr
        yield run


def site(run: EmulatorProcess, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """`forge-emu site …` of the app."""
    return run_command("site", *arguments, "--app", run.app)


def test_a_query_finds_issues(run: EmulatorProcess) -> None:
    """All of them in pages, some of them, one as JSON."""
    every = site(run, "issues").stdout.splitlines()
    done = site(run, "issues", "--jql", "status = Done").stdout.splitlines()
    (issue,) = site(run, "issues", "--jql", "key = EMU-3", "--json").stdout.splitlines()
    assert len(every) == 500
    assert 0 < len(done) < 500
    assert set(done) < set(every)
    assert all("  Done  " in line for line in done)
    assert json.loads(issue)["fields"]["summary"] in every[2]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("issues", "--jql", "nope = 3"), "Field 'nope' does not exist"),
        (("issues", "--jql", "watcher = 3"), "the field 'watcher' of JQL"),
        (("show", "EMU-9999"), "there is no 'EMU-9999' on the site"),
        (("import", "nowhere.yml"), "cannot read 'nowhere.yml'"),
    ],
)
def test_what_cannot_be_is_one_message(
    run: EmulatorProcess, arguments: tuple[str, ...], words: str
) -> None:
    """With the user's words."""
    done = site(run, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_an_export_takes_the_place_of_all(run: EmulatorProcess, tmp_path: Path) -> None:
    """What YAML adds is gone after the import; the site is what it was."""
    file, before = tmp_path / "site.json", site(run, "show").stdout
    assert site(run, "export", file).returncode == 0
    (tmp_path / "more.yml").write_text("issues: [{summary: One more}]\n")
    assert "1 things put on the site" in site(run, "import", tmp_path / "more.yml").stderr
    assert "501 issue" in site(run, "show").stdout
    assert site(run, "import", file).returncode == 0
    assert site(run, "show").stdout == before
    assert json.loads(site(run, "show", "EMU-1").stdout)["key"] == "EMU-1"
