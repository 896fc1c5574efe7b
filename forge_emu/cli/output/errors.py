"""One style for every error: what is wrong, in the user's words, and a hint below it."""

from __future__ import annotations

import errno
import os
import sys
import traceback

import click

from forge_emu.cli.parsing.usage_errors import usage_error_text
from forge_emu.errors import ExitCode, ForgeEmuError, ManifestError

# fmt: off
_SYSTEM_ERRNOS = frozenset({
    errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO, errno.EMFILE,
    errno.ENFILE, errno.ENOMEM, errno.EBADF, errno.EFBIG,
})
# fmt: on
"""Errors of the system's own state, which are no defect of forge-emu."""


def report_error(error: BaseException) -> int:
    """Print what went wrong on stderr; returns the exit code."""
    match error:
        case click.exceptions.Exit():
            return error.exit_code
        case SystemExit():
            return error.code if isinstance(error.code, int) else ExitCode.INTERNAL
        case click.UsageError() if type(error).__name__ == "NoArgsIsHelpError":
            # The message is the help of a group that was called without a command.
            click.echo(error.format_message(), err=True)
            return ExitCode.USER_ERROR
        case click.UsageError():
            message, hint = usage_error_text(error)
            print_message("error", message, "red")
            _print_hint(hint)
            return ExitCode.USER_ERROR
        case click.Abort() | KeyboardInterrupt():
            return ExitCode.INTERRUPTED
        case click.ClickException():
            print_message("error", error.format_message(), "red")
            return ExitCode.USER_ERROR
        case BrokenPipeError():
            return ExitCode.OK
        case ManifestError():
            _print_problems(error)
            return error.exit_code
        case ForgeEmuError():
            print_message("error", error.message, "red")
            _print_hint(error.hint)
            return error.exit_code
        case MemoryError() | ImportError() if _is_out_of_memory(error):
            print_message("error", "this machine has not enough memory for that", "red")
            _print_hint("Close what needs much of it, or raise the limit (ulimit -v).")
            return ExitCode.USER_ERROR
        case UnicodeEncodeError() if error.reason == "surrogates not allowed":
            print_message("error", f"this is no UTF-8 text: {error.object[:200]!a}", "red")
            _print_hint("Where it is the name of a file or directory, rename that.")
            return ExitCode.USER_ERROR
        case OSError() if error.errno in _SYSTEM_ERRNOS:
            where = f" ({error.filename})" if error.filename else ""
            print_message("error", f"this machine refuses: {error.strerror}{where}", "red")
            _print_hint(
                "Look at the disk's space, permissions and limits; FORGE_EMU_DEBUG=1 shows where."
            )
            if os.environ.get("FORGE_EMU_DEBUG"):
                traceback.print_exception(error)
            return ExitCode.USER_ERROR
    if os.environ.get("FORGE_EMU_DEBUG"):
        traceback.print_exception(error)
    print_message("error", f"forge-emu broke: {type(error).__name__}: {error}", "red")
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
        print_message(
            "warning" if warning else "error", str(problem), "yellow" if warning else "red"
        )
        _print_hint(problem.hint)


def print_message(word: str, text: str, colour: str) -> None:
    """`error: …` or `warning: …` on stderr."""
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
    """Colours only for a terminal that has them, and only where nobody objects."""
    dumb = os.environ.get("TERM", "").lower() in ("dumb", "unknown")
    if dumb or os.environ.get("NO_COLOR") or "--no-color" in sys.argv:
        return False
    return None
