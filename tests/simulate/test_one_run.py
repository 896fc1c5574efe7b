"""One run: when it has ended, what belongs to it, and what a sweep and a seed change in it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from forge_emu.control.contract import TriggerOrder
from forge_emu.control.session import FOLDER
from forge_emu.emulator.emulator import Emulator, RecordListener
from forge_emu.errors import ManifestError
from forge_emu.model import Instant
from forge_emu.records import RecordBatch
from forge_emu.simulate.one_run import RunMonitor, Simulation
from forge_emu.simulate.plan.conditions import parse_conditions
from forge_emu.simulate.plan.run_result import RunResult
from forge_emu.simulate.plan.steps import Step
from forge_emu.simulate.request import SimulatePlan
from tests.emulator.emulator_harness import EmulatorHarness
from tests.emulator.harness import in_event_loop
from tests.engine.world import CREATED
from tests.python_app import write_app
from tests.simulate.simulations import FAILING, simulation_of

PRINTING = "import os\n\ndef listen(event, context):\n    print(os.environ.get('WORD'))\n"


class Monitored:
    """A run that tests move by hand, and what reads its records."""

    def __init__(self, until: Instant = 60_000, conditions: Sequence[str] = ()) -> None:
        self.harness = EmulatorHarness(followed=False)
        step = Step(CREATED, 1)
        plan = SimulatePlan(
            Path(), (step,), (1,), conditions=tuple(parse_conditions(conditions)), until=until
        )
        self.read: list[str] = []
        self.progress: list[tuple[Instant, int, int]] = []
        self.monitor = RunMonitor(
            self.harness.emulator,
            plan,
            [lambda batch: self.read.extend(r.type for r in batch.records)],
            lambda *told: self.progress.append(told),
        )
        self.harness.emulator.set_record_listener(self.monitor.add_batch)
        self.harness.emulator.trigger(TriggerOrder(CREATED, 2, spread_ms=120_000))
        self.harness.turn()


@in_event_loop
async def test_a_run_is_over_when_all_has_settled() -> None:
    """Not while anything is planned or runs."""
    run = Monitored(until=900_000)
    run.harness.end_invocation()
    assert not run.monitor.is_over()
    run.harness.turn(60_000)
    assert not run.monitor.is_over()
    run.harness.end_invocation()
    assert run.monitor.is_over()
    assert not run.monitor.cut_short
    assert run.monitor.finish_run().summary.product_events.succeeded == 2


@in_event_loop
async def test_a_run_is_over_at_its_last_instant() -> None:
    """What has not ended by then is pending."""
    run = Monitored(until=60_000)
    run.harness.turn(59_999)
    assert not run.monitor.is_over()
    run.harness.turn(60_000)
    assert run.monitor.is_over()
    assert run.monitor.cut_short
    assert run.monitor.finish_run().summary.product_events.pending == 2
    run.harness.stop()


@in_event_loop
async def test_what_comes_after_the_end_belongs_to_no_run() -> None:
    """Neither its figures nor its files know of it."""
    run = Monitored()
    outcome = run.monitor.finish_run()
    read = list(run.read)
    run.harness.end_invocation()
    assert (run.read, run.monitor.finish_run()) == (read, outcome)
    assert outcome.record_counts == {"product_event.sent": 1, "invocation.started": 1}
    run.harness.stop()


@in_event_loop
async def test_progress_counts_product_events_and_those_of_queues() -> None:
    """Each when it ends; how many queues have got is told as well."""
    run = Monitored()
    pusher = run.harness.runtime.invoked[0].invocation_id
    run.harness.push(by=pusher)
    run.harness.end_invocation()
    assert run.progress[-1] == (0, 1, 1)
    run.harness.turn(1_000)
    run.harness.end_invocation()
    assert run.progress[-1] == (1_000, 2, 1)
    run.harness.stop()


@in_event_loop
async def test_records_are_looked_at_only_for_conditions() -> None:
    """The lines that are printed of them name the issue."""
    plain, judged = Monitored(), Monitored(conditions=["product_events.sent>0"])
    (condition,) = parse_conditions(["product_events.sent>0"])
    (sent,) = judged.monitor.matching_records.records_for(condition)
    assert judged.monitor.lineage.context_of(sent).subject == "EMU-1"
    assert plain.monitor.lineage.context_of(sent).subject is None
    for run in (plain, judged):
        run.harness.stop()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An app that prints the key of each created issue."""
    return write_app(tmp_path / "app").resolve()


