"""`--set name=value`, as several commands take it."""

from __future__ import annotations

from forge_emu.errors import UserError
from forge_emu.settings import Value, parse


def overrides_of(assignments: tuple[str, ...]) -> dict[str, Value]:
    """The `--set name=value` options as settings. Raises UserError."""
    overrides: dict[str, Value] = {}
    for assignment in assignments:
        name, equals, value = assignment.partition("=")
        if not equals:
            raise UserError(
                f"--set: {assignment!r} has no value",
                "Write it as --set limits.kvs.write_units_per_minute=100.",
            )
        overrides[name.strip()] = parse(name.strip(), value.strip(), "--set")
    return overrides
