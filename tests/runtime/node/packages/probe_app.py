"""Forge below a real app: its packages in the real Node, above a real engine, time moved by hand.

The app of these tests runs pieces of code that tests send it as product events, and prints what
they answer or throw; so one Node process serves all tests of a module.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

from forge_emu import records
from forge_emu.clock import RealClock
from forge_emu.emulator.loop import EngineLoop
from forge_emu.emulator.pending_batches import PendingBatches
from forge_emu.model import (
    App,
    Consumer,
    EventModule,
    Function,
    Subscription,
    Trigger,
    WebTrigger,
)
from forge_emu.ports import AppRequest, RuntimeMessage
from forge_emu.runtime.node.runtime import NodeRuntime
from forge_emu.settings import Settings, SettingValue
from tests.emulator.harness import ManualClock
from tests.engine.world import new_engine, send_product_event
from tests.npm import NEWEST, packages_folder
from tests.product_events import product_event
from tests.runtime.node.harness import TIMEOUT_SECONDS, link_packages, tools_or_skip, write_app

T = TypeVar("T")
CREATED = "avi:jira:created:issue"
APP_ID = "3a6f1f3a-8d3c-4c49-9d40-5d5a0a0f6f10"
PUBLISHED = f"avi:cloud:ecosystem::event/{APP_ID}/mine"
EPOCH = 1_767_225_600_000  # 2026-01-01T00:00:00Z

EMPLOYEE = {
    "name": "employee",
    "attributes": {
        "surname": {"type": "string"},
        "age": {"type": "integer"},
        "gender": {"type": "string"},
        "notes": {"type": "any"},
    },
    "indexes": [
        "surname",
        {"name": "by-age", "range": ["age"]},
        {"name": "by-age-per-gender", "partition": ["gender"], "range": ["age"]},
    ],
}
"""The custom entity that every app of these tests declares."""

PACKAGE_SETS = {
    "api2": {"@forge/events": "0.8.22", "@forge/api": "^2", "@forge/resolver": "^1"},
    "api3": {"@forge/events": "^0.9", "@forge/api": "^3", "@forge/resolver": "^1"},
    "api4": {"@forge/events": "^0.9", "@forge/api": "^4", "@forge/resolver": "^1"},
    "api5": {"@forge/events": "^1", "@forge/api": "^5", "@forge/resolver": "^1"},
    "api6": {
        "@forge/events": "^2",
        "@forge/api": "^6",
        "@forge/kvs": "^1",
        "@forge/resolver": "^2",
    },
    "api7": {"@forge/events": "^2", "@forge/api": "^7"},
    "api8": NEWEST,
}
"""Packages that go together, oldest and newest, by the major version of `@forge/api`."""

SOURCE = """
import * as events from '@forge/events';
import * as api from '@forge/api';
IMPORTS
const AsyncFunction = (async () => {}).constructor;
const { Queue, InvocationError, QueueResponse } = events;

function told(error) {
  const { name, message } = error;
  return { class: error?.constructor?.name, name, message, ...error,
    known: Object.keys({ ...events, ...api, ...kvsPackage }).filter((key) => {
      const kind = events[key] ?? api[key] ?? kvsPackage[key];
      return /Error$/.test(key) && typeof kind === 'function' && error instanceof kind;
    }) };
}

async function run(mark, code, event, context) {
  const names = { events, api, ...api, ...kvsPackage, Queue, InvocationError, QueueResponse,
    queue: new Queue({ key: 'work' }), event, context,
    print: (value) => console.log('@' + JSON.stringify(value ?? null)) };
  const end = (result) => console.log(mark + JSON.stringify(result));
  delete names.default;
  try {
    const value = await new AsyncFunction(...Object.keys(names), code)(...Object.values(names));
    end({ value: value ?? null });
    return value;
  } catch (error) {
    if (event.uncaught) throw error;
    end({ error: told(error) });
  }
}

export const probe = (event, context) => run('>', event.code, event, context);
export const work = (event, context) =>
  run('@', event.body?.code ?? 'return event', event, context);
