"""`resources`: the files and folders of user interfaces, which are deployed beside the code."""

from __future__ import annotations

from forge_emu.model import Resource
from forge_emu.yamlsource.nodes import Part, text_of


def read_resources(root: Part) -> tuple[Resource, ...]:
    """Those with a key and a path; the app's own schema says what is wrong with others."""
    section = root.get("resources")
    found = []
    for item in section.items() if section else ():
        at = item.get("path")
        key, path = text_of(item.get("key")), text_of(at)
        if at is not None and key is not None and path is not None:
            found.append(Resource(key, path, *at.place))
    return tuple(found)
