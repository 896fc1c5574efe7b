"""What a process with runs hears and says."""

from __future__ import annotations

from multiprocessing import Pipe
from pathlib import Path
from threading import Thread

from forge_emu import appdir
from forge_emu.emulator.starting.tools import AppTools
from forge_emu.errors import ManifestError, Problem, UserError
from forge_emu.runtime.python.interpreter import find_python
from forge_emu.simulate.plan.conditions import parse_condition
from forge_emu.simulate.plan.run_result import RunOrder, RunResult
from forge_emu.simulate.request import make_plan
from forge_emu.simulate.run_worker import send_answer, work
from tests.python_app import write_app
from tests.simulate.simulations import options_for


class UnsendableError(Exception):
    """Has something that belongs to its process."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.thread = Thread()
        self.reader = open(__file__)  # noqa: SIM115


def test_it_answers_runs_until_none_comes(tmp_path: Path) -> None:
    """With their results, or the error of a run that cannot be made."""
    root = write_app(tmp_path / "app").resolve()
    ours, theirs = Pipe()
    for order in (RunOrder(None, 3), RunOrder("nonsense", 4), None):
        ours.send(order)
    condition = "product_events.sent>1"
    plan = make_plan(options_for(root, "issue-created:2", fail_on=(condition,)))
    work(theirs, appdir.load_app(root), AppTools(None, find_python(root)), plan)
    result = ours.recv()
    assert isinstance(result, RunResult)
    assert result.compared.seed == 3
    assert result.compared.failed_conditions[0].condition == parse_condition(condition)
    assert len(result.record_lines[condition]) == 2
    again = ours.recv()
    assert isinstance(again, RunResult)
    assert again.compared.seed == 4
    assert not ours.poll()


def test_an_error_that_cannot_be_sent_is_told() -> None:
    """With what its notes say; one that can be is sent as it is."""
    ours, theirs = Pipe()
    error = UnsendableError("no good")
    error.add_note("line 7")
    send_answer(theirs, error)
    error.reader.close()
    told = ours.recv()
    assert str(told) == "UnsendableError: no good"
    assert told.__notes__ == ["line 7"]
    send_answer(theirs, UserError("what", "hint"))
    told = ours.recv()
    assert (told.message, told.hint) == ("what", "hint")


def test_problems_of_a_manifest_are_sent_whole() -> None:
    """As the one error that they are."""
    ours, theirs = Pipe()
    problem = Problem("manifest.yml", 3, 1, "bad", "mend it")
    send_answer(theirs, ManifestError([problem]))
    assert ours.recv().problems == (problem,)
