"""One line for all modules that are alike, and what starts an app without triggers."""

from __future__ import annotations

from typing import Any

import msgspec

from forge_emu.emulator.views.module_lines import module_lines
from forge_emu.model import (
    App,
    Consumer,
    Endpoint,
    Function,
    ScheduledTrigger,
    Subscription,
    Trigger,
    WebTrigger,
)

FUNCTION = Function("f", "index.f", "src/index.js", "f", None, 512, 1)
EVENTS = (Subscription("avi:jira:created:issue"),)
APP = App("id", None, "manifest.yml", None, {"f": FUNCTION}, (), (Trigger("t", "f", EVENTS, 1),))


def lines(**changes: Any) -> list[str]:
    """What is said of an app."""
    return module_lines(msgspec.structs.replace(APP, **changes))


def test_an_app_of_triggers_alone_gives_no_line() -> None:
    """There is nothing that does not work."""
    assert lines() == []


def test_modules_that_nothing_starts_are_named_with_their_number() -> None:
    """One line for each sort."""
    said = lines(
        shown_modules={"Jira": 3, "Confluence": 1},
        other_modules={"rovo:agent": 1, "action": 2},
        connect_modules=4,
        app_managed=True,
    )

    assert said[:2] == [
        "ui modules: 4, shown by Confluence, Jira, nothing to emulate",
        "other modules: 3 (action 2, rovo:agent), nothing here starts them",
    ]
    assert said[2].startswith("connectModules: 4, of Connect, not emulated")
    assert said[3].startswith("permissions.enforcement is app-managed")
    assert len(said) == 4


def test_a_function_of_such_a_module_can_be_called() -> None:
    """As an agent of Rovo calls an action."""
    (said,) = lines(other_modules={"action": 1}, other_uses={"f": ("action",)})
    ends = "(action), nothing here starts them but `forge-emu invoke f`"
    assert said == f"other modules: 1 {ends}"


def test_what_starts_an_app_without_triggers_is_said() -> None:
    """Its resolvers, its functions, its queues."""
    (said,) = lines(triggers=(), other_uses={"f": ("jira:issuePanel",)})
    assert "`forge-emu invoke f.KEY` calls a resolver" in said

    (said,) = lines(triggers=(), consumers=(Consumer("c", "later", "f", None, 1),))
    assert "`forge-emu invoke f` runs a function; `forge-emu queue push later`" in said

    hourly = ScheduledTrigger("hourly", "f", "hour", 1)
    (said,) = lines(triggers=(), scheduled_triggers=(hourly,))
    assert ". `forge-emu trigger schedule hourly` runs a schedule; " in said

    (said,) = lines(triggers=(), functions={})
    assert said == "no product event starts this app: it has no triggers"
    nothing = msgspec.structs.replace(APP, triggers=(), functions={})
    assert module_lines(nothing, starts=False) == []


def test_where_web_triggers_are_is_said() -> None:
    """A line for each of the first five; without a server none."""
    hooks = tuple(WebTrigger(f"hook{n}", "f", n) for n in range(7))
    urls = {each.key: f"http://127.0.0.1:1/x1/{each.key}" for each in hooks}
    app = msgspec.structs.replace(APP, web_triggers=hooks)

    assert module_lines(app) == []
    said = module_lines(app, urls)
    assert said[0] == "web trigger hook0: http://127.0.0.1:1/x1/hook0"
    assert said[5:] == ["web triggers: 2 more, `forge-emu trigger web` lists them"]


def test_an_app_of_web_triggers_and_remotes_says_what_starts_it() -> None:
    """The commands that call them."""
    (said,) = lines(
        triggers=(),
        functions={},
        web_triggers=(WebTrigger("hook", "f", 1),),
        endpoints={"panel": Endpoint("panel", "r", "/x", 2)},
        shown_by={"panel": ("jira:issuePanel", "tasks")},
    )
    assert ". `forge-emu trigger web hook` calls a web trigger; " in said
    assert said.endswith("`forge-emu invoke panel` calls a remote, as a UI does")
