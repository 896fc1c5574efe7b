"""The shapes of a push by hand: what the control API takes and answers."""

from __future__ import annotations

from typing import Annotated

import msgspec

from forge_emu.arrivals import MAX_EVENTS
from forge_emu.model import Json


class PushOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Events to push to a queue by hand: `count` of them, numbered by `{n}` in the texts of `body`.

    `delay_in_seconds` and `concurrency` are those of the app's own push.
    """

    queue: str
    body: dict[str, Json]
    count: Annotated[int, msgspec.Meta(ge=1, le=MAX_EVENTS)] = 1
    delay_in_seconds: float | None = None
    concurrency: PushConcurrency | None = None


class PushConcurrency(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The concurrency key of a push, and how many of its events may be handled at once."""

    key: str
    limit: int


def read_concurrency(text: str) -> PushConcurrency | None:
    """`KEY:LIMIT` as a concurrency key with its limit; None where it is none."""
    key, _, limit = text.rpartition(":")
    if not key or not limit.isascii() or not limit.isdigit() or not 1 <= int(limit[:10]) < 10**9:
        return None
    return PushConcurrency(key, int(limit))


class PushedJob(msgspec.Struct, frozen=True):
    """One push: its job, and the events that the queue has accepted."""

    job_id: str
    event_ids: list[str]


class PushRefusal(msgspec.Struct, frozen=True):
    """Why a queue refused `events` events: the error that an app would see, and its rule."""

    events: int
    error: str
    status: int
    limit: str
    message: str


class PushReceipt(msgspec.Struct, frozen=True):
    """What came of a `PushOrder`. Nothing was pushed after a refusal."""

    queue: str
    jobs: list[PushedJob]
    refused: PushRefusal | None = None
