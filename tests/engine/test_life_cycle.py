"""What is installed: once for a state, and a major version for what an admin consents to."""

from __future__ import annotations

import pytest

from forge_emu.engine.life_cycle import (
    INSTALLED_EVENT,
    UPGRADED_EVENT,
    InstalledVersion,
    LifeCycle,
    Upgrade,
    changed_consents,
)

SCOPES: dict[str, tuple[str, ...]] = {"scopes": ("read:jira-work",)}


def test_an_app_is_installed_once() -> None:
    """The first load installs it, the next one goes on."""
    life_cycle = LifeCycle()

    assert life_cycle.install(SCOPES) == Upgrade(INSTALLED_EVENT)
    assert life_cycle.install(SCOPES) is None
    assert life_cycle.installed == InstalledVersion(1, SCOPES)


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        ({}, SCOPES, ("scopes: + read:jira-work",)),
        (SCOPES, {}, ("scopes: - read:jira-work",)),
        (
            SCOPES,
            {"scopes": ("write:jira-work",)},
            ("scopes: + write:jira-work", "scopes: - read:jira-work"),
        ),
        ({"scopes": ("a", "b")}, {"scopes": ("b", "a")}, ()),
        ({"external": ("fetch.backend a",)}, {}, ()),
        ({}, {"external": ("fetch.backend a",)}, ("external: + fetch.backend a",)),
        ({"providers": ("auth a",)}, {}, ("providers: - auth a",)),
        ({"webtrigger": ("a",)}, {"webtrigger": ()}, ()),
    ],
)
def test_what_makes_a_major_version(
    before: dict[str, tuple[str, ...]],
    after: dict[str, tuple[str, ...]],
    changes: tuple[str, ...],
) -> None:
    """Anything that comes; of scopes and providers also what goes, and never the order."""
    assert changed_consents(before, after) == changes
    life_cycle = LifeCycle()
    life_cycle.install(before)

    assert life_cycle.install(after) == (Upgrade(UPGRADED_EVENT, changes) if changes else None)
    assert life_cycle.installed == InstalledVersion(1 + bool(changes), dict(after))


def test_what_is_saved_goes_on() -> None:
    """With its version, and what it is compared with."""
    life_cycle = LifeCycle()
    life_cycle.restore(InstalledVersion(3, SCOPES), was_used=True)

    assert life_cycle.install(SCOPES) is None
    assert not life_cycle.changed
    assert life_cycle.install({}) == Upgrade(UPGRADED_EVENT, ("scopes: - read:jira-work",))
    assert life_cycle.installed is not None
    assert (life_cycle.installed.version, life_cycle.changed) == ("4.0.0", True)


@pytest.mark.parametrize(("was_used", "event"), [(True, None), (False, INSTALLED_EVENT)])
def test_an_old_state_has_its_app_already(was_used: bool, event: str | None) -> None:
    """One that nothing has happened in has not."""
    life_cycle = LifeCycle()
    life_cycle.restore(None, was_used=was_used)
    found = life_cycle.install(SCOPES)

    assert (found.event if found else None) == event
    assert life_cycle.installed == InstalledVersion(1, SCOPES)
