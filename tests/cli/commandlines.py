"""Every command with its options, and the calls of forge-emu in a line of shell."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import click

from forge_emu.cli import COMMANDS, main

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


def parse(words: list[str]) -> None:
    """Let the command read its arguments, as far as that needs nothing to exist. Raises click's
    UsageError for an option, a number of arguments or a value that it does not take."""
    _, command, arguments = command_in(words)
    context = click.Context(command)
    given, rest, _ = command.make_parser(context).parse_args(list(arguments))
    if rest:
        raise click.UsageError(f"unexpected: {rest}", context)
    for param in command.get_params(context):
        value = given.get(str(param.name))
        is_file = isinstance(param.type, click.Path | click.File)
        if not is_file and not param.value_is_missing(value):
            param.type_cast_value(context, value)
        if param.required and param.value_is_missing(value):
            raise click.MissingParameter(ctx=context, param=param)
