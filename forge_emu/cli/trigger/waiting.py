"""Waits until all that descends from an order has ended, with a bar that moves meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console

from forge_emu.clock import sleep
from forge_emu.control.contract import BatchStatus, TriggerReceipt
from forge_emu.offsets import short_offset_text

if TYPE_CHECKING:
    from forge_emu.control.client import Client


def wait_until_settled(client: Client, receipt: TriggerReceipt, err: Console) -> None:
    """Until all that descends from the order has ended. Ctrl-C ends the waiting alone."""
    from rich import progress as p

    bar = p.Progress(
        p.TextColumn("{task.description}"),
        p.BarColumn(),
        p.MofNCompleteColumn(),
        p.TextColumn("{task.fields[rest]}"),
        console=err,
        transient=True,
        disable=not err.is_terminal,
    )
    try:
        with bar:
            task = bar.add_task("ended", total=receipt.count, rest="")
            while not (status := client.batch_status(receipt.batch)).settled:
                ended, total = ended_of_all(status)
                bar.update(task, completed=ended, total=total, rest=rest_text(status))
                sleep(0.25)
    except KeyboardInterrupt:
        message = "no longer waiting; the emulator goes on. Here is how far it is:"
        err.print(message, markup=False, highlight=False, soft_wrap=True)


def ended_of_all(status: BatchStatus) -> tuple[int, int]:
    """How many events have ended, and how many there are: those of products and of queues."""
    ended = status.succeeded + status.dropped + status.events_pushed - status.events_pending
    return ended, status.total + status.events_pushed


def rest_text(status: BatchStatus) -> str:
    """`1:20.000 emulated, 3 dropped`: it goes on while everything waits for a retry."""
    dropped = status.dropped + status.events_dropped
    lost = f", {dropped:,} dropped" if dropped else ""
    return f"{short_offset_text(status.now)} emulated{lost}"
