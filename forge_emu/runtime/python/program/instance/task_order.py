"""Sets of asyncio's tasks have the order in which these were made, not that of their addresses.

`asyncio.wait` returns sets of tasks, and `asyncio.as_completed` makes tasks of a set of coroutines:
without this the order in which handlers go through them would change from run to run.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterable
from typing import Any, Final

_numbers: Final = itertools.count()


class NumberedTask(asyncio.Task[Any]):
    """A task whose hash is the number of tasks and futures that were made before it."""

    def __init__(self, coro: Any, **options: Any) -> None:
        self._forge_emu_number = next(_numbers)
        super().__init__(coro, **options)

    def __hash__(self) -> int:
        return self._forge_emu_number


class NumberedFuture(asyncio.Future[Any]):
    """The same for what `loop.create_future` makes: a job of an executor, for one."""

    def __init__(self, **options: Any) -> None:
        self._forge_emu_number = next(_numbers)
        super().__init__(**options)

    def __hash__(self) -> int:
        return self._forge_emu_number


def make_task(loop: asyncio.AbstractEventLoop, coro: Any, **options: Any) -> NumberedTask:
    """A task factory, as of `loop.set_task_factory`."""
    return NumberedTask(coro, loop=loop, **options)


def ordered_as_completed(original: Callable[..., Any]) -> Callable[..., Any]:
    """`asyncio.as_completed`, which makes tasks in the order of what it is given."""

    def as_completed(fs: Iterable[Any], *, timeout: float | None = None) -> Any:
        is_one = asyncio.isfuture(fs) or asyncio.iscoroutine(fs)
        if not is_one and asyncio._get_running_loop() is not None:
            fs = [asyncio.ensure_future(each) for each in dict.fromkeys(fs)]
        return original(fs, timeout=timeout)

    return as_completed
