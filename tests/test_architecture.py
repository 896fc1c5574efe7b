"""The rules of the house that no single part can check for itself."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "forge_emu"
PYPROJECT = ROOT / "pyproject.toml"

MODULES_OF_CLOCK_OR_CHANCE = {"time", "random", "secrets"}
READS = {
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "os.urandom",
    "os.getrandom",
    "uuid.uuid1",
    "uuid.uuid4",
}
READERS_OF_THE_CLOCK = {
    "forge_emu/clock/chance.py",
    "forge_emu/clock/machine.py",
    "forge_emu/clock/real.py",
    "forge_emu/clock/virtual.py",
    # The same inside Python handlers, whose time and chance they put in the machine's place.
    "forge_emu/runtime/python/program/shared/real_clock.py",
    "forge_emu/runtime/python/program/instance/time_patch.py",
    "forge_emu/runtime/python/program/instance/random_patch.py",
    "forge_emu/runtime/python/program/instance/machine_patch.py",
}
METHODS_OF_A_LOOP = {"time", "call_later", "call_at"}

MOST_FILES = 20
"""In one folder, side by side."""

MOST_LINES = 300
"""Of a product file that is no catalogue."""

CATALOGUES = {
    "forge_emu/settings/catalogue.py": "every setting, each with its unit, source and date",
    "forge_emu/records.py": "every type of record, each with its fields",
    "forge_emu/model.py": "every noun that the parts share",
    "forge_emu/ports.py": "every message of a runtime, and what each part needs of others",
    "forge_emu/runtime/host/wire.py": "every message to a host and from it",
}
"""Files that are longer because they are one list, and what they list."""

NO_SOURCES = {"__pycache__", "node_modules", "golden", ".forge-emu"}


def clock_reads(source: str, *, pure: bool) -> list[str]:
    """Every place of `source` that reads the machine's clock or chance, as `line: what`.

    In a pure part, an event loop's own clock counts as well.
    """
    return [f"{line}: {what}" for line, what in _clock_reads(ast.parse(source), pure)]


def _clock_reads(tree: ast.Module, pure: bool) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                if name.name in MODULES_OF_CLOCK_OR_CHANCE:
                    yield node.lineno, f"import {name.name}"
        elif isinstance(node, ast.ImportFrom):
            for name in node.names:
                read = f"{node.module}.{name.name}"
                if node.module in MODULES_OF_CLOCK_OR_CHANCE or read in READS:
                    yield node.lineno, f"from {node.module} import {name.name}"
        elif isinstance(node, ast.Attribute):
            dotted = ast.unparse(node)
            if any(dotted == read or dotted.endswith(f".{read}") for read in READS):
                yield node.lineno, dotted
        elif pure and isinstance(node, ast.Call) and _is_loop_method(node.func):
            yield node.lineno, f"{ast.unparse(node.func)}()"


def _is_loop_method(called: ast.expr) -> bool:
    return isinstance(called, ast.Attribute) and called.attr in METHODS_OF_A_LOOP


def pure_parts() -> list[str]:
    """The modules that pyproject.toml declares pure."""
    with PYPROJECT.open("rb") as file:
        contracts = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    forbidden = next(c for c in contracts if c["name"].startswith("The pure parts"))
    return [str(module) for module in forbidden["source_modules"]]


def test_the_import_contracts_hold(capsys: pytest.CaptureFixture[str]) -> None:
    """Each part imports only what lies below it, and the pure parts nothing of the machine."""
    status = lint_imports(config_filename=str(PYPROJECT), cache_dir=None)

    assert status == EXIT_STATUS_SUCCESS, capsys.readouterr().out


def test_only_the_clock_package_reads_the_clock() -> None:
    """Time and chance enter in one place, so that a seed repeats a run."""
    pure = tuple(module.replace(".", "/") for module in pure_parts())
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        # Templates are apps: chance is theirs.
        if name in READERS_OF_THE_CLOCK or {"node_modules", "templates"} & set(path.parts):
            continue
        reads = clock_reads(
            path.read_text("utf-8"),
            pure=any(name == f"{part}.py" or name.startswith(f"{part}/") for part in pure),
        )
        if reads:
            found[name] = reads

    assert found == {}


def test_the_pure_parts_exist() -> None:
    """A part that was renamed would slip out of the check unseen."""
    missing = [
        module
        for module in pure_parts()
        if not (ROOT / f"{module.replace('.', '/')}.py").exists()
        and not (ROOT / module.replace(".", "/") / "__init__.py").exists()
    ]

    assert missing == []


@pytest.mark.parametrize(
    "source",
    [
        "import time",
        "import time as t",
        "from time import monotonic",
        "import random",
        "from secrets import token_hex",
        "import datetime\ndatetime.datetime.now()",
        "from datetime import datetime\ndatetime.now(tz)",
        "from datetime import datetime as d, date\ndate.today()",
        "import uuid\nuuid.uuid4()",
        "from uuid import uuid4",
        "import os\nos.urandom(8)",
        "loop.time()",
        "asyncio.get_running_loop().time()",
        "loop.call_later(1, f)",
    ],
)
def test_a_clock_read_is_found(source: str) -> None:
    """Each way of reading the clock or chance is seen in a pure part."""
    assert clock_reads(source, pure=True)


@pytest.mark.parametrize(
    "source",
    ["clock.now()", "now = request.now", "record.time", "uuid.UUID(int=1)", "from x import time"],
)
def test_what_only_looks_like_a_clock_read_is_left_alone(source: str) -> None:
    """The emulated clock and a record's time are no reads."""
    assert clock_reads(source, pure=True) == []


def test_the_shells_may_use_a_loops_clock() -> None:
    """Outside the pure parts a deadline of the event loop is how real waiting is done."""
    assert clock_reads("loop.time()", pure=False) == []


def product_files() -> list[Path]:
    """The package's own Python and JavaScript."""
    return sorted(
        path
        for path in PACKAGE.rglob("*")
        if path.suffix in {".py", ".cjs", ".js"} and not NO_SOURCES & set(path.parts)
    )


def test_no_folder_holds_more_than_a_reader_takes_in() -> None:
    """A folder of many files is divided by subject."""
    folders = [
        path
        for top in (PACKAGE, ROOT / "tests")
        for path in (top, *top.rglob("*"))
        if path.is_dir() and not NO_SOURCES & set(path.relative_to(ROOT).parts)
    ]
    counts = {
        folder.relative_to(ROOT).as_posix(): sum(
            path.is_file() and path.name != "__init__.py" for path in folder.iterdir()
        )
        for folder in folders
    }

    assert {name: count for name, count in counts.items() if count > MOST_FILES} == {}


def test_only_catalogues_are_long() -> None:
    """A file that has become long holds two subjects, unless it is one list."""
    lengths = {
        path.relative_to(ROOT).as_posix(): len(path.read_text("utf-8").splitlines())
        for path in product_files()
    }
    long = {name for name, lines in lengths.items() if lines > MOST_LINES}

    assert long - set(CATALOGUES) == set()
    assert set(CATALOGUES) - long == set(), "a catalogue that is short needs no exception"


def test_what_forgets_the_oldest_is_an_ordered_dict() -> None:
    """A dictionary looks for its first key past all that were deleted before: 3.5 us of 10,000."""
    forgetting = [
        str(path.relative_to(ROOT))
        for path in sorted(PACKAGE.rglob("*.py"))
        if "[next(iter("
        in "".join(
            line for line in path.read_text("utf-8").splitlines() if line.strip().startswith("del ")
        )
    ]
    assert forgetting == []
