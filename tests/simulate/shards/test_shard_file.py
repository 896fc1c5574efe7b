"""The file of a shard is read as it was written, or refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from forge_emu.errors import UserError
from forge_emu.simulate.plan.comparison import ComparedRun
from forge_emu.simulate.plan.conditions import evaluate_condition, parse_conditions
from forge_emu.simulate.plan.run_result import RunResult
from forge_emu.simulate.shards.shard_file import ShardRun, encode_shard, read_shard
from tests.simulate.plan.runs import REFUSED, outcome_with_drops
from tests.simulate.shards.shard_files import VERSION, shard, written


def refusal_of(file: Path, version: str = VERSION) -> str:
    """What is said of a file that is no shard."""
    with pytest.raises(UserError) as refusal:
        read_shard(file, version)
    assert refusal.value.hint
    return refusal.value.message


def test_what_was_written_is_read(tmp_path: Path) -> None:
    """All of it."""
    content = shard(1)
    assert read_shard(written(tmp_path, "one.json", content), VERSION) == content


def test_a_run_comes_back_as_it_was(tmp_path: Path) -> None:
    """With what came of its conditions, and the records that made them hold."""
    conditions = parse_conditions(["dropped>0", "p95>1h", "dropped>5%"])
    found = outcome_with_drops(refusals=REFUSED)
    judged = tuple(evaluate_condition(condition, found) for condition in conditions)
    lines = {"dropped>0": ["0:01 dropped"], "dropped>5%": []}
    result = RunResult(ComparedRun("5", 3, found, judged), lines, cut_short=True)
    assert ShardRun.of(result).result(conditions) == result


def test_conditions_that_the_shard_did_not_have_are_judged() -> None:
    """Without records, which nobody has kept."""
    found = outcome_with_drops()
    run = ShardRun.of(RunResult(ComparedRun(None, 1, found), {}, cut_short=False))
    result = run.result(parse_conditions(["dropped>1", "dropped>2"]))
    assert [judged.holds for judged in result.compared.condition_results] == [True, False]
    assert result.record_lines == {"dropped>1": []}


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    """Whether it is not there, no JSON, another JSON, or cut."""
    file = tmp_path / "one.json"
    assert refusal_of(file) == f"cannot read {str(file)!r}: No such file or directory"
    whole = encode_shard(shard(1))
    for text in (
        b"",
        b"{}",
        b"[1]",
        b"\xff\xfe",
        whole[:-200],
        whole.replace(b" shard", b" bread"),
    ):
        file.write_bytes(text)
        assert refusal_of(file) == (
            f"{str(file)!r} is no shard of a simulation, or the file is damaged"
        )


def test_a_changed_file_is_refused(tmp_path: Path) -> None:
    """Though it is JSON still."""
    file = tmp_path / "one.json"
    whole = encode_shard(shard(1))
    assert whole.count(b'"dropped":0') > 0
    file.write_bytes(whole.replace(b'"dropped":0', b'"dropped":1'))
    assert refusal_of(file) == (f"{str(file)!r} is damaged: its content is not what was written")


def test_a_file_of_another_version_is_refused(tmp_path: Path) -> None:
    """It may count differently."""
    file = written(tmp_path, "one.json", shard(1))
    assert refusal_of(file, "10.0") == (
        f"{str(file)!r} was written by forge-emu {VERSION}; this is 10.0"
    )
