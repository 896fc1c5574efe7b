"""`forge-emu trigger pre-uninstall`: call what the app does before it is uninstalled."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from forge_emu.cli import completions
from forge_emu.cli import options as o

if TYPE_CHECKING:
    from forge_emu.control.calls.contract import PreUninstallAnswer


@click.command("pre-uninstall", epilog="Example: forge-emu trigger pre-uninstall clean-up")
@click.argument("key", required=False, shell_complete=completions.pre_uninstalls)
@o.app_option
@o.json_option
def pre_uninstall(key: str | None, app_dir: Path, as_json: bool) -> None:
    """Call the preUninstall module KEY, or all of them, and wait for the end.

    Nothing is uninstalled: the state stays as the functions leave it, and `forge-emu reset` begins
    anew. Where one fails the exit code is 1; on Forge the app is uninstalled all the same.
    """
    import msgspec

    from forge_emu.cli.connection.remote import admin_client
    from forge_emu.control.calls.contract import PreUninstallOrder
    from forge_emu.errors import RefusedError

    with admin_client(app_dir) as remote:
        answers = remote.call_pre_uninstall(PreUninstallOrder(key))
    if as_json:
        o.echo_json(msgspec.json.encode(answers))
    failed = [answer for answer in answers if answer.reason is not None]
    if not as_json:
        for answer in answers:
            if answer.reason is None:
                click.echo(f"{answer.module_key}: returned in {answer.age_ms:,} ms")
    if failed:
        text = "; ".join(map(_failure_text, failed))
        raise RefusedError(text, "On Forge the app is uninstalled all the same.")


def _failure_text(answer: PreUninstallAnswer) -> str:
    why = f"{answer.error.name}: {answer.error.message}" if answer.error else answer.limit or ""
    return f"{answer.module_key} failed ({answer.reason}){f': {why}' if why else ''}"
