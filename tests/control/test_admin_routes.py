"""The developer's hand through the control API: names, listings, acts, the store."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from forge_emu.control.api import create_api
from forge_emu.model import KvsRequest, PushItem, Success
from tests.control.fakes import TOKEN, FakeEmulator
from tests.control.test_api import Http
from tests.engine.world import BOOM


@pytest.fixture
def pretender() -> FakeEmulator:
    """Two issues; each has pushed one event for later, and one for now that was dropped."""
    pretender = FakeEmulator()
    world = pretender.world
    for n in (1, 2):
        world.send_product_event(n)
        pretender.run_turn()
        trigger = world.next_invocation()
        world.push(PushItem.of({"n": n}, 60), by=trigger.invocation_id)
        world.push(PushItem.of({"n": n}), by=trigger.invocation_id)
        world.engine.end_invocation(trigger.invocation_id, Success(), world.now)
        pretender.run_turn()
        world.end_invocation(BOOM)
        pretender.run_turn()
    for record in world.records:
        pretender.lineage.add_record(record)
    return pretender


@pytest.fixture
def http(pretender: FakeEmulator) -> Http:
    return Http(pretender)


def listed(http: Http, **query: Any) -> Any:
    """The answer of a listing."""
    answer = http.get("/v1/queue", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def acted(http: Http, action: str, **order: Any) -> httpx.Response:
    """The answer to an order."""
    return http.post("/v1/queue", json={"action": action, **order})


def test_open_events_come_by_due_time_and_dropped_ones_after_them(http: Http) -> None:
    """With subject, state and due time; dropped ones with reason and no due time."""
    found = listed(http)
    assert [(e["state"], e["subject"]) for e in found["events"]] == [
        ("scheduled", "EMU-1"),
        ("scheduled", "EMU-2"),
        ("dropped", "EMU-1"),
        ("dropped", "EMU-2"),
    ]
    assert found["events"][0]["due_at"] == 60_000
    assert (found["events"][2]["due_at"], found["events"][2]["reason"]) == (None, "max_retries")
    assert found["counts"]["scheduled"] == 2
    assert (found["dropped_kept"], found["dropped_forgotten"]) == (1_000, 0)


@pytest.mark.parametrize(
    ("query", "events"),
    [
        ({"state": "dropped"}, 2),
        ({"state": "pending"}, 2),
        ({"state": "running"}, 0),
        ({"queue": "work"}, 4),
        ({"target": "EMU-2"}, 2),
        ({"limit": 1}, 1),
    ],
)
def test_listings_are_filtered(http: Http, query: dict[str, Any], events: int) -> None:
    """By state, queue, and name."""
    assert len(listed(http, **query)["events"]) == events


@pytest.mark.parametrize("query", [{"state": "lost"}, {"limit": "x"}])
def test_a_listing_of_what_makes_no_sense_is_refused(
    http: Http, pretender: FakeEmulator, query: dict[str, str]
) -> None:
    """It says what there is, and is on record."""
    answer = http.get("/v1/queue", params=query)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"]
    assert len(pretender.refusals) == 1


@pytest.mark.parametrize("query", [{"queue": "nowhere"}, {"target": "nobody"}, {"target": "x"}])
def test_what_is_not_there_is_missing(
    http: Http, pretender: FakeEmulator, query: dict[str, str]
) -> None:
    """It says so, which is no refusal on record."""
    answer = http.get("/v1/queue", params=query)
    assert (answer.status_code, pretender.refusals) == (404, [])
    assert repr(next(iter(query.values()))) in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("query", "said", "hint"),
    [
        ({}, "no value with the key 'k'", "`forge-emu kvs list`"),
        ({"secret": "1"}, "no secret with the key 'k'", "`forge-emu kvs list --secret`"),
    ],
)
def test_a_value_that_is_not_there_is_missing(
    http: Http, query: dict[str, str], said: str, hint: str
) -> None:
    """And it is said how those that are there are found."""
    for method in ("GET", "DELETE"):
        answer = http.request(method, "/v1/kvs/value", params={"key": "k", **query})
        error = answer.json()["error"]
        assert answer.status_code == 404
        assert said in error["message"]
        assert hint in error["hint"]


def test_an_issue_key_names_all_its_events(http: Http, pretender: FakeEmulator) -> None:
    """Cancelling takes those that wait."""
    answer = acted(http, "cancel", target="EMU-1").json()
    assert len(answer["ids"]) == 1
    assert listed(http, state="scheduled")["events"][0]["subject"] == "EMU-2"
    assert "event.cancelled" in pretender.world.record_types()


def test_a_job_id_names_its_events(http: Http) -> None:
    """All that wait of one push."""
    job = listed(http)["events"][0]["job_id"]
    assert len(acted(http, "cancel", target=job).json()["ids"]) == 1


def test_a_wait_is_skipped(http: Http, pretender: FakeEmulator) -> None:
    """It runs at once; all of them at once with `every`."""
    id = listed(http)["events"][0]["event_id"]
    assert acted(http, "run_now", target=id).json()["ids"] == [id]
    assert listed(http, target=id)["events"][0]["state"] == "running"
    assert len(acted(http, "run_now", every=True).json()["ids"]) == 1
    assert len(pretender.world.started) == 2


def test_dropped_events_are_replayed(http: Http) -> None:
    """Under new ids, each of them once."""
    (new,) = acted(http, "replay", target="EMU-1").json()["ids"]
    assert listed(http, target=new)["events"][0]["state"] == "running"
    assert listed(http, target=new)["events"][0]["subject"] == "EMU-1"
    assert len(acted(http, "replay", every=True).json()["ids"]) == 1
    assert acted(http, "replay", every=True).json()["ids"] == []


def test_queues_are_paused_and_resumed(http: Http) -> None:
    """One by name, or all; doing it twice changes nothing."""
    assert acted(http, "pause", queue="work").json()["changed"]
    assert not acted(http, "pause", queue="work").json()["changed"]
    assert listed(http)["paused_queues"] == ["work"]
    acted(http, "run_now", every=True)
    assert all(e["held"] for e in listed(http, state="ready")["events"])
    assert acted(http, "pause").json()["changed"]
    assert listed(http)["paused"]
    assert acted(http, "resume").json()["changed"]
    found = listed(http)
    assert (found["paused"], found["paused_queues"]) == (False, [])
    assert found["counts"]["running"] == 2


@pytest.mark.parametrize(
    ("action", "order", "status", "words"),
    [
        ("cancel", {"target": "nobody-at-all"}, 404, "nobody-at-all"),
        ("cancel", {}, 400, "needs the id"),
        ("cancel", {"target": "id"}, 404, "too short"),
        ("run_now", {"target": "EMU-9"}, 404, "EMU-9"),
        ("pause", {"queue": "nowhere"}, 404, "work"),
        ("replay", {"target": "scheduled"}, 400, "has not ended"),
        ("run_now", {"target": "dropped"}, 400, "queue replay"),
        ("cancel", {"target": "dropped"}, 400, "dropped"),
        ("burn", {}, 400, "not what this call takes"),
    ],
)
def test_wrong_orders_are_refused_in_words(
    http: Http,
    pretender: FakeEmulator,
    action: str,
    order: dict[str, str],
    status: int,
    words: str,
) -> None:
    """And change nothing. What is not there is missing (404)."""
    if order.get("target") in ("scheduled", "dropped"):
        events = listed(http, state=order["target"])["events"]
        order = {"target": events[0]["event_id"]}
    before = len(pretender.world.records)
    answer = acted(http, action, **order)
    assert answer.status_code == status
    assert len(pretender.refusals) == (status != 404)
    assert words in json.dumps(answer.json())
    assert len(pretender.world.records) == before


def test_the_start_of_several_ids_is_refused(http: Http, pretender: FakeEmulator) -> None:
    """It lists them."""
    for _ in range(2):
        pretender.world.push(*(PushItem.of(n, 60) for n in range(50)))
    ids = [e["event_id"] for e in listed(http, state="scheduled", limit=200)["events"]]
    assert "id10" not in ids
    answer = acted(http, "cancel", target="id10")
    assert answer.status_code == 400
    assert "the start of 10 ids: id100, id101" in answer.json()["error"]["message"]


def test_values_are_written_read_and_deleted(http: Http, pretender: FakeEmulator) -> None:
    """The app's own view of the store agrees; every edit is a record."""
    entries = [
        {"key": "a:1", "value": {"n": 12345678901234567890, "f": 1.10}},
        {"key": "a:2", "value": "text", "ttl_seconds": 60},
        {"key": "s", "value": "hidden", "secret": True},
    ]
    assert http.request("PUT", "/v1/kvs", json=entries).json() == {"set": 3}
    assert http.get("/v1/kvs/value", params={"key": "a:1"}).json() == entries[0]
    assert [e["key"] for e in http.get("/v1/kvs?prefix=a").json()["entries"]] == ["a:1", "a:2"]
    found = pretender.world.engine.call_kvs(KvsRequest("get", "a:2"), 0).value
    assert found
    assert found.expires_at == 60_000
    assert http.request("DELETE", "/v1/kvs/value", params={"key": "a:1"}).status_code == 200
    assert http.request("DELETE", "/v1/kvs/value", params={"key": "a:1"}).status_code == 404
    assert http.get("/v1/kvs/value", params={"key": "a:1"}).status_code == 404
    assert pretender.world.record_types().count("kvs.done") == 5


