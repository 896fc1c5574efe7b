"""A simulation whose app and tools are known, as data."""

from __future__ import annotations

from pathlib import Path

import msgspec

from forge_emu.appdir import LoadedApp
from forge_emu.emulator.starting.tools import AppTools
from forge_emu.emulator.variables import Variables
from forge_emu.runtime.node.starting.early_start import EarlyStart
from forge_emu.simulate.options import SimulateOptions
from forge_emu.simulate.request import SimulatePlan


class BegunSimulation(msgspec.Struct, frozen=True):
    """What has been checked, without secrets in `options` and `plan`.

    Of a single run, `early` is at work in `build_dir`.
    """

    options: SimulateOptions
    plan: SimulatePlan
    loaded: LoadedApp
    variables: Variables
    tools: AppTools
    build_dir: Path | None = None
    early: EarlyStart | None = None
