"""The shapes of what is kept of events, as data."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

import msgspec

from forge_emu.model import ErrorReport, Instant

Kind: TypeAlias = Literal["product_event", "event", "call"]
"""What something was kept of: a product event, an event of a queue, or a call of a function."""


class KeptLog(msgspec.Struct, frozen=True):
    """A line that a handler has printed."""

    at: Instant
    level: str
    message: str


class KeptRequest(msgspec.Struct):
    """A request of a handler and its answer. `status` None means that none has come.

    `sent` and `answer` are the bodies as text; None where there is none, or it was left out.
    """

    method: str
    url: str
    status: int | None = None
    sent: str | None = None
    answer: str | None = None


class KeptInvocation(msgspec.Struct):
    """One attempt. `given` has the handler's two arguments, `returned` is what it returned.

    `outcome` None means that it has not ended. `left_out` says, in words, what is not here.
    Of the first argument, `given` has what the handler got beside the event's body: with
    `adds_to_body` the fields that were added to it, with `leaves_body` null in its field `body`.
    """

    invocation: str
    attempt: int
    function: str
    given: msgspec.Raw
    outcome: str | None = None
    returned: msgspec.Raw = msgspec.Raw(b"null")
    error: ErrorReport | None = None
    logs: list[KeptLog] = []
    requests: list[KeptRequest] = []
    left_out: list[str] = []
    adds_to_body: bool = False
    leaves_body: bool = False


class PayloadRow(msgspec.Struct, frozen=True):
    """One thing that is kept, in the order of `number`: a saved event, or an attempt of one.

    `job` is the id of its push, `subject` what it is about. `entry` is a JSON text without secrets;
    `original` is the same of an event that had some, of use only to send it again.
    """

    number: int
    event: str
    kind: Kind
    is_attempt: bool
    entry: bytes
    original: bytes | None = None
    job: str | None = None
    subject: str | None = None

    @property
    def size(self) -> int:
        """Bytes that it takes, nearly."""
        return size_of(len(self.entry) + len(self.original or b""))


class PayloadChanges(msgspec.Struct):
    """What is new since the last time; rows before number `first` were deleted."""

    rows: list[PayloadRow] = []
    first: int = 0

    def merge(self, later: PayloadChanges) -> None:
        """Merge what has changed later."""
        self.first = max(self.first, later.first)
        self.rows = [row for row in (*self.rows, *later.rows) if row.number >= self.first]


NO_PAYLOADS: Final = PayloadChanges(first=2**62)
"""Every row was deleted."""

_OVERHEAD: Final = 400
"""Bytes of an entry besides its texts: objects of Python, a row of the state."""


def size_of(length: int) -> int:
    """Bytes that an entry takes whose texts have `length` bytes, nearly."""
    return _OVERHEAD + length
