"""Steps of a scenario that are no product event, in the words of the commands."""

from __future__ import annotations

from typing import Any

import pytest

from forge_emu.arrivals import AT_ONCE, Even
from forge_emu.control.calls.contract import CallOrder, WebTriggerCallOrder
from forge_emu.control.push_contract import PushConcurrency, PushOrder
from forge_emu.control.schedules.contract import ScheduleOrder
from forge_emu.control.site_contract import SiteOrder, SiteSeed
from forge_emu.emulator.pending_batches import PlannedOrder
from forge_emu.errors import ManifestError, UserError
from forge_emu.simulate.plan.scenario import read_scenario
from forge_emu.simulate.plan.steps import OrderStep


def load(name: str, event: str | None) -> Any:
    """There is one file."""
    if name != "note.json":
        raise UserError(f"cannot read {name!r}")
    return {"text": "of a file"}


def read_step(text: str) -> OrderStep:
    """The step that is written in one line."""
    [step] = read_scenario(f"steps: [{{{text}}}]".encode(), "play.yml", load).steps
    assert isinstance(step, OrderStep)
    return step


# fmt: off
STEPS: list[tuple[str, PlannedOrder]] = [
    ("invoke: echo", CallOrder("echo")),
    ("invoke: echo, payload: 5", CallOrder("echo", 5)),
    ("invoke: echo, payload: text", CallOrder("echo", "text")),
    ("invoke: echo, payload: '@note.json'", CallOrder("echo", {"text": "of a file"})),
    ("invoke: r.save, payload: {a: ['{n}']}, context: {accountId: me}",
     CallOrder("r.save", {"a": ["{n}"]}, {"accountId": "me"})),
    ("push: notes, body: {n: 1}", PushOrder("notes", {"n": 1})),
    ("push: notes, body: '@note.json'", PushOrder("notes", {"text": "of a file"})),
    ("push: notes, body: {}, delay: 1500ms, concurrency: 'a:b:2'",
     PushOrder("notes", {}, 1, 1.5, PushConcurrency("a:b", 2))),
    ("push: notes, body: {}, concurrency: {key: a, limit: 3}",
     PushOrder("notes", {}, 1, None, PushConcurrency("a", 3))),
    ("schedule: hourly", ScheduleOrder("hourly")),
    ("web: hook", WebTriggerCallOrder("hook")),
    ("web: hook, body: text", WebTriggerCallOrder("hook", "POST", [], "text")),
    ("web: hook, method: put, headers: {X-A: [b, c], D: e}, body: {n: 1}, path: /x, query: '?q=1'",
     WebTriggerCallOrder("hook", "PUT", [("X-A", "b"), ("X-A", "c"), ("D", "e")], {"n": 1}, "/x",
                     "q=1")),
    ("site: {issues: 5}", SiteOrder(seed=SiteSeed(5, 0, 1))),
    ("site: {issues: 5, pages: 2, seed: 7}", SiteOrder(seed=SiteSeed(5, 2, 7))),
]
# fmt: on


@pytest.mark.parametrize(("text", "order"), STEPS)
def test_a_step_is_an_order(text: str, order: PlannedOrder) -> None:
    """With everything that its command takes."""
    assert read_step(text).order == order


def test_a_step_has_a_time_a_count_and_a_pace() -> None:
    """As one of events has."""
    step = read_step("invoke: echo, at: 1m, count: 10, rate: 5/s")
    assert (step.at, step.count, step.pace) == (60_000, 10, Even(200))
    assert (step.title, step.place) == ("invoke echo", ("play.yml", 1, 18))
    once = read_step("schedule: hourly, time: 5s")
    assert (once.at, once.count, once.pace) == (5_000, 1, AT_ONCE)


@pytest.mark.parametrize(
    ("text", "words", "hint"),
    [
        ("invoke: echo, event: issue-created", "both event and invoke", "two steps"),
        ("invoke: [a]", "must be a function", "resolver.saveNote"),
        ("invoke: echo, body: {}", "a step with invoke has no 'body'", "payload"),
        ("invoke: echo, paylod: {}", "no 'paylod'", "Did you mean payload?"),
        ("invoke: echo, context: 5", "steps[0].context must be a mapping", "JSON file"),
        ("invoke: echo, payload: '@no.json'", "cannot read 'no.json'", ""),
        ("invoke: echo, count: 0", "count must be a whole number", ""),
        ("push: notes", "has no 'body'", "keys and values"),
        ("push: notes, body: [1]", "body must be a mapping", "JSON file"),
        ("push: notes, body: {}, delay: x", "delay must be a span of time", "10s"),
        ("push: notes, body: {}, concurrency: a", "must be a concurrency key", "account-7:2"),
        ("push: notes, body: {}, concurrency: {key: a}", "a concurrency key", "account-7:2"),
        ("schedule: hourly, count: 2", "a step with schedule has no 'count'", "at"),
        ("web: hook, method: GETT", "must be an HTTP method", "GET"),
        ("web: hook, data: {}", "a step with web has no 'data'", "Did you mean body?"),
        ("web: hook, path: x", "must begin with /", "address"),
        ("web: hook, query: [a]", "query must be a single value", ""),
        ("web: hook, headers: [a]", "headers must be a mapping", "Content-Type"),
        ("web: hook, headers: {'a b': c}", "must be a header's value", "Content-Type"),
        ("web: hook, headers: {a: {b: c}}", "must be a header's value", "Content-Type"),
        ("push: notes, body: {$number: '{n}'}", "an object of steps[0] becomes a number", "within"),
        ("invoke: a, context: {$number: '{n}'}", "an object of steps[0] becomes a number", ""),
        ("site: 5", "site must be a mapping", "issues: 500"),
        ("site: {}", "neither issues nor pages", "issues: 500"),
        ("site: {issues: -1}", "whole number from 0", ""),
        ("site: {issues: 100001}", "at most 100,000", ""),
        ("site: {issue: 1, pages: 1}", "site has no 'issue'", "issues: 500"),
        ("invok: echo", "a step has no 'invok'", "Did you mean invoke?"),
    ],
)
def test_what_is_wrong_is_said(text: str, words: str, hint: str) -> None:
    """In the words of the step, with its place."""
    with pytest.raises(ManifestError) as refusal:
        read_step(text)
    problem = next(p for p in refusal.value.problems if words in p.message)
    assert hint in (problem.hint or "")
    assert (problem.file, problem.line) == ("play.yml", 1)
