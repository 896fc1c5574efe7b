"""Simulations of a small app in Python, in this process; its handlers run in one of their own."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

from forge_emu import appdir
from forge_emu.emulator.shutdown import Stop
from forge_emu.emulator.starting.terminal import Terminal
from forge_emu.emulator.starting.tools import AppTools
from forge_emu.errors import ExitCode
from forge_emu.runtime.python.interpreter import find_python
from forge_emu.simulate.one_run import OnProgress, Simulation
from forge_emu.simulate.options import SimulateOptions
from forge_emu.simulate.request import make_plan
from forge_emu.simulate.simulate import simulate
from tests.emulator.emulator_harness import text_terminal

FAILING = "def listen(event, context):\n    raise ValueError('no good')\n"

INTERRUPTING = """\
import os, signal

def listen(event, context):
    if event["issue"]["key"] == os.environ.get("AT"):
        os.kill(int(os.environ["PROCESS"]), signal.SIGINT)
        while True:
            signal.pause()
"""
"""Interrupts the simulation at one of the issues, and goes no further."""

PROCESS = f"env.PROCESS={os.getpid()}"


def options_for(root: Path, *events: str, **more: Any) -> SimulateOptions:
    """The options of a command line that simulates `events`, one created issue if none is named.

    Several runs are made in this process, where `more` names no `jobs`.
    """
    words = ("app", *(events or ("issue-created",)))
    given: dict[str, Any] = {
        "arguments": (str(root),),
        "event": events or ("issue-created",),
        "argv": words,
    }
    if more.get("seeds") or more.get("compare"):
        given["jobs"] = 1
    return SimulateOptions(**{**given, **more})


def simulation_of(
    root: Path, *events: str, on_progress: OnProgress | None = None, **more: Any
) -> Simulation:
    """The simulation that such a command line asks for."""
    plan = make_plan(options_for(root, *events, **more))
    tools = AppTools(None, find_python(root))
    return Simulation(appdir.load_app(root), tools, plan, Stop(), on_progress)


def simulated(root: Path, *events: str, **more: Any) -> tuple[ExitCode, Terminal]:
    """A simulation of the app."""
    terminal = text_terminal(width=120)
    return asyncio.run(simulate(options_for(root, *events, **more), terminal)), terminal
