"""The command line: one file per command, loaded when it is called."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from typing import Any

import click

from forge_emu import __version__
from forge_emu.cli.output.errors import report_error
from forge_emu.cli.output.streams import prepare_streams
from forge_emu.cli.parsing.apps import GIVEN_APP, for_given_app, given_app, place_app
from forge_emu.cli.parsing.usage_errors import WORDS
from forge_emu.errors import ExitCode, ForgeEmuError, UserError
from forge_emu.nearest import nearest_hint
from forge_emu.store.gc_pause import collect_seldom

COMMANDS = {
    "init": "Write a small app to begin with.",
    "check": "Find what will go wrong, before running.",
    "run": "Run an app and show what happens.",
    "simulate": "Play a burst to its end in virtual time, and judge it.",
    "merge": "Make one simulation of its shards.",
    "open": "Open the live page in the browser.",
    "trigger": "Send product events into the running emulator.",
    "invoke": "Call a function, or a resolver as a UI does.",
    "schedule": "List scheduled triggers, pause and resume them.",
    "tail": "Follow what happens from another terminal.",
    "logs": "Print what the app's handlers have printed.",
    "queue": "List events that wait or were dropped, and act on them.",
    "kvs": "Look at the key-value store, and change it.",
    "site": "Look at the site behind the product calls, and fill it.",
    "clock": "Look at emulated time, move it, stop it.",
    "state": "Move the state of an app to another place.",
    "events": "List what can be triggered, with payloads and scopes.",
    "limits": "List every number in force, and where it comes from.",
    "schema": "Print the JSON Schema of a file, for editors.",
    "mcp": "Serve an emulator to editors and agents.",
    "testing": "Test an app in JavaScript or TypeScript.",
    "doctor": "Say which tools are in use, and what is wrong.",
    "reset": "Clear what forge-emu keeps of an app.",
    "completion": "Print the completion script of a shell.",
}
"""Name to short help, so that `--help` need not load the commands."""


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"forge_emu.cli.{cmd_name}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and args[0] not in COMMANDS:
            raise UserError(
                f"there is no command {args[0]!r}",
                nearest_hint(args[0], COMMANDS, f"There are {', '.join(COMMANDS)}."),
            )
        name, command, rest = super().resolve_command(ctx, args)
        if command is not None and not ctx.resilient_parsing:
            rest = place_app(ctx, command, rest)
            ctx.meta[GIVEN_APP] = given_app(rest)
            ctx.meta[WORDS] = tuple(args)
        return name, command, rest

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what an error says to type next is meant for the same app."""
        try:
            return super().invoke(ctx)
        except ForgeEmuError as error:
            if error.hint:
                error.hint = for_given_app(ctx, error.hint)
            raise

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run a command; every way to fail ends in one message and its exit code."""
        kwargs["standalone_mode"] = False
        collect_seldom()
        prepare_streams()
        try:
            _check_arguments((args[0] if args else kwargs.get("args")) or sys.argv[1:])
            code = super().main(*args, **kwargs)
        except BaseException as error:
            code = report_error(error)
        # What is left in stdout's buffer may have no reader any more, or no room.
        try:
            sys.stdout.flush()
        except OSError as error:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            code = max(code if isinstance(code, int) else ExitCode.OK, report_error(error))
        sys.exit(code if isinstance(code, int) else ExitCode.OK)


def _check_arguments(arguments: Sequence[str]) -> None:
    """Check that every argument is text: the names of files go into records and answers too."""
    for argument in arguments:
        try:
            argument.encode()
        except UnicodeEncodeError:
            raise UserError(
                f"the argument {argument[:200]!a} is no UTF-8 text",
                "Rename the file or directory, or set the terminal to UTF-8.",
            ) from None


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Example: forge-emu run my-app, and in another terminal: forge-emu trigger "
    "issue-created --count 1000 --wait",
)
@click.version_option(__version__, prog_name="forge-emu")
def main() -> None:
    """Run an Atlassian Forge app on this machine, below the platform's queues and limits."""
