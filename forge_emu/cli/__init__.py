"""The command line: one file per command, loaded when it is called."""

from __future__ import annotations

import errno
import importlib
import os
import sys
import traceback
from collections.abc import Sequence
from typing import Any

import click

from forge_emu import __version__
from forge_emu.errors import ExitCode, ForgeEmuError, ManifestError, UserError

COMMANDS = {
    "init": "Write a small app to begin with.",
    "check": "Find what will go wrong, before running.",
    "run": "Run an app and show what happens.",
    "simulate": "Play a burst to its end in virtual time, and judge it.",
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
            names = ", ".join(COMMANDS)
            ctx.fail(f"there is no command {args[0]!r}; there are {names}")
        return super().resolve_command(ctx, args)

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run a command; every way to fail ends in one message and its exit code."""
        kwargs["standalone_mode"] = False
        _replace_closed_streams()
        try:
            _check_arguments((args[0] if args else kwargs.get("args")) or sys.argv[1:])
            code = super().main(*args, **kwargs)
        except BaseException as error:
            code = _report_error(error)
        # What is left in stdout's buffer may have no reader any more, or no room.
        try:
            sys.stdout.flush()
        except OSError as error:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            code = max(code if isinstance(code, int) else ExitCode.OK, _report_error(error))
        sys.exit(code if isinstance(code, int) else ExitCode.OK)


def _replace_closed_streams() -> None:
    """Open what was closed before the start: a file of the run would get its descriptor."""
    closed = []
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is not None:
            continue
        closed.append(name)
        opened = os.open(os.devnull, os.O_RDWR)
        if opened != number:
            os.dup2(opened, number)
            os.close(opened)
        mode = "r" if number == 0 else "w"
        setattr(sys, name, os.fdopen(number, mode, encoding="utf-8", closefd=False))
    if "stdout" in closed:
        _print_message("warning", "stdout is closed: what is printed there is lost", "yellow")


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


# fmt: off
_SYSTEM_ERRNOS = frozenset({
    errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO, errno.EMFILE,
    errno.ENFILE, errno.ENOMEM, errno.EBADF, errno.EFBIG,
})
# fmt: on
"""Errors of the system's own state, which are no defect of forge-emu."""


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Example: forge-emu run my-app, and in another terminal: forge-emu trigger "
    "issue-created --count 1000 --wait",
)
@click.version_option(__version__, prog_name="forge-emu")
def main() -> None:
    """Run an Atlassian Forge app on this machine, below the platform's queues and limits."""


def _report_error(error: BaseException) -> int:
    """Print what went wrong on stderr; returns the exit code."""
    match error:
        case click.exceptions.Exit():
            return error.exit_code
        case SystemExit():
            return error.code if isinstance(error.code, int) else ExitCode.INTERNAL
        case click.UsageError():
            error.show()
            return ExitCode.USER_ERROR
        case click.Abort() | KeyboardInterrupt():
            return ExitCode.INTERRUPTED
        case click.ClickException():
            error.show()
            return ExitCode.USER_ERROR
        case BrokenPipeError():
            return ExitCode.OK
        case ManifestError():
            _print_problems(error)
            return error.exit_code
        case ForgeEmuError():
            _print_message("error", error.message, "red")
            _print_hint(error.hint)
            return error.exit_code
        case MemoryError() | ImportError() if _is_out_of_memory(error):
            _print_message("error", "this machine has not enough memory for that", "red")
            _print_hint("Close what needs much of it, or raise the limit (ulimit -v).")
            return ExitCode.USER_ERROR
        case UnicodeEncodeError() if error.reason == "surrogates not allowed":
            _print_message("error", f"this is no UTF-8 text: {error.object[:200]!a}", "red")
            _print_hint("Where it is the name of a file or directory, rename that.")
            return ExitCode.USER_ERROR
        case OSError() if error.errno in _SYSTEM_ERRNOS:
            where = f" ({error.filename})" if error.filename else ""
            _print_message("error", f"this machine refuses: {error.strerror}{where}", "red")
            _print_hint(
                "Look at the disk's space, permissions and limits; FORGE_EMU_DEBUG=1 shows where."
            )
            if os.environ.get("FORGE_EMU_DEBUG"):
                traceback.print_exception(error)
            return ExitCode.USER_ERROR
    if os.environ.get("FORGE_EMU_DEBUG"):
        traceback.print_exception(error)
    _print_message("error", f"forge-emu broke: {type(error).__name__}: {error}", "red")
    _print_hint("This is a defect of forge-emu. FORGE_EMU_DEBUG=1 shows where; please report it.")
    return ExitCode.INTERNAL


def _is_out_of_memory(error: BaseException) -> bool:
    """Whether memory is what is missing; libraries that do not fit cannot be imported."""
    return isinstance(error, MemoryError) or any(
        words in str(error) for words in ("allocate memory", "failed to map segment")
    )


def _print_problems(error: ManifestError) -> None:
    for problem in error.problems:
        warning = problem.severity == "warning"
        _print_message(
            "warning" if warning else "error", str(problem), "yellow" if warning else "red"
        )
        _print_hint(problem.hint)


def _print_message(word: str, text: str, colour: str) -> None:
    shown = _shown(text)
    click.echo(
        f"{click.style(word, fg=colour, bold=True)}: {shown}", err=True, color=_color_choice()
    )


def _print_hint(hint: str | None) -> None:
    if hint:
        shown = _shown(hint)
        click.echo(f"  {click.style('hint', dim=True)}: {shown}", err=True, color=_color_choice())


def _shown(text: str) -> str:
    """`text` line by line, with its control characters made visible: an app may have written it."""
    if text.isprintable():
        return text
    from forge_emu.console.format import escape

    return "\n".join(escape(line) for line in text.split("\n"))


def _color_choice() -> bool | None:
    """Colours only for a terminal, and only where nobody objects."""
    if os.environ.get("NO_COLOR") or "--no-color" in sys.argv:
        return False
    return None
