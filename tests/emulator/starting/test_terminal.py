"""What a run says on its terminal."""

from __future__ import annotations

from tests.emulator.emulator_harness import text_of, text_terminal


def test_a_message_is_printed_as_it_is() -> None:
    """Brackets are no markup, and long lines are not broken: they hold commands to copy."""
    terminal = text_terminal(width=20)
    message = "[bold]not bold[/bold] " + "x" * 40
    terminal.print_message(message)
    assert (text_of(terminal.stdout), text_of(terminal.stderr)) == ("", f"{message}\n")
