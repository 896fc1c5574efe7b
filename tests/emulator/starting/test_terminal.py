"""What a run says on its terminal."""

from __future__ import annotations

from io import StringIO

from rich.console import Console

from forge_emu.emulator.starting.terminal import Terminal
from tests.emulator.emulator_harness import text_of, text_terminal


def test_a_message_is_printed_as_it_is() -> None:
    """Brackets are no markup, and long lines are not broken: they hold commands to copy."""
    terminal = text_terminal(width=20)
    message = "[bold]not bold[/bold] " + "x" * 40
    terminal.print_message(message)
    assert (text_of(terminal.stdout), text_of(terminal.stderr)) == ("", f"{message}\n")


def test_a_message_needs_no_console() -> None:
    """It is the same text without; once there is one, it goes there, above what that draws."""
    plain, console = StringIO(), Console(file=StringIO(), width=20, color_system=None)
    terminal = Terminal(lambda: console, lambda: console, None, plain_stderr=plain)
    message = "[bold]not bold[/bold] \x1b[2J" + "x" * 40
    terminal.print_message(message)
    first = plain.getvalue()
    assert terminal.stderr is console
    terminal.print_message(message)
    assert (plain.getvalue(), text_of(console)) == (first, first)
    assert first.startswith("[bold]not bold[/bold] ")
    assert "\x1b" not in first
