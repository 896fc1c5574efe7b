"""A module that fails because a variable is not set."""

from __future__ import annotations

from pathlib import Path

import pytest

from forge_emu.errors import Problem
from forge_emu.runtime.host.missing_variables import unset_variables, with_missing_variables

HINT = "The code at the top level of a module runs when it is loaded, before any handler."


def hint(
    root: Path, source: str, line: int = 1, message: str = "failed while loading: E: x"
) -> str:
    """The hint of a problem in a source, where A and B are set."""
    (root / "index.js").write_text(source)
    problem = Problem("index.js", line, 1, message, HINT, rule="load")
    return str(with_missing_variables(problem, root, {"A": "1", "B": "2"}).hint)


@pytest.mark.parametrize(
    "source",
    [
        "const x = process.env.KEY.length;",
        "const x = process.env['KEY'].length;",
        "const { A, KEY } = process.env;",
        "const { KEY: key = '' } = process.env;",
        "x = os.environ['KEY']",
        'x = os.environ.get("KEY").strip()',
        "x = os.getenv('KEY').strip()",
        "const a = process.env.A;\nconst key = process.env.KEY;\nkey.split(':');",
    ],
)
def test_the_variable_is_named_with_how_to_set_it(tmp_path: Path, source: str) -> None:
    """In both languages, in each form of reading it."""
    assert hint(tmp_path, source) == (
        "index.js reads KEY, which is not set: give it under `variables:` in forge-emu.yml, with "
        "--env-file, or as FORGE_USER_VAR_KEY."
    )


def test_what_the_failing_line_names_comes_first(tmp_path: Path) -> None:
    """Of several that are not set."""
    source = "const one = process.env.ONE;\nconst two = process.env.TWO.length;"
    assert "reads TWO, ONE, which are not set" in hint(tmp_path, source, line=2)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("const x = process.env.A;", "failed while loading: E: x"),
        ("const x = process.env.KEY;", "there is no module"),
        ("const x = process.env.KEY;", "failed while loading: Error: Cannot find module 'x'"),
        ("const x = 1;", "failed while loading: E: x"),
    ],
)
def test_other_failures_keep_their_hint(tmp_path: Path, source: str, message: str) -> None:
    """Nothing is missing, or something else is."""
    assert hint(tmp_path, source, message=message) == HINT


def test_a_package_that_wants_a_variable_is_heard(tmp_path: Path) -> None:
    """Its error names the variable; the app's own source does not."""
    message = (
        "src/index.js failed while loading: Error: Missing credentials. Set the `SOME_API_KEY` "
        "environment variable."
    )

    assert hint(tmp_path, "const client = new Client({});", message=message) == (
        "A package reads SOME_API_KEY, which is not set: give it under `variables:` in "
        "forge-emu.yml, with --env-file, or as FORGE_USER_VAR_SOME_API_KEY."
    )


def unset(root: Path, source: str, name: str = "index.js") -> str | None:
    """What is said of the variables that a source reads, where A and B are set."""
    (root / name).write_text(source)
    problem = unset_variables(root, [name], {"A": "1", "B": "2"})
    return None if problem is None else str(problem)


def test_variables_that_are_not_set_are_one_warning(tmp_path: Path) -> None:
    """At the first place that reads one."""
    source = (
        "const a = process.env.A;\ncall(process.env.C, process.env.D);\nconst e = process.env.E;\n"
    )

    assert unset(tmp_path, source) == "index.js:2 the app reads C, D, E, which are not set"
    assert unset(tmp_path, "const c = process.env.C;\n" * 2) == (
        "index.js:1 the app reads C, which is not set"
    )


@pytest.mark.parametrize(
    "line",
    [
        "const c = process.env.C || 'd';",
        "const c = process.env.C ?? 'd';",
        "if (process.env.C) log();",
        "const debug = process.env.C === 'true';",
        "const c = process.env.C ? 1 : 2;",
        "// process.env.C",
        "const c = process.env.FORGE_USER;",
        "c = os.environ.get('C', 'd')",
        "c = os.getenv('C') or 'd'",
    ],
)
def test_a_variable_that_may_be_missing_is_no_warning(tmp_path: Path, line: str) -> None:
    """The line has another value, or asks whether there is one."""
    assert unset(tmp_path, line) is None
