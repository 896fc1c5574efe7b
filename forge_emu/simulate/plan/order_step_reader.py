"""Reads the steps of a scenario that are no product event, with the words of the commands:
`invoke`, `queue push`, `trigger schedule`, `trigger web` and `site seed`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

from forge_emu.arrivals import AT_ONCE
from forge_emu.control.calls.contract import CallOrder, WebTriggerCallOrder
from forge_emu.control.push_contract import PushConcurrency, PushOrder, read_concurrency
from forge_emu.control.schedules.contract import ScheduleOrder
from forge_emu.control.site_contract import SiteOrder, SiteSeed
from forge_emu.emulator.pending_batches import PlannedOrder
from forge_emu.errors import UserError
from forge_emu.model import Json
from forge_emu.services.web_triggers.messages import METHODS, is_header
from forge_emu.simulate.plan.pace_reader import PACE_KEYS, PaceReader
from forge_emu.simulate.plan.steps import LoadData, OrderStep, StepPlace, numbered_order
from forge_emu.yamlsource import MappingNode, Part, ScalarNode, SequenceNode, to_json
from forge_emu.yamlsource.findings import Findings, join_names

ORDER_STEP_KEYS: Final[dict[str, tuple[str, ...]]] = {
    "invoke": ("payload", "context", *PACE_KEYS),
    "push": ("body", "delay", "concurrency", *PACE_KEYS),
    "schedule": (),
    "web": ("method", "headers", "body", "path", "query", *PACE_KEYS),
    "site": (),
}
_NAMES: Final = {
    "invoke": ("a function or RESOLVER.KEY", "Such as `invoke: resolver.saveNote`."),
    "push": ("a queue's name", "Such as `push: issue-snapshots`."),
    "schedule": ("the key of a scheduled trigger", "Such as `schedule: hourly-sync`."),
    "web": ("the key of a web trigger", "Such as `web: incoming`."),
}
_OBJECT_HINT: Final = "Write keys and values below it, or @ and the name of a JSON file."
_HEADERS_HINT: Final = "Write names and values below it, such as `Content-Type: text/plain`."
_SITE_HINT: Final = "Such as `site: {issues: 500, pages: 100, seed: 1}`."
MOST_SEEDED: Final = 100_000


class OrderStepReader:
    """Reads such steps and reports what is wrong with them."""

    def __init__(self, findings: Findings, load_data: LoadData) -> None:
        self._findings = findings
        self._load_data = load_data
        self._paces = PaceReader(findings)
        self._readers: dict[str, Callable[[Part, str], PlannedOrder]] = {
            "invoke": self._call,
            "push": self._push,
            "schedule": lambda _, key: ScheduleOrder(key),
            "web": self._web,
            "site": self._site,
        }

    def read_step(self, part: Part, kind: str) -> OrderStep | None:
        """The step of `part`, which has the key `kind`."""
        named = part.get(kind)
        assert named is not None
        self._check_keys(part, kind)
        name = self._name(named, kind)
        if name is None:
            return None
        order = self._readers[kind](part, name)
        try:
            numbered_order(order, 1)
        except msgspec.ValidationError:
            message = f"an object of {part.name} becomes a number"
            self._findings.error(part, message, '{"$number": "{n}"} stands for a value within it.')
        paced = PACE_KEYS[0] in ORDER_STEP_KEYS[kind]
        count, pace = self._paces.read_pace(part) if paced else (1, AT_ONCE)
        place = StepPlace(self._findings.file, *named.place)
        title = f"{kind} {name}".rstrip()
        return OrderStep(order, title, place, count, self._paces.read_start(part), pace)

    def _check_keys(self, part: Part, kind: str) -> None:
        keys = (kind, *ORDER_STEP_KEYS[kind], "at", "time")
        for name, inner in part.properties():
            if name not in keys:
                # As `trigger web --data` calls it.
                is_body = name == "data" and "body" in keys
                hint = "Did you mean body?" if is_body else self._findings.did_you_mean(name, keys)
                hint = hint or f"It has {join_names(sorted(keys), 12)}."
                self._findings.error_at_key(inner, f"a step with {kind} has no {name!r}", hint)

    def _name(self, part: Part, kind: str) -> str | None:
        """The name of what is called; of a site it has none."""
        if kind == "site":
            return ""
        node = part.node
        if isinstance(node, ScalarNode) and isinstance(node.value, str) and node.value:
            return node.value
        self._paces.error(part, f"must be {_NAMES[kind][0]}", _NAMES[kind][1])
        return None

    def _call(self, part: Part, target: str) -> CallOrder:
        return CallOrder(target, self._json(part.get("payload")), self._object(part.get("context")))

    def _push(self, part: Part, queue: str) -> PushOrder:
        body, delay = part.get("body"), part.get("delay")
        if body is None:
            self._findings.error_missing(part, "body", _OBJECT_HINT)
        span = None if delay is None else self._paces.read_span(delay)
        concurrency = self._concurrency(part.get("concurrency"))
        seconds = None if span is None else span / 1000
        return PushOrder(
            queue, self._object(body), delay_in_seconds=seconds, concurrency=concurrency
        )

    def _concurrency(self, part: Part | None) -> PushConcurrency | None:
        if part is None:
            return None
        found = None
        if isinstance(part.node, ScalarNode):
            found = read_concurrency(part.node.text)
        elif isinstance(part.node, MappingNode):
            try:
                found = msgspec.convert(to_json(part.node), PushConcurrency)
            except msgspec.ValidationError:
                found = None
        if found is None:
            hint = "Write `concurrency: account-7:2`, or {key: account-7, limit: 2}."
            self._paces.error(part, "must be a concurrency key with its limit", hint)
        return found

    def _web(self, part: Part, key: str) -> WebTriggerCallOrder:
        method, path = (self._paces.read_text(part.get(name)) for name in ("method", "path"))
        if method is not None and method.upper() not in METHODS and (at := part.get("method")):
            self._paces.error(at, "must be an HTTP method", f"It is one of {join_names(METHODS)}.")
        if path is not None and not path.startswith("/") and (at := part.get("path")):
            self._paces.error(at, "must begin with /", "It is what follows the address.")
        query = self._paces.read_text(part.get("query")) or ""
        body = self._json(part.get("body"))
        if method is None:
            method = "GET" if body is None else "POST"
        headers = self._headers(part.get("headers"))
        return WebTriggerCallOrder(
            key, method.upper(), headers, body, path or "", query.removeprefix("?")
        )

    def _headers(self, part: Part | None) -> list[tuple[str, str]]:
        if part is None:
            return []
        if not isinstance(part.node, MappingNode):
            self._paces.error(part, "must be a mapping", _HEADERS_HINT)
        found: list[tuple[str, str]] = []
        for name, inner in part.properties():
            values = [inner] if isinstance(inner.node, ScalarNode) else list(inner.items())
            for value in values:
                text = value.node.text if isinstance(value.node, ScalarNode) else None
                if text is None or not is_header(name, text):
                    self._paces.error(value, "must be a header's value", _HEADERS_HINT)
                else:
                    found.append((name, text))
            if not values and not isinstance(inner.node, SequenceNode):
                self._paces.error(inner, "must be a header's value", _HEADERS_HINT)
        return found

    def _site(self, part: Part, _: str) -> SiteOrder:
        site = part.get("site")
        assert site is not None
        amounts: dict[str, int | None] = {"issues": 0, "pages": 0, "seed": 1}
        if not isinstance(site.node, MappingNode):
            self._paces.error(site, "must be a mapping", _SITE_HINT)
            return SiteOrder()
        for name, inner in site.properties():
            if name in amounts:
                amounts[name] = self._amount(inner, None if name == "seed" else MOST_SEEDED)
            else:
                self._findings.error_at_key(inner, f"site has no {name!r}", _SITE_HINT)
        known = {name: amount for name, amount in amounts.items() if amount is not None}
        if len(known) == len(amounts) and not known["issues"] and not known["pages"]:
            self._findings.error(site, "site makes up neither issues nor pages", _SITE_HINT)
        return SiteOrder(seed=SiteSeed(**known))

    def _amount(self, part: Part, most: int | None) -> int | None:
        """A whole number up to `most`; None where it is none."""
        value = part.node.value if isinstance(part.node, ScalarNode) else None
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            self._paces.error(part, "must be a whole number from 0")
        elif most is not None and value > most:
            self._paces.error(part, f"must be at most {most:,}")
        else:
            return value
        return None

    def _json(self, part: Part | None) -> Json:
        """A value, or that of the file whose name follows an @."""
        if part is None:
            return None
        node = part.node
        if not isinstance(node, ScalarNode) or not isinstance(node.value, str):
            return to_json(node)
        if not node.value.startswith("@"):
            return node.value
        name = node.value[1:]
        try:
            if not isinstance(value := self._load_data(name, None), tuple):
                return value
            self._paces.error(part, "must name a file with one JSON value")
        except UserError as error:
            self._findings.error(part, error.message, error.hint)
        return None

    def _object(self, part: Part | None) -> dict[str, Json]:
        value = self._json(part)
        if isinstance(value, dict):
            return value
        if part is not None and not (value is None and _names_file(part)):
            self._paces.error(part, "must be a mapping", _OBJECT_HINT)
        return {}


def _names_file(part: Part) -> bool:
    """Whether it names a file: what is wrong with that has been said."""
    return isinstance(part.node, ScalarNode) and part.node.text.startswith("@")
