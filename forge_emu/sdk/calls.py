"""One call for both kinds of handlers: awaited on an event loop, a plain result elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Generator
from typing import Any, Protocol, Self, TypeVar, cast

from forge_emu.sdk.platform import ServiceRequest, ServiceResponse, platform_client

T = TypeVar("T")
PrepareRequest = Callable[[], ServiceRequest]
"""Makes the request; raises what is wrong with the arguments."""

ReadResponse = Callable[[ServiceResponse], T]
"""Reads the answer; raises what the service refused."""


class PendingResult(Coroutine[Any, Any, T]):
    """What a call gives on an event loop: await it for the result.

    The request is on its way already, as with the packages for JavaScript; what is wrong with it
    is raised where it is awaited.
    """

    def __init__(self, prepare: PrepareRequest, read: ReadResponse[T]) -> None:
        self._result = _read_result(self._send_request(prepare), read)

    def _send_request(self, prepare: PrepareRequest) -> asyncio.Future[ServiceResponse]:
        future: asyncio.Future[ServiceResponse] = _ResponseFuture(loop=asyncio.get_running_loop())
        try:
            request = prepare()
        except Exception as error:
            future.set_exception(error)
            return future

        def set_response(response: ServiceResponse) -> None:
            if not future.done():
                future.set_result(response)

        platform_client().send_nowait(request, set_response)
        return future

    def send(self, value: Any) -> Any:
        """Go on with the coroutine that reads the answer."""
        return self._result.send(value)

    def throw(self, *error: Any) -> Any:
        """Raise `error` in the coroutine that reads the answer."""
        return self._result.throw(*error)

    def close(self) -> None:
        """Close the coroutine that reads the answer."""
        self._result.close()

    def __await__(self) -> Generator[Any, None, T]:
        return self._result.__await__()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name in ("cr_frame", "gi_frame"):
            raise AttributeError(name)
        raise AttributeError(
            f"{name!r} is not known yet: in an async handler, await the call first, as in "
            "`result = await queue.push(...)`"
        )

    def __bool__(self) -> bool:
        raise TypeError("the result is not known yet: in an async handler, await the call first")


async def _read_result(response: asyncio.Future[ServiceResponse], read: ReadResponse[T]) -> T:
    return read(await response)


class _ResponseFuture(asyncio.Future[ServiceResponse]):
    """A call that is never awaited is warned of by PendingResult's coroutine, not here."""

    def __del__(self) -> None:
        pass


def start_call(prepare: PrepareRequest, read: ReadResponse[T]) -> T:
    """Make a call. On an event loop, the result is a PendingResult: T once awaited."""
    platform_client()
    if _on_event_loop():
        return cast("T", PendingResult(prepare, read))
    return read(platform_client().send(prepare()))


def _on_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


class AwaitableResult:
    """A result that may be awaited, so that calls can be typed for both kinds of handlers."""

    def __await__(self) -> Generator[Any, None, Self]:
        yield from ()
        return self


class NoResult(Protocol):
    """What calls without a result give: it may be awaited, and there is nothing in it."""

    def __await__(self) -> Generator[Any, None, None]:
        """Wait for the answer."""
        ...
