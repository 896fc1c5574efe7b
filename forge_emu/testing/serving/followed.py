"""An emulator for tests whose records, queues and store others see over the control API."""

from __future__ import annotations

import asyncio

from forge_emu.control.calls.contract import CallAnswer, CallOrder
from forge_emu.testing.asynchronous import AsyncEmulator


class FollowedEmulator(AsyncEmulator):
    """As `AsyncEmulator`; it keeps its records for those who follow them."""

    _followed = True

    @property
    def last_seq(self) -> int:
        """The number of the last record."""
        return self._records[-1].seq if self._records else 0

    async def run_until(self, ended: asyncio.Event) -> None:
        """Wait for `ended`. Raises what ends the emulator before."""
        await self._wait(ended.wait())

    async def call(self, order: CallOrder) -> CallAnswer:
        """Call a function while time moves on, and return how that ended."""
        return await self._call(order)
