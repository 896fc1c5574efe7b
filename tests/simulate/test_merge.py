"""Shards that are merged print and write what one command does."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from forge_emu.errors import ExitCode, UserError
from forge_emu.simulate.merge import MergeOptions, merge
from forge_emu.simulate.options import SimulateOptions
from forge_emu.simulate.simulate import simulate
from tests.emulator.emulator_harness import text_of, text_terminal
from tests.python_app import write_app
from tests.simulate.simulations import options_for

LUCKY = """\
import os, random

def listen(event, context):
    print(event["issue"]["key"])
    if random.random() < float(os.environ.get("SHARE", "0.5")):
        raise ValueError("no luck today")
"""
"""Fails by chance, so that no two seeds are alike."""

CONDITIONS = ("invocations.error>1,p95>1h", "dropped>25%")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An app whose runs depend on the seed."""
    return write_app(tmp_path / "app", LUCKY).resolve()


def options_of(root: Path, words: str, **more: Any) -> SimulateOptions:
    """The options of such a command line."""
    argv = ("app", "issue-created:3", *words.split())
    return options_for(root, "issue-created:3", fail_on=CONDITIONS, argv=argv, **more)


def played(options: SimulateOptions) -> tuple[ExitCode, str, str]:
    """The exit code, and what is printed on stdout and stderr."""
    terminal = text_terminal(width=100)
    code = asyncio.run(simulate(options, terminal))
    return code, text_of(terminal.stdout), text_of(terminal.stderr)


def merged(*files: Path, **more: Any) -> tuple[ExitCode, str, str]:
    """The same of the merged shards."""
    terminal = text_terminal(width=100)
    code = merge(MergeOptions(files, **more), terminal)
    return code, text_of(terminal.stdout), text_of(terminal.stderr)


def shards_of(root: Path, words: str, of: int, **more: Any) -> list[Path]:
    """The files of all shards, each made by a command of its own."""
    files = [root.parent / f"{number}.json" for number in range(1, of + 1)]
    for number, file in enumerate(files, 1):
        shard = f"{number}/{of}"
        mine = f"{words} --shard {shard} --shard-file {file}"
        played(options_of(root, mine, shard=shard, shard_file=file, **more))
    return files


@pytest.mark.parametrize("as_json", [False, True], ids=["text", "json"])
@pytest.mark.parametrize(
    ("words", "more", "of"),
    [
        ("--seeds 7", {"seeds": 7}, 3),
        ("--seeds 2 --seed 5", {"seeds": 2, "seed": 5}, 2),
        (
            "--seeds 3 --compare env.SHARE=0.2,0.9",
            {"seeds": 3, "compare": "env.SHARE=0.2,0.9"},
            2,
        ),
    ],
    ids=["seeds", "one-seed-each", "compare"],
)
def test_merged_shards_equal_one_simulation(
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: str,
    more: dict[str, Any],
    of: int,
    as_json: bool,
) -> None:
    """Byte for byte: stdout, stderr, JUnit, page, the summary of a job, and the exit code."""
    whole_xml, merged_xml = root.parent / "whole.xml", root.parent / "merged.xml"
    page = root.parent / "page.html"
    whole_job, merged_job = root.parent / "whole.md", root.parent / "merged.md"
    files = shards_of(root, words, of, **more)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(root.parent))
    monkeypatch.chdir(root.parent)
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(whole_job))
    told = f"{words} --junit {whole_xml} --report={page}" + (" --json" if as_json else "")
    outputs: dict[str, Any] = {"report": page, "as_json": as_json}
    whole = played(options_of(root, told, junit=whole_xml, **outputs, **more))
    whole_page = page.read_bytes()
    page.unlink()
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(merged_job))
    assert merged(*reversed(files), junit=merged_xml, **outputs) == whole
    assert page.read_bytes() == whole_page
    assert whole[0] is ExitCode.CONDITION_FAILED
    assert "no luck today" in whole[2]
    assert merged_xml.read_bytes() == whole_xml.read_bytes()
    assert merged_job.read_bytes() == whole_job.read_bytes()


def test_a_condition_of_the_merge_is_judged_as_if_the_shards_had_it(root: Path) -> None:
    """But for the records, which the shards did not keep."""
    files = shards_of(root, "--seeds 2", 2, seeds=2)
    code, _, told = merged(*files, fail_on=("invocations>3",))
    assert code is ExitCode.CONDITION_FAILED
    assert "✗ invocations <= 3: " in told


def test_the_exit_code_is_that_of_a_simulation(root: Path) -> None:
    """0 where no condition held."""
    (root / "src" / "index.py").write_text("def listen(event, context):\n    pass\n")
    files = shards_of(root, "--seeds 2", 2, seeds=2)
    assert merged(*files)[0] is ExitCode.OK


def test_nothing_is_written_of_shards_that_make_no_whole(root: Path) -> None:
    """One error, and no file of results."""
    file, *_ = shards_of(root, "--seeds 2", 2, seeds=2)
    xml = root.parent / "merged.xml"
    with pytest.raises(UserError, match=r"^missing: shard 2/2\n"):
        merged(file, junit=xml)
    assert not xml.exists()
