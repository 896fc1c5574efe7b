"""The ways in which a user can let the platform fail: one declaration each.

`--fault`, its completion and hints, the figures `faults.<name>` and the documentation derive from
it. What a fault does is in `forge_emu/engine/faults/injector.py`.
"""

from __future__ import annotations

from typing import Final

import msgspec

from forge_emu.settings import catalogue as s
from forge_emu.settings.registry import DeclarationError, Registry, require_fields
from forge_emu.settings.setting import Setting


class FaultKind(msgspec.Struct, frozen=True):
    """A kind of fault. It hits a share of the cases, or multiplies the latency `multiplies`.

    `effect` says what becomes of what it hits, `status` what is answered to a call of the app, and
    `example` is an amount as users write it: `5%` of the cases, or `x10`.

    Raises DeclarationError for a declaration that lacks something.
    """

    name: str
    effect: str
    example: str
    status: int | None = None
    multiplies: Setting[str] | None = None

    def __post_init__(self) -> None:
        require_fields(self, "name", "effect", "example")
        if self.example[:1] != "x" and self.example[-1:] != "%":
            raise DeclarationError(self.name, "its `example` is a share (5%) or a factor (x10)")
        if (self.multiplies is not None) is not self.example.startswith("x"):
            raise DeclarationError(self.name, "a factor, and only that, `multiplies` a latency")


FAULTS: Final[Registry[FaultKind]] = Registry()
"""Every kind of fault."""


def fault(
    name: str,
    *,
    effect: str = "",
    example: str = "",
    status: int | None = None,
    multiplies: Setting[str] | None = None,
) -> FaultKind:
    """Declare a kind of fault."""
    kind = FaultKind(name, effect, example, status, multiplies)
    FAULTS.declare(kind)
    return kind


# fmt: off
KVS_ERROR = fault(
    "kvs.error", example="5%", status=500,
    effect="calls of the store that are answered with status 500",
)
PRODUCT_ERROR = fault(
    "product.error", example="5%", status=503,
    effect="requests to products and mocked requests that are answered with status 503",
)
PRODUCT_RATE_LIMIT = fault(
    "product.rate_limit", example="20%", status=429,
    effect="requests to products and mocked requests that are answered with status 429 and "
           "`Retry-After`",
)
PLATFORM_ERROR = fault(
    "platform.error", example="2%",
    effect="handlers that do their work, but whose answer the platform loses: the event is "
           "delivered again, and this retry is not counted",
)
INVOCATION_TIMEOUT = fault(
    "invocation.timeout", example="1%",
    effect="handlers whose answer does not arrive before their deadline",
)
KVS_LATENCY = fault(
    "kvs.latency", example="x10", multiplies=s.LATENCY_KVS,
    effect="answers of the store, which take so many times as long",
)
PRODUCT_LATENCY = fault(
    "product.latency", example="x10", multiplies=s.LATENCY_PRODUCT,
    effect="answers of products, which take so many times as long",
)
# fmt: on


def fault_forms() -> str:
    """How faults are written, with an example of each kind."""
    examples = [f"{kind.name}={kind.example}" for kind in FAULTS]
    return (
        f"Write {', '.join(examples[:-1])} or {examples[-1]}, and a window of emulated time if you "
        "like: kvs.error=5%@10m..20m, @10m.. or @..20m."
    )
