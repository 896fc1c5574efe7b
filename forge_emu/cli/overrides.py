"""`--set name=value` where only settings make sense."""

from __future__ import annotations

from forge_emu.errors import UserError
from forge_emu.settings import SettingValue
from forge_emu.simulate.plan.sweep import ENV, read_assignments


def parse_overrides(assignments: tuple[str, ...]) -> dict[str, SettingValue]:
    """The `--set name=value` options as settings. Raises UserError."""
    change = read_assignments(assignments)
    for name in change.variables:
        raise UserError(
            f"--set: {ENV}{name} is a variable of the app, not a setting",
            "`forge-emu run` and `forge-emu simulate` take it.",
        )
    return dict(change.settings)
