"""The emulator that the tools of the server share: one app at a time, in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from itertools import islice
from typing import Any, Final, get_args

import msgspec

from forge_emu.engine.kvs.entities import entities_of
from forge_emu.errors import UserError
from forge_emu.model import App, Json
from forge_emu.testing import AsyncEmulator, EmulatorOptions, Event, ProductEvent
from forge_emu.testing.events import EventState
from forge_emu.testing.store import Store

MOST_LISTED: Final = 1_000
"""Events or keys in one answer."""
_STATES: Final[tuple[str, ...]] = get_args(EventState)

Answer = dict[str, Any]
"""What a tool answers: names and JSON values."""


class Session:
    """Does what the tools are asked for, one at a time. Its methods raise UserError and, of the
    app's own failures, CallError and PushError."""

    def __init__(self) -> None:
        self._loaded: AsyncEmulator | None = None
        self._lock = asyncio.Lock()

    @asynccontextmanager
    async def emulator(self) -> AsyncIterator[AsyncEmulator]:
        """The emulator of the app that is loaded, for one tool alone."""
        async with self._lock:
            if self._loaded is None:
                raise UserError("no app is loaded", "Call load with the app's directory first.")
            yield self._loaded

    async def load(self, app: str, options: EmulatorOptions) -> Answer:
        """Load an app, in the place of the one before, and say what it has."""
        async with self._lock:
            await self._unload()
            emulator = AsyncEmulator(app, **options)
            await emulator.__aenter__()
            self._loaded = emulator
            return _described(emulator.app)

    async def close(self) -> None:
        """End the emulator."""
        async with self._lock:
            await self._unload()

    async def _unload(self) -> None:
        if self._loaded is not None:
            loaded, self._loaded = self._loaded, None
            await loaded.__aexit__(None, None, None)

    async def trigger(self, event: str, count: int, more: Mapping[str, Any]) -> Answer:
        """Send product events; they happen when time moves on."""
        async with self.emulator() as emulator:
            receipt = await emulator.trigger(event, count, **more)
            return _plain(receipt)

    async def push(self, queue: str, body: dict[str, Json], count: int, delay: str) -> Answer:
        """Push events to a queue."""
        async with self.emulator() as emulator:
            pushed = await emulator.push(queue, body, count, delay=delay)
            return {"event_ids": [event.id for event in pushed]}

    async def invoke(self, target: str, payload: Json) -> Answer:
        """Call a function or a resolver."""
        async with self.emulator() as emulator:
            return {"result": await emulator.invoke(target, payload)}

    async def until_idle(self) -> Answer:
        """Move time on until nothing is left to do."""
        async with self.emulator() as emulator:
            await emulator.until_idle()
            return _standing(emulator)

    async def clock(self, advance: str | None) -> Answer:
        """Say what time it is, after moving it on by a span if one is given."""
        async with self.emulator() as emulator:
            if advance is not None:
                await emulator.advance(advance)
            return _standing(emulator)

    async def summary(self) -> Answer:
        """What has happened, without what happened in each step of time."""
        async with self.emulator() as emulator:
            found = _plain(emulator.summary.whole)
            del found["attempts_over_time"]
            return found

    async def advice(self) -> Answer:
        """Findings about the app."""
        async with self.emulator() as emulator:
            return {"advice": [_plain(finding) for finding in emulator.advice]}

    async def events(self, state: str | None, queue: str | None, limit: int) -> Answer:
        """Events and product events, in their order; of a queue, its events alone."""
        if state is not None and state not in _STATES:
            raise UserError(f"no event is ever {state!r}", f"States are: {', '.join(_STATES)}.")
        async with self.emulator() as emulator:
            found: list[Event | ProductEvent] = [*emulator.events]
            if queue is not None:
                found = [*emulator.queue(queue).events]
            else:
                found = [*emulator.product_events, *found]
            chosen = [event for event in found if state is None or event.state == state]
            shown = chosen[: min(limit, MOST_LISTED)]
            return {"count": len(chosen), "events": [_event_row(event) for event in shown]}

    async def story(self, event_id: str) -> Answer:
        """What has become of an event, by its id or the beginning of it."""
        async with self.emulator() as emulator:
            event = _find(emulator, event_id)
            return {**_event_row(event), "records": event.story.splitlines(), "logs": event.logs}

    async def store_read(self, key: str | None, prefix: str, entity: str) -> Answer:
        """A value; without a key, the keys that begin with a prefix."""
        async with self.emulator() as emulator:
            store = _store(emulator, entity)
            if key is not None:
                return {"key": key, "found": key in store, "value": store.get(key)}
            keys = (each for each in store if each.startswith(prefix))
            return {"keys": list(islice(keys, MOST_LISTED))}

    async def store_write(self, key: str, value: Json, entity: str) -> Answer:
        """Set a value, past the rates of the store."""
        async with self.emulator() as emulator:
            store = _store(emulator, entity)
            store[key] = value
            return {"key": key, "value": store[key]}


def _described(app: App) -> Answer:
    return {
        "app": app.name,
        "app_id": app.id,
        "functions": sorted(app.functions),
        "queues": sorted({consumer.queue for consumer in app.consumers}),
        "product_events": sorted({s.event for t in app.triggers for s in t.subscriptions}),
        "warnings": [_plain(problem) for problem in app.warnings],
    }


def _standing(emulator: AsyncEmulator) -> Answer:
    """Where the run stands: time, and events by state."""
    summary = emulator.summary
    return {
        "now_ms": emulator.now,
        "product_events": _plain(summary.product_events),
        "events": _plain(summary.events),
        "retries": summary.retries.total,
        "findings": len(emulator.advice),
    }


def _store(emulator: AsyncEmulator, entity: str) -> Store:
    """The store, or that of a custom entity. Raises UserError where the app has no such entity."""
    if not entity:
        return emulator.kvs
    known = sorted(entities_of(emulator.app.storage))
    if entity not in known:
        there = f"The app has {', '.join(known)}." if known else "The manifest declares none."
        raise UserError(f"there is no custom entity {entity!r}", there)
    return emulator.kvs.entity(entity)


def _event_row(event: Event | ProductEvent) -> Answer:
    row: Answer = {
        "id": event.id,
        "state": event.state,
        "attempts": len(event.attempts),
        "subject": event.subject,
    }
    if event.reason is not None:
        row["reason"] = event.reason
    return row | ({"queue": event.queue} if isinstance(event, Event) else {"name": event.name})


def _find(emulator: AsyncEmulator, event_id: str) -> Event | ProductEvent:
    every: list[Event | ProductEvent] = [*emulator.product_events, *emulator.events]
    found = [event for event in every if event.id.startswith(event_id)] if event_id else []
    if len(found) > 1:
        raise UserError(
            f"{len(found)} events have ids that begin with {event_id!r}", "Write more of the id."
        )
    if not found:
        raise UserError(f"there is no event {event_id!r}", "`events` lists them with their ids.")
    return found[0]


def _plain(value: object) -> Answer:
    """A struct as JSON has it."""
    found: Answer = msgspec.json.decode(msgspec.json.encode(value))
    return found
