"""A process that makes runs for a simulation: it is sent runs, and answers with their results."""

from __future__ import annotations

import asyncio
import signal
import traceback
from contextlib import suppress
from multiprocessing import parent_process
from multiprocessing.connection import Connection

import msgspec

from forge_emu.appdir import LoadedApp
from forge_emu.emulator.shutdown import Stop
from forge_emu.emulator.starting.tools import AppTools
from forge_emu.simulate.one_run import Simulation, signer_for
from forge_emu.simulate.plan.run_result import RunOrder, RunResult
from forge_emu.simulate.request import SimulatePlan
from forge_emu.store.gc_pause import collect_seldom


class RunMessage(msgspec.Struct, frozen=True):
    """A line for the user, while a run goes on."""

    text: str


Answer = RunMessage | RunResult | Exception | None
"""Messages, then the result of the run that was sent: None where it was interrupted."""


def work(connection: Connection, loaded: LoadedApp, tools: AppTools, plan: SimulatePlan) -> None:
    """Make the runs that are sent, one after the other, until None or nobody comes."""
    collect_seldom()
    asyncio.run(_work(connection, loaded, tools, plan))


async def _work(
    connection: Connection, loaded: LoadedApp, tools: AppTools, plan: SimulatePlan
) -> None:
    stop = Stop()
    stop.install_signal_handlers()
    if parent := parent_process():
        # A simulation that was killed wants no more runs. Windows cannot wait for it like that.
        with suppress(NotImplementedError):
            asyncio.get_running_loop().add_reader(parent.sentinel, stop.draining.set)
    if hasattr(signal, "pthread_sigmask"):
        # Whoever started this process has held it back until somebody listens.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    simulation = Simulation(
        loaded,
        tools,
        plan,
        stop,
        None,
        lambda text: connection.send(RunMessage(text)),
        signer_for(loaded.root),
    )
    while not stop.draining.is_set():
        try:
            order: RunOrder | None = await asyncio.to_thread(connection.recv)
            if order is None:
                return
            send_answer(connection, await _answer(simulation, order))
        except (EOFError, OSError):
            # The simulation has ended, or was killed.
            return


async def _answer(simulation: Simulation, order: RunOrder) -> Answer:
    try:
        result = await simulation.run_once(order.value, order.seed)
    except Exception as error:
        # A traceback stays in its process, its text does not.
        error.add_note(f"In another process:\n{''.join(traceback.format_exception(error))}")
        return error
    return None if simulation.stop.draining.is_set() else result


def send_answer(connection: Connection, answer: Answer) -> None:
    """Send it; an error that cannot be sent as it is, as its text."""
    try:
        connection.send(answer)
    except OSError:
        raise
    except Exception:
        told = RuntimeError(f"{type(answer).__name__}: {answer}")
        for note in getattr(answer, "__notes__", ()):
            told.add_note(note)
        connection.send(told)
