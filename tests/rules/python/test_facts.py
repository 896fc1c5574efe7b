"""The same rules for Python handlers, however they are written."""

from __future__ import annotations

import textwrap

import pytest

from forge_emu.errors import Problem
from forge_emu.model import App, Consumer, Function, Subscription, Trigger
from forge_emu.rules import SourceFacts, apply_rules
from forge_emu.rules.python.facts import python_facts
from forge_emu.settings import Settings

IMPORTS = "from forge_emu.sdk import InvocationError, Queue, kvs, storage\n"
SOUND = (
    IMPORTS
    + """
queue = Queue("later")

async def created(event, context):
    await queue.push({"body": {"key": event["issue"]["key"]}, "delay_in_seconds": 5})

async def store(event, context):
    try:
        await kvs.set(f"issue:{event['body']['key']}", event["body"])
    except Exception as error:
        count = (event.get("retryContext") or {}).get("retryCount", 0)
        return InvocationError(retry_after=min(20 * 2**count, 900), retry_data={"why": str(error)})
"""
)


def app(scopes: tuple[str, ...] = ("storage:app",)) -> App:
    """A trigger and a consumer in src/index.py."""
    functions = {
        key: Function(key, f"index.{key}", "src/index.py", key, None, 512, 1, "python")
        for key in ("created", "store")
    }
    return App(
        id="app",
        name=None,
        manifest="manifest.yml",
        runtime=None,
        functions=functions,
        consumers=(Consumer("storing", "later", "store", None, 1),),
        triggers=(Trigger("on", "created", (Subscription("avi:jira:created:issue"),), 1),),
        scopes=scopes,
    )


def facts_of(source: str, files: dict[str, str] | None = None) -> SourceFacts:
    """The facts of src/index.py and what it imports."""
    every = {"src/index.py": textwrap.dedent(source), **(files or {})}
    content = {name: text.encode() for name, text in every.items()}
    return python_facts(["src/index.py"], content.get)


def found_in(source: str, files: dict[str, str] | None = None) -> list[Problem]:
    """What the rules find."""
    return apply_rules(app(), facts_of(source, files), {}, lambda name: False, Settings())


def rules(source: str, files: dict[str, str] | None = None) -> list[str]:
    """The rules that fire."""
    return [p.rule for p in found_in(source, files)]


def consumer(body: str) -> str:
    """A sound trigger, and a consumer with `body`."""
    head = IMPORTS + "queue = Queue('later')\n"
    head += "def created(event, context):\n    queue.push({'body': {}})\n"
    return head + "async def store(event, context):\n" + textwrap.indent(body, "    ") + "\n"


def trigger(body: str) -> str:
    """A trigger with `body`, and a consumer that does nothing."""
    head = IMPORTS + "queue = Queue('later')\ndef store(event, context): pass\n"
    return head + "async def created(event, context):\n" + textwrap.indent(body, "    ") + "\n"


def test_a_sound_app_breaks_no_rule() -> None:
    """Not even a warning."""
    assert rules(SOUND) == []


def test_the_store_needs_its_scope() -> None:
    """As for JavaScript."""
    found = apply_rules(app(scopes=()), facts_of(SOUND), {}, lambda name: False, Settings())
    assert [p.rule for p in found] == ["storage-scope"]


