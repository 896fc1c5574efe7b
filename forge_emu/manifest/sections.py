"""The sections of a manifest: which there are, and which of them are lists or mappings."""

from __future__ import annotations

from typing import Any, Final

from forge_emu.model import Json
from forge_emu.yamlsource.findings import Findings, join_names
from forge_emu.yamlsource.nodes import MappingNode, Part, ScalarNode, SequenceNode, describe

_SECTIONS: Final[dict[str, type[MappingNode | SequenceNode]]] = {
    "app": MappingNode,
    "connectModules": MappingNode,
    "modules": MappingNode,
    "permissions": MappingNode,
    "resources": SequenceNode,
    "remotes": SequenceNode,
    "providers": MappingNode,
    "environment": MappingNode,
    "translations": MappingNode,
    "services": SequenceNode,
    "overrides": SequenceNode,
}
"""As in `@forge/manifest` 13.7.0."""
_READ_BY_OTHERS = frozenset({"app", "modules", "permissions", "environment"})


def check_sections(findings: Findings, root: Part, schema: Json | None) -> None:
    """Report sections that Forge does not have, and those of a wrong type.

    `schema` is that of the app's own `@forge/manifest`, which may know more.
    """
    further: Any = (schema or {}).get("properties") if isinstance(schema, dict) else None
    known = {*_SECTIONS, *(further if isinstance(further, dict) else ())}
    for name, part in root.properties():
        if name not in known:
            findings.error_at_key(
                part,
                f"document should not have the property {name[:60]!r}",
                findings.did_you_mean(name, known)
                or f"Forge takes no others than {join_names(sorted(_SECTIONS), 11)}.",
                "unknown-property",
            )
        elif name not in _READ_BY_OTHERS and name in _SECTIONS:
            _check_type(findings, name, part)


def count_connect_modules(root: Part) -> int:
    """How many modules of Connect the manifest has, in its section `connectModules`."""
    section = root.get("connectModules")
    kinds = section.properties() if section and isinstance(section.node, MappingNode) else ()
    return sum(
        len(part.node.items) if isinstance(part.node, SequenceNode) else 1 for _, part in kinds
    )


def is_app_managed(root: Part) -> bool:
    """Whether `permissions.enforcement` leaves the permissions of users to the app."""
    permissions = root.get("permissions")
    at = permissions.get("enforcement") if permissions else None
    return at is not None and isinstance(at.node, ScalarNode) and at.node.value == "app-managed"


def _check_type(findings: Findings, name: str, part: Part) -> None:
    if isinstance(part.node, _SECTIONS[name]):
        return
    wanted = "mapping" if _SECTIONS[name] is MappingNode else "list"
    hint = "Remove the line, or fill it." if describe(part.node).startswith("nothing") else None
    findings.error(part, f"{name} must be a {wanted}, found {describe(part.node)}", hint)
