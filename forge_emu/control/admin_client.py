"""The developer's hand from another process: the calls behind `queue` and `kvs`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from forge_emu.control.client import Client
from forge_emu.control.contract import KvsEntry, KvsPage, QueueOrder, QueueReceipt, QueueWish
from forge_emu.errors import UserError
from forge_emu.model import Json

_REQUEST_BYTES = 700_000
"""Of values in one call; the API takes bodies of up to a mebibyte."""


class RemoteByHand:
    """`control.contract.ByHand` of a running emulator, over its API. May raise UserError."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def queue(self, wish: QueueWish) -> dict[str, Json]:
        """The deliveries that are wished for."""
        query = {k: v for k, v in msgspec.to_builtins(wish).items() if v is not None}
        answer: dict[str, Json] = self.client.ask("GET", "/v1/queue", dict, query=query)
        return answer

    def standing(self, target: str) -> list[dict[str, Json]]:
        """What `target` names and has not ended, or was dropped; nothing where it has ended."""
        try:
            found: list[dict[str, Json]] = self.queue(QueueWish(target=target))["events"]
        except UserError:
            return []
        return found

    def act(self, order: QueueOrder) -> QueueReceipt:
        """Cancel, hurry, replay, pause or resume."""
        content = msgspec.json.encode(order)
        return self.client.ask("POST", "/v1/queue", QueueReceipt, content=content)

    def kvs(
        self, prefix: str, *, secret: bool = False, show_secrets: bool = False
    ) -> Iterator[tuple[KvsEntry, int]]:
        """Every value whose key begins with `prefix`, with its size in bytes."""
        query: dict[str, Any] = {"prefix": prefix, "secret": int(secret)}
        query["show_secrets"] = int(show_secrets)
        after: str | None = ""
        while after is not None:
            page = self.client.ask("GET", "/v1/kvs", KvsPage, query={**query, "after": after})
            yield from zip(page.entries, page.bytes, strict=True)
            after = page.after

    def kvs_get(self, key: str, *, secret: bool) -> KvsEntry:
        """One value; a secret as it is."""
        query = {"key": key, "secret": int(secret), "show_secrets": 1}
        return self.client.ask("GET", "/v1/kvs/value", KvsEntry, query=query)

    def kvs_set(self, entries: Sequence[KvsEntry]) -> int:
        """Write values; answers how many. Large numbers of them go in several calls."""
        for part in _parts(entries):
            content = msgspec.json.encode(part)
            self.client.ask("PUT", "/v1/kvs", dict, content=content)
        return len(entries)

    def kvs_delete(self, key: str, *, secret: bool) -> None:
        """Delete a key that is there."""
        query = {"key": key, "secret": int(secret)}
        self.client.ask("DELETE", "/v1/kvs/value", dict, query=query)


def _parts(entries: Iterable[KvsEntry]) -> Iterator[list[KvsEntry]]:
    part: list[KvsEntry] = []
    size = 0
    for entry in entries:
        length = len(bytes(entry.value)) + len(entry.key)
        if part and size + length > _REQUEST_BYTES:
            yield part
            part, size = [], 0
        part.append(entry)
        size += length
    if part:
        yield part
