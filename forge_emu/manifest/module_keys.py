"""Keys of modules, unique over all kinds, and the references to them."""

from __future__ import annotations

import re
from collections.abc import Collection

from forge_emu.yamlsource import typed_reading
from forge_emu.yamlsource.findings import Findings, join_names
from forge_emu.yamlsource.nodes import Part

# The schema of `@forge/manifest` 13.7.0: ModuleKeySchema and ExtensionKey.
_KEY = re.compile(r"[a-zA-Z0-9_-]+")
_REFERENCE = re.compile(r"[a-zA-Z0-9._-]+")
_LONGEST_REFERENCE = 255


class ModuleKeys:
    """The module keys seen so far."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._seen: dict[str, list[Part]] = {}

    def read_key(self, module: Part) -> str | None:
        """The key of `module`; reports a missing or malformed one."""
        value = typed_reading.read_required_text(
            self._findings, module, "key", "Give it a key of its own, such as `key: my-key`."
        )
        part = module.get("key")
        if value is None or part is None:
            return None
        self.add_key(part, value)
        sound = typed_reading.check_pattern(
            self._findings, part, value, _KEY, "letters, digits, '-' and '_'"
        )
        return value if sound else None

    def add_key(self, part: Part, value: str) -> None:
        """Add a key to those that must be unique, without checking its form."""
        self._seen.setdefault(value, []).append(part)

    def report_duplicates(self) -> None:
        """Report every key that is given again further down."""
        for value, parts in self._seen.items():
            first, *others = sorted(parts, key=lambda part: part.place)
            for other in others:
                self._findings.error(
                    other,
                    f"found duplicate module key {value[:60]!r}",
                    f"It is first given in line {first.place.line}; keys are unique among all"
                    " modules.",
                    "duplicate-key",
                )


def read_function_reference(
    findings: Findings, part: Part, kind: str, functions: Collection[str]
) -> str | None:
    """The function that `part` names, which must be among `functions`."""
    value = typed_reading.read_text(findings, part)
    if value is None:
        return None
    if len(value) > _LONGEST_REFERENCE:
        findings.error(
            part, f"{part.name} is {len(value)} characters long, {_LONGEST_REFERENCE} are allowed"
        )
        return None
    if not typed_reading.check_pattern(
        findings, part, value, _REFERENCE, "letters, digits, '-', '.' and '_'"
    ):
        return None
    if value not in functions:
        defined = f"Defined functions: {join_names(sorted(functions))}." if functions else None
        findings.error(
            part,
            f"{kind} references undefined function module with key {value[:60]!r}",
            findings.did_you_mean(value, functions)
            or defined
            or "Define it under modules.function.",
            "undefined-function",
        )
        return None
    return value