@pytest.mark.parametrize(
    "source",
    [
        "from forge_emu.sdk import Queue\nq = Queue('latre')\n"
        "def created(e, c): q.push({'body': {}})",
        "from forge_emu.sdk import Queue as Q\ndef created(e, c):\n"
        "    KEY = 'la' + 'tre'\n    return Q(key=KEY).push([{'body': {}}])",
        "import forge_emu.sdk\nasync def created(e, c):\n"
        "    q = forge_emu.sdk.Queue('latre')\n    await q.push({'body': {}})",
        "from forge_emu import sdk\nclass W:\n    def __init__(self): self.q = sdk.Queue('latre')\n"
        "    def go(self): self.q.push({'body': {}})\ndef created(e, c): W().go()",
        "import forge_emu.sdk as f\ndef created(e, c):\n"
        "    f.Queue('latre').push([{'body': x} for x in e['list']])",
    ],
)
def test_a_queue_is_followed_to_where_it_is_made(source: str) -> None:
    """Through aliases, modules, fields and constants."""
    assert "queue-without-consumer" in rules(source + "\ndef store(e, c): pass\n")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("raise InvocationError(retry_after=5)", ["retry-thrown"]),
        ("e = InvocationError()\nraise e", ["retry-thrown"]),
        ("InvocationError(retry_after=5)", ["retry-discarded"]),
        ("return InvocationError(retry_after=5)", []),
        ("return InvocationError() if event else None", []),
        ("e = InvocationError()\nreturn e", []),
        ("return InvocationError(retry_after=900)", []),
        ("return InvocationError(retry_after=15 * 60 + 1)", ["retry-after"]),
        ("return InvocationError(retry_after=0)", ["retry-after"]),
        ("return InvocationError(retry_after=event['wait'])", []),
        ("return InvocationError(retry_data={'x': 'x' * 5000})", ["retry-data-size"]),
        ("await kvs.set('latest', 1)", ["overwritten-key"]),
        ("KEY = 'a'\nawait kvs.set_secret(KEY, 1)", ["overwritten-key"]),
        ("await kvs.set(f'issue:{event}', 1)", []),
        ("await kvs.get('settings')", []),
        ("return await kvs.batch_set([{'key': 'a', 'value': 1}])", ["overwritten-key"]),
        (
            "items = [{'key': event, 'value': 1}, {'value': 1, 'key': 'a'}]\n"
            "return await kvs.batch_set(items)",
            ["overwritten-key"],
        ),
        ("return await kvs.batch_set([{'key': f'a:{event}', 'value': 1}])", []),
        ("return kvs.batch_set(items=[{'key': k, 'value': 1} for k in event])", []),
        (
            "await kvs.transact().delete('b').set(event, 1).set('a', 1).execute()",
            ["overwritten-key"],
        ),
        ("tx = kvs.transact()\ntx.set('a', 1)\nawait tx.execute()", ["overwritten-key"]),
        ("await kvs.transact().set(event, 1).delete('a').execute()", []),
        ("{}.set('a', 1)", []),
        ("await kvs.batch_set(event['items'])", ["failed-keys"]),
        ("kvs.batch_delete(event['items'])", ["failed-keys", "not-awaited"]),
        ("done = await kvs.batch_set(event['items'])\nprint(done.failed_keys)", []),
        ("await remember(1)", ["overwritten-key"]),
        ("await memory.remember(1)", ["overwritten-key"]),
    ],
)
def test_consumers(body: str, expected: list[str]) -> None:
    """Retries and keys, in the handler and in what it calls."""
    files = {
        "src/memory.py": "from forge_emu.sdk import kvs\n"
        "async def remember(x): await kvs.set('last', x)\n"
        "async def forget(): await kvs.set('unused', 0)\n"
    }
    head = "import memory\nfrom memory import remember\n" if "remember" in body else ""
    assert rules(head + consumer(body), files) == expected


@pytest.mark.parametrize(
    ("push", "expected"),
    [
        ("{'body': {}, 'delay_in_seconds': 900}", []),
        ("{'body': {}, 'delay_in_seconds': 901}", ["push-delay"]),
        ("[{'body': {}, 'delay_in_seconds': -1}]", ["push-delay"]),
        ("[]", ["push-size"]),
        ("[{'body': {}}] * 51", []),
        (
            f"[{', '.join(['{}'.replace('{}', chr(123) + repr('body') + ': 1' + chr(125))] * 51)}]",
            ["push-size"],
        ),
        ("{'body': {'x': 'x' * 205_000}}", ["push-size"]),
        ("event", []),
    ],
)
def test_pushes(push: str, expected: list[str]) -> None:
    """One event, several, and events made one by one."""
    assert rules(trigger(f"await queue.push({push})")) == expected


def test_what_only_looks_like_it_is_left_alone() -> None:
    """Other classes of the same name, shadowed names, lists."""
    source = """
        from mine import Queue, kvs
        q = Queue("x y")
        items = []
        def created(event, context, InvocationError=ValueError):
            items.append(q.push(1, 2))
            kvs.set("a", 1)
            raise InvocationError("text")
        def store(event, context): pass
    """
    assert set(rules(source)) <= {"consumer-without-push"}


@pytest.mark.parametrize("source", ["def created(:\n", "x = 1\n\ty = 2\n", "\0"])
def test_a_file_that_is_no_python_is_said_to_be_unread(source: str) -> None:
    """With the place, where there is one."""
    facts = facts_of("import broken\n", {"src/broken.py": source})
    assert [u.file for u in facts.unread] == ["src/broken.py"]


def test_modules_that_import_each_other_end() -> None:
    """Each is read once."""
    files = {"src/a.py": "from b import x\n", "src/b.py": "from a import x\nimport index\n"}
    facts = facts_of("import a\n", files)
    assert [m.file for m in facts.modules] == ["src/index.py", "src/a.py", "src/b.py"]


def test_a_finding_says_where() -> None:
    """Line and column of the very expression."""
    (found,) = found_in(consumer("return InvocationError(\n    retry_after=1000,\n)"))
    assert (found.file, found.line, found.column) == ("src/index.py", 7, 21)
