"""click's errors in the words and the form of all others: what is wrong, and what to write."""

from __future__ import annotations

import re
import shlex
from typing import Final

import click

from forge_emu.nearest import did_you_mean, nearest

WORDS: Final = f"{__name__}.words"
"""In the meta of a context: the words of the command line."""

_QUOTED = re.compile(r"'([^']*)'")
_EXTRA = re.compile(r"Got unexpected extra arguments? \((.*)\)")
_NO_COMMAND = re.compile(r"No such command '(.*)'")
_NEGATIVE = re.compile(r"^-\d")


def usage_error_text(error: click.UsageError) -> tuple[str, str]:
    """The message of `error`, and a hint that always says where help is."""
    message, hint = _message_of(error)
    command = error.ctx.command_path if error.ctx else "forge-emu"
    help_words = f"`{command} --help` shows more."
    return message, f"{hint} {help_words}" if hint else help_words


def _message_of(error: click.UsageError) -> tuple[str, str | None]:
    match error:
        case click.NoSuchOption():
            return _no_such_option(error)
        case click.MissingParameter():
            return _missing(error), _usage_of(error)
        case click.BadParameter():
            return _bad_value(error)
        case click.BadOptionUsage():
            return f"{error.option_name} needs a value", None
    if extra := _EXTRA.match(error.message):
        hint = _near_command(error) or _option_of_word(error, extra[1]) or _usage_of(error)
        return f"{extra[1]!r} is too much", hint
    if unknown := _NO_COMMAND.match(error.message):
        return f"there is no command {unknown[1]!r}", _near_command(error, unknown[1])
    if error.message == "Missing command.":
        return "a command is missing", _commands_text(error)
    return _sentence(error.message), None


def _no_such_option(error: click.NoSuchOption) -> tuple[str, str | None]:
    name = error.option_name
    if _NEGATIVE.match(name):
        # click knows its first two characters.
        given = error.ctx.meta.get(WORDS, ()) if error.ctx else ()
        word = next((word for word in given if word.startswith(name)), f"{name}…")
        return f"{word} is negative", "Spans and numbers are not: write 5m, not -5m."
    # Without their dashes, which make all of them alike.
    known = {option.lstrip("-"): option for option in _options_of(error.ctx)}
    near = [known[word] for word in nearest(name.lstrip("-"), known)]
    return f"there is no option {name}", did_you_mean(near)


def _options_of(ctx: click.Context | None) -> list[str]:
    if ctx is None:
        return []
    return [
        name
        for param in ctx.command.get_params(ctx)
        if isinstance(param, click.Option) and not param.hidden
        for name in (*param.opts, *param.secondary_opts)
        if name.startswith("--")
    ]


def _missing(error: click.MissingParameter) -> str:
    param = error.param
    if param is None:
        return _sentence(error.format_message())
    name = param.opts[0] if isinstance(param, click.Option) else _metavar(param, error.ctx)
    return f"{name} is missing"


def _bad_value(error: click.BadParameter) -> tuple[str, str | None]:
    where = _place_of(error)
    message = _sentence(error.message)
    choices = getattr(error.param.type if error.param else None, "choices", None)
    if isinstance(error.param.type if error.param else None, click.IntRange):
        return _wrong_number(error, where), None
    if choices and (quoted := _QUOTED.search(error.message)):
        names = [str(choice) for choice in choices]
        near = did_you_mean(nearest(quoted[1], names))
        return f"{where}{quoted[1]!r} is none of {', '.join(names)}", near
    return f"{where}{message}", None


def _wrong_number(error: click.BadParameter, where: str) -> str:
    assert error.param is not None
    kind = error.param.type
    assert isinstance(kind, click.IntRange)
    given = error.message.partition(" is ")[0].strip("'")
    most = "" if kind.max is None else f" to {kind.max:,}"
    return f"{where}{given!r} is no whole number from {kind.min:,}{most}"


def _place_of(error: click.BadParameter) -> str:
    """`--count: `; an argument is named by what it is on the command line."""
    hint = error.param_hint
    if isinstance(hint, str) and hint:
        return f"{hint}: "
    if isinstance(error.param, click.Option):
        return f"{max(error.param.opts, key=len)}: "
    return ""


def _commands_text(error: click.UsageError) -> str | None:
    group = error.ctx.command if error.ctx else None
    return f"There are {', '.join(group.commands)}." if isinstance(group, click.Group) else None


def _near_command(error: click.UsageError, word: str | None = None) -> str | None:
    """Which command of a group was meant by its first word."""
    if error.ctx is None or not isinstance(error.ctx.command, click.Group):
        return None
    names = list(error.ctx.command.commands)
    words = [word] if word else [w for w in error.ctx.params.values() if isinstance(w, str)]
    near = next((found for w in words if (found := did_you_mean(nearest(w, names)))), None)
    return near or (_commands_text(error) if word else None)


def _option_of_word(error: click.UsageError, word: str) -> str | None:
    """`Write: forge-emu kvs list --prefix note:`, where a word stands that an option is for."""
    options = _options_of(error.ctx)
    kinds = (("--prefix", True), ("--count", word[:1].isdigit()))
    option = next((name for name, fits in kinds if fits and name in options), None)
    if error.ctx is None or option is None or " " in word:
        return None
    given = [value for value in error.ctx.params.values() if isinstance(value, str) and value]
    words = [error.ctx.command_path, *map(shlex.quote, given), option, shlex.quote(word)]
    return f"Write: {' '.join(words)}."


def _usage_of(error: click.UsageError) -> str | None:
    """`Write: forge-emu kvs get [OPTIONS] KEY.`"""
    if error.ctx is None:
        return None
    pieces = click.Command.collect_usage_pieces(error.ctx.command, error.ctx)
    needed = [
        f"{param.opts[0]} {param.metavar or param.type.name.upper()}"
        for param in error.ctx.command.params
        if isinstance(param, click.Option) and param.required
    ]
    return f"Write: {' '.join((error.ctx.command_path, *needed, *pieces))}."


def _sentence(message: str) -> str:
    """Without click's capital letter and full stop; several sentences stay as they are."""
    text = message.strip()
    if re.search(r"[.?] [A-Z]", text):
        return text
    if text[:1].isupper() and text[1:2].islower():
        text = text[0].lower() + text[1:]
    return text.removesuffix(".")


def _metavar(param: click.Parameter, ctx: click.Context | None) -> str:
    """`KEY`, as usage shows it."""
    pieces = param.get_usage_pieces(ctx) if ctx else []
    text = " ".join(pieces)
    optional = text.startswith("[") and text.endswith("]")
    return (text[1:-1] if optional else text) or (param.name or "").upper()
