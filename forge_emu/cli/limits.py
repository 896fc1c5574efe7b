"""`forge-emu limits`: every number in force, and where it comes from."""

from __future__ import annotations

from pathlib import Path

import click

from forge_emu.cli import completions
from forge_emu.cli import options as o
from forge_emu.settings import PRESETS, Preset, SettingValue


@click.command(epilog="Example: forge-emu limits kvs --limits legacy")
@click.argument("part", default="")
@o.app_option
@click.option(
    "--limits",
    "preset",
    type=click.Choice(PRESETS),
    help="The numbers under this preset, whatever runs.",
)
@click.option(
    "--set",
    "assignments",
    multiple=True,
    metavar="NAME=VALUE",
    shell_complete=completions.setting_names,
    help="The numbers with this change, whatever runs. May be repeated.",
)
@click.option(
    "--rules",
    is_flag=True,
    help="The rules that refuse and are no settings, such as that a key may not be empty.",
)
@o.json_option
@o.color_option
def limits(
    part: str,
    app_dir: Path,
    preset: Preset | None,
    assignments: tuple[str, ...],
    rules: bool,
    as_json: bool,
    color: bool | None,
) -> None:
    """List the limits and settings in force whose names hold PART.

    Those of the app's running emulator, with their present use; without one, those that `run`
    would use. Each comes with its unit, its source and date or who changed it, and what meets it.
    With --rules it lists the rules that refuse and have no number of their own.
    """
    import msgspec

    from forge_emu.commands.limits_active import active_limits
    from forge_emu.commands.limits_view import limits_notes, print_limits
    from forge_emu.errors import UserError

    if rules:
        _list_rules(part, as_json, color)
        return
    active = active_limits(app_dir, preset, _overrides(assignments))
    rows = active.rows(part)
    if not rows:
        raise UserError(
            f"no setting has {part!r} in its name", "`forge-emu limits` lists them all."
        )
    if as_json:
        about = {"preset": active.preset, "running": active.running, "limits": rows}
        o.echo_json(msgspec.json.format(msgspec.json.encode(about), indent=2))
        return
    out, err = o.consoles(color)
    print_limits(out, rows)
    for words in limits_notes(rows, active.preset, active.running):
        err.print(words, style="dim", markup=False, highlight=False, soft_wrap=True)


def _overrides(assignments: tuple[str, ...]) -> dict[str, SettingValue]:
    """The `--set name=value` options as settings. Raises UserError."""
    from forge_emu.errors import UserError
    from forge_emu.simulate.plan.sweep import ENV, read_assignments

    change = read_assignments(assignments)
    for name in change.variables:
        raise UserError(
            f"--set: {ENV}{name} is a variable of the app, not a setting",
            "`forge-emu run` and `forge-emu simulate` take it.",
        )
    return dict(change.settings)


def _list_rules(part: str, as_json: bool, color: bool | None) -> None:
    import msgspec

    from forge_emu.commands.limits import rule_rows
    from forge_emu.commands.limits_view import print_rules
    from forge_emu.errors import UserError

    rows = rule_rows(part)
    if not rows:
        raise UserError(
            f"no rule has {part!r} in its name", "`forge-emu limits --rules` lists them all."
        )
    if as_json:
        o.echo_json(msgspec.json.format(msgspec.json.encode({"rules": rows}), indent=2))
        return
    out, _ = o.consoles(color)
    print_rules(out, rows)
