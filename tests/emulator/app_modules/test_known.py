"""What orders may name: each kind of module, with the near name where there is none."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from forge_emu.emulator.app_modules.known import (
    check_function,
    check_queue,
    check_schedule,
    check_web_trigger,
    function_of,
)
from forge_emu.errors import UserError
from forge_emu.model import App, ScheduledTrigger, UnloadedFunction, WebTrigger
from tests.engine.world import app

APP = msgspec.structs.replace(
    app(),
    scheduled_triggers=(ScheduledTrigger("hourly", "work", "hour", 1),),
    web_triggers=(WebTrigger("hook", "work", 1),),
    unloaded={"broken": UnloadedFunction("index.broken", "no such file", None)},
)
EMPTY = msgspec.structs.replace(APP, consumers=(), scheduled_triggers=(), web_triggers=())


def test_what_the_app_has_may_be_named() -> None:
    """A function that does not load as well: it fails when it is called."""
    check_function("work.save", APP)
    check_function("broken", APP)
    check_queue("work", APP)
    check_schedule("hourly", APP)
    check_web_trigger("hook", APP)
    assert function_of("resolver.save.more") == "resolver"


@pytest.mark.parametrize(
    ("check", "name", "words", "hint"),
    [
        (check_function, "brokn.save", "no function 'brokn' (of", "Did you mean broken?"),
        (check_queue, "worl", "queue 'worl'", "Did you mean work?"),
        (check_schedule, "hourli", "no scheduled trigger 'hourli'", "Did you mean hourly?"),
        (check_schedule, "zzz", "no scheduled trigger 'zzz'", "There is hourly."),
        (check_web_trigger, "hok", "no web trigger 'hok'", "Did you mean hook?"),
    ],
)
def test_what_it_has_not_is_an_error(
    check: Callable[[str, App], None], name: str, words: str, hint: str
) -> None:
    """With the near name, or with all."""
    with pytest.raises(UserError) as refusal:
        check(name, APP)
    assert words in refusal.value.message
    assert refusal.value.hint == hint


@pytest.mark.parametrize(
    ("check", "hint"),
    [
        (check_queue, "The manifest has no consumer."),
        (check_schedule, "The manifest has none: modules.scheduledTrigger."),
        (check_web_trigger, "The manifest has none: modules.webtrigger."),
    ],
)
def test_an_app_without_any_is_told_so(check: Callable[[str, App], None], hint: str) -> None:
    """With what is missing in its manifest."""
    with pytest.raises(UserError) as refusal:
        check("any", EMPTY)
    assert refusal.value.hint == hint


def test_names_of_queues_are_shown_as_they_may_be() -> None:
    """Secrets among them are not."""
    with pytest.raises(UserError) as refusal:
        check_queue("zzz", APP, lambda name: "[secret]")
    assert refusal.value.hint is not None
    assert "[secret]" in refusal.value.hint
