"""Python modules that load, and what is said of those that do not."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from forge_emu.model import Success
from tests.runtime.node.harness import app_of, write_app
from tests.runtime.python.harness import PythonHarness, as_python, load_app, run_app

RUN = {"run": "src/index.py#run"}


def problem(root: Path, source: str, **files: str) -> tuple[str, str | None]:
    """The one thing that is wrong: the text with its place, and the hint."""
    more = {f"src/{name}.py": text for name, text in files.items()}
    build = load_app(root, {"src/index.py": source, **more}, RUN)
    [only] = build.problems
    assert not build.ok
    return str(only), only.hint


@pytest.mark.parametrize(
    ("source", "place"),
    [
        ("def run(:\n", "src/broken.py:1:9"),
        ("import nosuch\n", "src/broken.py:1:1"),
        ("\nraise ValueError('x')\n", "src/broken.py:2:1"),
        ("def other(): pass\n", "manifest.yml:11"),
    ],
)
def test_a_module_that_does_not_load_fails_alone(tmp_path: Path, source: str, place: str) -> None:
    """The functions of the other modules run."""
    files = {"src/index.py": "def run(event): print('ran')\n", "src/broken.py": source}
    app = as_python(app_of({"run": "src/index.py#run", "broken": "src/broken.py#run"}))

    async def whole() -> None:
        stage = PythonHarness(write_app(tmp_path, files))
        try:
            build = await stage.runtime.load_app(app, 1)
            assert build.ok
            assert {key: str(p).split(" ")[0] for key, p in build.unloaded.items()} == {
                "broken": place
            }
            assert await stage.run_invocation("run") == Success()
        finally:
            await stage.runtime.close()

    asyncio.run(whole())


@pytest.mark.parametrize(
    ("source", "said", "hint"),
    [
        ("def run(:\n  pass\n", "src/index.py:1:9 SyntaxError: invalid syntax", None),
        (
            "def run():\npass\n",
            "src/index.py:2:1 IndentationError: expected an indented block after"
            " function definition on line 1",
            None,
        ),
        (
            "import nosuch.part\n",
            'src/index.py:1:1 the package "nosuch" is not installed',
            f"Run: {sys.executable} -m pip install nosuch",
        ),
        (
            "\nimport sklearn\n",
            'src/index.py:2:1 the package "sklearn" is not installed',
            f"Run: {sys.executable} -m pip install scikit-learn",
        ),
        (
            "import helpr\n",
            'src/index.py:1:1 there is no module "helpr"',
            "Did you mean helper, which is in src/?",
        ),
        (
            "from .helper import x\n",
            "src/index.py:1:1 attempted relative import with no known parent package",
            "Modules in src/ have no package: write `import name`.",
        ),
        (
            "from helper import gone\n",
            "src/index.py:1:1 cannot import name 'gone' from 'helper'",
            "Check the name and its spelling.",
        ),
        ("import broken\n", "src/broken.py:2:5 SyntaxError: invalid syntax", None),
        (
            "import raising\n",
            "src/raising.py:2:1 src/index.py failed while loading: KeyError: 'x'",
            "The code at the top level of a module runs when it is loaded, before any handler.",
        ),
        (
            "x = 1\nexit(4)\n",
            "src/index.py:2:1 src/index.py failed while loading: SystemExit: 4",
            "The code at the top level of a module runs when it is loaded, before any handler.",
        ),
        (
            "import os\nos._exit(4)\n",
            "src/index.py src/index.py failed while loading: ProcessExit:"
            " the function's process exited with status 4",
            "The code at the top level of a module runs when it is loaded, before any handler.",
        ),
        (
            "def runs(): pass\ndef other(): pass\nimport json\n",
            'manifest.yml:10 handler "index.run": src/index.py has no function "run"',
            "Did you mean runs? It defines: runs, other.",
        ),
        (
            "",
            'manifest.yml:10 handler "index.run": src/index.py has no function "run"',
            "It defines no function.",
        ),
        (
            "run = 5\n",
            'manifest.yml:10 handler "index.run": run of src/index.py is no function but'
            " a value of type int",
            "The handler must be a function: `def name(event, context)`, or async.",
        ),
    ],
)
def test_what_keeps_a_module_from_loading(
    tmp_path: Path, source: str, said: str, hint: str | None
) -> None:
    """The place, the reason, and what to do."""
    found, advice = problem(
        tmp_path, source, helper="x = 1\n", broken="x = 1\nx = = 2\n", raising="\n{}['x']\n"
    )

    assert found.startswith(said)
    assert advice == hint


def test_a_top_level_that_never_ends_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The problem says how long it was waited for."""
    monkeypatch.setattr("forge_emu.runtime.host.runtime.LOAD_SECONDS", 0.5)
    found, _ = problem(tmp_path, "while True: pass\ndef run(): pass\n")

    assert "src/index.py did not finish loading within" in found


def test_nothing_is_written_into_the_app(tmp_path: Path) -> None:
    """No bytecode, no folder."""

    async def scene(stage: PythonHarness) -> None:
        await stage.run_invocation("run")

    run_app(tmp_path, {"src/index.py": "import lib\ndef run(): pass\n", "src/lib.py": ""}, scene)

    names = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")}
    assert names == {"package.json", "src", "src/index.py", "src/lib.py"}


def test_modules_of_any_name_and_depth(tmp_path: Path) -> None:
    """A name of the standard library, a dash, a folder; each finds its neighbours."""
    files = {
        "src/queue.py": "import lib\ndef one(): print('one', lib.NAME)\n",
        "src/my-jobs.py": "import queue\ndef two(): print('two', hasattr(queue, 'SimpleQueue'))\n",
        "src/deep/er/job.py": "from deep.er import near\ndef three(): print('three', near.X)\n",
        "src/deep/er/near.py": "X = 3\n",
        "src/lib.py": "NAME = __name__\n",
        "top.py": "",
    }
    handlers = {
        "one": "src/queue.py#one",
        "two": "src/my-jobs.py#two",
        "three": "src/deep/er/job.py#three",
    }
    build = load_app(tmp_path, files, handlers)

    assert build.problems == ()


def test_a_handler_takes_as_many_arguments_as_it_likes(tmp_path: Path) -> None:
    """Up to two; any callable will do."""
    source = """
import functools
def none(): print("none")
def one(event): print("one", event)
def two(event, context, more=5): print("two", context, more)
def all(*arguments): print("all", len(arguments))
def named(event, *, key=1): print("named", event)
async def soon(event): print("soon", event)
def later(event): return soon(event)
def _part(first, event): print("part", first, event)
def part(): pass
part = functools.partial(_part, 9)
"""

    async def scene(stage: PythonHarness) -> list[str]:
        for function in ("none", "one", "two", "all", "named", "later", "part"):
            await stage.run_invocation(function, 1)
        return [line.message for line in stage.logs()]

    assert run_app(tmp_path, source, scene) == [
        "none",
        "one 1",
        "two {} 5",
        "all 2",
        "named 1",
        "soon 1",
        "part 9 1",
    ]
