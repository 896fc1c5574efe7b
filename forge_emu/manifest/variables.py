"""`environment.variables`: texts such as `${NAME}` anywhere in a manifest get their values.

As `@forge/manifest` 13.7.0 does it: in values and not in keys, only for names that are declared,
once (what a value holds is left alone), and the result is always text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from forge_emu.yamlsource import typed_reading
from forge_emu.yamlsource.findings import Findings, join_names
from forge_emu.yamlsource.nodes import MappingNode, Part, ScalarNode, SequenceNode

RULE: Final = "variable"

_PLACEHOLDER = re.compile(r"\$\{([a-zA-Z_][a-zA-Z0-9_]*)\}")
_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_FORM = "Write `- NAME`, or `- key: NAME` with `default: value` below."


def substitute_variables(findings: Findings, root: Part, values: Mapping[str, str]) -> None:
    """Replace the placeholders of declared variables by `values`, else by their defaults.

    A variable without either is an error where it is used first; one that is not declared is left
    as it is, as Forge leaves it, with a warning.
    """
    declared = _declared_variables(findings, root)
    without: dict[str, list[Part]] = {}
    seen: set[int] = set()
    for part in _texts(root):
        # By an alias the same value stands in several places.
        if id(part.node) not in seen:
            seen.add(id(part.node))
            for name in _substitute(findings, part, declared, values):
                without.setdefault(name, []).append(part)
    for name, parts in without.items():
        _refuse(findings, name, parts)
    for parts in without.values():
        for part in parts:
            findings.mark_unknown(part)


def _substitute(
    findings: Findings, part: Part, declared: Mapping[str, str | None], values: Mapping[str, str]
) -> list[str]:
    """Replace what has a value; the declared variables of `part` that have none."""
    node = part.node
    assert isinstance(node, ScalarNode)
    text = str(node.value)
    replaced: dict[str, str] = {}
    without: list[str] = []
    for name in dict.fromkeys(_PLACEHOLDER.findall(text)):
        if name not in declared:
            findings.warn(
                part,
                f"${{{name}}} is not declared, so Forge leaves it as it stands",
                f"Declare it: `environment: {{ variables: [{name}] }}`.",
                RULE,
            )
            continue
        value = values.get(name, declared[name])
        if value is None:
            without.append(name)
        else:
            replaced[name] = value
    if replaced:
        node.value = _PLACEHOLDER.sub(lambda m: replaced.get(m[1], m[0]), text)
        node.text = node.value
    return without


def _refuse(findings: Findings, name: str, parts: Sequence[Part]) -> None:
    """One error for all places that use a variable without a value."""
    lines = list(dict.fromkeys(str(part.place.line) for part in parts))[1:]
    also = f", also in line {join_names(lines)}" if lines else ""
    findings.error(
        parts[0],
        f"could not find environment variable {name!r}{also}",
        f"Give it with --env-file, with FORGE_USER_VAR_{name}=..., under `variables:` in"
        " forge-emu.yml, or with a `default` in the manifest.",
        RULE,
    )


def _declared_variables(findings: Findings, root: Part) -> dict[str, str | None]:
    """The names under `environment.variables`, each with its default."""
    environment = root.get("environment")
    if environment is None or not typed_reading.require_mapping(findings, environment):
        return {}
    typed_reading.warn_unknown_properties(findings, environment, {"variables"}, "environment")
    variables = environment.get("variables")
    if variables is None:
        return {}
    if not isinstance(variables.node, SequenceNode):
        findings.error(variables, f"{variables.name} must be a list", _FORM)
        return {}
    declared: dict[str, str | None] = {}
    for item in variables.items():
        is_mapping = isinstance(item.node, MappingNode)
        key = item.get("key") if is_mapping else item
        if key is None:
            findings.error_missing(item, "key", _FORM)
            continue
        name = typed_reading.read_text(findings, key)
        if name is None:
            continue
        if not _NAME.fullmatch(name):
            findings.error(key, f"{name[:60]!r} is no name of a variable", _FORM)
            continue
        default = item.get("default") if is_mapping else None
        if is_mapping and default is None:
            findings.error_missing(item, "default", f"Without a default write `- {name}`.")
        declared.setdefault(name, _default(findings, default) if default else None)
    return declared


def _default(findings: Findings, part: Part) -> str | None:
    """A default, which must be text, and may be empty."""
    node = part.node
    if isinstance(node, ScalarNode) and node.value == "":
        return ""
    return typed_reading.read_text(findings, part)


def _texts(root: Part) -> Iterator[Part]:
    """Every text in the manifest but those under `environment`, in the file's order."""
    waiting = [part for name, part in root.properties() if name != "environment"][::-1]
    while waiting:
        part = waiting.pop()
        if isinstance(part.node, ScalarNode):
            if isinstance(part.node.value, str):
                yield part
        else:
            inner = [p for _, p in part.properties()] or list(part.items())
            waiting += inner[::-1]
