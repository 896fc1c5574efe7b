"""The commands of `forge-emu queue` that change something."""

from __future__ import annotations

from pathlib import Path

import click

from forge_emu.cli import completions
from forge_emu.cli import options as o


@click.command(epilog="Example: forge-emu queue cancel EMU-7")
@click.argument("id", shell_complete=completions.event_ids)
@o.inner_app_option
@o.json_option
def cancel(id: str, app_dir: Path, as_json: bool) -> None:
    """Cancel the events that ID names: an event, all of a job, or all of an issue.

    What runs is not stopped, as on the platform.
    """
    _send_order(app_dir, as_json, "cancelled", action="cancel", target=id)


@click.command("run-now", epilog="Example: forge-emu queue run-now --all")
@click.argument("id", required=False, shell_complete=completions.event_ids)
@click.option("--all", "every", is_flag=True, help="All events that wait.")
@o.inner_app_option
@o.json_option
def run_now(id: str | None, every: bool, app_dir: Path, as_json: bool) -> None:
    """Skip the wait of the events that ID names: their delay, or the wait for a retry."""
    _require_one(id, every, "--all")
    _send_order(app_dir, as_json, "no longer waiting", action="run_now", target=id, every=every)


@click.command(epilog="Example: forge-emu queue replay EMU-7 --edit")
@click.argument("id", required=False, shell_complete=completions.event_ids)
@click.option(
    "--dropped", "every", is_flag=True, help="All dropped and expired events that are kept."
)
@click.option("--edit", is_flag=True, help="Edit the body first, in $VISUAL or $EDITOR.")
@click.option(
    "--body",
    metavar="JSON|@FILE|-",
    help="Send it with this body: an object, a file with one, or - for stdin.",
)
@o.inner_app_option
@o.json_option
def replay(
    id: str | None, every: bool, edit: bool, body: str | None, app_dir: Path, as_json: bool
) -> None:
    """Deliver the events that ID names again, each as a new event, however they have ended.

    The key of an issue means its dropped and expired events; where it has none, its product
    events. An event that has succeeded or was cancelled can be sent again as long as its body is
    kept (state.payloads_mb).
    """
    _require_one(id, every, "--dropped")
    order: dict[str, object] = {"action": "replay", "target": id, "every": every}
    if edit or body is not None:
        if id is None or (edit and body is not None):
            raise click.UsageError("Give the ID of one event, and one of --edit and --body.")
        from forge_emu.cli.queue.bodies import given_body
        from forge_emu.cli.queue.edited import edited_body

        if body is None:
            with edited_body(id, app_dir) as (event, edited):
                order |= {"target": event, "body": edited}
                _send_order(app_dir, as_json, "delivered again", **order)
            return
        order["body"] = given_body(body, app_dir)
    _send_order(app_dir, as_json, "delivered again", **order)


@click.command(epilog="Example: forge-emu queue pause issue-snapshots")
@click.argument("queue", required=False, shell_complete=completions.queue_names)
@o.inner_app_option
@o.json_option
def pause(queue: str | None, app_dir: Path, as_json: bool) -> None:
    """Deliver nothing of QUEUE, or nothing at all, until it is resumed. What runs goes on."""
    _send_order(app_dir, as_json, "paused", action="pause", queue=queue)


@click.command(epilog="Example: forge-emu queue resume")
@click.argument("queue", required=False, shell_complete=completions.queue_names)
@o.inner_app_option
@o.json_option
def resume(queue: str | None, app_dir: Path, as_json: bool) -> None:
    """Deliver QUEUE again, or everything that was paused."""
    _send_order(app_dir, as_json, "resumed", action="resume", queue=queue)


def _require_one(id: str | None, every: bool, option: str) -> None:
    if (id is None) == (not every):
        raise click.UsageError(f"Give the ID of an event, or {option} for all of them.")


def _send_order(app_dir: Path, as_json: bool, done: str, **order: object) -> None:
    """Send an order and print its result."""
    import msgspec

    from forge_emu.cli.connection.remote import admin_client
    from forge_emu.console.format import escape, plural
    from forge_emu.control.contract import QueueOrder

    with admin_client(app_dir) as remote:
        receipt = remote.change_queue(msgspec.convert(order, QueueOrder))
    if as_json:
        o.echo_json(msgspec.json.encode(receipt))
    elif order["action"] in ("pause", "resume"):
        what = escape(receipt.queue) if receipt.queue else "everything"
        click.echo(f"{what} {'is' if receipt.changed else 'was already'} {done}")
    else:
        click.echo(f"{plural(len(receipt.ids), 'event')} {done}")
        for id in receipt.ids:
            click.echo(id)
