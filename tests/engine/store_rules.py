"""What happens to the store, in any order, for machines that throw it at an engine."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis.stateful import RuleBasedStateMachine, rule

from forge_emu.engine.kvs.requests import (
    KvsAnswer,
    KvsBatch,
    KvsItem,
    KvsMultiKeyCall,
    KvsQuery,
    KvsTransaction,
)
from forge_emu.errors import Fault
from forge_emu.model import KvsRequest
from tests.engine.world import World

PLACES = st.tuples(st.booleans(), st.sampled_from(["a", "b", "c"]))


class StoreRules(RuleBasedStateMachine):
    """Sets, deletes and reads values; `stored` is what is to be there, and until when."""

    world: World
    stored: dict[tuple[bool, str], tuple[bytes, int | None]]

    @rule(place=PLACES, value=st.integers(0, 99), ttl=st.sampled_from([None, None, 120]))
    def store(self, place: tuple[bool, str], value: int, ttl: int | None) -> None:
        """A value is set, perhaps for a while."""
        options = {"ttl": {"value": ttl, "unit": "SECONDS"}} if ttl else None
        text = str(value).encode()
        self._kvs("set", place, value_text=text, options=options)
        self.stored[place] = text, None if ttl is None else self.world.now + ttl * 1000

    @rule(place=PLACES)
    def remove(self, place: tuple[bool, str]) -> None:
        """A value is deleted."""
        self._kvs("delete", place)
        self.stored.pop(place, None)

    @rule(place=PLACES)
    def look_up(self, place: tuple[bool, str]) -> None:
        """What was stored is there, until its time is over."""
        found = self._kvs("get", place).value
        text, ends = self.stored.get(place, (None, None))
        if ends is not None and ends <= self.world.now:
            text = None
        assert (found.value_text if found else None) == text

    @rule(keys=st.sets(st.sampled_from(["a", "b", "c"]), min_size=1), value=st.integers(0, 99))
    def store_together(self, keys: set[str], value: int) -> None:
        """Several values are set in a batch."""
        text = str(value).encode()
        items = tuple(KvsItem(key, text) for key in sorted(keys))
        self._many(KvsBatch("batch_set", items))
        self.stored.update({(False, key): (text, None) for key in keys})

    @rule(gone=st.sampled_from("abc"), kept=st.sampled_from("abc"), value=st.integers(0, 99))
    def change_together(self, gone: str, kept: str, value: int) -> None:
        """A value is set and another removed in a transaction, or both refused."""
        text = str(value).encode()
        call = KvsTransaction((KvsItem(kept, text),), (KvsItem(gone),))
        if gone == kept:
            with pytest.raises(Fault):
                self._many(call)
            return
        self._many(call)
        self.stored[False, kept] = text, None
        self.stored.pop((False, gone), None)

    @rule()
    def list_everything(self) -> None:
        """A query shows what is stored and whose time is not over, by key."""
        page = self._many(KvsQuery())
        expected = [
            (key, text)
            for (secret, key), (text, ends) in sorted(self.stored.items())
            if not secret and (ends is None or ends > self.world.now)
        ]
        assert [(value.key, value.value_text) for value in page.found] == expected

    def _many(self, call: KvsMultiKeyCall) -> KvsAnswer:
        try:
            return self.world.engine.kvs.call(call, self.world.now)
        finally:
            self.world.collect()

    def _kvs(self, operation: Any, place: tuple[bool, str], **more: Any) -> KvsAnswer:
        request = KvsRequest(operation, place[1], secret=place[0], **more)
        try:
            return self.world.engine.kvs.call(request, self.world.now)
        finally:
            self.world.collect()
