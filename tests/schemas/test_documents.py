"""The JSON Schemas say what the readers say, of every file there is and of wrong ones."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft7Validator

from forge_emu.schemas import SCHEMAS, schema_text
from forge_emu.schemas.forms import described
from forge_emu.settings import Setting, all_settings
from tests.schemas import texts


@pytest.mark.parametrize("name", SCHEMAS)
def test_it_is_a_schema(name: str) -> None:
    """Of the draft that it names, and the same every time."""
    Draft7Validator.check_schema(json.loads(schema_text(name)))

    assert schema_text(name) == schema_text(name)


@pytest.mark.parametrize(("name", "least"), [("settings", 45), ("scenario", 15)])
def test_what_the_reader_takes_is_valid(name: str, least: int) -> None:
    """Every file of tests, templates and pages."""
    found = texts.accepted(name)

    assert len(found) >= least
    assert {text: errors for text in found if (errors := texts.schema_errors(name, text))} == {}


@pytest.mark.parametrize(
    "text",
    [
        "preset: of\n",
        "preset:\n",
        "limits: 5\n",
        "limits: {push: {events_per_minite: 7}}\n",
        "limits: {push: {events_per_minute: 0}}\n",
        "limits: {push: {events_per_minute: many}}\n",
        "limits: {push: {events_per_minute: [7]}}\n",
        "limits.push.window: slidin\n",
        "async_events.max_retries: -1\n",
        "async_events.max_retries: 1.5\n",
        "delivery.duplicates: 101%\n",
        "delivery.duplicates: 2\n",
        "lifecycle.installed: perhaps\n",
        "latency: fast\n",
        "latency: {kvs: 5 minutes}\n",
        "latency: {kvs: 'uniform(1ms)'}\n",
        "storage: {legacy: away}\n",
        "nothing_known: 1\n",
        "nothing_known: {}\n",
        "limits: {nothing_known: {}}\n",
        "faults: kvs.error=5%\n",
        "faults: [kvs.eror=5%]\n",
        "faults: [kvs.error=500%]\n",
        "faults: [kvs.error=x10]\n",
        "faults: [kvs.latency=5%]\n",
        "faults: ['kvs.error=5%@soon']\n",
        "variables: [A]\n",
        "variables: {1A: x}\n",
        "variables: {A: [1]}\n",
        "variables: {A: ~}\n",
        "environment: some\n",
        "environment: [A B]\n",
        "secrets: all\n",
        "remotes: {backend: [1]}\n",
        "mocks: {request: GET /x}\n",
        "mocks: [{status: 200}]\n",
        "mocks: [{request: /x}]\n",
        "mocks: [{request: GET x}]\n",
        "mocks: [{request: 'GET /x/{'}]\n",
        "mocks: [{request: 'GET /x/}'}]\n",
        "mocks: [{request: GET https:///x}]\n",
        "mocks: [{request: GET /x, status: 99}]\n",
        "mocks: [{request: GET /x, status: ok}]\n",
        "mocks: [{request: GET /x, product: trello}]\n",
        "mocks: [{request: GET /x, boddy: 1}]\n",
        "mocks: [{request: GET /x, answers: []}]\n",
        "mocks: [{request: GET /x, status: 200, answers: [{}]}]\n",
        "mocks: [{request: GET /x, answers: [{state: 1}]}]\n",
        "mocks: [{request: GET /x, headers: {a b: 1}}]\n",
        "mocks: [{request: GET /x, body: 1, file: a.json}]\n",
        "mocks: [{operation: 'get issue'}]\n",
        "mocks: [{request: GET /x, request_body: ''}]\n",
        "site: {isues: []}\n",
        "site: {issues: [{key: EMU-1}]}\n",
        "site: {issues: [{summary: 5}]}\n",
        "site: {users: {accountId: a}}\n",
        "site: {issues: [{key: EMU-1, summary: a, created: soon}]}\n",
        "site: {sprints: [{name: a, start: 2026-13-01}]}\n",
    ],
)
def test_wrong_settings_are_refused_by_both(text: str) -> None:
    """The reader with a message, the schema in the editor."""
    assert texts.reader_error("settings", text)
    assert texts.schema_errors("settings", text)


@pytest.mark.parametrize(
    "text",
    [
        "until: 24h\n",
        "steps: []\n",
        "steps: {event: issue-created}\n",
        "steps: [issue-created]\n",
        "steps: [{}]\n",
        "steps: [{event: issue-created, often: 5}]\n",
        "steps: [{event: issue-created, count: 0}]\n",
        "steps: [{event: issue-created, count: 2000000}]\n",
        "steps: [{event: issue-created, count: '5'}]\n",
        "steps: [{event: issue-created, at: 5}]\n",
        "steps: [{event: issue-created, at: 5m, time: 5m}]\n",
        "steps: [{event: issue-created, spread: long}]\n",
        "steps: [{event: issue-created, rate: fast}]\n",
        "steps: [{event: issue-created, rate: 5/s, count: 5, spread: 5s}]\n",
        "steps: [{event: issue-created, rate: 5/s, burst: 5 every 1s}]\n",
        "steps: [{event: issue-created, ramp: 1/s..5/s}]\n",
        "steps: [{event: issue-created, ramp: 1/s, count: 5}]\n",
        "steps: [{event: issue-created, ramp: {from: 1/s, to: 5/s, ovr: 1m}}]\n",
        "steps: [{event: issue-created, burst: many}]\n",
        "steps: [{event: issue-created, burst: {size: 5, evry: 1s}}]\n",
        "steps: [{event: issue-created, payload: [a]}]\n",
        "steps: [{event: issue-created, payload: {issue.key: [1]}}]\n",
        "steps: [{event: issue-created, data: [1]}]\n",
        "steps: [{event: issue-created, invoke: f}]\n",
        "steps: [{data: payload.json}]\n",
        "steps: [{invoke: [f]}]\n",
        "steps: [{invoke: f, body: 1}]\n",
        "steps: [{invoke: f, context: 5}]\n",
        "steps: [{push: q}]\n",
        "steps: [{push: q, body: 5}]\n",
        "steps: [{push: q, body: {}, delay: 5}]\n",
        "steps: [{push: q, body: {}, concurrency: account}]\n",
        "steps: [{push: q, body: {}, concurrency: {key: a}}]\n",
        "steps: [{schedule: s, count: 2}]\n",
        "steps: [{web: w, method: FETCH}]\n",
        "steps: [{web: w, path: more}]\n",
        "steps: [{web: w, headers: [a]}]\n",
        "steps: [{web: w, headers: {a b: c}}]\n",
        "steps: [{site: {issue: 5}}]\n",
        "steps: [{site: {issues: -5}}]\n",
        "steps: [{site: {seed: 5}}]\n",
        "seed: -1\nsteps: [{event: issue-created}]\n",
        "seed: x\nsteps: [{event: issue-created}]\n",
        "limits: {push: 1}\nsteps: [{event: issue-created}]\n",
        "latency: fast\nsteps: [{event: issue-created}]\n",
        "until: 24\nsteps: [{event: issue-created}]\n",
        "set: {limits: {pusch: 1}}\nsteps: [{event: issue-created}]\n",
        "set: {nothing_known: {}}\nsteps: [{event: issue-created}]\n",
        "set: 5\nsteps: [{event: issue-created}]\n",
        "faults: [kvs.eror=5%]\nsteps: [{event: issue-created}]\n",
        "kvs: 5\nsteps: [{event: issue-created}]\n",
        "fail_on: dropped>0\nsteps: [{event: issue-created}]\n",
        "fail_on: [droped>0]\nsteps: [{event: issue-created}]\n",
        "fail_on: [dropped>5m]\nsteps: [{event: issue-created}]\n",
        "fail_on: [p95>5%]\nsteps: [{event: issue-created}]\n",
        "fail_on: [dropped]\nsteps: [{event: issue-created}]\n",
        "step: [{event: issue-created}]\n",
        "unknown: 1\nsteps: [{event: issue-created}]\n",
    ],
)
def test_wrong_scenarios_are_refused_by_both(text: str) -> None:
    """Here as well."""
    assert texts.reader_error("scenario", text)
    assert texts.schema_errors("scenario", text)


@pytest.mark.parametrize(
    "text",
    [
        "latency: ' slow'\n",
        "latency: {profile: 'slow '}\n",
        "limits.push.window: ' fixed '\n",
        "mocks: [{request: 'GET /x/{id}/*'}, {request: 'GET https://*.x.org/{schlüssel}#{'}]\n",
        "site: {issues: [{key: EMU-1, summary: a, created: ' 2026/1/2 9:05 +0100'}]}\n",
        "site: {issues: [{key: EMU-1, summary: a, created: 2026-01-02T09:05:00.000Z}]}\n",
    ],
)
def test_what_is_written_otherwise_is_taken_by_both(text: str) -> None:
    """Blanks around words, names of places, forms of times."""
    assert texts.reader_error("settings", text) is None
    assert texts.schema_errors("settings", text) == []


def objects(name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The parts of a schema that list their keys, each with its place."""
    waiting: list[tuple[str, Any]] = [(name, SCHEMAS[name]())]
    while waiting:
        place, part = waiting.pop()
        if isinstance(part, dict):
            if part.get("type") == "object" and "properties" in part:
                yield place, part
            waiting += [(f"{place}/{key}", inner) for key, inner in part.items()]
        elif isinstance(part, list):
            waiting += [(f"{place}/{n}", inner) for n, inner in enumerate(part)]


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_key_is_described_and_no_other_is_taken(name: str) -> None:
    """Also in the objects below; remotes have names of the user's own."""
    definitions = SCHEMAS[name]()["definitions"]
    found = list(objects(name))
    assert len(found) >= 15
    for place, part in found:
        if not place.endswith("/remotes"):
            assert part["additionalProperties"] is False, place
        for key, inner in part["properties"].items():
            target = definitions[inner["$ref"].split("/")[-1]] if "$ref" in inner else inner
            assert target.get("description"), f"{place}: {key}"


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_setting_has_its_unit_and_default(name: str) -> None:
    """In its description; choices are all there."""
    definitions = SCHEMAS[name]()["definitions"]
    for setting in all_settings():
        part = definitions[setting.name]
        assert setting.doc in part["description"]
        assert not setting.unit or f"Unit: {setting.unit}." in part["description"]
        assert "Default: " in part["description"]
        assert set(setting.choices) <= set(part.get("enum", setting.choices))


