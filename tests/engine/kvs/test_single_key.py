"""A call about one key keeps what it accepted, and changes nothing when it refuses."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from forge_emu.engine.kvs.requests import KvsAnswer
from forge_emu.engine.kvs.single_key import run_single_key
from forge_emu.model import StoredValue
from tests.engine.kvs_drivers.single_key_driver import look, new_store, put, refusal, single_request


def test_value_comes_back_as_the_text_it_was() -> None:
    """A value is stored as its JSON text, nested nulls and number forms untouched."""
    kvs = new_store()
    text = b'{"a":null,"b":[1.0,1e3],"c":"\\u00e9"}'
    put(kvs, "k", text)
    found = look(kvs, "k")

    assert found is not None
    assert found.value_text == text


def test_missing_key_is_no_refusal() -> None:
    """Reading a key that does not exist succeeds with nothing, and costs one read unit."""
    response, done = run_single_key(new_store(), single_request("get", "nothing"), 0)

    assert response == KvsAnswer()
    assert (done.operation, done.bytes, done.units) == ("get", 0, 1)


def test_deleting_a_missing_key_is_fine() -> None:
    """A delete succeeds whether the key exists or not, and costs one write unit."""
    kvs = new_store()
    _, done = run_single_key(kvs, single_request("delete", "nothing"), 0)

    assert (done.operation, done.bytes, done.units) == ("delete", 0, 1)
    assert kvs.usage(0)[2].used == 1


def test_secrets_are_a_store_of_their_own() -> None:
    """A secret and a value of one key do not see each other."""
    kvs = new_store()
    put(kvs, "k", b"1")
    _, done = run_single_key(kvs, single_request("set", "k", b"2", secret=True), 0)
    found = run_single_key(kvs, single_request("get", "k", secret=True), 0)[0].value
    run_single_key(kvs, single_request("delete", "k"), 0)

    assert done.operation == "set_secret"
    assert found is not None
    assert found.value_text == b"2"
    assert look(kvs, "k") is None
    assert run_single_key(kvs, single_request("get", "k", secret=True), 0)[0].value == found


def test_return_value_previous_and_latest() -> None:
    """PREVIOUS gives what was there, LATEST what is there now, and without it nothing comes."""
    kvs = new_store()
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
    kvs = new_store()
    put(kvs, "k", b"1", keyPolicy="FAIL_IF_EXISTS")
    again = single_request("set", "k", b"2", keyPolicy="FAIL_IF_EXISTS")

    assert refusal(kvs, again) == (409, "KEY_CONFLICT", "kvs.key_policy")
    assert look(kvs, "k") == StoredValue("k", b"1", 0, 0)


def test_fail_if_exists_with_a_return_value_is_refused() -> None:
    """The two exclude each other, with the code the platform names for it."""
    asked = single_request("set", "k", b"2", keyPolicy="FAIL_IF_EXISTS", returnValue="LATEST")

    assert refusal(new_store(), asked) == (
        400,
        "INVALID_KEY_POLICY_RETURN_VALUE_COMBINATION",
        "kvs.options",
    )


def test_refused_set_leaves_the_old_value() -> None:
    """A set that breaks a rule changes nothing, not even how much of the limits is used."""
    kvs = new_store()
    put(kvs, "k", b"1", 0)
    before = kvs.usage(0)
    refusal(kvs, single_request("set", "k", b'"' + b"x" * 300_000 + b'"'))

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
    kvs, now = new_store(), 0
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
            asked = single_request("set", key, text, keyPolicy="FAIL_IF_EXISTS")
            if key in model:
                assert refusal(kvs, asked, now)[0] == 409
            else:
                run_single_key(kvs, asked, now)
                model[key] = (text, None)
        else:
            run_single_key(kvs, single_request("delete", key), now)
            model.pop(key, None)

    assert {v.key: v.value_text for v in kvs.items(now=now)} == {k: v[0] for k, v in model.items()}
