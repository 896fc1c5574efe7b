"""The admin calls from another process: what `queue` and `kvs` send to the control API."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from forge_emu.control.calls.contract import (
    CallAnswers,
    CallOrder,
    PreUninstallAnswer,
    PreUninstallOrder,
)
from forge_emu.control.client import Client, encode_order
from forge_emu.control.contract import (
    KvsEntry,
    KvsPage,
    QueueOrder,
    QueueQuery,
    QueueReceipt,
)
from forge_emu.control.push_contract import PushOrder, PushReceipt
from forge_emu.errors import UserError
from forge_emu.model import Json

_REQUEST_BYTES = 700_000
"""Of values in one call; the API takes bodies of up to a mebibyte."""


class AdminClient:
    """`control.contract.AdminContract` of a running emulator, over its API. May raise UserError."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def list_queue(self, query: QueueQuery) -> dict[str, Json]:
        """The deliveries that match the query."""
        parameters = {k: v for k, v in msgspec.to_builtins(query).items() if v is not None}
        answer: dict[str, Json] = self.client.request("GET", "/v1/queue", dict, query=parameters)
        return answer

    def find_open(self, target: str) -> list[dict[str, Json]]:
        """The open or dropped deliveries that `target` names; none where it has ended."""
        try:
            found: list[dict[str, Json]] = self.list_queue(QueueQuery(target=target))["events"]
        except UserError:
            return []
        return found

    def change_queue(self, order: QueueOrder) -> QueueReceipt:
        """Cancel, run now, replay, pause or resume."""
        content = msgspec.json.encode(order)
        return self.client.request("POST", "/v1/queue", QueueReceipt, content=content)

    def payload(self, event: str) -> dict[str, Json]:
        """What is in the event that `event` names."""
        found: dict[str, Json] = self.client.request(
            "GET", "/v1/payload", dict, query={"event": event}
        )
        return found

    def push_events(self, order: PushOrder) -> PushReceipt:
        """Push events to a queue. Raises UserError for what cannot be said in JSON."""
        content = encode_order(order, "the body")
        return self.client.request("POST", "/v1/queue/push", PushReceipt, content=content)

    def call_function(self, order: CallOrder) -> CallAnswers:
        """Call a function, and wait for its end. Raises UserError."""
        content = encode_order(order, "the payload")
        return self.client.request("POST", "/v1/call", CallAnswers, content=content, waits=True)

    def call_pre_uninstall(self, order: PreUninstallOrder) -> list[PreUninstallAnswer]:
        """Call what runs before an uninstallation, and wait for its end. Raises UserError."""
        content = encode_order(order, "the key")
        return self.client.request(
            "POST", "/v1/pre-uninstall", list[PreUninstallAnswer], content=content, waits=True
        )

    def list_kvs(
        self,
        prefix: str,
        *,
        secret: bool = False,
        show_secrets: bool = False,
        entity: str = "",
    ) -> Iterator[tuple[KvsEntry, int]]:
        """Every value whose key begins with `prefix`, with its size in bytes."""
        query: dict[str, Any] = {"prefix": prefix, "secret": int(secret), "entity": entity}
        query["show_secrets"] = int(show_secrets)
        after: str | None = ""
        while after is not None:
            page = self.client.request("GET", "/v1/kvs", KvsPage, query={**query, "after": after})
            yield from zip(page.entries, page.bytes, strict=True)
            after = page.after

    def kvs_entities(self) -> dict[str, int]:
        """How many values each custom entity has that has any, by name."""
        return self.client.request("GET", "/v1/kvs/entities", dict[str, int])

    def kvs_get(self, key: str, *, secret: bool, entity: str = "") -> KvsEntry:
        """One value; a secret as it is."""
        query = {"key": key, "secret": int(secret), "show_secrets": 1, "entity": entity}
        return self.client.request("GET", "/v1/kvs/value", KvsEntry, query=query)

    def kvs_set(self, entries: Sequence[KvsEntry]) -> int:
        """Write values; answers how many. Large numbers of them go in several calls."""
        for part in _chunks(entries):
            content = msgspec.json.encode(part)
            self.client.request("PUT", "/v1/kvs", dict, content=content)
        return len(entries)

    def kvs_delete(self, key: str, *, secret: bool, entity: str = "") -> None:
        """Delete a key that is there."""
        query = {"key": key, "secret": int(secret), "entity": entity}
        self.client.request("DELETE", "/v1/kvs/value", dict, query=query)


def _chunks(entries: Iterable[KvsEntry]) -> Iterator[list[KvsEntry]]:
    chunk: list[KvsEntry] = []
    size = 0
    for entry in entries:
        length = len(bytes(entry.value)) + len(entry.key)
        if chunk and size + length > _REQUEST_BYTES:
            yield chunk
            chunk, size = [], 0
        chunk.append(entry)
        size += length
    if chunk:
        yield chunk
