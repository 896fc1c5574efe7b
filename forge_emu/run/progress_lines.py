"""What a run says of its progress, and when, where nobody sees its records."""

from __future__ import annotations

from typing import Final

from forge_emu.model import HOUR, MINUTE, SECOND, Instant
from forge_emu.offsets import offset_text
from forge_emu.records import AnyBody, AppLoaded, AppRejected, AppReloaded, EmulatorRestarted, Log

PROGRESS_INSTANTS: Final[tuple[Instant, ...]] = tuple(
    [n * SECOND for n in (10, 30)]
    + [n * MINUTE for n in (1, 2, 5, 10, 30)]
    + [n * HOUR for n in (1, 2, 6, 12)]
)
"""When a run says how far it is; later once a day."""

_DAY: Final = 24 * HOUR


def next_progress_instant(at: Instant) -> Instant:
    """The first one after `at`."""
    after = (instant for instant in PROGRESS_INSTANTS if instant > at)
    return next(after, (at // _DAY + 1) * _DAY)


def progress_line(at: Instant, figures: dict[str, int]) -> str:
    """`+00:00:10.000  1,000 sent, 740 pushed: 812 succeeded, 0 dropped, 928 pending`."""
    ended = {
        name: figures[name] + figures[f"events_{name}"]
        for name in ("succeeded", "dropped", "pending")
    }
    for name in ("expired", "cancelled"):
        if count := figures[f"events_{name}"]:
            ended[name] = count
    words = ", ".join(f"{count:,} {name}" for name, count in ended.items())
    return (
        f"{offset_text(at)}  {figures['sent']:,} sent, {figures['events_pushed']:,} pushed: {words}"
    )


PIPE_WIDTH: Final = 120
"""Columns of a summary where no terminal says how many it has."""


def is_message(body: AnyBody) -> bool:
    """Whether the emulator says it of the app or of itself; not what a handler printed."""
    if isinstance(body, Log):
        return body.invocation_id is None and body.level in ("warn", "error")
    return isinstance(body, AppLoaded | AppReloaded | AppRejected | EmulatorRestarted)
