"""The modules that use a function, and timeouts that one of them does not grant."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from forge_emu.manifest.module_kinds import LONG_RUNNING, lint_limit_seconds
from forge_emu.yamlsource.findings import Findings
from forge_emu.yamlsource.nodes import Part, ScalarNode


class FunctionUse(NamedTuple):
    """A module that uses a function: its kind, and its key."""

    kind: str
    key: str

    def __str__(self) -> str:
        return f"the {self.kind} {self.key[:60]!r}"


def check_timeout(
    findings: Findings, name: str, function: Part, uses: Sequence[FunctionUse]
) -> None:
    """Report a `timeoutSeconds` that a module which uses the function does not grant.

    Speaks where `@forge/lint` 6.3.1 does.
    """
    at = function.get("timeoutSeconds")
    seconds = at.node.value if at and isinstance(at.node, ScalarNode) else None
    if at is None or isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return
    long_running = next((use for use in uses if use.kind in LONG_RUNNING), None)
    for use in uses:
        limit = lint_limit_seconds(use.kind)
        if limit is None:
            continue
        if long_running is None:
            findings.warn_at_key(
                at,
                f"timeoutSeconds has no effect on {name[:60]!r}, which is used by {use}",
                "Only functions of consumers and scheduled triggers have custom timeouts.",
                "timeout-no-effect",
            )
        elif seconds > limit:
            findings.warn_at_key(
                at,
                f"function {name[:60]!r} has {seconds:g} s for {long_running} and is also used by"
                f" {use}, for which `forge lint` allows {limit} s: the lowest counts for all",
                "Give each a function of its own: a consumer's function must not be shared.",
                "shared-function",
            )
