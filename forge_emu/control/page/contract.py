"""What the routes of the live page need of what serves it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from forge_emu.control.page.access import PageAccess

WaitForDisconnect: TypeAlias = Callable[[], Awaitable[object]]
"""Returns once the client has disconnected."""


class PageContract(Protocol):
    """The live page of a running emulator. Everything is called on the loop's thread."""

    access: PageAccess

    def new_link(self) -> str:
        """A link to the page, which works once."""
        ...

    def html(self) -> bytes:
        """The page. Raises UserError where it was not built."""
        ...

    async def collect(self) -> None:
        """Return once `follow_changes` can begin."""
        ...

    def follow_changes(self, wait_for_disconnect: WaitForDisconnect) -> AsyncIterator[bytes]:
        """Lines of JSON: all that happened so far, then the changes as they come."""
        ...
