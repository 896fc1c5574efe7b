"""Files changed at random: schema and reader take the same ones, but for what no schema can say."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from typing import Any, Final

import pytest

from forge_emu.errors import UserError
from forge_emu.schemas import SCHEMAS
from forge_emu.yamlsource import read_document, to_json
from tests.schemas import texts

VALUES: Final[tuple[Any, ...]] = (
    *(0, 1, -1, 2, 100, 101, 1.5, 0.5, -0.5, 10**7, 10**12, True, False, None),
    *("", "x", "5", "5m", "10%", "5/s", "a b", "5 m", "1e3", "EMU-1", "GET /x", "{n}"),
    *([], [1], ["a"], [{}], [None], {}, {"a": 1}),
)
KEYS: Final = ("extra", "count", "status", "key", "at", "limits", "events_per_minite")
CHANGES: Final = 300

# What docs/editors.md lists: names and files that are elsewhere, and what can be sent at all.
NOT_IN_A_SCHEMA: Final = re.compile(
    r"no event is called|is called .* of the emulated site|of the emulated site is called"
    r"|no status is called|--from and --to are both|there is no '.*' in |is not a path into"
    r"|must be a rate, found the text '0|rate .* 0(/s|/min)?'"
    r"|site: there is no |site: .* is no key of an issue"
    r"|stands for nothing|does not say when the next one"
    r"|set twice|given twice|is there twice|contradicts"
)


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(value, dict | list):
        inner = value.items() if isinstance(value, dict) else enumerate(value)
        for key, part in inner:
            yield from _paths(part, (*path, key))


def _at(document: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        document = document[key]
    return document


def _changed_scalar(value: Any, chance: random.Random) -> Any:
    if isinstance(value, str) and value:
        at = chance.randrange(len(value))
        written = chance.choice("x5%/.@:")
        return chance.choice((value[:at] + value[at + 1 :], value[:at] + written + value[at:]))
    if isinstance(value, int | float) and not isinstance(value, bool):
        return chance.choice((-value, value * 1000, value + 0.5, str(value)))
    return chance.choice(VALUES)


def changed(document: Any, chance: random.Random) -> Any:
    """The document with one thing in it removed, renamed, replaced, added, or written otherwise."""
    document = json.loads(json.dumps(document))
    paths = [path for path in _paths(document) if path]
    path = chance.choice(paths)
    parent, key = _at(document, path[:-1]), path[-1]
    match chance.randrange(6):
        case 0:
            del parent[key]
        case 1:
            parent[key] = chance.choice(VALUES)
        case 2 if isinstance(key, str):
            at = chance.randrange(len(key) + 1)
            parent[key[:at] + chance.choice("xaEs._") + key[at:]] = parent.pop(key)
        case 3 if isinstance(parent, dict):
            parent[chance.choice(KEYS)] = chance.choice(VALUES)
        case 4:
            parent[key] = json.loads(json.dumps(_at(document, chance.choice(paths))))
        case _:
            parent[key] = _changed_scalar(parent[key], chance)
    return document


def _difference(name: str, text: str) -> str | None:
    """What one of them says, and the other does not."""
    try:
        read_document(text.encode(), "file.yml")
    except UserError:
        return None
    said, marked = texts.reader_error(name, text), texts.schema_errors(name, text)
    if marked and said is None:
        return f"the schema alone: {marked[0]}"
    if said and not marked and not NOT_IN_A_SCHEMA.search(said):
        return f"the reader alone: {said}"
    return None


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("name", SCHEMAS)
def test_both_take_the_same_files(name: str, seed: int) -> None:
    """Each of them is a file that is taken, with one change."""
    chance = random.Random(seed)
    found = (to_json(read_document(text.encode(), "f").node) for text in texts.accepted(name))
    documents = [document for document in found if isinstance(document, dict) and document]
    differences: dict[str, str] = {}
    for _ in range(CHANGES):
        text = json.dumps(changed(chance.choice(documents), chance))
        if difference := _difference(name, text):
            differences[text] = difference
    assert differences == {}


def test_changes_are_of_both_sorts() -> None:
    """Files that are still taken, and files that no longer are."""
    chance = random.Random(1)
    document = {"steps": [{"event": "issue-created", "count": 5}]}
    found = [json.dumps(changed(document, chance)) for _ in range(200)]
    refused = [text for text in found if texts.schema_errors("scenario", text)]
    assert 20 < len(refused) < 180
    assert len(set(found)) > 50
