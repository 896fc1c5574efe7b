"""Which code keeps something in what instances of a thread share."""

from __future__ import annotations

import pytest

from forge_emu.runtime.node.global_writes import changes_globals, is_own_script


@pytest.mark.parametrize(
    "text",
    [
        "globalThis.seen = [];",
        "globalThis.seen ??= [];",
        "globalThis.n = (globalThis.n ?? 0) + 1;",
        "globalThis.n++;",
        "global.cache = new Map()",
        "globalThis['cache'] = {}",
        "globalThis[key] ||= 1",
        "(globalThis as any).cache = {};",
        "globalThis.app.cache = {};",
        "Array.prototype.extra = [];",
        "const shared = globalThis;\nshared.x = 1;",
        "const shared = globalThis as any;",
        "Object.assign(globalThis, { cache: {} });",
        "Object.defineProperty(globalThis, 'cache', { value: {} });",
        "Object.defineProperty(global,\n 'cache', { value: {} });",
    ],
)
def test_state_for_all_instances_is_seen(text: str) -> None:
    """However it gets there."""
    assert changes_globals(text)


@pytest.mark.parametrize(
    "text",
    [
        "const f = globalThis.fetch;",
        "if (globalThis.n === 1) run();",
        "if (globalThis.n == 1 || globalThis.m >= 2) run();",
        "const make = () => globalThis.crypto.randomUUID();",
        "globalThis.polyfill = () => 1;",
        "globalThis.polyfill = (a: string): string => a;",
        "globalThis.polyfill = async function () {};",
        "globalThis.Thing = class {};",
        "String.prototype.shout = function () { return 1; };",
        "const has = Object.prototype.hasOwnProperty;",
        "Object.prototype.hasOwnProperty.call(a, b)",
        "settings.global.x = 1;",
        "const globalThing = 1;",
        "let mine = 0; mine = 1;",
    ],
)
def test_other_code_is_not(text: str) -> None:
    """Reading is no change, and a function is no state."""
    assert not changes_globals(text)


def test_only_the_apps_own_scripts_are_read() -> None:
    """What packages do when they load is seen when they have."""
    assert is_own_script("src/index.ts")
    assert not is_own_script("node_modules/a/index.js")
    assert not is_own_script("src/notes.md")
