"""What identifies the simulation that a shard is a part of."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from forge_emu import __version__
from forge_emu.appdir import LoadedApp
from forge_emu.simulate.options import SimulateOptions
from forge_emu.simulate.plan.repeating import shared_arguments
from forge_emu.simulate.plan.steps import AnyStep, OrderStep
from forge_emu.simulate.request import SimulatePlan
from forge_emu.simulate.shards.shard_file import ShardCondition, SimulationIdentity
from forge_emu.watch import own_files

_DATA: Final = ".json"
"""Of data files only those in `src` and those that name packages count: others may have been
written by a command, such as a shard."""

_NAMES_OF_PACKAGES: Final = ("package.json", "package-lock.json")


def identity_of(
    options: SimulateOptions, plan: SimulatePlan, loaded: LoadedApp
) -> SimulationIdentity:
    """That of the simulation with the seeds of all shards."""
    sweep = plan.sweep
    return SimulationIdentity(
        forge_emu=__version__,
        app=loaded.app.name or loaded.root.name,
        app_files=_digest_of_app(loaded.root),
        command=shared_arguments(options.argv),
        inputs=_digest_of_inputs(options, plan),
        first_seed=plan.all_seeds[0],
        seed_count=len(plan.all_seeds),
        sweep_name=sweep.name if sweep else None,
        sweep_values=sweep.values if sweep else (),
        conditions=tuple(ShardCondition(c.text, c.place) for c in plan.conditions),
        until=plan.until,
        root=str(plan.root),
        keeps_payloads=plan.keeps_payloads,
    )


def _digest_of_app(root: Path) -> str:
    found = hashlib.sha256()
    for file in sorted(own_files(root)):
        name = file.relative_to(root)
        if name.suffix != _DATA or name.parts[0] == "src" or name.name in _NAMES_OF_PACKAGES:
            with suppress(OSError):
                found.update(name.as_posix().encode() + b"\0" + _digest(file.read_bytes()))
    return found.hexdigest()


def _digest_of_inputs(options: SimulateOptions, plan: SimulatePlan) -> str:
    """Of steps, settings and contents. Values that are secret are not part of it."""
    known = (
        [_text_of(step) for step in plan.steps],
        sorted(plan.overrides.items()),
        sorted(plan.remotes.items()),
        [rule.text for rule in plan.faults],
        [msgspec.json.encode(e.entry) for e in plan.store_values if not e.entry.secret],
        (plan.preset, plan.layout, plan.network, plan.until_given),
    )
    found = hashlib.sha256(repr(known).encode())
    for path in (*options.site, *([options.state] if options.state else [])):
        with suppress(OSError):
            found.update(_digest(path.read_bytes()))
    return found.hexdigest()


def _text_of(step: AnyStep) -> str:
    if isinstance(step, OrderStep):
        return repr((msgspec.json.encode(step.order), step.count, step.at, step.pace))
    return repr(step)


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()
