"""Keys, values and options are judged at the edge of every rule."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forge_emu.engine.kvs import rules as rules
from forge_emu.engine.kvs.single_key import run_single_key
from forge_emu.engine.kvs.store import KvsStore
from forge_emu.errors import Fault
from forge_emu.model import KvsRequest
from forge_emu.settings import Settings

SETTINGS = Settings()
YEAR_IN_SECONDS = 365 * 86_400


def code_of(request: KvsRequest, settings: Settings = SETTINGS) -> str | None:
    """The code of the refusal, None when the store accepts."""
    try:
        run_single_key(KvsStore(settings, 0), request, 0)
    except Fault as fault:
        code = str(fault.body["code"])
        return code if fault.status == 400 else f"{fault.status} {code}"
    return None


def key_code(key: Any) -> str | None:
    return code_of(KvsRequest("get", key))


def value_code(text: bytes | None, secret: bool = False) -> str | None:
    return code_of(KvsRequest("set", "k", text, secret=secret))


def options_code(operation: Any, options: Any) -> str | None:
    return code_of(KvsRequest(operation, "k", b"1", options))


@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("a", None),
        ("Az09:._ -#", None),
        ("a\tb\nc\u00a0d\ufeff", None),  # whitespace as JavaScript sees it
        (" a", None),
        ("a" * 499, None),
        ("a" * 500, None),
        ("a" * 501, "KEY_TOO_LONG"),
        ("\U0001f600" * 251, "KEY_TOO_LONG"),  # two UTF-16 units each
        ("\U0001f600" * 250, "INVALID_KEY"),
        ("", "KEY_TOO_SHORT"),
        (" ", "INVALID_KEY"),
        (" \t\u2028", "INVALID_KEY"),
        ("a/b", "INVALID_KEY"),
        ("é", "INVALID_KEY"),
        ("a\x1c", "INVALID_KEY"),  # whitespace to Python only
        ("a\x85", "INVALID_KEY"),
        ("a\n", None),
        ("a$", "INVALID_KEY"),
        (None, "INVALID_KEY"),
        (7, "INVALID_KEY"),
        (["a"], "INVALID_KEY"),
        ({"key": "a"}, "INVALID_KEY"),
        (True, "INVALID_KEY"),
    ],
)
def test_keys(key: Any, code: str | None) -> None:
    """A key is 1 to 500 UTF-16 units of the allowed characters, and not whitespace alone."""
    assert key_code(key) == code


def nested(levels: int) -> bytes:
    return b"[" * levels + b"]" * levels


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (None, "INVALID_VALUE"),
        (b"null", "INVALID_VALUE"),
        (b" null ", "INVALID_VALUE"),
        (b"false", None),
        (b"0", None),
        (b'""', None),
        (b'"null"', None),
        (b"[null]", None),
        (b'"' + b"x" * (240 * 1024 - 3) + b'"', None),
        (b'"' + b"x" * (240 * 1024 - 2) + b'"', None),
        (b'"' + b"x" * (240 * 1024 - 1) + b'"', "MAX_SIZE"),
        (nested(30), None),
        (nested(31), None),
        (nested(32), "MAX_DEPTH"),
        (nested(5_000), "MAX_DEPTH"),
        (b'{"a":' * 31 + b"1" + b"}" * 31, None),
        (b'{"a":' * 32 + b"1" + b"}" * 32, "MAX_DEPTH"),
        (b"[" + b",".join([b"{}"] * 100) + b"]", None),
        (b'"' + b"[" * 100 + b'"', None),
        (b'["\\"' + b"[" * 100 + b'"]', None),
    ],
)
def test_values(text: bytes | None, code: str | None) -> None:
    """A value is not null, at most 240 KiB of JSON text, nested at most 31 levels."""
    assert value_code(text) == code


@pytest.mark.parametrize(
    ("size", "code"), [(131_071, None), (131_072, None), (131_073, "MAX_SIZE")]
)
def test_secret_values_are_smaller(size: int, code: str | None) -> None:
    """A secret is at most 128 KiB of JSON text."""
    assert value_code(b'"' + b"x" * (size - 2) + b'"', secret=True) == code


@pytest.mark.parametrize(
    ("text", "depth"),
    [(b"1", 0), (b'"[{"', 0), (b"{}", 1), (b"[]", 1), (b'[{"a":[]},{}]', 3)],
)
def test_depth_counts_objects_and_arrays(text: bytes, depth: int) -> None:
    """A scalar has depth 0, an empty object or array 1."""
    assert rules.depth_of(text) == depth


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(JSON_VALUES)
def test_depth_of_text_is_depth_of_value(value: Any) -> None:
    """Scanning the text finds the depth of the value, whatever its strings hold."""

    def depth(v: Any) -> int:
        if isinstance(v, dict):
            return 1 + max((depth(x) for x in v.values()), default=0)
        if isinstance(v, list):
            return 1 + max((depth(x) for x in v), default=0)
        return 0

    assert rules.depth_of(json.dumps(value, ensure_ascii=False).encode()) == depth(value)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (None, None),
        ({}, None),
        ({"metadataFields": ["CREATED_AT", "UPDATED_AT", "EXPIRE_TIME"]}, None),
        ({"metadataFields": []}, None),
        ({"metadataFields": ["createdAt"]}, "INVALID_OPTIONS"),
        ({"metadataFields": "CREATED_AT"}, "INVALID_OPTIONS"),
        ({"metadataFields": [["CREATED_AT"]]}, "INVALID_OPTIONS"),
        ({"ttl": {"value": 1, "unit": "DAYS"}}, "INVALID_OPTIONS"),
        ({"conistency": "strong"}, "INVALID_OPTIONS"),
    ],
)
def test_get_options(options: Any, code: str | None) -> None:
    """`get` knows metadataFields, and nothing else."""
    assert options_code("get", options) == code


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"keyPolicy": "OVERRIDE"}, None),
        ({"keyPolicy": "FAIL_IF_EXISTS"}, None),
        ({"keyPolicy": "override"}, "INVALID_OPTIONS"),
        ({"keyPolicy": 1}, "INVALID_OPTIONS"),
        ({"returnValue": "LATEST"}, None),
        ({"returnValue": "NEWEST"}, "INVALID_OPTIONS"),
        ({"returnValue": "LATEST", "returnMetadataFields": ["EXPIRE_TIME"]}, None),
        ({"returnMetadataFields": ["SIZE"]}, "INVALID_OPTIONS"),
        ({"ttl": None}, None),
        ({"ttl": {"value": 0.5, "unit": "SECONDS"}}, None),
        ({"ttl": {"value": YEAR_IN_SECONDS - 1, "unit": "SECONDS"}}, None),
        ({"ttl": {"value": YEAR_IN_SECONDS, "unit": "SECONDS"}}, None),
        ({"ttl": {"value": YEAR_IN_SECONDS + 1, "unit": "SECONDS"}}, "INVALID_OPTIONS"),
        ({"ttl": {"value": 365, "unit": "DAYS"}}, None),
        ({"ttl": {"value": 366, "unit": "DAYS"}}, "INVALID_OPTIONS"),
        ({"ttl": {"value": 1e308, "unit": "DAYS"}}, "INVALID_OPTIONS"),
        ({"ttl": {"value": 0, "unit": "DAYS"}}, "INVALID_OPTIONS"),
        ({"ttl": {"value": -1, "unit": "DAYS"}}, "INVALID_OPTIONS"),
        ({"ttl": {"value": "1", "unit": "DAYS"}}, "INVALID_OPTIONS"),
        ({"ttl": {"value": True, "unit": "DAYS"}}, "INVALID_OPTIONS"),
        ({"ttl": {"value": 1, "unit": "WEEKS"}}, "INVALID_OPTIONS"),
        ({"ttl": {"value": 1, "unit": ["DAYS"]}}, "INVALID_OPTIONS"),
        ({"ttl": {"value": 1}}, "INVALID_OPTIONS"),
        ({"ttl": {"value": 1, "unit": "DAYS", "from": "now"}}, "INVALID_OPTIONS"),
        ({"ttl": 60}, "INVALID_OPTIONS"),
        ({"tll": {"value": 1, "unit": "DAYS"}}, "INVALID_OPTIONS"),
    ],
)
def test_set_options(options: Any, code: str | None) -> None:
    """`set` knows ttl, keyPolicy, returnValue and returnMetadataFields, each in its form."""
    assert options_code("set", options) == code


def test_unknown_option_is_named_with_what_there_is() -> None:
    """The refusal quotes the app's word and lists the options there are."""
    with pytest.raises(Fault) as caught:
        rules.check_options("set", {"tll": 1})

    assert '"tll"' in caught.value.body["message"]
    assert "ttl, keyPolicy, returnValue, returnMetadataFields" in caught.value.body["message"]


