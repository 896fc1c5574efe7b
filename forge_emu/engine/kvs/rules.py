"""What the key-value store accepts: keys, values and options, judged without looking at the store.

https://developer.atlassian.com/platform/forge/limits-kvs-ce/ (2026-09-28) for keys and values,
storage-reference/kvs-api/ (2026-08-21) for options. Atlassian publishes the error codes, not the
texts: the messages are ours, and so is INVALID_OPTIONS, which stands for what has no published
code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from math import isfinite
from typing import Final, NoReturn

import msgspec

from forge_emu import settings as s
from forge_emu.engine.kvs.place import KvsPlace
from forge_emu.errors import Fault
from forge_emu.model import HOUR, MINUTE, SECOND, Json, Millis
from forge_emu.settings.refusals import KVS_KEY, KVS_OPTIONS, KVS_VALUE, Refusing

# JavaScript's \s; Python's differs (it has \x1c to \x1f and \x85, and lacks \ufeff).
_JS_SPACE: Final = r"\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
KEY_PATTERN: Final = re.compile(rf"(?![{_JS_SPACE}]+\Z)[a-zA-Z0-9:._{_JS_SPACE}\-#]+")

# A JSON text's strings, which may hold brackets of their own.
_ONE_KIND: Final = bytes.maketrans(b"[]{}", b"()()")
_NO_BRACKET: Final = bytes(set(range(256)) - set(b"[]{}"))

TTL_UNITS: Final[dict[str, Millis]] = {
    "SECONDS": SECOND,
    "MINUTES": MINUTE,
    "HOURS": HOUR,
    "DAYS": 24 * HOUR,
}
METADATA_FIELDS: Final = ("CREATED_AT", "UPDATED_AT", "EXPIRE_TIME")
_OPTIONS: Final[dict[str, tuple[str, ...]]] = {
    "get": ("metadataFields",),
    "set": ("ttl", "keyPolicy", "returnValue", "returnMetadataFields"),
    "delete": (),
}
_ITEM_OPTIONS: Final = ("ttl",)
"""Of a `set` in a batch or a transaction."""


class CheckedSetOptions(msgspec.Struct, frozen=True):
    """The options of a `set`, checked. `returns` says which value the app wants back."""

    ttl: Millis | None = None
    only_if_new: bool = False
    returns: str | None = None


class CheckedSet(msgspec.Struct, frozen=True):
    """A `set` that keeps to the rules: the place, the value's JSON text and the options."""

    place: KvsPlace
    text: bytes
    options: CheckedSetOptions

    @property
    def key_size(self) -> tuple[KvsPlace, int]:
        """The key, and the bytes of its value."""
        return self.place, len(self.text)


def refuse(code: str, message: str, rule: Refusing) -> NoReturn:
    """Raise the Fault (400) for a request that breaks `rule`."""
    raise Fault(400, {"code": code, "message": message}, limit=rule.name)


def check_key(key: Json, settings: s.Settings, empty: str = "KEY_TOO_SHORT") -> str:
    """The key, if it is one. Raises Fault (400); `empty` is the code for an empty key."""
    if not isinstance(key, str):
        refuse("INVALID_KEY", f"The key must be a string, not {short_json(key)}.", KVS_KEY)
    if not key:
        refuse(empty, "The key is empty; it needs at least one character.", KVS_KEY)
    longest = settings[s.KVS_KEY_CHARS]
    length = utf16_units(key)
    if longest is not None and length > longest:
        message = f"The key is {length} characters long; at most {longest} are allowed."
        refuse("KEY_TOO_LONG", message, s.KVS_KEY_CHARS)
    if not KEY_PATTERN.fullmatch(key):
        message = (
            f"The key {short_json(key)} may hold only letters, digits, spaces and : . _ - #, "
            "and not spaces alone."
        )
        refuse("INVALID_KEY", message, KVS_KEY)
    return key


def check_value(text: bytes | None, settings: s.Settings, *, secret: bool = False) -> bytes:
    """The value's JSON text, if it may be stored. Raises Fault (400)."""
    if text is None:
        message = "There is no value to store (undefined is lost on the way): delete the key."
        refuse("INVALID_VALUE", message, KVS_VALUE)
    if text.strip() == b"null":
        refuse("INVALID_VALUE", "null cannot be stored: delete the key instead.", KVS_VALUE)
    size = s.KVS_SECRET_KB if secret else s.KVS_VALUE_KB
    most = settings[size]
    if most is not None and len(text) > most * 1024:
        message = f"The value is {len(text)} bytes of JSON; at most {most * 1024} are allowed."
        refuse("MAX_SIZE", message, size)
    deepest = settings[s.KVS_DEPTH]
    # A text with fewer brackets than that, within strings too, needs no closer look.
    if (
        deepest is not None
        and text.count(b"{") + text.count(b"[") > deepest
        and (depth := depth_of(text)) > deepest
    ):
        message = f"The value is nested {depth} levels deep; at most {deepest} are allowed."
        refuse("MAX_DEPTH", message, s.KVS_DEPTH)
    return text


