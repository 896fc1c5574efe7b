"""The key-value store, as `@forge/kvs` offers it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from forge_emu.sdk.batches import (
    BatchDeleteItem,
    BatchGetItem,
    BatchGetResult,
    BatchResult,
    BatchSetItem,
    batch_change,
    batch_get,
)
from forge_emu.sdk.calls import NoResult
from forge_emu.sdk.entities import KvsEntity
from forge_emu.sdk.keyed_values import KeyedValues
from forge_emu.sdk.kvs_wire import Ttl, delete_value, get_value, set_value
from forge_emu.sdk.platform import Json
from forge_emu.sdk.query import QueryBuilder
from forge_emu.sdk.transaction import TransactionBuilder


class KeyValueStore(KeyedValues):
    """The store of the app's installation. Every call raises ForgeKvsAPIError when refused."""

    def __init__(self) -> None:
        super().__init__("/api/v1", {})

    def batch_get(self, items: Sequence[BatchGetItem]) -> BatchGetResult:
        """The values of up to 25 keys in one request."""
        return batch_get(items)

    def batch_set(self, items: Sequence[BatchSetItem]) -> BatchResult:
        """Store up to 25 values in one request, each of which may fail for itself."""
        return batch_change("/api/v1/batch/set", items)

    def batch_delete(self, items: Sequence[BatchDeleteItem]) -> BatchResult:
        """Remove up to 25 values in one request."""
        return batch_change("/api/v1/batch/delete", items)

    def query(self, *, metadata_fields: Sequence[str] | None = None) -> QueryBuilder:
        """Values by the beginning of their keys, to be built up and ended with `get_many`."""
        return QueryBuilder(metadata_fields=metadata_fields)

    def entity(self, name: str) -> KvsEntity:
        """The values of a custom entity, which the manifest declares."""
        return KvsEntity(name)

    def transact(self) -> TransactionBuilder:
        """Changes that are all made or none, to be built up and ended with `execute`."""
        return TransactionBuilder()

    def get_secret(self, key: str, *, metadata_fields: Sequence[str] | None = None) -> Any:
        """As `get`, of the secret values."""
        return get_value("/api/v1/secret/get", {"key": key}, metadata_fields)

    def set_secret(self, key: str, value: Json, *, ttl: Ttl | None = None) -> NoResult:
        """As `set`, of the secret values."""
        return cast(
            "NoResult", set_value("/api/v1/secret/set", {"key": key, "value": value}, {"ttl": ttl})
        )

    def delete_secret(self, key: str) -> NoResult:
        """As `delete`, of the secret values."""
        return cast("NoResult", delete_value("/api/v1/secret/delete", {"key": key}))


kvs = KeyValueStore()
