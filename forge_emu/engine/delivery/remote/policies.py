"""How deliveries are retried that a remote handles, and which those are.

https://developer.atlassian.com/platform/forge/remote/sending-product-events/ (2026-08-21): a minute
apart, without data, and the remote cannot choose. The contract says the same of all "events",
remote/essentials/ (2026-08-22); neither page names queues.
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from forge_emu import settings as s
from forge_emu.engine.backoff import Backoff
from forge_emu.engine.delivery.retry import (
    Ending,
    Policy,
    async_policy,
    first_form_policy,
    product_policy,
)
from forge_emu.model import App, Failed, TimedOut, seconds_to_ms

REMOTE_ERROR: Final = "INVALID_REMOTE_INVOCATION_ERROR"
REMOTE_TIMEOUT: Final = "TIMEOUT_ERROR"
TOKEN_REJECTED: Final = "INVALID_FORGE_INVOCATION_TOKEN"


class ProductPolicies:
    """The policies of product events: `usual`, and that of remotes."""

    def __init__(self, settings: s.Settings) -> None:
        self.usual = product_policy(settings)
        self._remote = _remote_policy(self.usual, settings)
        self._triggers: frozenset[str] = frozenset()

    def use_app(self, app: App) -> None:
        """Know which triggers remotes handle."""
        self._triggers = frozenset(t.key for t in app.triggers if t.endpoint is not None)

    def is_remote(self, trigger: str) -> bool:
        """Whether a remote handles what `trigger` hears of."""
        return trigger in self._triggers

    def policy_of(self, trigger: str) -> Policy:
        """The policy for the deliveries to a trigger."""
        return self._remote if self.is_remote(trigger) else self.usual


class QueuePolicies:
    """The policies of events of queues: `usual`, of the first form of pushes, of remotes, and of
    containers, which are told once."""

    def __init__(self, settings: s.Settings) -> None:
        self.usual = async_policy(settings)
        self._first_form = first_form_policy(settings)
        if settings[s.REMOTE_QUEUE_RETRIES] == "remote":
            self._remote = replace(_remote_policy(self.usual, settings), keep_data=False)
        else:
            self._remote = replace(
                self.usual, keep_data=False, counts_all=True, reason_of=remote_reason
            )
        self._container = replace(self._remote, max_retries=settings[s.CONTAINER_QUEUE_RETRIES])
        self._queues: frozenset[str] = frozenset()
        self._container_queues: frozenset[str] = frozenset()

    def use_app(self, app: App) -> None:
        """Know which queues remotes handle, and which of these are containers."""
        self._queues = frozenset(c.queue for c in app.consumers if c.endpoint is not None)
        services = {key for key, endpoint in app.endpoints.items() if endpoint.is_service}
        self._container_queues = frozenset(c.queue for c in app.consumers if c.endpoint in services)

    def policy_of(self, queue: str, *, legacy: bool) -> Policy:
        """The policy for an event of `queue`; `legacy` marks `@forge/events` 0 and 1."""
        if queue in self._container_queues:
            return self._container
        if queue in self._queues:
            return self._remote
        return self._first_form if legacy else self.usual


def _remote_policy(usual: Policy, settings: s.Settings) -> Policy:
    """`usual` with the waits, the number and the reasons of remotes."""
    wait = seconds_to_ms(settings[s.REMOTE_RETRY_SECONDS])
    return replace(
        usual,
        max_retries=settings[s.REMOTE_MAX_RETRIES],
        backoff=Backoff(wait, 1, wait, 0),
        retry_thrown=True,
        counts_all=True,
        reason_of=remote_reason,
    )


def remote_reason(outcome: Ending) -> str:
    """The `retryReason` that a remote gets."""
    if isinstance(outcome, TimedOut):
        return REMOTE_TIMEOUT
    rejected = isinstance(outcome, Failed) and outcome.error.name == TOKEN_REJECTED
    return TOKEN_REJECTED if rejected else REMOTE_ERROR
