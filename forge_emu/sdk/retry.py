"""What a handler returns to ask for a retry."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

_SHORTEST_SECONDS = 1
_UNSET: Any = object()


class InvocationErrorCode(StrEnum):
    """Reasons of a retry. Apps use the last two."""

    FUNCTION_OUT_OF_MEMORY = "FUNCTION_OUT_OF_MEMORY"
    FUNCTION_TIME_OUT = "FUNCTION_TIME_OUT"
    FUNCTION_PLATFORM_UNKNOWN_ERROR = "FUNCTION_PLATFORM_UNKNOWN_ERROR"
    FUNCTION_PLATFORM_RATE_LIMITED = "FUNCTION_PLATFORM_RATE_LIMITED"
    FUNCTION_UPSTREAM_RATE_LIMITED = "FUNCTION_UPSTREAM_RATE_LIMITED"
    FUNCTION_RETRY_REQUEST = "FUNCTION_RETRY_REQUEST"


class InvocationError(Exception):
    """Asks for a retry when a handler *returns* it. Raised, it is an error like any other.

    `retry_after` is in seconds, up to 900; `retry_data` comes back with the next delivery, and is
    at most 4 KB of JSON.
    """

    def __init__(
        self,
        *,
        retry_after: float | None = _UNSET,
        retry_reason: str | None = _UNSET,
        retry_data: Any = _UNSET,
    ) -> None:
        super().__init__(
            "InvocationError was raised, which is an error like any other: return it to ask for "
            "this retry"
        )
        given = {
            "retryAfter": retry_after,
            "retryReason": retry_reason,
            "retryData": retry_data,
        }
        options = {key: value for key, value in given.items() if value is not _UNSET}
        if not options:
            options = {
                "retryAfter": _SHORTEST_SECONDS,
                "retryReason": InvocationErrorCode.FUNCTION_RETRY_REQUEST,
            }
        if options.get("retryAfter", _UNSET) is None:
            del options["retryAfter"]
        after = options.get("retryAfter")
        if isinstance(after, (int, float)) and after <= 0:
            options["retryAfter"] = _SHORTEST_SECONDS
        self.retry_options: dict[str, Any] = options

    @property
    def retry_after(self) -> float | None:
        """The seconds until the retry, None where the app gave none."""
        return self.retry_options.get("retryAfter")

    @property
    def retry_reason(self) -> str | None:
        """The reason of the retry, None where the app gave none."""
        return self.retry_options.get("retryReason")

    @property
    def retry_data(self) -> Any:
        """What the next delivery gets as `retryContext.retryData`."""
        return self.retry_options.get("retryData")


class QueueResponse:
    """The older way to ask for a retry: `response.retry()`, then return the response."""

    def __init__(self) -> None:
        self.asks_for_retry = False

    def retry(self) -> None:
        """Ask for a retry of this event, once the response is returned."""
        self.asks_for_retry = True
