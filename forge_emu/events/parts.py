"""Parts that templates share: `{"$part": "jira/issue", "key": "X-1"}` is that part, changed.

A part is one JSON file in `parts/`, and may have parts itself. What stands beside `$part` is merged
over it, object by object; a list of names is one part after the other.
"""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from importlib.resources import files

import msgspec

from forge_emu.model import Json

_PART = "$part"


def with_parts(value: Json, event: str) -> Json:
    """`value` with its parts filled in; the text `{event}` becomes the event's full name."""
    if isinstance(value, list):
        return [with_parts(item, event) for item in value]
    if not isinstance(value, dict):
        return event if value == "{event}" else value
    named = value.get(_PART, [])
    filled: dict[str, Json] = {}
    for name in named if isinstance(named, list) else [named]:
        merge_payload(filled, part_object(str(name), event))
    own = {name: with_parts(inner, event) for name, inner in value.items() if name != _PART}
    merge_payload(filled, own)
    return filled


def part_object(name: str, event: str = "") -> dict[str, Json]:
    """The part called `name`, such as `jira/status/done`. Raises FileNotFoundError."""
    filled = with_parts(_read_part(name), event)
    assert isinstance(filled, dict), name
    return filled


def part_names(folder: str) -> list[str]:
    """The names of the parts in a folder, such as `jira/status`."""
    entries = files(__package__).joinpath("parts", *folder.split("/")).iterdir()
    return sorted(f"{folder}/{e.name[:-5]}" for e in entries if e.name.endswith(".json"))


def merge_payload(payload: dict[str, Json], data: dict[str, Json]) -> None:
    """Put `data` over `payload`: objects are merged, everything else is replaced."""
    for name, value in data.items():
        present = payload.get(name)
        if isinstance(present, dict) and isinstance(value, dict) and "$number" not in value:
            merge_payload(present, value)
        else:
            payload[name] = deepcopy(value)


@cache
def _read_part(name: str) -> Json:
    path = files(__package__).joinpath("parts", *f"{name}.json".split("/"))
    return msgspec.json.decode(path.read_bytes(), type=dict[str, Json])
