"""Which invocation the running code belongs to, on event loops, threads and executors.

A task has the invocation in whose code it was made, by its context. A thread gets that of the code
that starts it, and a job of an executor that of the code that submits it.
"""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final

from .invocation import CurrentInvocation

_owner: Final[contextvars.ContextVar[CurrentInvocation]] = contextvars.ContextVar("invocation")
_start: Final = threading.Thread.start
_submit: Final = ThreadPoolExecutor.submit


def set_owner(invocation: CurrentInvocation) -> None:
    """The code that runs from now on in this context belongs to `invocation`."""
    _owner.set(invocation)


def current_owner() -> CurrentInvocation | None:
    """The invocation of the running code; None where it belongs to none."""
    return _owner.get(None)


def install() -> None:
    """Have threads and jobs of executors belong to the code that makes them."""
    threading.Thread.start = _start_owned  # type: ignore[method-assign]
    ThreadPoolExecutor.submit = _submit_owned  # type: ignore[assignment,method-assign]


def _start_owned(self: threading.Thread) -> None:
    if (owner := current_owner()) is not None:
        self.run = _owned(owner, self.run)  # type: ignore[method-assign]
        owner.add_background_call()
    _start(self)


def _submit_owned(
    self: ThreadPoolExecutor, fn: Callable[..., Any], /, *args: Any, **kwargs: Any
) -> Future[Any]:
    if (owner := current_owner()) is None:
        return _submit(self, fn, *args, **kwargs)
    future = _submit(self, _owned(owner, fn, counted=False), *args, **kwargs)
    owner.add_background_call()
    future.add_done_callback(lambda _: owner.end_background_call())
    return future


def _owned(
    owner: CurrentInvocation, call: Callable[..., Any], *, counted: bool = True
) -> Callable[..., Any]:
    def run(*args: Any, **kwargs: Any) -> Any:
        token = _owner.set(owner)
        try:
            return call(*args, **kwargs)
        finally:
            _owner.reset(token)
            if counted:
                owner.end_background_call()

    return run
