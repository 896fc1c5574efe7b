"""The verbs of the commands in a test: queues, web triggers, schedules, the site."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from forge_emu.testing import AsyncEmulator, Emulator, Event, ProductEvent, UserError
from tests.conftest import AppDir
from tests.testing.verbs_app import write_verbs_app


@pytest.fixture
def app(app_dir: AppDir) -> Path:
    return write_verbs_app(app_dir)


def test_a_dropped_event_is_sent_again_with_another_body(app: Path) -> None:
    """The new one is returned; the body that is left out stays what it was."""
    with Emulator(app, settings={"async_events.max_retries": 0}) as emu:
        (lost,) = emu.push("parcels", {"to": "nobody"})
        emu.until_idle()
        assert emu.dropped == [lost]
        (again,) = emu.replay(lost)
        (mended,) = emu.replay(lost.id, body={"to": "Ada"})
        emu.until_idle()
        assert (again.state, mended.state) == ("dropped", "succeeded")
        assert emu.payload(mended)["body"] == {"to": "Ada"}
        assert emu.kvs["delivered:Ada"] is True
        assert len({lost.id, again.id, mended.id}) == 3


def test_what_has_succeeded_is_sent_again_too(app: Path) -> None:
    """Events of queues and product events, by what they are about."""
    with Emulator(app) as emu:
        emu.trigger("issue-created")
        emu.until_idle()
        (event,), (product,) = emu.events, emu.product_events
        (second,) = emu.replay(event)
        (third,) = emu.replay(product.id, body={"issue": {"key": "EMU-77"}})
        emu.until_idle()
        assert isinstance(second, Event)
        assert isinstance(third, ProductEvent)
        assert third.subject == "EMU-77"
        assert [each.state for each in emu.events] == ["succeeded"] * 3
        assert "delivered:EMU-77" in emu.kvs


def test_all_that_were_dropped_are_sent_again(app: Path) -> None:
    """Without a name; nothing where nothing was lost."""
    with Emulator(app, settings={"async_events.max_retries": 0}) as emu:
        assert emu.replay() == []
        emu.push("parcels", {"to": "nobody"}, count=2)
        emu.until_idle()
        assert len(emu.replay()) == 2


def test_what_cannot_be_sent_again(app: Path) -> None:
    """What has not ended, and what there is not."""
    with Emulator(app) as emu:
        (waits,) = emu.push("parcels", {"to": "Ada"}, delay="5m")
        with pytest.raises(UserError, match="has not ended"):
            emu.replay(waits)
        with pytest.raises(UserError, match="nobody-knows"):
            emu.replay("nobody-knows")


def test_events_are_cancelled_and_their_wait_is_skipped(app: Path) -> None:
    """One by itself, one by what it is about."""
    with Emulator(app) as emu:
        first, second = emu.push("parcels", {"to": "{n}"}, count=2, delay="15m")
        assert emu.cancel(first) == [first]
        assert emu.run_now(second) == [second]
        emu.clock.advance(0)
        assert (first.state, second.state, emu.clock.now) == ("cancelled", "succeeded", 0)
        emu.trigger("issue-created")
        emu.clock.advance(1)
        assert emu.run_now("EMU-1") == [emu.events[-1]]
        with pytest.raises(UserError, match="is open, was dropped or expired"):
            emu.cancel(emu.product_events[0])


def test_a_queue_is_paused(app: Path) -> None:
    """Until it is resumed; so is all delivery."""
    with Emulator(app) as emu:
        emu.pause("parcels")
        (event,) = emu.push("parcels", {"to": "Ada"})
        emu.clock.advance("1m")
        assert event.attempts == []
        emu.resume("parcels")
        emu.clock.advance(0)
        assert event.state == "succeeded"
        emu.pause()
        (event,) = emu.push("parcels", {"to": "Bob"})
        emu.clock.advance("1m")
        assert event.attempts == []
        emu.resume()
        emu.clock.advance(0)
        assert event.state == "succeeded"
        with pytest.raises(UserError, match="there is no queue 'parcel'"):
            emu.pause("parcel")


def test_a_web_trigger_is_called(app: Path) -> None:
    """With what a caller sends, and what it gets."""
    with Emulator(app) as emu:
        answer = emu.trigger_web("hook", {"a": 1}, path="/more", query={"page": "2"})
        assert (answer.status, answer.header("X-Kind"), answer.problem) == (201, "told", None)
        told = answer.json()
        assert (told["method"], told["body"], told["path"]) == ("POST", '{"a":1}', "/more")
        assert told["query"] == {"page": ["2"]}
        assert emu.trigger_web("hook").json()["method"] == "GET"
        assert emu.trigger_web("hook", method="delete").json()["method"] == "DELETE"
        assert emu.trigger_web("signed", "x").status == 401
        with pytest.raises(UserError, match="there is no web trigger 'hok'") as caught:
            emu.trigger_web("hok")
        assert "hook" in str(caught.value.hint)
        with pytest.raises(UserError, match="takes no method 'FETCH'"):
            emu.trigger_web("hook", method="FETCH")
        with pytest.raises(UserError, match="does not begin with /"):
            emu.trigger_web("hook", path="more")


def test_a_schedule_is_run_and_paused(app: Path) -> None:
    """`schedules` says when each is due, and how its last run has ended."""
    with Emulator(app) as emu:
        emu.trigger_schedule("hourly")
        emu.clock.advance(0)
        (hourly,) = emu.schedules
        assert (hourly.key, hourly.last_outcome, emu.kvs["runs"]) == ("hourly", "succeeded", 1)
        emu.pause_schedule("hourly")
        emu.clock.advance("3h")
        assert (emu.schedules[0].paused, emu.kvs["runs"]) == (True, 1)
        emu.resume_schedule()
        emu.clock.advance("1h")
        assert emu.kvs["runs"] > 1
        with pytest.raises(UserError, match="there is no scheduled trigger 'daily'"):
            emu.trigger_schedule("daily")


def test_what_runs_before_an_uninstallation_is_called(app: Path) -> None:
    """And has ended then."""
    with Emulator(app) as emu:
        (answer,) = emu.trigger_pre_uninstall()
        assert (answer.module_key, answer.reason, emu.kvs["left"]) == ("farewell", None, "farewell")


def test_the_site_is_filled_and_read(app: Path) -> None:
    """Made up, added, found, read, cleared."""
    with Emulator(app) as emu:
        assert emu.site.seed(issues=3, pages=1) >= 4
        assert emu.site.add({"issues": [{"key": "EMU-50", "summary": "Ada's"}]}) >= 1
        assert emu.site.issue("EMU-50")["fields"]["summary"] == "Ada's"
        assert len(emu.site.issues("summary ~ Ada")) == 1
        assert len(emu.site.issues()) == 4
        assert emu.site.counts["issue"] == 4
        assert emu.site.get("/rest/api/3/issue/EMU-51").status == 404
        with pytest.raises(UserError, match="there is no issue 'EMU-51'"):
            emu.site.issue("EMU-51")
        with pytest.raises(UserError, match=r"site\.add: .*isues"):
            emu.site.add({"isues": []})
        with pytest.raises(UserError, match=r"site\.seed: "):
            emu.site.seed(issues=-1)
        with pytest.raises(UserError, match=r"site\.issues: "):
            emu.site.issues("summary ~")
        emu.site.clear()
        assert emu.site.counts.get("issue", 0) == 0


def test_what_is_in_an_event_is_read(app: Path) -> None:
    """Its body, and what each attempt was given and asked for."""
    with Emulator(app) as emu:
        (event,) = emu.push("parcels", {"to": "Ada"})
        emu.until_idle()
        payload = emu.payload(event)
        assert payload["body"] == {"to": "Ada"}
        (attempt,) = payload["invocations"]
        assert attempt["given"]["event"]["body"] == {"to": "Ada"}
        assert attempt["requests"]
        with pytest.raises(UserError, match="nothing is kept"):
            emu.payload("nobody-knows")


def test_values_of_the_store_live_for_a_time(app: Path) -> None:
    """As with `kvs set --ttl`."""
    with Emulator(app) as emu:
        emu.kvs.set("a", 1, ttl="15m")
        assert emu.kvs["a"] == 1
        emu.clock.advance("16m")
        assert "a" not in emu.kvs
        with pytest.raises(UserError, match="cannot live for no time"):
            emu.kvs.set("a", 1, ttl=0)


def test_time_goes_to_the_next_that_is_due(app: Path) -> None:
    """One due time at a time."""
    with Emulator(app) as emu:
        emu.push("parcels", {"to": "Ada"}, delay="2m")
        emu.clock.next()
        assert (emu.clock.now, emu.queue("parcels").succeeded) == (120_000, 1)


def test_a_transition_has_its_statuses(app: Path) -> None:
    """As `trigger --from --to`."""
    with Emulator(app) as emu:
        with pytest.raises(UserError, match="no status is called"):
            emu.trigger("issue-updated", from_status="Nowhere", to_status="Done")
        emu.trigger("issue-updated", from_status="To Do", to_status="Done")
        emu.clock.advance(0)
        (event,) = emu.product_events
        assert "Done" in str(emu.payload(event)["body"])


def test_coroutines_have_the_same_verbs(app: Path) -> None:
    """Those of `AsyncEmulator`."""

    async def played() -> list[object]:
        async with AsyncEmulator(app) as emu:
            (event,) = await emu.push("parcels", {"to": "Ada"}, delay="15m")
            await emu.run_now(event)
            answer = await emu.trigger_web("hook")
            await emu.until_idle()
            (again,) = await emu.replay(event, body={"to": "Bob"})
            await emu.next()
            emu.site.seed(issues=1)
            return [answer.status, again.state, emu.site.counts["issue"], emu.now]

    assert asyncio.run(played())[:3] == [201, "succeeded", 1]
