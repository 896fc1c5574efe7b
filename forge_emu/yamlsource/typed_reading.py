"""Typed reading of parts: each function requires one type and reports what it found instead."""

from __future__ import annotations

import re
from collections.abc import Collection

from forge_emu.yamlsource.findings import Findings, join_names
from forge_emu.yamlsource.nodes import MappingNode, Part, ScalarNode, SequenceNode, describe


def require_mapping(findings: Findings, part: Part) -> bool:
    """Whether `part` is a mapping; reports an error where it is not."""
    if isinstance(part.node, MappingNode):
        return True
    hint = "Indent its properties below it, as `name: value`."
    if isinstance(part.node, SequenceNode):
        hint = "Remove the '-' in front of its properties."
    findings.error(part, f"{part.name} must be a mapping, found {describe(part.node)}", hint)
    return False


def read_list(findings: Findings, part: Part, of_what: str = "items") -> list[Part] | None:
    """The items of `part`, which must be a list with at least one."""
    if not isinstance(part.node, SequenceNode):
        findings.error(
            part,
            f"{part.name} must be a list, found {describe(part.node)}",
            f"Begin each of its {of_what} with '- '.",
        )
        return None
    if not part.node.items:
        findings.error(part, f"{part.name} is an empty list", "Fill it or remove it.")
        return None
    return list(part.items())


def read_text(findings: Findings, part: Part) -> str | None:
    """The text of `part`, which must be text and not empty."""
    node = part.node
    if isinstance(node, ScalarNode) and isinstance(node.value, str):
        if node.value:
            return node.value
        findings.error(part, f"{part.name} is empty")
        return None
    hint = None
    if isinstance(node, ScalarNode):
        hint = f'Quote it: "{node.text}".' if node.text else "Write a value after the ':'."
    findings.error(part, f"{part.name} must be text, found {describe(node)}", hint)
    return None


def read_required_text(findings: Findings, parent: Part, name: str, hint: str | None) -> str | None:
    """The text of the property `name`, which must be there."""
    part = parent.get(name)
    if part is None:
        findings.error_missing(parent, name, hint)
        return None
    return read_text(findings, part)


def read_bool(findings: Findings, part: Part) -> bool | None:
    """The truth value of `part`."""
    if isinstance(part.node, ScalarNode) and isinstance(part.node.value, bool):
        return part.node.value
    hint = None
    if isinstance(part.node, ScalarNode) and part.node.text.lower() in {"yes", "no", "on", "off"}:
        hint = f"Forge reads {part.node.text} as text; write true or false."
    findings.error(part, f"{part.name} must be true or false, found {describe(part.node)}", hint)
    return None


def read_number(
    findings: Findings, part: Part, low: int, high: int, unit: str, *, whole: bool = False
) -> float | None:
    """The number of `part`, from `low` to `high`."""
    node = part.node
    value = node.value if isinstance(node, ScalarNode) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        hint = "Remove the quotes." if _is_quoted_number(part) else None
        findings.error(part, f"{part.name} must be a number, found {describe(node)}", hint)
        return None
    found = describe(node).removeprefix("the number ")
    if not low <= value <= high:
        findings.error(part, f"{part.name} must be from {low} to {high} {unit}, found {found}")
        return None
    if whole and value != int(value):
        findings.error(part, f"{part.name} must be a whole number, found {found}")
        return None
    return value


def _is_quoted_number(part: Part) -> bool:
    return isinstance(part.node, ScalarNode) and bool(re.fullmatch(r"[0-9.]+", part.node.text))


def warn_unknown_properties(
    findings: Findings, parent: Part, known: Collection[str], what: str
) -> None:
    """Warn of properties of `parent` that `what` does not have."""
    for name, part in parent.properties():
        if name not in known:
            hint = (
                findings.did_you_mean(name, known)
                or f"Its properties are: {join_names(sorted(known), 14)}."
            )
            findings.warn_at_key(
                part, f"{part.name}: {what} has no property {name[:60]!r}", hint, "unknown-property"
            )


def check_pattern(
    findings: Findings, part: Part, value: str, pattern: re.Pattern[str], allowed: str
) -> bool:
    """Whether `value` consists of what `pattern` allows."""
    if pattern.fullmatch(value):
        return True
    strange = next((c for c in value if not pattern.fullmatch(c)), "")
    shown = value if len(value) <= 60 else f"{value[:57]}..."
    saying = f", found {strange!r} in {shown!r}" if strange else f", found {shown!r}"
    findings.error(part, f"{part.name} may only have {allowed}{saying}")
    return False
