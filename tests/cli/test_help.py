"""`--help` and behaviour say the same, and every command is quick to say it."""

from __future__ import annotations

import re

import click
import pytest

from forge_emu.cli import COMMANDS
from tests.cli.commandlines import ALL, command_in, spoken
from tests.conftest import Call


@pytest.mark.parametrize("name", ALL)
def test_help_ends_with_an_example_that_parses(call: Call, name: str) -> None:
    """It calls this very command, with arguments that it takes."""
    said = call(*name.split(), "--help")
    assert said.code == 0
    epilog = ALL[name].epilog or ""
    assert epilog.startswith("Example: ")
    flat = " ".join(said.out.split())
    assert flat.endswith(" ".join(epilog.split())), said.out
    (first, *_) = spoken(epilog.removeprefix("Example: "))
    called, command, arguments = command_in(first)
    assert called == name or called.startswith(f"{name} ")
    command.make_parser(click.Context(command)).parse_args(arguments)


@pytest.mark.parametrize("name", ALL)
def test_help_says_what_each_option_does(name: str) -> None:
    """No option without words."""
    for param in ALL[name].params:
        if isinstance(param, click.Option):
            assert param.help, (name, param.name)
    assert ALL[name].get_short_help_str()


def test_the_list_of_commands_is_what_there_is(call: Call) -> None:
    """In `--help`, with the words kept beside the names."""
    said = call("--help").out
    for name, words in COMMANDS.items():
        assert re.search(rf"^  {name} +{re.escape(words[:30])}", said, re.MULTILINE), name
