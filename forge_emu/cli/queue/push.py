"""`forge-emu queue push`: events for a consumer, without a handler that pushes them."""

from __future__ import annotations

from pathlib import Path

import click

from forge_emu.cli import options as o
from forge_emu.cli.completions import queue_names
from forge_emu.cli.values import concurrency, duration


@click.command(
    epilog='Example: forge-emu queue push issue-snapshots --body \'{"issue": "EMU-{n}"}\' '
    "--count 100 --delay 5s"
)
@click.argument("queue", shell_complete=queue_names)
@click.option(
    "--body",
    required=True,
    metavar="JSON|@FILE|-",
    help="The event's body: a JSON object, a file with one, or - for stdin. {n} in its texts is "
    "the event's number.",
)
@click.option(
    "--count",
    default=1,
    type=o.EVENT_COUNT,
    metavar="N",
    help="How many events.  [default: 1]",
)
@click.option(
    "--delay", metavar="SPAN", help="Time until they are due, such as 5s (`delayInSeconds`)."
)
@click.option(
    "--concurrency",
    "slots",
    metavar="KEY:LIMIT",
    help="A concurrency key, and how many of its events are handled at once.",
)
@o.inner_app_option
@o.json_option
def push(
    queue: str,
    body: str,
    count: int,
    delay: str | None,
    slots: str | None,
    app_dir: Path,
    as_json: bool,
) -> None:
    """Push events to QUEUE, as the app would, under the same limits.

    Many events go in pushes as large as the limits allow, all at once. Prints the job of each push
    and the ids of its events. After a refusal nothing more is pushed, and the exit code is 1.
    """
    import msgspec

    from forge_emu.appdir.folder import find_app_root
    from forge_emu.cli.connection.remote import admin_client
    from forge_emu.control.push_contract import PushOrder
    from forge_emu.emulator.user_json.payloads import read_json_argument
    from forge_emu.errors import RefusedError, UserError

    value = read_json_argument(body, "--body", [Path.cwd(), find_app_root(app_dir)])
    if not isinstance(value, dict):
        raise UserError("--body: the body of an event must be an object", 'Such as {"n": 1}.')
    seconds = None if delay is None else duration(delay) / 1000
    key = None if slots is None else concurrency(slots)
    with admin_client(app_dir) as remote:
        receipt = remote.push_events(PushOrder(queue, value, count, seconds, key))
    if as_json:
        o.echo_json(msgspec.json.encode(receipt))
    else:
        for job in receipt.jobs:
            click.echo(f"job {job.job_id}")
            for id in job.event_ids:
                click.echo(f"  {id}")
    if (refused := receipt.refused) is not None:
        raise RefusedError(
            f"the push of {refused.events:,} of {count:,} events was refused: "
            f"{refused.error} ({refused.status}): {refused.message}",
            f"The rule is {refused.limit}." if refused.limit else None,
        )
