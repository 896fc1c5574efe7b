"""Whether the code that runs now makes a request that may go out: nothing intercepts it then."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_passing: ContextVar[bool] = ContextVar("passing", default=False)


def is_passing() -> bool:
    """Whether connections are real ones here."""
    return _passing.get()


@contextmanager
def let_pass() -> Iterator[None]:
    """Connections that are made inside are real ones; so are those of tasks begun inside."""
    token = _passing.set(True)
    try:
        yield
    finally:
        _passing.reset(token)
