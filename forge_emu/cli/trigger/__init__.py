"""`forge-emu trigger`: send product events into the running emulator; its commands start the rest.

What comes of no product event has a command of its own here: one file, and a word in `COMMANDS`.
"""

from __future__ import annotations

import click

from forge_emu.cli.trigger.pre_uninstall import pre_uninstall
from forge_emu.cli.trigger.product_events import trigger
from forge_emu.cli.trigger.schedule import schedule
from forge_emu.cli.trigger.web import web

__all__ = ["trigger"]

COMMANDS: tuple[click.Command, ...] = (schedule, web, pre_uninstall)

for command in COMMANDS:
    trigger.add_command(command)