"""


class ProbeApp:
    """An app that runs any code, and its platform; `reset_platform` starts both anew but Node."""

    def __init__(self, root: Path, packages: str, source: str = "", **handlers: str) -> None:
        self.root = root
        self.packages = packages
        self._runner = asyncio.Runner()
        wanted = PACKAGE_SETS[packages]
        link_packages(root, packages_folder(wanted))
        kvs = "@forge/kvs" in wanted
        imports = "import * as kvsPackage from '@forge/kvs';" if kvs else "const kvsPackage = {};"
        text = SOURCE.replace("IMPORTS", imports) + source
        write_app(root, {"src/index.js": text})
        self.app = _app({"probe": "probe", "work": "work", **handlers})
        self.runtime = NodeRuntime(
            root,
            tools_or_skip(root),
            self._receive,
            build_dir=root / "build",
            seed=1,
            epoch_ms=EPOCH,
            clock=RealClock(),
            threads=1,
        )
        self._runs = count(1)
        self._changed: asyncio.Event
        self.reset_platform()
        build = self.run(self.runtime.load_app(self.app, 1))
        assert build.ok, build.problems

    def reset_platform(
        self, settings: dict[str, SettingValue] | None = None, preset: Any = "current"
    ) -> None:
        """A fresh platform, with nothing queued and nothing stored."""
        self._round = next(self._runs)
        ids = count(1)
        self.records: list[records.AnyBody] = []
        self.requests: list[AppRequest] = []
        self.clock = ManualClock()
        self.engine = new_engine(
            self.app,
            Settings(preset, settings),
            epoch_ms=EPOCH,
            new_id=lambda: f"{self._round:08x}-0000-4000-8000-{next(ids):012x}",
            chance=lambda: 0.5,
        )
        self.failures: list[Exception] = []
        self.loop = EngineLoop(
            self.engine, self.clock, PendingBatches(), self._publish, self.failures.append
        )
        self.loop.attach_runtime(self.runtime)
        self.loop.add_generation(1)
        self._sent = 0

    @property
    def pushes_bare_payloads(self) -> bool:
        """Whether its `@forge/events` is 0 or 1."""
        return self.packages in ("api2", "api3", "api4", "api5")

    def close(self) -> None:
        """End Node."""
        self.run(self.runtime.close())
        self._runner.close()

    def run(self, coroutine: Any) -> Any:
        """Run something on the loop of this app."""
        return self._runner.run(coroutine)

    def call(self, code: str, **payload: Any) -> Any:
        """What `code` answers, run in a trigger's handler as the body of an async function."""
        printed = self.run_and_print(code, **payload)
        assert "value" in printed, printed
        return printed["value"]

    def error(self, code: str, **payload: Any) -> dict[str, Any]:
        """What `code` throws, as the handler sees it: class, name, message and its own fields.

        `known` are the exported error classes of which it is an instance.
        """
        printed = self.run_and_print(code, **payload)
        assert "error" in printed, printed
        error: dict[str, Any] = printed["error"]
        return error

    def check_kvs_refusal(
        self, call: str, status: int, code: str
    ) -> tuple[dict[str, Any], records.KvsRefused]:
        """Check that the app sees `call` refused as the package's own error, and one record is.

        Answers the `responseDetails` of the error and the record.
        """
        error = self.error(f"await {call}")
        details: dict[str, Any] = error["responseDetails"]

        assert "ForgeKvsAPIError" in error["known"]
        assert (error["code"], details["status"]) == (code, status)
        (refused,) = self.bodies_of(records.KvsRefused)
        assert (refused.code, refused.status) == (code, status)
        assert refused.limit
        assert error["message"]
        return details, refused

    def run_and_print(self, code: str, **payload: Any) -> dict[str, Any]:
        """Run `code` once, and wait for its invocation to end."""
        before = len(self.printed_values(">"))
        self.send(code, **payload)
        self.run_until_idle()
        (printed,) = self.printed_values(">")[before:]
        assert isinstance(printed, dict)
        return printed

    def send(self, code: str, **payload: Any) -> None:
        """A product event whose handler runs `code`."""
        self._sent += 1
        event = product_event(f"p{self._sent}", CREATED, {"code": code, **payload}, 10)
        send_product_event(self.engine, event, self.clock.now())

    def run_until_idle(self) -> None:
        """Let everything that is due run to its end; time stands still."""

        async def wait() -> None:
            self._changed = asyncio.Event()
            self.loop.run_turn()
            while self.engine.running:
                self._changed.clear()
                await self._changed.wait()
            assert not self.failures, self.failures

        self.run(asyncio.wait_for(wait(), TIMEOUT_SECONDS))

    def advance(self, seconds: float) -> None:
        """Let time pass, and what has become due run to its end."""
        self.clock.instant += round(seconds * 1000)
        self.run_until_idle()

    def printed_values(self, mark: str = "@") -> list[Any]:
        """What handlers printed with `print` and what consumers returned, in order."""
        logs = [log.message for log in self.bodies_of(records.Log)]
        return [json.loads(text[1:]) for text in logs if text.startswith(mark)]

    def last_delivery(self) -> records.InvocationFinished:
        """The end of the last invocation for an event; that of its pusher may come later."""
        finished = self.bodies_of(records.InvocationFinished)
        return [body for body in finished if isinstance(body.event_id, str)][-1]

    def bodies_of(self, kind: type[T]) -> list[T]:
        """The bodies of the records of one kind."""
        return [body for body in self.records if isinstance(body, kind)]

    def _receive(self, messages: Sequence[RuntimeMessage]) -> None:
        self.requests += [m for m in messages if isinstance(m, AppRequest)]
        self.loop.receive_messages(messages)
        self._changed.set()

    def _publish(self, batch: records.RecordBatch) -> None:
        self.records += [record.body for record in batch.records]


@contextmanager
def probe_app(root: Path, packages: str, source: str = "", **handlers: str) -> Iterator[ProbeApp]:
    """An app on one of SETS. `handlers` are further functions, with the queues they serve."""
    app = ProbeApp(root, packages, source, **handlers)
    try:
        yield app
    finally:
        app.close()


def _app(functions: dict[str, str]) -> App:
    """Each function but `probe` serves the queue given, as `queue` or `queue resolver-method`."""
    consumers = []
    for name, serves in functions.items():
        queue, _, method = serves.partition(" ")
        if name != "probe":
            consumers.append(Consumer(name, queue, name, method or None, 1))
    return App(
        id=f"ari:cloud:ecosystem::app/{APP_ID}",
        name="probe",
        manifest="manifest.yml",
        runtime="nodejs22.x",
        functions={
            name: Function(name, f"index.{name}", "src/index.js", name, None, 256, 1)
            for name in functions
        },
        consumers=tuple(consumers),
        triggers=(
            Trigger("on-created", "probe", (Subscription(CREATED),), 1),
            Trigger("on-mine", "work", (Subscription(PUBLISHED),), 1),
        ),
        event_modules=(
            EventModule("mine", "Mine", (), 1),
            EventModule("unheard", "Unheard", ("*",), 1),
        ),
        scopes=("storage:app",),
        external={"fetch": {"backend": ["a.example", {"address": "*.b.example"}, {"remote": "r"}]}},
        storage={"entities": [EMPLOYEE]},
        web_triggers=(WebTrigger("hook", "probe", 1),),
    )
