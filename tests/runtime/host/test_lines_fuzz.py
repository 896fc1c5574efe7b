"""Whatever comes over the pipe from a host: messages, or text for the user; never an exception."""

from __future__ import annotations

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from forge_emu.runtime.host import wire
from forge_emu.runtime.host.lines import decode_lines

KINDS = st.sampled_from(["ready", "loaded", "ended", "request", "log", "thread_ended", "idle", "x"])
# fmt: off
NAMES = st.sampled_from([
    "type", "id", "outcome", "error", "name", "message", "thread", "options", "path", "method",
    "headers", "body", "late", "level", "cause", "slot", "now", "at", "retry_after", "success",
])
# fmt: on
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | NAMES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=10,
)
# fmt: off
MESSAGES = st.builds(lambda kind, rest: {**rest, "type": kind}, KINDS,
                     st.dictionaries(NAMES, VALUES, max_size=8))
# fmt: on
LINES = (
    MESSAGES.map(msgspec.json.encode)
    | st.binary(max_size=100)
    | st.sampled_from([b"[" * 200_000, b'{"type":' * 50_000, b'{"type":"log"' + b" " * 1_000_000])
)


@settings(max_examples=400, deadline=None)
@given(st.lists(LINES, max_size=6))
def test_any_lines(lines: list[bytes]) -> None:
    """Each line that is none comes as a short text, and the lines around it come through."""
    good = msgspec.json.encode(wire.Printed("i", "info", "good"))
    found = list(decode_lines(b"\n".join([good, *lines, good])))
    assert found[0] == found[-1] == wire.Printed("i", "info", "good")
    assert all(len(text) <= 200 for text in found if isinstance(text, str))
    most = 2 + sum(line.count(b"\n") + 1 for line in lines)
    assert len(found) <= most


def test_half_a_surrogate_pair_is_replaced_wherever_it_is() -> None:
    """JavaScript and Python send it as an escape, in keys too; no line is lost for it."""
    line = rb'{"type":"log","id":"i","level":"info","message":"\udc00 \ud83d\ude00"}'
    (found,) = decode_lines(line)
    assert found == wire.Printed("i", "info", "\ufffd \U0001f600")
