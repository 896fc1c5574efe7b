"""Points an hour, and what answers tell of the limits."""

from __future__ import annotations

from pathlib import Path

from forge_emu.engine.product_rates.refusals import ProductCall
from forge_emu.model import HOUR, MINUTE
from tests.engine.product_rates.drivers import EPOCH, edit, rates, read
from tests.engine.world import World, app

SEARCH = ProductCall("confluence", "GET /rest/api/search")


def test_points_are_back_at_the_full_hour() -> None:
    """Of UTC: fifty minutes after the beginning of this run."""
    limits = rates(points_per_hour=100)
    limits.add_points("jira", 100, 30 * MINUTE)
    refusal = limits.refuse_call(read(), 40 * MINUTE)

    assert refusal is not None
    assert (refusal.limit, refusal.reason, refusal.most) == (
        "limits.jira.points_per_hour",
        "jira-quota-global-based",
        100,
    )
    assert refusal.retry_after == 600
    assert refusal.headers(EPOCH, 40 * MINUTE)["X-RateLimit-Reset"] == "2026-01-01T01:00:00Z"
    assert limits.refuse_call(read(), 50 * MINUTE - 1) is not None
    assert limits.refuse_call(read(), 50 * MINUTE) is None


def test_a_call_goes_through_while_a_point_is_left() -> None:
    """What it costs in the end may be more than that."""
    limits = rates(points_per_hour=100)
    limits.add_points("jira", 99, 0)

    assert limits.refuse_call(read(), 0) is None
    limits.add_points("jira", 20, 0)
    assert limits.refuse_call(read(), 0) is not None


def test_products_have_points_of_their_own() -> None:
    """An app that Jira refuses may still call Confluence."""
    limits = rates(points_per_hour=1)
    limits.add_points("jira", 1, 0)

    assert limits.refuse_call(edit(), 0) is not None
    assert limits.refuse_call(SEARCH, 0) is None


def test_headers_of_an_answer() -> None:
    """The operation's calls, the policy; what is left of the points once it is little."""
    limits = rates(points_per_hour=100)
    limits.refuse_call(edit(), 0)
    limits.add_points("jira", 80, 0)

    assert limits.headers(edit(), 0) == {
        "X-RateLimit-Limit": "50",
        "X-RateLimit-Remaining": "49",
        "RateLimit-Policy": '"global-app-quota";q=100;w=3600',
        "RateLimit": '"global-app-quota";t=3000',
    }
    limits.add_points("jira", 1, 0)
    near = limits.headers(edit(), 0)
    assert near["X-RateLimit-NearLimit"] == "true"
    assert near["RateLimit"] == '"global-app-quota";r=19;t=3000'


def test_without_limits_there_are_no_headers() -> None:
    """Nothing is refused and nothing told."""
    limits = rates(points_per_hour=None, put_per_second=None)

    assert limits.headers(edit(), 0) == {}


def test_only_what_was_called_is_listed() -> None:
    """Few apps come near."""
    limits = rates()
    limits.add_points("confluence", 3, 0)

    assert [(use.name, use.used, use.unit) for use in limits.usage(0)] == [
        ("limits.confluence.points_per_hour", 3, "points/h")
    ]
    assert limits.usage(HOUR)[0].used == 0


def test_the_points_of_an_hour_outlive_a_restart(tmp_path: Path) -> None:
    """They are refused until the same hour as before."""
    world = World(app(), limits__jira__points_per_hour=10)
    world.persist_to(tmp_path)
    world.engine.product_rates.add_points("jira", 10, world.now)
    world.collect()
    world.restart()

    assert world.engine.product_rates.refuse_call(read(), world.now) is not None
    assert world.engine.product_rates.refuse_call(read(), world.now + HOUR) is None
