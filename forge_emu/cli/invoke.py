"""`forge-emu invoke`: call a function of the running app, and print what it returns."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from forge_emu.cli import completions, values
from forge_emu.cli import options as o

if TYPE_CHECKING:
    from forge_emu.control.calls.contract import CallAnswer


@click.command(epilog='Example: forge-emu invoke resolver.saveNote --payload \'{"text": "hello"}\'')
@click.argument("target", metavar="FUNCTION[.KEY]", shell_complete=completions.functions)
@o.app_option
@click.option(
    "--payload",
    metavar="JSON|@FILE|-",
    help="What the function gets: JSON, a file with it, or - for stdin. {n} in its texts is the "
    "number of the call.",
)
@click.option(
    "--context",
    metavar="JSON|@FILE|-",
    help="Merged over the context: that of a UI for a resolver, else the second argument. "
    "{n} as in --payload.",
)
@click.option(
    "--count",
    default=1,
    type=values.Count(1, 10_000),
    metavar="N",
    help="Call it N times at once.",
)
@o.json_option
def invoke(
    target: str,
    app_dir: Path,
    payload: str | None,
    context: str | None,
    count: int,
    as_json: bool,
) -> None:
    """Call a function of the manifest in the running emulator, and print its answer as JSON.

    With FUNCTION.KEY it is called as a UI calls the definition KEY of a resolver:
    invoke('KEY', payload). With the key of an endpoint, --payload is what a UI gives to
    invokeRemote: {"path": "/tasks", "method": "GET"}. Functions of any module can be called, such
    as actions of Rovo, workflow validators and post functions: --payload is merged over what their
    module gives them, about the first issue of the site. What a function throws is printed to
    stderr, and the exit code is 1.
    """
    from forge_emu.appdir.folder import find_app_root
    from forge_emu.cli.connection.remote import admin_client
    from forge_emu.control.calls.contract import CallOrder
    from forge_emu.emulator.user_json.payloads import read_json_argument
    from forge_emu.errors import RefusedError, UserError

    folders = [Path.cwd(), find_app_root(app_dir)]
    given = None if payload is None else read_json_argument(payload, "--payload", folders)
    around: Any = {} if context is None else read_json_argument(context, "--context", folders)
    if not isinstance(around, dict):
        raise UserError("--context: the context must be a JSON object", 'Such as {"a": 1}.')
    with admin_client(app_dir) as remote:
        answers = remote.call_function(CallOrder(target, given, around, count)).answers
    for answer in answers:
        if as_json:
            o.echo_json(msgspec.json.encode(answer))
        elif answer.reason is None:
            o.echo_json(bytes(answer.result))
    failed = [answer for answer in answers if answer.reason is not None]
    if failed:
        hint = f"The rule is {failed[0].limit}." if failed[0].limit else None
        raise RefusedError(_failure_text(target, failed, count), hint)


def _failure_text(target: str, failed: list[CallAnswer], count: int) -> str:
    """What the first failure was, and how many there were."""
    first = failed[0]
    what = (
        f"{len(failed):,} of {count:,} calls of {target} failed"
        if count > 1
        else (f"the call of {target} failed")
    )
    text = f"{what} ({first.reason})"
    if first.error is not None:
        text += f": {first.error.name}: {first.error.message}"
        if first.error.stack:
            frames = [line for line in first.error.stack.splitlines() if line.startswith("    at ")]
            text = "\n".join([text, *frames])
    return text
