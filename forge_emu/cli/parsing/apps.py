"""Which app a command line means: every command takes it by `--app`, and as a word of its own.

`forge-emu trigger issue-created my-app` and `forge-emu queue my-app` are `--app my-app` there.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click

GIVEN_APP: Final = f"{__name__}.app"
"""In the meta of a context: what the command line says of the app, as typed."""

_APP: Final = "app_dir"
_COMMAND = re.compile(r"`(forge-emu (?:\w[\w-]*)[^`]*)`|(?<=: )(forge-emu (?:\w[\w-]*)[^`]*)$")


def place_app(ctx: click.Context, command: click.Command, args: Sequence[str]) -> list[str]:
    """`args` of `command` with the app that is a word too many as `--app`; otherwise unchanged."""
    args = list(args)
    if given_app(args) is not None or "--" in args:
        return args
    if isinstance(command, click.Group) and args and args[0] in command.commands:
        # The options after it are of that command alone.
        return [args[0], *place_app(ctx, command.commands[args[0]], args[1:])]
    words = _positional_words(ctx, command, args)
    if words is None:
        return args
    if isinstance(command, click.Group) and words and words[0] in command.commands:
        at = args.index(words[0]) + 1
        inner = command.commands[words[0]]
        return args[:at] + place_app(ctx, inner, args[at:])
    if not _takes_app(command):
        return args
    found = _word_of_app(words, _taken_words(command))
    if found is None:
        return args
    args.remove(found)
    return ["--app", found, *args]


def _takes_app(command: click.Command) -> bool:
    """Whether `--app` is the one way to name an app: a group has no arguments."""
    options = [param for param in command.params if isinstance(param, click.Option)]
    if isinstance(command, click.Group):
        return any("--app" in option.opts for option in options)
    return any(option.name == _APP for option in options)


def given_app(args: Sequence[str]) -> str | None:
    """What `--app` says in `args`."""
    for i, arg in enumerate(args):
        if arg == "--app" and i + 1 < len(args):
            return args[i + 1]
        if arg.startswith("--app="):
            return arg.removeprefix("--app=")
    return None


def with_app(text: str, app: str) -> str:
    """`text` with `--app` in the commands of forge-emu that it names and that need it."""

    def named(found: re.Match[str]) -> str:
        command = found[1] or found[2]
        words = command.removesuffix(".").split()
        if words[1] in _WITHOUT_APP or "--app" in words:
            return found[0]
        if words[1] in _APP_IS_ARGUMENT and any(not w.startswith("-") for w in words[2:]):
            return found[0]
        dot = "." if command.endswith(".") else ""
        return found[0].replace(command, f"{' '.join(words)} --app {shlex.quote(app)}{dot}")

    return _COMMAND.sub(named, text)


def for_given_app(ctx: click.Context, text: str) -> str:
    """`text` for the app that the command line of `ctx` names."""
    app = ctx.meta.get(GIVEN_APP)
    return with_app(text, app) if app else text


_WITHOUT_APP: Final = frozenset({"init", "completion", "schema"})
"""Commands that mean no app."""

_APP_IS_ARGUMENT: Final = frozenset({"run", "check", "doctor", "reset", "simulate"})
"""Commands whose first argument is the app."""


def _positional_words(
    ctx: click.Context, command: click.Command, args: list[str]
) -> list[str] | None:
    """The words of `args` that are no options and no values of options; None where it is wrong."""
    group = isinstance(command, click.Group)
    options = [param for param in command.get_params(ctx) if isinstance(param, click.Option)]
    bare = click.Command(command.name, params=list(options), add_help_option=False)
    inner = click.Context(bare, parent=ctx, info_name=command.name)
    inner.allow_interspersed_args = not group or command.allow_interspersed_args
    try:
        _, words, _ = bare.make_parser(inner).parse_args(list(args))
    except click.UsageError:
        return None
    return list(words)


def _taken_words(command: click.Command) -> int | None:
    """How many words the arguments of `command` need; None where it takes any number."""
    arguments = [param for param in command.params if isinstance(param, click.Argument)]
    if any(param.nargs < 0 for param in arguments):
        return None
    return sum(param.nargs for param in arguments if param.required)


def _word_of_app(words: list[str], taken: int | None) -> str | None:
    """The word that is a directory with a manifest, where there is one more than can be meant."""
    if taken is None:
        # Any word may be meant; a path is not.
        apps = [w for w in words if os.sep in w or w in (".", "..")]
    elif len(words) > taken:
        apps = words
    else:
        return None
    return next((word for word in reversed(apps) if _is_app(word)), None)


def _is_app(word: str) -> bool:
    from forge_emu.model import MANIFEST_NAMES

    try:
        return any((Path(word) / name).is_file() for name in MANIFEST_NAMES)
    except (OSError, ValueError):
        return False
