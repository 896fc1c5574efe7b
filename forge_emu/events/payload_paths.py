"""`--set issue.fields.summary=…`: where a value goes in a payload, and what may be put there."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TypeAlias

import msgspec

from forge_emu.errors import UserError
from forge_emu.model import Json
from forge_emu.nearest import nearest

PathStep: TypeAlias = str | int

_EXAMPLE = "Write it like issue.fields.summary=Broken, or changelog.items[0].field=status."
_STEP = re.compile(
    r"""(?:^|(?<=.)\.)(?P<name>[^.\[\]"]+)      # issue, .fields, .0
      | \[(?P<index>\d+)\]                      # [0]
      | \["(?P<quoted>[^"]+)"\]                 # ["a name with . in it"]
    """,
    re.VERBOSE,
)


def parse_set(text: str) -> tuple[str, str]:
    """`path=value` as its two halves. Raises UserError where there is no path or no `=`."""
    path, equals, value = text.partition("=")
    if not equals:
        raise UserError(f"{text!r} has no '='", _EXAMPLE)
    if not path.strip():
        raise UserError(f"{text!r} has no path before the '='", _EXAMPLE)
    parse_path(path)
    return path.strip(), value


def parse_path(path: str) -> tuple[PathStep, ...]:
    """`changelog.items[0].field` as its steps. Raises UserError for anything else."""
    steps: list[PathStep] = []
    rest = path.strip().removeprefix("+")
    end = 0
    while end < len(rest):
        match = _STEP.match(rest, end)
        if match is None:
            raise UserError(f"{path!r} is not a path into a payload", _EXAMPLE)
        if match["index"]:
            steps.append(int(match["index"]))
        else:
            steps.append(match["quoted"] or match["name"].strip())
        end = match.end()
    if not steps or "" in steps:
        raise UserError(f"{path!r} is not a path into a payload", _EXAMPLE)
    return tuple(steps)


def parse_value(text: str, present: Json) -> Json:
    """`text` as JSON where it is JSON, else as itself.

    A bare number, `true` or `false` stays text where the payload has text (`present`): Forge's ids
    and timestamps are text made of digits.
    """
    try:
        value = msgspec.json.decode(text.encode())
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return text
    return text if isinstance(present, str) and isinstance(value, bool | int | float) else value


def set_at_path(payload: dict[str, Json], path: str, text: str) -> None:
    """Set what `path` names to `text`, creating what is missing.

    A new name that looks like a misspelling of one that is there is refused, unless the path begins
    with `+`. Raises UserError, also for a path through something that is neither object nor list.
    """
    steps = parse_path(path)
    last = steps[-1]
    new_names = path.strip().startswith("+")
    here: Json = payload
    walked = ""
    for step, following in pairwise(steps):
        _check_step(here, step, walked, path, new_names)
        fresh: Json = [] if isinstance(following, int) else {}
        if isinstance(here, list):
            index = int(step)
            if index == len(here):
                here.append(fresh)
            elif here[index] is None:
                here[index] = fresh
            here = here[index]
        else:
            if here.get(step) is None:
                here[step] = fresh
            here = here[step]
        walked = f"{walked}.{step}" if walked else str(step)
    _check_step(here, last, walked, path, new_names)
    if isinstance(here, list):
        index = int(last)
        present = here[index] if index < len(here) else None
        here[index : index + 1] = [parse_value(text, present)]
    else:
        here[last] = parse_value(text, here.get(last))


def _check_step(here: Json, step: PathStep, walked: str, path: str, new_names: bool) -> None:
    if isinstance(here, list):
        if not (isinstance(step, int) or (step.isascii() and step.isdigit())):
            raise UserError(
                f"{path!r}: {walked} is a list, and {step!r} is not a position in it",
                f"Write {walked}[0] for its first item.",
            )
        if int(step) > len(here):
            raise UserError(
                f"{path!r}: {walked} has {len(here)} items, so there is no [{step}]",
                f"The next new item is {walked}[{len(here)}].",
            )
    elif not isinstance(here, dict):
        raise UserError(
            f"{path!r}: {walked} is {_describe(here)}, so there is nothing inside it to set",
            f"Set {walked} itself, or replace it by a JSON object.",
        )
    elif isinstance(step, int):
        raise UserError(
            f"{path!r}: {walked or 'the payload'} is an object, not a list",
            f"Its names: {', '.join(here) or 'none'}.",
        )
    elif step not in here and not new_names:
        meant = _nearest_name(step, here)
        if meant:
            place = f"{walked}.{meant}" if walked else meant
            raise UserError(
                f"{path!r}: there is no {step!r} in {walked or 'the payload'}",
                f"Did you mean {place}? To add a new name, put a + before the path.",
            )


def _nearest_name(name: str, present: dict[str, Json]) -> str | None:
    """The name that `name` looks like; names that differ in digits only are different names."""
    letters = re.sub(r"\d+", "", name)
    others = [n for n in present if re.sub(r"\d+", "", n) != letters]
    return next(iter(nearest(name, others, most=1, cutoff=0.8)), None)


def _describe(value: Json) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"the text {value!r}"
    return f"the number {value}"