def test_ttl_without_any_limit_must_still_be_a_span() -> None:
    """Without the limit of a year, a ttl beyond all numbers is refused rather than a crash."""
    endless = KvsRequest("set", "k", b"1", {"ttl": {"value": 1e308, "unit": "DAYS"}})
    long = KvsRequest("set", "k", b"1", {"ttl": {"value": 4_000, "unit": "DAYS"}})
    off = Settings("off")

    assert code_of(endless, off) == "INVALID_OPTIONS"
    assert code_of(long, off) is None


def test_limits_can_be_taken_away() -> None:
    """Under the preset `off` no size, length or depth is refused."""
    off = Settings("off")

    assert code_of(KvsRequest("set", "k" * 5_000, nested(900)), off) is None
    assert code_of(KvsRequest("set", "k", b'"' + b"x" * 1_000_000 + b'"'), off) is None


def test_old_preset_has_the_old_sizes() -> None:
    """Under the preset `legacy` keys end at 100 characters and values at 32 KiB."""
    legacy = Settings("legacy")

    assert code_of(KvsRequest("get", "k" * 100), legacy) is None
    assert code_of(KvsRequest("get", "k" * 101), legacy) == "KEY_TOO_LONG"
    assert code_of(KvsRequest("set", "k", b"1" * (32 * 1024)), legacy) is None
    assert code_of(KvsRequest("set", "k", b"1" * (32 * 1024 + 1)), legacy) == "MAX_SIZE"


