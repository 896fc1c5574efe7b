"""What the events of Jira Software tell the site."""

from __future__ import annotations

import pytest

from forge_emu.events import EventFactory, find_template
from forge_emu.site.site import Site

EPOCH = 1_767_225_600_000


def absorb(site: Site, name: str, n: int = 1) -> None:
    """Send the `n`-th event of a template to the site."""
    event = EventFactory(find_template(name)).build_event(n, EPOCH, lambda: "e")
    site.absorb_event(event.name, event.payload, EPOCH)


def test_a_sprint_goes_on_from_event_to_event() -> None:
    """It is the same one, in the state that each event says."""
    site, states = Site(), []
    for name in ("sprint-created", "sprint-started", "sprint-updated", "sprint-closed"):
        absorb(site, name)
        [sprint] = site.jira.sprints
        states.append((sprint.id, sprint.board, sprint.state, sprint.completed))

    assert states == [
        ("1", "1", "future", None),
        ("1", "1", "active", None),
        ("1", "1", "future", None),
        ("1", "1", "closed", EPOCH),
    ]
    absorb(site, "sprint-deleted")
    assert len(site.jira.sprints) == 0


def test_boards_come_and_go() -> None:
    """A new one belongs to the site's project; a configuration is that of a board."""
    site = Site()
    absorb(site, "board-created")
    board = site.jira.boards.get("2")

    assert board is not None
    assert (board.name, board.project) == ("EMU board 1", "10000")
    absorb(site, "board-configuration-changed", 3)
    assert "4" in site.jira.boards
    absorb(site, "board-deleted")
    assert sorted(each.id for each in site.jira.boards) == ["1", "4"]


@pytest.mark.parametrize("payload", [{}, {"sprint": 5}, {"sprint": {"name": "x"}}])
def test_a_payload_without_a_sprint_tells_nothing(payload: dict[str, object]) -> None:
    """Payloads of `--data` may be anything."""
    site = Site()
    site.absorb_event("avi:jira-software:created:sprint", payload, EPOCH)

    assert len(site.jira.sprints) == 0


def test_a_state_that_is_none_is_passed_over() -> None:
    """The sprint stays in its own."""
    site = Site()
    payload = {"sprint": {"id": 5, "state": "paused"}}
    site.absorb_event("avi:jira-software:updated:sprint", payload, EPOCH)

    assert [(each.id, each.state) for each in site.jira.sprints] == [("5", "future")]


def test_what_is_saved_of_sprints_comes_back() -> None:
    """Also that a board was removed."""
    site, again = Site(), Site()
    absorb(site, "sprint-started", 4)
    site.jira.boards.remove("1")
    again.restore({p: t for p in site.changed_places() if (t := site.encode(p)) is not None})

    assert list(again.jira.sprints) == list(site.jira.sprints)
    assert len(again.jira.boards) == 0


def test_a_project_takes_its_boards_along() -> None:
    """And their sprints."""
    site = Site()
    absorb(site, "sprint-created")
    site.jira.remove_project("10000")

    assert (len(site.jira.boards), len(site.jira.sprints)) == (0, 0)