async def played(
    simulation: Simulation, value: str | None = None, seed: int = 1
) -> tuple[RunResult, bytes]:
    """A run of it, and its records."""
    texts: list[bytes] = []

    def listeners_for(emulator: Emulator) -> list[RecordListener]:
        def listen(batch: RecordBatch) -> None:
            texts.append(batch.text)

        return [listen]

    return await simulation.run_once(value, seed, listeners_for), b"".join(texts)


@in_event_loop
async def test_a_seed_repeats_a_run(root: Path) -> None:
    """To the byte; another seed gives other ids."""
    simulation = simulation_of(root, "issue-created:3")
    result, records = await played(simulation, seed=5)
    assert await played(simulation, seed=5) == (result, records)
    assert (await played(simulation, seed=6))[1] != records
    assert result.compared.seed == 5
    assert result.compared.outcome.summary.product_events.succeeded == 3


@in_event_loop
async def test_a_sweep_gives_handlers_its_variable(root: Path) -> None:
    """In the place of the one that all runs have."""
    (root / "src" / "index.py").write_text(PRINTING)
    assignments = ("env.WORD=plain",)
    simulation = simulation_of(root, assignments=assignments, compare="env.WORD=swept,other")
    for value, word in (("swept", b"swept"), (None, b"plain")):
        _, records = await played(simulation, value)
        assert b'"message":"%s"' % word in records


@in_event_loop
async def test_a_sweep_changes_a_setting(root: Path) -> None:
    """Over what the command line sets for all runs."""
    (root / "src" / "index.py").write_text(FAILING)
    retries = "product_events.max_retries"
    simulation = simulation_of(root, compare=f"{retries}=0,2", assignments=(f"{retries}=1",))
    for value in ("0", "2"):
        result, _ = await played(simulation, value)
        assert result.compared.value == value
        assert result.compared.outcome.record_counts["invocation.started"] == 1 + int(value)


@in_event_loop
async def test_conditions_that_hold_have_their_records(root: Path) -> None:
    """As lines for people; those that do not hold have none."""
    (root / "src" / "index.py").write_text(FAILING)
    result, _ = await played(simulation_of(root, fail_on=("invocations.error>0", "dropped>9")))
    assert [found.holds for found in result.compared.condition_results] == [True, False]
    (line,) = result.record_lines["invocations.error>0"][:1]
    assert "EMU-1" in line
    assert "ValueError" in line
    assert list(result.record_lines) == ["invocations.error>0"]


@in_event_loop
async def test_a_run_does_not_go_beyond_its_last_instant(root: Path) -> None:
    """Steps begin at their own instants."""
    simulation = simulation_of(root, "issue-created@10s", "issue-created:3@20s", until=20_001)
    result, _ = await played(simulation)
    assert result.compared.outcome.summary.product_events.sent == 4
    assert result.compared.outcome.summary.ended_at == 20_000
    simulation = simulation_of(root, "issue-created:2@10s", spread=60_000, until=20_000)
    result, _ = await played(simulation)
    assert (result.cut_short, result.compared.outcome.summary.ended_at) == (True, 20_000)


@in_event_loop
async def test_a_run_that_is_interrupted_has_the_figures_so_far(root: Path) -> None:
    """Nothing of it was lost; it has just not ended. A few rounds may come, but not so many."""
    simulation = simulation_of(root, "issue-created:500", spread=3_600_000)
    simulation.stop.request()
    result, _ = await played(simulation)
    assert result.cut_short


@in_event_loop
async def test_code_that_cannot_be_loaded_ends_the_simulation(root: Path) -> None:
    """With what is wrong with it."""
    (root / "src" / "index.py").write_text("def listen(:\n")
    with pytest.raises(ManifestError):
        await played(simulation_of(root))


@in_event_loop
async def test_a_run_needs_no_folder_in_the_app(root: Path, tmp_path: Path) -> None:
    """Where there can be none, the code is built elsewhere; and nothing of it is left."""
    (root / FOLDER).symlink_to(tmp_path / "nowhere")
    result, _ = await played(simulation_of(root))
    assert result.compared.outcome.summary.product_events.succeeded == 1
    (root / FOLDER).unlink()
    await played(simulation_of(root))
    assert {path.name for path in (root / FOLDER).iterdir()} == {".gitignore"}