@pytest.mark.parametrize(
    ("request_", "limit"),
    [
        (KvsRequest("get", "k" * 501), "limits.kvs.key_characters"),
        (KvsRequest("get", "/"), "kvs.key"),
        (KvsRequest("set", "k"), "kvs.value"),
        (KvsRequest("set", "k", b"1" * 300_000), "limits.kvs.value_kb"),
        (KvsRequest("set", "k", b"1" * 300_000, secret=True), "limits.kvs.secret_value_kb"),
        (KvsRequest("set", "k", nested(32)), "limits.kvs.depth"),
        (KvsRequest("get", "k", None, {"x": 1}), "kvs.options"),
        (
            KvsRequest("set", "k", b"1", {"ttl": {"value": 2, "unit": "YEARS"}}),
            "kvs.options",
        ),
        (
            KvsRequest("set", "k", b"1", {"ttl": {"value": 400, "unit": "DAYS"}}),
            "limits.kvs.max_ttl_days",
        ),
    ],
)
def test_refusal_names_its_rule(request_: KvsRequest, limit: str) -> None:
    """Every refusal names the setting behind it, or the rule where there is no setting."""
    with pytest.raises(Fault) as caught:
        run_single_key(KvsStore(SETTINGS, 0), request_, 0)

    assert caught.value.limit == limit
