"""The store keeps what it accepted, tells its metadata, and changes nothing when it refuses."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forge_emu.engine.kvs.single_key import run_single_key
from forge_emu.engine.kvs.store import LINGER, KvsStore
from forge_emu.errors import Fault
from forge_emu.model import Instant, KvsRequest, KvsResponse, StoredValue
from forge_emu.settings import Settings, SettingValue

EPOCH = 1_767_225_600_000
DAY = 86_400_000


def store(overrides: dict[str, SettingValue] | None = None) -> KvsStore:
    return KvsStore(Settings(overrides=overrides), EPOCH)


def request(
    operation: Literal["get", "set", "delete"],
    key: Any,
    text: bytes | None = None,
    secret: bool = False,
    **options: Any,
) -> KvsRequest:
    return KvsRequest(operation, key, text, options or None, secret, "inv-1")


def put(
    kvs: KvsStore, key: str, text: bytes, now: Instant = 0, **options: Any
) -> StoredValue | None:
    return run_single_key(kvs, request("set", key, text, **options), now)[0].found


def look(kvs: KvsStore, key: str, now: Instant = 0) -> StoredValue | None:
    return run_single_key(kvs, request("get", key), now)[0].found


def refusal(kvs: KvsStore, asked: KvsRequest, now: Instant = 0) -> tuple[int, str, str | None]:
    with pytest.raises(Fault) as caught:
        run_single_key(kvs, asked, now)
    assert caught.value.body["message"]
    return caught.value.status, caught.value.body["code"], caught.value.limit


def test_value_comes_back_as_the_text_it_was() -> None:
    """A value is stored as its JSON text, nested nulls and number forms untouched."""
    kvs = store()
    text = b'{"a":null,"b":[1.0,1e3],"c":"\\u00e9"}'
    put(kvs, "k", text)
    found = look(kvs, "k")

    assert found is not None
    assert found.value_text == text


def test_missing_key_is_no_refusal() -> None:
    """Reading a key that does not exist succeeds with nothing, and costs one read unit."""
    response, done = run_single_key(store(), request("get", "nothing"), 0)

    assert response == KvsResponse(found=None)
    assert (done.operation, done.bytes, done.units) == ("get", 0, 1)


def test_deleting_a_missing_key_is_fine() -> None:
    """A delete succeeds whether the key exists or not, and costs one write unit."""
    kvs = store()
    _, done = run_single_key(kvs, request("delete", "nothing"), 0)

    assert (done.operation, done.bytes, done.units) == ("delete", 0, 1)
    assert kvs.usage(0)[2].used == 1


def test_secrets_are_a_store_of_their_own() -> None:
    """A secret and a value of one key do not see each other."""
    kvs = store()
    put(kvs, "k", b"1")
    _, done = run_single_key(kvs, request("set", "k", b"2", secret=True), 0)
    found = run_single_key(kvs, request("get", "k", secret=True), 0)[0].found
    run_single_key(kvs, request("delete", "k"), 0)

    assert done.operation == "set_secret"
    assert found is not None
    assert found.value_text == b"2"
    assert look(kvs, "k") is None
    assert run_single_key(kvs, request("get", "k", secret=True), 0)[0].found == found


def test_created_at_stays_and_updated_at_moves() -> None:
    """Overwriting keeps the creation instant; deleting forgets it."""
    kvs = store()
    put(kvs, "k", b"1", 100)
    put(kvs, "k", b"2", 200)
    overwritten = look(kvs, "k", 300)
    run_single_key(kvs, request("delete", "k"), 400)
    put(kvs, "k", b"3", 500)
    anew = look(kvs, "k", 600)

    assert overwritten == StoredValue("k", b"2", 100, 200)
    assert anew == StoredValue("k", b"3", 500, 500)


def test_return_value_previous_and_latest() -> None:
    """PREVIOUS gives what was there, LATEST what is there now, and without it nothing comes."""
    kvs = store()
    first = put(kvs, "k", b"1", 0, keyPolicy="OVERRIDE", returnValue="PREVIOUS")
    second = put(kvs, "k", b"2", 5, keyPolicy="OVERRIDE", returnValue="PREVIOUS")
    third = put(kvs, "k", b"3", 9, returnValue="LATEST")
    fourth = put(kvs, "k", b"4", 9, keyPolicy="OVERRIDE")

    assert first is None
    assert second == StoredValue("k", b"1", 0, 0)
    assert third == StoredValue("k", b"3", 0, 9)
    assert fourth is None


def test_fail_if_exists_guards_an_existing_key() -> None:
    """FAIL_IF_EXISTS stores once; the second time it is a conflict, and the value stays."""
    kvs = store()
    put(kvs, "k", b"1", keyPolicy="FAIL_IF_EXISTS")
    again = request("set", "k", b"2", keyPolicy="FAIL_IF_EXISTS")

    assert refusal(kvs, again) == (409, "KEY_CONFLICT", "kvs.key_policy")
    assert look(kvs, "k") == StoredValue("k", b"1", 0, 0)


def test_fail_if_exists_with_a_return_value_is_refused() -> None:
    """The two exclude each other, with the code the platform names for it."""
    asked = request("set", "k", b"2", keyPolicy="FAIL_IF_EXISTS", returnValue="LATEST")

    assert refusal(store(), asked) == (
        400,
        "INVALID_KEY_POLICY_RETURN_VALUE_COMBINATION",
        "kvs.options",
    )


def test_ttl_ends_a_value_to_the_millisecond() -> None:
    """A value with a ttl is there until the last millisecond and gone at the next."""
    kvs = store()
    put(kvs, "k", b"1", 1_000, ttl={"value": 2, "unit": "MINUTES"})

    assert look(kvs, "k", 120_999) == StoredValue("k", b"1", 1_000, 1_000, 121_000)
    assert look(kvs, "k", 121_000) is None
    assert len(kvs) == 0


def test_expired_value_is_no_obstacle_and_leaves_no_trace() -> None:
    """Once expired, a key is free for FAIL_IF_EXISTS and starts with a new creation instant."""
    kvs = store()
    put(kvs, "k", b"1", 0, ttl={"value": 1, "unit": "SECONDS"})
    put(kvs, "k", b"2", 1_000, keyPolicy="FAIL_IF_EXISTS")

    assert look(kvs, "k", 1_000) == StoredValue("k", b"2", 1_000, 1_000)


def test_set_without_ttl_makes_a_value_last() -> None:
    """A later set without a ttl takes the expiry away."""
    kvs = store()
    put(kvs, "k", b"1", 0, ttl={"value": 1, "unit": "SECONDS"})
    put(kvs, "k", b"2", 500)

    assert look(kvs, "k", DAY) == StoredValue("k", b"2", 0, 500)


def test_expired_values_can_linger_for_48_hours() -> None:
    """With `storage.expired_values = linger` an expired value is returned until it is deleted."""
    kvs = store({"storage.expired_values": "linger"})
    put(kvs, "k", b"1", 0, ttl={"value": 1, "unit": "SECONDS"})

    assert look(kvs, "k", 1_000) is not None
    assert look(kvs, "k", 1_000 + LINGER - 1) is not None
    assert look(kvs, "k", 1_000 + LINGER) is None


def test_items_are_found_by_prefix_in_key_order() -> None:
    """Listing gives values by prefix, ordered by key, and leaves out what has expired."""
    kvs = store()
    for key in ("b2", "a", "b1"):
        put(kvs, key, b"1")
    put(kvs, "b3", b"1", 0, ttl={"value": 1, "unit": "SECONDS"})

    assert [v.key for v in kvs.items("b", now=999)] == ["b1", "b2", "b3"]
    assert [v.key for v in kvs.items("b", now=1_000)] == ["b1", "b2"]
    assert [v.key for v in kvs.items()] == ["a", "b1", "b2", "b3"]
    assert list(kvs.items(secret=True)) == []


def test_refused_set_leaves_the_old_value() -> None:
    """A set that breaks a rule changes nothing, not even how much of the limits is used."""
    kvs = store()
    put(kvs, "k", b"1", 0)
    before = kvs.usage(0)
    refusal(kvs, request("set", "k", b'"' + b"x" * 300_000 + b'"'))

    assert kvs.usage(0) == before
    assert look(kvs, "k") == StoredValue("k", b"1", 0, 0)


KEYS = st.sampled_from(["a", "b", "c"])
CALLS = st.lists(
    st.tuples(
        st.sampled_from(["get", "set", "delete", "add", "set_for_a_second"]),
        KEYS,
        st.integers(0, 9),
        st.integers(0, 700),
    ),
    max_size=40,
)


@given(CALLS)
def test_store_behaves_like_a_dictionary(calls: list[tuple[str, str, int, int]]) -> None:
    """Whatever the order of calls, the store holds what a dictionary with expiry would hold."""
    kvs, now = store(), 0
    model: dict[str, tuple[bytes, int | None]] = {}
    for call, key, number, gap in calls:
        now += gap
        model = {k: v for k, v in model.items() if v[1] is None or v[1] > now}
        text = str(number).encode()
        if call == "get":
            found = look(kvs, key, now)
            held = model.get(key)
            assert (found and found.value_text) == (held and held[0])
        elif call == "set":
            put(kvs, key, text, now)
            model[key] = (text, None)
        elif call == "set_for_a_second":
            put(kvs, key, text, now, ttl={"value": 1, "unit": "SECONDS"})
            model[key] = (text, now + 1_000)
        elif call == "add":
            asked = request("set", key, text, keyPolicy="FAIL_IF_EXISTS")
            if key in model:
                assert refusal(kvs, asked, now)[0] == 409
            else:
                run_single_key(kvs, asked, now)
                model[key] = (text, None)
        else:
            run_single_key(kvs, request("delete", key), now)
            model.pop(key, None)

    assert {v.key: v.value_text for v in kvs.items(now=now)} == {k: v[0] for k, v in model.items()}
