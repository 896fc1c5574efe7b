"""The lines of JSON that go over the pipes to a host and back. Pure.

In: `[thread, message]` for a thread, `["host", order]` for the host itself. Out: tagged objects.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from forge_emu.runtime.host import wire
from forge_emu.runtime.host.placement import PlacedInvocation
from forge_emu.runtime.host.settings import SettingsOrder
from forge_emu.services.request_body import decode_replacing_surrogates

_MAX_INVALID_BYTES = 4_000
"""Bytes of an invalid line that are decoded."""

_MAX_INVALID_SHOWN = 200
"""Characters of it that are shown."""

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[wire.FromHost] = msgspec.json.Decoder(wire.FromHost)


def encode_for_thread(thread: int, message: wire.ToThread) -> bytes:
    """The line with `message` for a thread."""
    return b"[%d,%b]\n" % (thread, _encoder.encode(message))


def encode_start(running: PlacedInvocation, patience_ms: int, io_patience_ms: int) -> bytes:
    """The line that tells a thread to run an invocation; see `wire.Start`."""
    invocation = running.invocation
    start = wire.Start(
        running.n,
        invocation.invocation_id,
        invocation.generation,
        invocation.instance,
        invocation.function,
        invocation.module_key,
        invocation.timeout_ms,
        patience_ms,
        io_patience_ms,
        invocation.event_text,
        invocation.context,
        invocation.wants_result,
        invocation.keeps_result,
        invocation.wants_places,
    )
    return encode_for_thread(running.thread, start)


def encode_for_host(order: wire.ToHost | SettingsOrder) -> bytes:
    """The line with `order` for the host."""
    return b'["host",%b]\n' % _encoder.encode(order)


def decode_lines(lines: bytes, mask: Callable[[str], str] = str) -> Iterator[wire.FromHost | str]:
    """The messages of whole lines, in order; for an invalid line its beginning,
    passed through `mask`."""
    for line in lines.split(b"\n"):
        if line:
            try:
                yield decode_replacing_surrogates(_decoder, line)
            except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
                text = line[:_MAX_INVALID_BYTES].decode(errors="replace")
                yield mask(text)[:_MAX_INVALID_SHOWN]
