"""One call for both kinds of handlers: awaited on an event loop, a plain result elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Generator
from typing import Any, Protocol, Self, TypeVar, cast

from forge_emu.sdk.door import Request, Response, door

T = TypeVar("T")
Prepare = Callable[[], Request]
"""Makes the request; raises what is wrong with the arguments."""

Read = Callable[[Response], T]
"""Reads the answer; raises what the service refused."""


class Reply(Coroutine[Any, Any, T]):
    """What a call gives on an event loop: await it for the result.

    The request is on its way already, as with the packages for JavaScript; what is wrong with it
    is raised where it is awaited.
    """

    def __init__(self, prepare: Prepare, read: Read[T]) -> None:
        self._result = _finish(self._begin(prepare), read)

    def _begin(self, prepare: Prepare) -> asyncio.Future[Response]:
        future: asyncio.Future[Response] = _Answer(loop=asyncio.get_running_loop())
        try:
            request = prepare()
        except Exception as error:
            future.set_exception(error)
            return future

        def answered(response: Response) -> None:
            if not future.done():
                future.set_result(response)

        door().ask_soon(request, answered)
        return future

    def send(self, value: Any) -> Any:
        """As of every coroutine."""
        return self._result.send(value)

    def throw(self, *error: Any) -> Any:
        """As of every coroutine."""
        return self._result.throw(*error)

    def close(self) -> None:
        """As of every coroutine."""
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


async def _finish(answer: asyncio.Future[Response], read: Read[T]) -> T:
    return read(await answer)


class _Answer(asyncio.Future[Response]):
    """An answer that nobody waits for is told of by Reply, in words that name the cause."""

    def __del__(self) -> None:
        pass


def start(prepare: Prepare, read: Read[T]) -> T:
    """Make a call. On an event loop, the result is a Reply, which stands for T until awaited."""
    door()
    if _on_a_loop():
        return cast("T", Reply(prepare, read))
    return read(door().ask(prepare()))


def _on_a_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


class Awaited:
    """A result that may be awaited, so that calls can be typed for both kinds of handlers."""

    def __await__(self) -> Generator[Any, None, Self]:
        yield from ()
        return self


class Done(Protocol):
    """What calls without a result give: it may be awaited, and there is nothing in it."""

    def __await__(self) -> Generator[Any, None, None]:
        """Wait for the answer."""
        ...