@pytest.mark.parametrize(
    "value", [b"1e400", b'"\xff"', rb'"\ud800"', rb'{"\udc00":1}', b"NaN", b"7" * 5000]
)
def test_a_value_that_nobody_can_read_is_refused(http: Http, value: bytes) -> None:
    """It is kept as its text, which is looked into all the same."""
    body = b'[{"key":"a","value":%b}]' % value
    answer = http.request("PUT", "/v1/kvs", content=body)
    assert answer.status_code == 400
    assert http.get("/v1/kvs?prefix=a").json()["entries"] == []


def test_secrets_are_masked_unless_asked_for(http: Http) -> None:
    """Only their length shows."""
    http.request("PUT", "/v1/kvs", json=[{"key": "s", "value": "hidden", "secret": True}])
    page = http.get("/v1/kvs?secret=1").json()
    assert (page["entries"][0]["value"], page["bytes"]) == (None, [8])
    assert http.get("/v1/kvs").json()["entries"] == []
    shown = http.get("/v1/kvs?secret=1&show_secrets=1").json()
    assert shown["entries"][0]["value"] == "hidden"
    assert http.get("/v1/kvs/value?key=s&secret=1").json()["value"] is None
    assert http.get("/v1/kvs/value?key=s&secret=1&show_secrets=1").json()["value"] == "hidden"


