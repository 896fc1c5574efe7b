"""A terminal without UTF-8 or without a cursor gets ASCII and lines, and nothing breaks."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from forge_emu.cli.output.streams import write_in_ascii
from tests.cli.programs import ROOT, on_terminal, run_program
from tests.conftest import AppDir
from tests.manifest.sample import MANIFEST

_ASCII_TERMINALS = (
    {"PYTHONIOENCODING": "ascii"},
    {"LC_ALL": "C", "PYTHONIOENCODING": "", "PYTHONUTF8": ""},
)


@pytest.fixture
def app(app_dir: AppDir) -> Path:
    """An app whose handlers do nothing but print a word that is not ASCII."""
    files = {
        "src/index.py": "def push(event, context):\n    print('Zoë')\n",
        "src/jobs/worker.py": "def consume(event, context): pass\n",
    }
    manifest = MANIFEST.replace("queue/worker", "jobs/worker")
    return Path(app_dir({**files, "manifest.yml": manifest}))


def _written(text: str) -> str:
    replaced, end = write_in_ascii(UnicodeEncodeError("ascii", text, 0, len(text), "no"))
    assert end == len(text)
    return replaced


def _printed_characters() -> Iterator[str]:
    """Those that are not ASCII in what the code prints; not those in docstrings and comments."""
    files = [*(ROOT / "forge_emu/console").rglob("*.py"), *(ROOT / "forge_emu/cli").rglob("*.py")]
    for file in [f for f in files if f.name != "streams.py"]:
        tree = ast.parse(file.read_text(encoding="utf-8"))
        docs = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}
        for node in ast.walk(tree):
            value = node.value if isinstance(node, ast.Constant) and id(node) not in docs else None
            if isinstance(value, str):
                yield from (char for char in value if not char.isascii())


def test_every_mark_has_one_column_of_ascii() -> None:
    """Of all that the console and the commands print; so rows keep their width."""
    marks = {char for char in _printed_characters() if char.isprintable()}
    assert len(marks) > 20
    assert {char: _written(char) for char in marks if len(_written(char)) != 1} == {}


def test_marks_that_stand_for_outcomes_differ_in_ascii_too() -> None:
    """Success, retry, error and what is lost are told apart."""
    assert len({_written(char) for char in "✓↻✗■▣□▶◇"}) == 8


def test_other_characters_are_written_as_json_has_them() -> None:
    """Nothing is lost, and JSON stays JSON."""
    assert _written("é漢😀") == "\\u00e9\\u6f22\\ud83d\\ude00"


@pytest.mark.parametrize("environment", _ASCII_TERMINALS)
@pytest.mark.parametrize(
    "command",
    [
        ("check", "{app}"),
        ("doctor", "{app}"),
        ("limits",),
        ("kvs", "list", "--app", "{app}"),
        ("simulate", "{app}", "issue-created", "--count", "30"),
        ("run", "{app}", "--virtual", "--trigger", "issue-created", "--until-idle", "--plain"),
        ("nosuch", "é"),
    ],
)
def test_what_cannot_be_encoded_is_written_in_ascii(
    app: Path, environment: Mapping[str, str], command: tuple[str, ...]
) -> None:
    """No command ends in a traceback."""
    words = [word.replace("{app}", str(app)) for word in command]
    said = run_program(*words, environment=environment)
    assert said.stdout.isascii()
    assert said.stderr.isascii()
    assert said.returncode in (0, 1, 2, 3)
    assert b"Traceback" not in said.stderr
    if command[0] == "run":
        assert b"Zo\\u00eb" in said.stdout


def test_a_terminal_with_utf_8_gets_the_marks(app: Path) -> None:
    """Also in a locale that says nothing of it, as most containers have."""
    command = ("run", app, "--virtual", "--trigger", "issue-created", "--until-idle", "--plain")
    said = run_program(*command, environment={"LC_ALL": "", "PYTHONIOENCODING": ""})
    assert "●" in said.stdout.decode()
    assert "Zoë" in said.stdout.decode()


def test_a_dumb_terminal_gets_lines(app: Path) -> None:
    """Nothing moves its cursor, and nothing is drawn over."""
    command = ("run", app, "--virtual", "--trigger", "issue-created", "--until-idle")
    shown = on_terminal(*command, environment={"NO_COLOR": ""})
    assert "\x1b" not in shown
    assert "Summary" in shown
