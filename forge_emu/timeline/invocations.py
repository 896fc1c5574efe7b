"""The invocations under way: one list for all readers of records, who note in it what they see."""

from __future__ import annotations

import msgspec

from forge_emu.model import Instant
from forge_emu.records import EventDeferred, InvocationFinished, InvocationStarted, RetryScheduled
from forge_emu.timeline.handlers import Handlers


class ObservedInvocation(msgspec.Struct, eq=False):
    """An invocation from its start to its end. What has a default is noted by one reader alone."""

    started: InvocationStarted
    started_at: Instant
    refused_by: str | None = None
    """The last limit that refused a call (`Timeline`)."""
    was_busy: bool = False
    """Whether a limit refused a call with 429 (`FunctionStatsCollector`)."""
    may_pass_later: bool = False
    """Whether something refused it that passes by itself (`KnownErrors`)."""
    first_log_line: str | None = None
    """The begin of what it logged first (`FunctionStatsCollector`)."""
    bill: dict[str, float] = {}
    """What it has cost so far, by kind (`CostCollector`)."""
    has_worked: bool = False
    """Whether it has changed something (`LostClaims`)."""
    claim: str | None = None
    """The key that it set before anything else (`LostClaims`)."""
    met_claim: str | None = None
    """The key on which it met the claim of an earlier attempt (`LostClaims`)."""

    @property
    def event(self) -> str | None:
        """Id of the event or product event that it serves; None for a call."""
        id = self.started.event_id or self.started.product_event_id
        return id if isinstance(id, str) else None

    @property
    def delivery(self) -> str | None:
        """As `delivery_of`."""
        return delivery_of(self.started)


def delivery_of(body: InvocationStarted | RetryScheduled | EventDeferred) -> str | None:
    """What is delivered: an event, or a product event to one trigger; None for a call."""
    if isinstance(body.event_id, str):
        return body.event_id
    if isinstance(body.product_event_id, str):
        trigger = body.module_key if isinstance(body, InvocationStarted) else body.trigger
        return f"{body.product_event_id}/{trigger}"
    return None


class ObservedInvocations:
    """Give it every record after all who read `by_id`: what ends is still known to them."""

    def __init__(self) -> None:
        self.by_id: dict[str, ObservedInvocation] = {}
        self.handlers: Handlers = {
            InvocationStarted: self._on_started,
            InvocationFinished: self._on_finished,
        }

    def _on_started(self, body: InvocationStarted, at: Instant) -> None:
        self.by_id[body.invocation_id] = ObservedInvocation(body, at)

    def _on_finished(self, body: InvocationFinished, at: Instant) -> None:
        self.by_id.pop(body.invocation_id, None)
