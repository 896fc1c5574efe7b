"""`modules.consumer`: the queue, and exactly one of function, resolver or endpoint."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final, NamedTuple

from forge_emu.manifest.module_keys import ModuleKeys, read_function_reference
from forge_emu.manifest.targets.endpoints import (
    EndpointReader,
    read_endpoint_reference,
    warn_without_path,
)
from forge_emu.manifest.targets.module_reader import ModuleReader
from forge_emu.model import Consumer
from forge_emu.yamlsource import typed_reading
from forge_emu.yamlsource.findings import Findings, join_names
from forge_emu.yamlsource.nodes import Part

MAX_QUEUE_KEY_LENGTH: Final = 36
"""Characters of a queue's key."""

QUEUE_KEY: Final = re.compile(r"[a-zA-Z0-9_-]+")
_METHOD = re.compile(r"[a-zA-Z0-9_-]+")
_LONGEST_METHOD = 255
_TARGETS = ("function", "resolver", "endpoint")
_PROPERTIES = frozenset({"key", "queue", "crossVersion", *_TARGETS})
_FORMS = "Write `function: <key of a function>`."


class _Target(NamedTuple):
    """Who handles the events; the text of a function that is not given is empty."""

    function: str
    method: str | None = None
    endpoint: str | None = None


class ConsumerReader(ModuleReader[Consumer]):
    """Reads consumers of `functions` and `endpoints`."""

    def __init__(
        self,
        findings: Findings,
        keys: ModuleKeys,
        functions: Collection[str],
        endpoints: EndpointReader,
    ) -> None:
        super().__init__(findings, keys, functions, endpoints)
        self._queues: dict[str, tuple[str, int]] = {}

    def read_entry(self, part: Part) -> None:
        """Read one entry of `modules.consumer`."""
        if not self._begin_entry(part, _PROPERTIES, "a consumer"):
            return
        key = self._keys.read_key(part)
        queue = self._queue(part, key)
        if (cross := part.get("crossVersion")) is not None:
            typed_reading.read_bool(self._findings, cross)
        target = self._target(part)
        if target is None:
            return
        self._note_use(target.function, key)
        if key is not None and queue is not None:
            function, method, endpoint = target
            self.modules.append(Consumer(key, queue, function, method, part.place.line, endpoint))

    def _queue(self, part: Part, key: str | None) -> str | None:
        queue = typed_reading.read_required_text(
            self._findings, part, "queue", "Name the queue that it listens to: `queue: my-queue`."
        )
        at = part.get("queue")
        if queue is None or at is None:
            return None
        sound = typed_reading.check_pattern(
            self._findings, at, queue, QUEUE_KEY, "letters, digits, '-' and '_'"
        )
        if len(queue) > MAX_QUEUE_KEY_LENGTH:
            self._findings.error(
                at,
                f"{at.name} is {len(queue)} characters long, {MAX_QUEUE_KEY_LENGTH} are allowed:"
                f" {queue[:60]!r}",
                "Shorten it, also where the app creates `new Queue({ key: ... })`.",
                "queue-name",
            )
            sound = False
        if queue in self._queues:
            other, line = self._queues[queue]
            self._findings.warn(
                at,
                f"two consumers listen to the queue {queue[:60]!r}: "
                f"here, {other!r} gets its events",
                f"The other is {other!r} in line {line}. Keep one of them.",
                "duplicate-queue",
            )
            return None
        self._queues[queue] = (key or "unnamed", at.place.line)
        return queue if sound else None

    def _target(self, part: Part) -> _Target | None:
        given = [name for name in _TARGETS if part.get(name) is not None]
        if not given:
            self._findings.error_missing(part, "function", _FORMS)
            return None
        if len(given) > 1:
            extra = part.get(given[1])
            assert extra is not None
            self._findings.error_at_key(
                extra,
                f"{part.name} must have exactly one of {join_names(_TARGETS)},"
                f" found {' and '.join(given)}",
                "Keep `function`.",
                "consumer-target",
            )
            if (at := part.get("endpoint")) is not None:
                read_endpoint_reference(self._findings, at, "consumer", self._endpoints.declared)
        target = part.get(given[0])
        assert target is not None
        if given[0] == "function":
            function = read_function_reference(self._findings, target, "consumer", self._functions)
            return None if function is None else _Target(function)
        if given[0] == "resolver":
            return self._resolver(target)
        endpoint = read_endpoint_reference(
            self._findings, target, "consumer", self._endpoints.declared
        )
        if endpoint is None:
            return None
        warn_without_path(
            self._findings, target, "consumer", self._endpoints.endpoints.get(endpoint)
        )
        return _Target("", endpoint=endpoint)

    def _resolver(self, part: Part) -> _Target | None:
        if not typed_reading.require_mapping(self._findings, part):
            return None
        typed_reading.warn_unknown_properties(
            self._findings, part, {"function", "method", "workflow"}, "a resolver"
        )
        if (workflow := part.get("workflow")) is not None:
            self._findings.warn_at_key(
                workflow,
                f"{workflow.name}: workflow consumers are not emulated;"
                " events of this queue will not be delivered",
                None,
                "not-emulated",
            )
            return None
        function = part.get("function")
        if function is None:
            self._findings.error_missing(part, "function", _FORMS)
        method = typed_reading.read_required_text(
            self._findings, part, "method", "It is the name given to `resolver.define`."
        )
        at = part.get("method")
        if method is not None and at is not None:
            typed_reading.check_pattern(
                self._findings, at, method, _METHOD, "letters, digits, '-' and '_'"
            )
            if len(method) > _LONGEST_METHOD:
                self._findings.error(
                    at,
                    f"{at.name} is {len(method)} characters long, {_LONGEST_METHOD} are allowed",
                )
        name = (
            read_function_reference(self._findings, function, "consumer", self._functions)
            if function
            else None
        )
        return None if name is None or method is None else _Target(name, method)
