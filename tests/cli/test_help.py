"""README, `--help` and behaviour say the same, and every command is quick to say it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import click
import pytest

from forge_emu.cli import COMMANDS, main
from tests.conftest import ROOT, Call

README = (ROOT / "README.md").read_text("utf-8")
ROOT_CONTEXT = click.Context(main, info_name="forge-emu")


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command and subcommand with its full name."""
    for name in COMMANDS:
        command = main.get_command(ROOT_CONTEXT, name)
        assert command is not None
        yield name, command
        if isinstance(command, click.Group):
            for inner, sub in command.commands.items():
                yield f"{name} {inner}", sub


ALL = dict(commands())


def options_of(command: click.Command) -> set[str]:
    """Its options, `--help` included."""
    params = command.get_params(click.Context(command))
    return {o for p in params if isinstance(p, click.Option) for o in (*p.opts, *p.secondary_opts)}


def spoken(line: str) -> Iterator[list[str]]:
    """Every call of forge-emu in a line of shell, as words."""
    for inner in re.findall(r"\$\((.*?)\)", line):
        yield from spoken(inner)
    lexer = shlex.shlex(line, posix=True, punctuation_chars="();<>|&")
    lexer.whitespace_split = True
    words: list[str] | None = None
    for token in lexer:
        if token == "forge-emu":
            words = []
        elif words is not None and re.fullmatch(r"[();<>|&]+", token):
            yield words
            words = None
        elif words is not None:
            words.append(token)
    if words is not None:
        yield words


def command_in(words: list[str]) -> tuple[str, click.Command, list[str]]:
    """The command that the words call, and what they give it."""
    if len(words) > 1 and f"{words[0]} {words[1]}" in ALL:
        name = f"{words[0]} {words[1]}"
        return name, ALL[name], words[2:]
    return words[0], ALL[words[0]], words[1:]


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


def code_in_readme() -> Iterator[str]:
    """The lines of code blocks, and code within text."""
    for block in re.findall(r"^```\w*\n(.*?)^```", README, re.MULTILINE | re.DOTALL):
        yield from re.sub(r"\\\n", " ", block).splitlines()
    yield from re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", README, flags=re.M | re.S))


def test_every_command_in_the_readme_exists() -> None:
    """And takes the options that the README gives it."""
    seen = 0
    for line in code_in_readme():
        line = line.removeprefix("$ ").split("   #")[0]
        if not re.match(r"forge-emu [a-z]", line):
            continue
        for words in spoken(line):
            if "[" in line or "|" in line or words[0] not in COMMANDS:
                assert words[0] in COMMANDS, line
                continue
            name, command, arguments = command_in(words)
            wanted = {a.split("=")[0] for a in arguments if re.match(r"--?[a-z]", a)}
            assert wanted <= options_of(command), (line, name)
            seen += 1
    assert seen > 10


def test_every_command_is_in_the_readme() -> None:
    """Whoever reads it learns of all."""
    missing = [name for name in COMMANDS if f"forge-emu {name}" not in README]
    assert missing == []


def sections() -> dict[str, str]:
    """README's sections about commands, by command."""
    found = re.split(r"^### `forge-emu ([a-z]+)[^`]*`$", README, flags=re.MULTILINE)
    return dict(zip(found[1::2], found[2::2], strict=True))


@pytest.mark.parametrize("name", [n for n in COMMANDS if n in sections()])
def test_options_in_a_commands_table_exist(name: str) -> None:
    """The tables of options promise nothing else."""
    text = re.split(r"^## ", sections()[name], flags=re.MULTILINE)[0]
    text = re.sub(r"npm [^`]*", "", text)
    promised = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text))
    assert promised <= options_of(ALL[name]) | {
        o for n, c in ALL.items() if n.startswith(f"{name} ") for o in options_of(c)
    } | options_of(ALL["run"]), promised
