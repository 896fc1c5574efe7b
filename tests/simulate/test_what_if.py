"""A run is repeated with one change, for the advice on a limit that it hit."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from msgspec import structs
from msgspec.structs import replace

from forge_emu.model import Instant
from forge_emu.report.summary import Advice
from forge_emu.simulate.one_run import Simulation
from forge_emu.simulate.plan.comparison import ComparedRun
from forge_emu.simulate.plan.run_result import RunResult
from forge_emu.simulate.what_if import with_what_if_advice
from tests.python_app import write_app
from tests.simulate.plan.runs import outcome
from tests.simulate.simulations import simulation_of

PUSH_LIMIT = "limits.push.events_per_minute"
FOUND = Advice("push_rate", "too much at once", {"limit": PUSH_LIMIT, "needs_ms": 60_000})


def result_with(*advice: Advice) -> RunResult:
    """A run that has found this."""
    return RunResult(ComparedRun(None, 7, outcome(advice=list(advice))), {}, False)


class Tries:
    """What a simulation has tried."""

    def __init__(self, root: Path) -> None:
        self.tried: list[tuple[str, int]] = []
        self.instants: list[Instant] = []
        self.simulation: Simulation = simulation_of(
            root,
            "issue-created:4",
            on_progress=lambda now, ended, pushed: self.instants.append(now),
        )

    def advise(self, result: RunResult) -> RunResult:
        """The result, advised."""
        return asyncio.run(with_what_if_advice(self.simulation, result, self.on_try))

    def on_try(self, what: str, seed: int) -> None:
        """A try begins."""
        self.tried.append((what, seed))


@pytest.fixture
def tries(tmp_path: Path) -> Tries:
    """A simulation of four events at once."""
    return Tries(write_app(tmp_path / "app").resolve())


def test_a_run_that_hit_no_limit_is_not_repeated(tries: Tries) -> None:
    """There is nothing to avoid."""
    result = result_with(Advice("retries", "none of a limit"))
    assert tries.advise(result) == result
    assert tries.tried == []


def test_a_limit_that_was_hit_is_tried_to_be_avoided(tries: Tries) -> None:
    """With the same seed, and the events spread over the time that the limit needs."""
    advised = tries.advise(result_with(FOUND))
    found, tried = advised.compared.outcome.summary.advice
    assert found == FOUND
    assert (tried.rule, tried.detail["limit"], tried.detail["refusals"]) == ("tried", PUSH_LIMIT, 0)
    assert [seed for _, seed in tries.tried] == [7]
    assert tries.tried[0][0].startswith("trying spreading the product events over")
    assert max(tries.instants) == 45_000


def test_the_run_itself_stays_as_it_was(tries: Tries) -> None:
    """But for its advice: figures, conditions and records are those of the run."""
    before = result_with(FOUND)
    after = tries.advise(before)
    summary = structs.replace(after.compared.outcome.summary, advice=[FOUND])
    found = replace(after.compared.outcome, summary=summary)
    assert replace(after, compared=replace(after.compared, outcome=found)) == before


def test_who_interrupts_a_try_gets_the_run_without_it(tries: Tries) -> None:
    """Nothing is waited for."""
    tries.simulation.stop.request()
    result = result_with(FOUND)
    assert tries.advise(result) is result
