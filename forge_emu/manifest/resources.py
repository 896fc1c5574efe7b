"""`resources`: the files and folders of user interfaces, which are deployed beside the code."""

from __future__ import annotations

from forge_emu.model import Resource
from forge_emu.yamlsource.nodes import MappingNode, Part, ScalarNode, SequenceNode


def read_resources(root: Part) -> tuple[Resource, ...]:
    """Those with a key and a path; the app's own schema says what is wrong with others."""
    section = root.get("resources")
    if section is None or not isinstance(section.node, SequenceNode):
        return ()
    found = []
    for item in section.items():
        if not isinstance(item.node, MappingNode):
            continue
        key, path = item.get("key"), item.get("path")
        name, place = _text(key), _text(path)
        if path is not None and name and place:
            found.append(Resource(name, place, *path.place))
    return tuple(found)


def _text(part: Part | None) -> str | None:
    value = part.node.value if part is not None and isinstance(part.node, ScalarNode) else None
    return value if isinstance(value, str) else None