def depth_of(text: bytes) -> int:
    """How many objects and arrays are nested in a JSON text: 0 for a scalar, 1 for `{}`."""
    if b"\\" in text:
        # Not a quote that ends a string.
        text = text.replace(rb"\\", b"").replace(rb"\"", b"")
    outside_strings = b"".join(text.split(b'"')[::2])
    brackets = outside_strings.translate(_ONE_KIND, _NO_BRACKET)
    depth = 0
    # One pass takes away the innermost level everywhere.
    while (outer := brackets.replace(b"()", b"")) != brackets:
        brackets = outer
        depth += 1
    return depth


def check_options(operation: str, options: Mapping[str, Json] | None) -> Mapping[str, Json]:
    """The options, if `operation` knows them all. Raises Fault (400)."""
    return _check_known(f"`{operation}`", options or {}, _OPTIONS[operation])


def _check_known(
    who: str, options: Mapping[str, Json], known: tuple[str, ...]
) -> Mapping[str, Json]:
    for name in options:
        if name not in known:
            offer = f"it takes {', '.join(known)}" if known else "it takes none"
            _refuse_option(f"{who} does not know the option {short_json(name)}; {offer}.")
    return options


def options_of(options: Json) -> dict[str, Json]:
    """Options as the app sent them, if they are an object. Raises Fault (400)."""
    if options is None:
        return {}
    if not isinstance(options, dict):
        _refuse_option(f"The options must be an object, not {short_json(options)}.")
    return options


def check_item_options(options: Json, settings: s.Settings) -> CheckedSetOptions:
    """The options of one value of a batch or a transaction. Raises Fault (400)."""
    known = _check_known("One of many values", options_of(options), _ITEM_OPTIONS)
    return check_set_options(known, settings)


def first_repeated_key(keys: Iterable[Json]) -> str | None:
    """The first key that is there twice."""
    seen: set[str] = set()
    for key in keys:
        if isinstance(key, str):
            if key in seen:
                return key
            seen.add(key)
    return None


def not_found_fault(key: str) -> Fault:
    """The answer for a key without a value, whose code the package turns into `undefined`."""
    message = f"There is no value for the key {key!r}."
    return Fault(404, {"code": "KEY_NOT_FOUND", "message": message})


def check_metadata(fields: Json) -> tuple[str, ...]:
    """The names of metadata fields, if they are. Raises Fault (400)."""
    if fields is None:
        return ()
    if not isinstance(fields, list):
        _refuse_option(f"Metadata fields must be a list, not {short_json(fields)}.")
    for field in fields:
        if field not in METADATA_FIELDS:
            known = ", ".join(METADATA_FIELDS)
            _refuse_option(f"There is no metadata field {short_json(field)}; there are {known}.")
    return tuple(fields)


def check_set_options(options: Mapping[str, Json], settings: s.Settings) -> CheckedSetOptions:
    """The options of a `set` as one value. Raises Fault (400)."""
    policy = _check_word("keyPolicy", options.get("keyPolicy"), ("OVERRIDE", "FAIL_IF_EXISTS"))
    returns = _check_word("returnValue", options.get("returnValue"), ("PREVIOUS", "LATEST"))
    if policy == "FAIL_IF_EXISTS" and returns is not None:
        refuse(
            "INVALID_KEY_POLICY_RETURN_VALUE_COMBINATION",
            "The key policy FAIL_IF_EXISTS cannot be combined with returnValue.",
            KVS_OPTIONS,
        )
    check_metadata(options.get("returnMetadataFields"))
    return CheckedSetOptions(
        ttl=_check_ttl(options.get("ttl"), settings),
        only_if_new=policy == "FAIL_IF_EXISTS",
        returns=returns,
    )


def utf16_units(text: str) -> int:
    """The length of `text` as JavaScript counts it."""
    return len(text) if text.isascii() else len(text) + sum(char > "\uffff" for char in text)


def _check_ttl(ttl: Json, settings: s.Settings) -> Millis | None:
    if ttl is None:
        return None
    form = "ttl must be {value, unit} with a positive number and one of " + ", ".join(TTL_UNITS)
    if not isinstance(ttl, dict) or set(ttl) - {"value", "unit"}:
        _refuse_option(f"{form}, not {short_json(ttl)}.")
    value, unit = ttl.get("value"), ttl.get("unit")
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        _refuse_option(f"{form}; the value is {short_json(value)}.")
    if not isinstance(unit, str) or unit not in TTL_UNITS:
        _refuse_option(f"{form}; the unit is {short_json(unit)}.")
    longest = settings[s.KVS_MAX_TTL_DAYS]
    span = value * TTL_UNITS[unit]
    if not isfinite(span):
        _refuse_option(f"{form}; the value is {short_json(value)}.")
    if longest is not None and span > longest * TTL_UNITS["DAYS"]:
        message = f"A ttl of {value} {unit} is longer than the {longest} days allowed."
        refuse("INVALID_OPTIONS", message, s.KVS_MAX_TTL_DAYS)
    return round(span)


def _check_word(name: str, value: Json, words: tuple[str, ...]) -> str | None:
    if value is None:
        return None
    if value not in words:
        _refuse_option(f"{name} must be {' or '.join(words)}, not {short_json(value)}.")
    return str(value)


def _refuse_option(message: str) -> NoReturn:
    refuse("INVALID_OPTIONS", message, KVS_OPTIONS)


def short_json(value: Json) -> str:
    """A value of the app as JSON, shortened to 80 characters."""
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= 80 else f"{text[:77]}..."
