"""The runs of a simulation in several processes at once, in the order in which one makes them."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Coroutine, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Any, Final

from forge_emu.emulator.shutdown import wait_first
from forge_emu.errors import ForgeEmuError, UserError
from forge_emu.simulate.one_run import Simulation
from forge_emu.simulate.plan.run_result import RunOrder, RunResult
from forge_emu.simulate.run_worker import Answer, RunMessage, work

_STOP_SECONDS: Final = 10
"""Real seconds that a process gets to end its run and its handlers when it is told to stop."""

OnRunEnded = Callable[[int], None]
"""Called with the number of runs that have ended."""


def usable_cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def job_count(plan_jobs: int | None, runs: int, reaches_outside: bool) -> int:
    """How many runs to make at once: as many as asked for, else as there are cores.

    Where handlers reach what is outside, and nobody asked, one: what is there may be shared.
    """
    wanted = plan_jobs or (1 if reaches_outside else usable_cores())
    return max(1, min(wanted, runs))


class ParallelRuns:
    """Makes runs in `jobs` processes, each of which makes one after the other."""

    def __init__(self, simulation: Simulation, jobs: int, on_run_ended: OnRunEnded) -> None:
        self._simulation = simulation
        self._jobs = jobs
        self._on_run_ended = on_run_ended
        self._orders: Iterator[tuple[int, RunOrder]] = iter(())
        self._results: dict[int, RunResult] = {}
        self._errors: dict[int, Exception] = {}

    async def run_all(self, orders: Sequence[RunOrder]) -> list[RunResult]:
        """The results in the order of `orders`; of an interrupted simulation, those it has.

        Raises the error of the first run that has one, as a single process would.
        """
        self._orders = iter(enumerate(orders))
        draining = self._simulation.stop.draining
        with ThreadPoolExecutor(self._jobs) as threads, self._started_workers() as workers:
            serving = [self._serve(*worker, threads) for worker in workers]
            await wait_first(_wait_for_all(serving), draining.wait())
        if self._errors:
            raise self._errors[min(self._errors)]
        return [self._results[n] for n in sorted(self._results)]

    @contextmanager
    def _started_workers(self) -> Iterator[list[tuple[SpawnProcess, Connection]]]:
        """The processes; at the end they are told to stop, and waited for."""
        workers: list[tuple[SpawnProcess, Connection]] = []
        at_work = True
        try:
            workers.extend(_start_worker(self._simulation) for _ in range(self._jobs))
            yield workers
            at_work = self._simulation.stop.draining.is_set()
        finally:
            for process, connection in workers:
                with suppress(OSError):
                    connection.send(None)
                if at_work:
                    process.terminate()
            for process, connection in workers:
                process.join(_STOP_SECONDS)
                process.kill()
                process.join()
                connection.close()

    async def _serve(
        self, process: SpawnProcess, connection: Connection, threads: ThreadPoolExecutor
    ) -> None:
        """Send one process runs until there are none, or until one has failed."""
        loop = asyncio.get_running_loop()
        for n, order in self._orders:
            try:
                connection.send(order)
                answer: Answer = await loop.run_in_executor(threads, connection.recv)
                while isinstance(answer, RunMessage):
                    self._simulation.print_message(answer.text)
                    answer = await loop.run_in_executor(threads, connection.recv)
            except (EOFError, OSError):
                answer = await loop.run_in_executor(threads, _death_of, process, order)
            if isinstance(answer, RunResult):
                self._results[n] = answer
                self._on_run_ended(len(self._results))
            elif answer is not None:
                self._errors[n] = answer
                self._orders = iter(())
                return


async def _wait_for_all(serving: Sequence[Coroutine[Any, Any, None]]) -> None:
    await asyncio.gather(*serving)


def _start_worker(simulation: Simulation) -> tuple[SpawnProcess, Connection]:
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(
        target=work,
        args=(theirs, simulation.loaded, simulation.tools, simulation.plan),
        daemon=True,
    )
    with _interrupts_held_back():
        process.start()
    theirs.close()
    return process, ours


@contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """A process that is started here hears of Ctrl-C only when it is ready to stop in order."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _death_of(process: SpawnProcess, order: RunOrder) -> ForgeEmuError:
    """What is said of a process that has ended by itself."""
    process.join()
    return UserError(
        f"the process of the run with seed {order.seed} has ended (exit code {process.exitcode})",
        "If the machine ran out of memory, --jobs with a smaller number needs less.",
    )
