"""`forge-emu trigger`: a first word is one of its commands, or else an event."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.shell_completion import BashComplete
from click.testing import CliRunner

from forge_emu.cli.trigger import COMMANDS, trigger
from forge_emu.cli.trigger.choice import choose_event
from forge_emu.cli.trigger.group import EventOrCommand
from forge_emu.errors import UserError
from forge_emu.events import all_templates
from tests.conftest import Call


@click.group(cls=EventOrCommand, invoke_without_command=True)
@click.argument("event")
@click.option("--count", default=1, help="How many.")
@click.pass_context
def send(ctx: click.Context, /, **given: object) -> None:
    """Send events."""
    if ctx.invoked_subcommand is None:
        click.echo(f"event {given['event']} x{given['count']}")


@send.command()
@click.argument("key")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def schedule(key: str, as_json: bool) -> None:
    """Run a schedule."""
    click.echo(f"schedule {key} {as_json}")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("issue-created", "event issue-created x1"),
        ("issue-created --count 3", "event issue-created x3"),
        ("--count 3 issue-created", "event issue-created x3"),
        ("schedule hourly", "schedule hourly False"),
        ("schedule --json hourly", "schedule hourly True"),
        ("schedule hourly --json", "schedule hourly True"),
    ],
)
def test_the_first_word_decides(words: str, said: str) -> None:
    """Options of an event stand anywhere; a command has its own."""
    result = CliRunner().invoke(send, words)

    assert (result.exit_code, result.output) == (0, f"{said}\n")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("", "Missing argument 'EVENT'."),
        ("issue-created extra", "Got unexpected extra argument (extra)"),
        ("issue-created extra more", "Got unexpected extra arguments (extra more)"),
        ("issue-created --nope", "No such option '--nope'."),
        ("--count 3 schedule", "'schedule' comes first, before all options: send schedule …"),
        ("--count 3 schedule hourly", "'schedule' comes first, before all options"),
        ("schedule", "Missing argument 'KEY'."),
        ("schedule hourly --count 3", "No such option '--count'."),
    ],
)
def test_mistakes_are_said_in_one_message(words: str, message: str) -> None:
    """As by a command that is no group."""
    result = CliRunner().invoke(send, words)

    assert result.exit_code == 2
    assert message in result.output


def test_help_shows_both_forms() -> None:
    """The options of an event, and the commands."""
    said = CliRunner().invoke(send, "--help").output

    assert "Usage: send [OPTIONS] EVENT\n       send COMMAND [ARGS]...\n" in said
    assert "--count" in said
    assert "schedule  Run a schedule." in said


@pytest.mark.parametrize(
    ("words", "start", "offered"),
    [
        (["schedule"], "--j", ["--json"]),
        (["issue-created"], "--c", ["--count"]),
        (["--count", "3"], "--h", ["--help"]),
    ],
)
def test_a_shell_is_offered_the_options_of_the_right_one(
    words: list[str], start: str, offered: list[str]
) -> None:
    """Those of the command behind its name, else those of the group."""
    complete = BashComplete(send, {}, "send", "_SEND_COMPLETE")

    assert [item.value for item in complete.get_completions(words, start)] == offered


HEARD = {"avi:jira:created:issue": ["a"], "avi:confluence:moved:page": ["b", "c"]}


@pytest.mark.parametrize(
    ("typed", "chosen"),
    [
        ("2\n", "avi:confluence:moved:page"),
        ("\n", "avi:jira:created:issue"),
        ("sprint-started\n", "sprint-started"),
        ("7\n1\n", "avi:jira:created:issue"),
    ],
)
def test_without_an_event_those_of_the_app_are_offered(typed: str, chosen: str) -> None:
    """By number, the first one by default, or any other by its name."""

    @click.command()
    def ask() -> None:
        click.echo(f"<{choose_event(HEARD)}>")

    result = CliRunner().invoke(ask, input=typed)

    assert f"<{chosen}>" in result.output
    assert "1  issue-created  An issue is created" in result.output
    assert "2  page-moved     A page or live doc is moved" in result.output
    assert ("there is no 7" in result.output) == typed.startswith("7")


def test_where_nobody_can_answer_an_event_is_needed() -> None:
    """The usual error, without an emulator."""
    result = CliRunner().invoke(trigger, [])

    assert isinstance(result.exception, UserError)
    assert result.exception.message == "EVENT is missing"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("issue-craeted", "no event is called 'issue-craeted'"),
        ("issue-updated --to Gone", "no status is called 'Gone'"),
        ("page-moved --from Done", "page-moved is about no change of a status"),
        ("issue-updated --key X-1", "no issue of the emulated site is called 'X-1'"),
    ],
)
def test_words_that_no_app_makes_right_are_refused(
    call: Call, words: str, message: str, tmp_path: Path
) -> None:
    """Before an emulator is looked for."""
    said = call("trigger", *words.split(), "--app", str(tmp_path))

    assert said.code == 2
    assert message in said.err


def test_statuses_are_offered() -> None:
    """By TAB."""
    complete = BashComplete(trigger, {}, "trigger", "_TRIGGER_COMPLETE")
    found = complete.get_completions(["issue-updated", "--to"], "d")

    assert [item.value for item in found] == ["Done"]


def test_no_event_is_named_like_a_command() -> None:
    """Nobody could send it."""
    names = {template.name for template in all_templates()}

    assert not names & {command.name for command in COMMANDS}
    assert list(trigger.commands) == [command.name for command in COMMANDS]