def test_what_an_app_made_up_is_listed_without_secrets(http: Http, pretender: FakeEmulator) -> None:
    """Such as the name of a queue that nothing serves."""
    world = pretender.world
    world.engine.secrets.add_variable("API_KEY", "canary")
    world.push(PushItem.of(1), queue="to-canary")
    world.advance_to(world.now)
    pretender.run_turn()
    answers = [http.get(path).text for path in ("/v1/queue", "/v1/status")]
    assert [answer for answer in answers if "canary" in answer] == []
    events = listed(http)["events"]
    assert "to-[API_KEY]" in [event["queue"] for event in events]
    http.post("/v1/queue", json={"action": "pause", "queue": "to-canary"})
    assert listed(http)["paused_queues"] == ["to-[API_KEY]"]
    refused = acted(http, "pause", queue="nothing")
    assert refused.status_code == 404
    assert "canary" not in refused.text


def test_a_large_store_comes_in_pages(http: Http) -> None:
    """Each begins after the last."""
    for n in range(15):
        http.request("PUT", "/v1/kvs", json=[{"key": f"k{n:02}", "value": "x" * 200_000}])
    keys, after = [], ""
    while True:
        page = http.get("/v1/kvs", params={"after": after}).json()
        keys += [e["key"] for e in page["entries"]]
        if page["after"] is None:
            break
        after = page["after"]
    assert keys == [f"k{n:02}" for n in range(15)]
    assert after


@pytest.mark.parametrize(
    "entries",
    [
        [{"key": "good", "value": 1}, {"key": "", "value": 1}],
        [{"key": "good", "value": 1}, {"key": "bad/key", "value": 1}],
        [{"key": "good", "value": 1}, {"key": "null", "value": None}],
        [{"key": "good", "value": 1}, {"key": "big", "value": "x" * 245_761}],
        [{"key": "good", "value": 1, "ttl_seconds": 0}],
        [{"key": "good", "value": 1, "ttl_seconds": 1e12}],
        [{"key": "good"}],
        {"key": "good", "value": 1},
    ],
)
def test_what_the_store_cannot_hold_is_refused_as_a_whole(
    http: Http, pretender: FakeEmulator, entries: Any
) -> None:
    """Nothing is written, not even what is good."""
    answer = http.request("PUT", "/v1/kvs", json=entries)
    assert answer.status_code == 400
    assert http.get("/v1/kvs").json()["entries"] == []
    assert "kvs.done" not in pretender.world.record_types()


def test_what_is_in_an_event_is_answered(http: Http, pretender: FakeEmulator) -> None:
    """One of which nothing is kept is missing, which is no refusal on record."""
    (event, *_) = listed(http)["events"]
    found = http.get("/v1/payload", params={"event": event["event_id"]})
    assert found.json()["kind"] == "event"
    missing = http.get("/v1/payload", params={"event": "nobody-at-all"})
    assert (missing.status_code, pretender.refusals) == (404, [])
    assert "state.payloads_mb" in missing.json()["error"]["hint"]
    assert http.get("/v1/payload").status_code == 400


def test_nobody_else_reaches_the_store(pretender: FakeEmulator) -> None:
    """The token guards these routes too."""
    answer = Http(pretender).get("/v1/kvs", headers={"authorization": f"Bearer not-{TOKEN}"})
    assert answer.status_code == 401
    assert create_api(pretender)
