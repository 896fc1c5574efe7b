"""A store by itself, and short ways to call it about one key."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from forge_emu.engine.kvs.single_key import run_single_key
from forge_emu.engine.kvs.store import KvsStore
from forge_emu.errors import Fault
from forge_emu.model import Instant, KvsRequest, StoredValue
from forge_emu.settings import Settings, SettingValue

EPOCH = 1_767_225_600_000


def new_store(overrides: dict[str, SettingValue] | None = None) -> KvsStore:
    """An empty store."""
    return KvsStore(Settings(overrides=overrides), EPOCH)


def single_request(
    operation: Literal["get", "set", "delete"],
    key: Any,
    text: bytes | None = None,
    secret: bool = False,
    **options: Any,
) -> KvsRequest:
    """A call about one key."""
    return KvsRequest(operation, key, text, options or None, secret, "inv-1")


def put(
    kvs: KvsStore, key: str, text: bytes, now: Instant = 0, **options: Any
) -> StoredValue | None:
    """Set a value; answers what the call returns."""
    return run_single_key(kvs, single_request("set", key, text, **options), now)[0].value


def look(kvs: KvsStore, key: str, now: Instant = 0) -> StoredValue | None:
    """Read a value."""
    return run_single_key(kvs, single_request("get", key), now)[0].value


def refusal(kvs: KvsStore, asked: KvsRequest, now: Instant = 0) -> tuple[int, str, str | None]:
    """Status, code and limit of the refusal of a call."""
    with pytest.raises(Fault) as caught:
        run_single_key(kvs, asked, now)
    assert caught.value.body["message"]
    return caught.value.status, caught.value.body["code"], caught.value.limit