def test_a_key_that_a_reader_gains_must_be_described() -> None:
    """Or the schema is not made, and says which."""
    with pytest.raises(ValueError, match=r"of mocks and its reader differ in: delay"):
        described(("status", "delay"), {"status": {}}, "mocks")


@pytest.mark.parametrize("setting", all_settings(), ids=lambda each: each.name)
def test_every_value_of_a_setting_is_valid(setting: Setting[Any]) -> None:
    """Its default, those of presets and profiles and its choices, nested and by a dotted name."""
    values = {setting.value_for("legacy"), setting.value_for("off"), setting.default}
    written = [json.dumps(value) for value in values] + [
        *setting.choices,
        *setting.profiles.values(),
    ]
    group, _, rest = setting.name.partition(".")
    for value in written:
        for text in (f"{setting.name}: {value}\n", f"{group}:\n  {rest}: {value}\n"):
            assert texts.reader_error("settings", text) is None
            assert texts.schema_errors("settings", text) == []
        scenario = f"steps: [{{event: issue-created}}]\nset:\n  {setting.name}: {value}\n"
        assert texts.reader_error("scenario", scenario) is None
        assert texts.schema_errors("scenario", scenario) == []


@pytest.mark.parametrize("name", SCHEMAS)
def test_patterns_are_those_of_editors_too(name: str) -> None:
    """Editors compile them with the flag `u`, where only syntax is escaped; each
    has a message of its own instead of the pattern."""
    waiting: list[Any] = [SCHEMAS[name]()]
    patterns = []
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            if isinstance(pattern := part.get("pattern"), str):
                patterns.append(pattern)
                assert not pattern.startswith(r"^\s*(") or part["patternErrorMessage"]
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part

    assert len(patterns) > 50
    escaped = {found for pattern in patterns for found in re.findall(r"\\(.)", pattern)}
    assert escaped <= set("sSw.()")
