"""Every command that the documentation shows can be typed."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click
import pytest

from forge_emu.cli import COMMANDS
from tests.cli.commandlines import ALL, command_in, options_of, parse, spoken
from tests.conftest import ROOT
from tests.docs.pages import PAGES, Page, page

TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
OPTIONS = set().union(*(options_of(command) for command in ALL.values())) | {"--version"}
SAID_ONCE = {"--help", "-h", "--app", "--json", "--color", "--no-color"}
"""Options of many commands, which commands.md explains at its beginning."""

IN_CODE = r"forge-emu [a-z]"


@pytest.mark.parametrize("each", PAGES, ids=lambda each: each.name)
def test_every_command_in_a_block_parses(each: Page) -> None:
    """Its options, its values, and how many arguments it has."""
    for line in each.commands():
        if "forge-emu " in line:
            for words in spoken(line):
                try:
                    parse(words)
                except (click.UsageError, KeyError) as error:
                    pytest.fail(f"{line}: {error!r}")


def test_enough_commands_are_seen() -> None:
    """In the blocks of README, and of the page about commands."""
    for name, least in (("README.md", 6), ("docs/commands.md", 25), ("docs/simulate.md", 7)):
        seen = [line for line in page(name).commands() if "forge-emu " in line]
        assert len(seen) >= least, seen


@pytest.mark.parametrize("each", PAGES, ids=lambda each: each.name)
def test_every_command_in_the_text_exists(each: Page) -> None:
    """And takes the options that the text gives it. Arguments may be missing or placeholders."""
    for code in each.code:
        for words in spoken(code) if re.match(IN_CODE, code) and "[" not in code else ():
            _, command, arguments = command_in(words)
            wanted = {a.split("=")[0] for a in arguments if re.match(r"--?[a-z]", a)}
            assert wanted <= options_of(command), code


@pytest.mark.parametrize("each", PAGES, ids=lambda each: each.name)
def test_every_option_in_the_text_exists(each: Page) -> None:
    """In some command."""
    named = {match[0] for code in each.code if (match := re.match(r"--[a-z][a-z-]+", code))}

    assert named <= OPTIONS


@pytest.mark.parametrize("each", PAGES, ids=lambda each: each.name)
def test_every_target_of_make_exists(each: Page) -> None:
    """In blocks and in the text."""
    lines = [*each.commands(), *each.code]
    named = {match[1] for line in lines if (match := re.match(r"make ([a-z]+)", line))}

    assert named <= TARGETS


def sections() -> dict[str, str]:
    """The sections of commands.md, by command."""
    text = page("docs/commands.md").text
    found = re.split(r"^## `forge-emu ([a-z]+)[^`]*`$", text, flags=re.MULTILINE)
    bodies = [re.split(r"^## ", body, flags=re.MULTILINE)[0] for body in found[2::2]]
    return dict(zip(found[1::2], bodies, strict=True))


def test_every_command_has_a_section() -> None:
    """Whoever reads it learns of all."""
    assert set(sections()) == set(COMMANDS)


def options_below(name: str) -> Iterator[tuple[str, set[str]]]:
    """The options of a command and of its subcommands, with the spellings of each."""
    for full, command in ALL.items():
        if full == name or full.startswith(f"{name} "):
            for param in command.get_params(click.Context(command)):
                if isinstance(param, click.Option):
                    yield full, {*param.opts, *param.secondary_opts}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_of_a_command_is_in_its_section(name: str) -> None:
    """By one of its spellings, except those that many commands have."""
    told = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", sections()[name]))
    missing = [sorted(o) for _, o in options_below(name) if not o & (told | SAID_ONCE)]

    assert missing == []


@pytest.mark.parametrize("name", COMMANDS)
def test_options_in_a_commands_section_exist(name: str) -> None:
    """The section promises nothing else; it may speak of options of `run`."""
    text = re.sub(r"npm [^`]*", "", sections()[name])
    promised = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text))
    known = set().union(*(options for _, options in options_below(name)))

    assert promised <= known | options_of(ALL["run"]), promised


@pytest.mark.parametrize("name", [name for name in ALL if " " in name])
def test_every_subcommand_is_in_the_section(name: str) -> None:
    """With an example, or in a table."""
    group = name.split()[0]

    assert re.search(rf"forge-emu {name}\b", sections()[group])
