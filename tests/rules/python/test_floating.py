"""Coroutines and tasks that nothing waits for, in Python; and code that is sound."""

from __future__ import annotations

import textwrap

import pytest

from forge_emu.rules.python.facts import python_facts

HEAD = """\
import asyncio
from forge_emu.sdk import Queue, api, kvs
queue = Queue("later")
async def save(x):
    await kvs.set(x, 1)
async def pure(x):
    return x
"""


def found(body: str) -> list[tuple[str, str]]:
    """Kind and call of each finding."""
    source = HEAD + textwrap.dedent(body)
    facts = python_facts(["src/index.py"], {"src/index.py": source.encode()}.get)
    assert not facts.unread
    return [(f.how, f.call) for module in facts.modules for f in module.floating]


@pytest.mark.parametrize(
    ("statement", "finding"),
    [
        ("kvs.set('a', 1)", ("coroutine", "kvs.set")),
        ("queue.push({'body': {}})", ("coroutine", "queue.push")),
        ("api.as_app().request_jira('/x')", ("coroutine", "request_jira")),
        ("save('a')", ("coroutine", "kvs.set")),
        ("asyncio.gather(save('a'), pure('b'))", ("coroutine", "kvs.set")),
        ("asyncio.gather(*(save(x) for x in xs))", ("coroutine", "kvs.set")),
        ("asyncio.gather(*[kvs.get(x) for x in xs], pure(1))", ("coroutine", "kvs.get")),
        ("asyncio.gather(*[pure(1), queue.push({})])", ("coroutine", "queue.push")),
        ("asyncio.create_task(save('a'))", ("task", "kvs.set")),
        ("asyncio.ensure_future(kvs.get('a'))", ("task", "kvs.get")),
        ("for x in xs: asyncio.create_task(queue.push(x))", ("task", "queue.push")),
    ],
)
def test_what_nothing_waits_for_is_found(statement: str, finding: tuple[str, str]) -> None:
    """With the call of the platform in it."""
    assert found(f"async def created(xs):\n    {statement}\n") == [finding]


@pytest.mark.parametrize(
    "statement",
    [
        "await kvs.set('a', 1)",
        "return queue.push({'body': {}})",
        "await asyncio.gather(save('a'), save('b'))",
        "await asyncio.gather(*(save(x) for x in xs))",
        "task = asyncio.create_task(save('a')); await task",
        "tasks = [asyncio.create_task(save(x)) for x in xs]; await asyncio.wait(tasks)",
        "xs.append(save('a')); await asyncio.gather(*xs)",
        "asyncio.create_task(pure(1))",
        "asyncio.gather(*[pure(x) for x in xs], *xs, **event)",
        "pure(1); print(xs); xs.set('a', 1)",
        "kvs.query().where('key', 1); kvs.transact()",
        "await kvs.transact().set('a', 1).execute()",
        "stack = []; stack.append(1); stack.push(2)",
    ],
)
def test_what_is_awaited_passed_on_or_kept_is_sound(statement: str) -> None:
    """Nothing is found."""
    assert found(f"async def created(xs):\n    {statement}\n") == []


def test_a_plain_handler_waits_by_itself() -> None:
    """Its calls block; so do those of plain functions in it."""
    assert found("def created(xs):\n    kvs.set('a', 1)\n    queue.push({'body': {}})\n") == []
    inner = """
    async def created(xs):
        def work():
            kvs.set('a', 1)
        await asyncio.to_thread(work)
    """
    assert found(inner) == []


def test_a_task_group_waits_for_its_tasks() -> None:
    """Its `create_task` is another one."""
    body = """
    async def created(xs):
        async with asyncio.TaskGroup() as group:
            group.create_task(save('a'))
    """
    assert found(body) == []


def test_a_name_with_two_meanings_is_not_judged() -> None:
    """Somewhere it is a parameter."""
    assert found("async def created(save):\n    save('a')\n") == []


_CLASSES = """
class Books:
    async def note(self, x):
        {statement}
    async def save(self, x):
        await self.keep(x)
    async def keep(self, x):
        await kvs.set(x, 1)
    async def pure(self, x):
        return x
    async def twice(self, x):
        await kvs.set(x, 1)
    def plain(self, x):
        return kvs.set(x, 1)
class Others:
    def twice(self, x):
        return x
"""


@pytest.mark.parametrize(
    ("statement", "findings"),
    [
        ("self.save(x)", [("coroutine", "kvs.set")]),
        ("asyncio.create_task(self.keep(x))", [("task", "kvs.set")]),
        ("asyncio.gather(*(self.save(each) for each in x))", [("coroutine", "kvs.set")]),
        ("await self.save(x)", []),
        ("self.pure(x)", []),
        ("self.plain(x)", []),
        ("self.twice(x)", []),
        ("self.gone(x)", []),
        ("other.save(x)", []),
    ],
)
def test_methods_of_self_are_followed(statement: str, findings: list[tuple[str, str]]) -> None:
    """Where one class alone has a method of that name."""
    assert found(_CLASSES.format(statement=statement)) == findings
