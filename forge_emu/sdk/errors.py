"""What calls raise: the error classes of the `@forge` packages, with their messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class ForgeSdkError(Exception):
    """Any error of this SDK. `name` is what the packages call it where that is not its class."""

    name: str | None = None

    def __init__(self, message: str = "") -> None:
        super().__init__(message)
        self.message = message


class NotInEmulatorError(ForgeSdkError):
    """A call was made where no handler runs."""


# --- queues


class EventsError(ForgeSdkError):
    """Any error of a queue."""


class InvalidQueueNameError(EventsError):
    """A queue's key has characters it may not have."""

    def __init__(self) -> None:
        super().__init__(
            "Queue names can only contain alphanumeric characters, dashes and underscores."
        )


class NoEventsToPushError(EventsError):
    """A push without events."""

    def __init__(self) -> None:
        super().__init__("No events pushed.")


class TooManyEventsError(EventsError):
    """More events than one push may hold."""

    def __init__(self, most: int) -> None:
        super().__init__(f"This push contains more than the {most} events allowed.")


class InvalidPayloadError(EventsError):
    """An event, or its body, is no dict."""


class InvalidPushSettingsError(EventsError):
    """A delay outside its bounds."""

    def __init__(self, longest: int) -> None:
        super().__init__(f"The delayInSeconds setting must be between 0 and {longest}.")


class PayloadTooBigError(EventsError):
    """The events of a push are too large together, or one of them alone."""


class RateLimitError(EventsError):
    """The queue takes no more events at present."""

    def __init__(self) -> None:
        super().__init__("Too many requests.")


class InvocationLimitReachedError(EventsError):
    """Too many pushes descend from one invocation."""

    def __init__(self) -> None:
        super().__init__("The limit on cyclic invocation has been reached.")


class PartialSuccessError(EventsError):
    """Some events were not queued: `failed_events` says which and why; `job_id` has the others."""

    def __init__(
        self, message: str, job_id: str, failed_events: Sequence[Mapping[str, Any]]
    ) -> None:
        super().__init__(message)
        self.job_id = job_id
        self.failed_events = list(failed_events)


class InternalServerError(EventsError):
    """An answer that the queue service should not give."""

    def __init__(self, message: str, error_code: Any = None, details: Any = None) -> None:
        super().__init__(message)
        self.error_code = error_code
        self.details = details


class JobDoesNotExistError(EventsError):
    """There is no such job."""


# --- stores


class ForgeKvsError(ForgeSdkError):
    """Any error of the key-value store."""

    name = "ForgeKvsError"


class ForgeKvsAPIError(ForgeKvsError):
    """The key-value store refused a call: `code` says why, such as `RATE_LIMIT_EXCEEDED`."""

    def __init__(
        self,
        message: str,
        code: str,
        context: Mapping[str, Any],
        response_details: Mapping[str, Any],
    ) -> None:
        super().__init__(message)
        self.code = code
        self.context = dict(context)
        self.response_details = dict(response_details)


class APIError(ForgeSdkError):
    """The old `storage` refused a call. It has only a message."""


# --- any service


class ProxyRequestError(ForgeSdkError):
    """The platform failed between the app and the service."""

    name = "PROXY_ERR"

    def __init__(self, status: int, error_code: str) -> None:
        super().__init__(
            f"Forge platform failed to process runtime HTTP request - {status} - {error_code}"
        )
        self.status = status
        self.error_code = error_code


class NeedsAuthenticationError(ForgeSdkError):
    """The user has to authorise the app first."""

    name = "NEEDS_AUTHENTICATION_ERR"

    def __init__(self, message: str = "Authentication Required") -> None:
        super().__init__(message)
        self.status = 401
