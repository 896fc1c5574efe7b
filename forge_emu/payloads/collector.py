"""Collects what is in events: from the engine, from the way to the runtime and back, from records.

Secrets are masked before anything is kept, and once more before it is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

from forge_emu.engine.delivery.calls.function_call import FunctionCall
from forge_emu.engine.delivery.delivery import Delivery
from forge_emu.engine.delivery.queued_event import QueuedEvent
from forge_emu.engine.delivery.trigger_delivery import SavedTriggerDelivery
from forge_emu.engine.journal.secrets import Secrets
from forge_emu.model import (
    Instant,
    Invocation,
    ModuleKind,
    ProductEvent,
    RetryRequested,
    Success,
)
from forge_emu.payloads.arguments import kept_argument, without_credentials
from forge_emu.payloads.entries import KeptInvocation, KeptLog, KeptRequest, Kind
from forge_emu.payloads.kept import KeptPayloads
from forge_emu.payloads.requests import NOT_KEPT, answer_text, answered, asked, shown_url
from forge_emu.ports import (
    AppRequest,
    AppResponse,
    DelayedMessages,
    InvocationEnded,
    RemoteAnswered,
    RuntimeMessage,
    SentRequestAnswered,
    SentRequestEnded,
)
from forge_emu.records import InvocationFinished, Log, Record

MOST_OF_ATTEMPT: Final = 1_000_000
"""Characters of requests and log lines that are kept of one attempt."""

MOST_LISTED: Final = 1_000
"""Requests, and log lines, that are kept of one attempt."""

_encode = msgspec.json.Encoder().encode


class PayloadCollector:
    """Fills `kept`. What has not ended is in `running`, by the invocation's id."""

    def __init__(self, kept: KeptPayloads, secrets: Secrets) -> None:
        self.kept = kept
        self.running: dict[str, OpenAttempt] = {}
        self.secrets = secrets
        self._requests: dict[int, tuple[OpenAttempt, KeptRequest]] = {}

    # --- events, from the engine

    def add_delivery(self, delivery: Delivery) -> None:
        """Keep the event of a delivery that was added. Product events come by themselves."""
        if isinstance(delivery, QueuedEvent) and not delivery.is_duplicate:
            text, original = self._masked(_encode_exactly(delivery.whole()))
            self.kept.add_event(
                delivery.event_id, "event", text, original=original, job=delivery.job_id
            )
        elif isinstance(delivery, FunctionCall) and delivery.request is not None:
            event = delivery.request.event
            if delivery.request.module is ModuleKind.WEB_TRIGGER:
                event = without_credentials(event)
            text, _ = self._masked(_encode_exactly(event))
            self.kept.add_event(delivery.id, "call", text, subject=delivery.subject)

    def add_product_event(self, event: ProductEvent, subject: str | None, now: Instant) -> None:
        """Keep a product event about `subject`, whoever listens to it."""
        text, original = self._masked(_encode_exactly(SavedTriggerDelivery(event, "", now)))
        self.kept.add_event(
            event.product_event_id,
            "product_event",
            text,
            original=original,
            subject=None if subject is None else self.secrets.mask(subject),
        )

    # --- attempts, from the way to the runtime and back

    def start(self, invocation: Invocation) -> None:
        """A handler is given its arguments."""
        self.running[invocation.invocation_id] = OpenAttempt(invocation)

    def respond(self, request_id: int, response: AppResponse) -> None:
        """A request of a handler is answered, or goes out."""
        if response.network == "send" or response.remote is not None:
            waiting = self._requests.get(request_id)
        else:
            waiting = self._requests.pop(request_id, None)
        if waiting is None:
            return
        attempt, request = waiting
        answered(request, response, self.secrets.mask)
        attempt.count(request.answer)

    def lose_request(self, request_id: int) -> None:
        """A request of a handler gets no answer."""
        self._requests.pop(request_id, None)

    def add_messages(self, messages: Iterable[RuntimeMessage]) -> None:
        """What comes from a runtime."""
        for message in messages:
            match message:
                case AppRequest():
                    self._add_request(message)
                case InvocationEnded():
                    self._add_returned(message)
                case RemoteAnswered(request_id, response):
                    self.respond(request_id, response)
                case SentRequestEnded():
                    self._end_sent(message)
                case SentRequestAnswered():
                    self._add_sent_answer(message)
                case DelayedMessages():
                    self.add_messages(message.messages)

    def add_records(self, records: Sequence[Record]) -> None:
        """What the records of a turn say of attempts: log lines, and how they ended."""
        for record in records:
            body = record.body
            if isinstance(body, Log):
                attempt = self.running.get(body.invocation_id or "")
                if attempt is not None:
                    attempt.add_log(KeptLog(record.at, body.level, body.message))
            elif isinstance(body, InvocationFinished):
                attempt = self.running.pop(body.invocation_id, None)
                if attempt is not None:
                    self._end(attempt, body)

    def attempt_of(self, attempt: OpenAttempt) -> KeptInvocation:
        """An attempt as it is kept."""
        invocation = attempt.invocation
        argument = kept_argument(invocation)
        given = self._masked(_encode({"event": argument.event, "context": invocation.context}))[0]
        return KeptInvocation(
            invocation.invocation_id,
            invocation.attempt,
            invocation.function,
            msgspec.Raw(given),
            returned=self._returned(attempt),
            logs=attempt.logs,
            requests=attempt.requests,
            left_out=attempt.left_out(),
            adds_to_body=argument.adds_to_body,
            leaves_body=argument.leaves_body,
        )

    def _add_request(self, message: AppRequest) -> None:
        attempt = self.running.get(message.invocation_id or "")
        if attempt is None or not attempt.has_room_for_request():
            return
        request = asked(message, self.secrets.mask)
        attempt.count(request.sent)
        attempt.requests.append(request)
        self._requests[message.request_id] = attempt, request
        attempt.request_ids.append(message.request_id)

    def _add_returned(self, message: InvocationEnded) -> None:
        attempt = self.running.get(message.invocation_id)
        if attempt is None:
            return
        if isinstance(message.outcome, Success | RetryRequested):
            attempt.returned = message.outcome.result

    def _end_sent(self, message: SentRequestEnded) -> None:
        for request in self._sent_requests(message):
            if request.status is None:
                request.status = message.status
                return

    def _add_sent_answer(self, message: SentRequestAnswered) -> None:
        attempt = self.running.get(message.invocation_id or "")
        for request in self._sent_requests(message):
            if request.answer == NOT_KEPT and attempt is not None:
                request.answer = answer_text(message.body, message.cut, self.secrets.mask)
                attempt.count(request.answer)
                return

    def _sent_requests(
        self, message: SentRequestEnded | SentRequestAnswered
    ) -> Iterator[KeptRequest]:
        """The requests of the attempt to this address, the first one first."""
        attempt = self.running.get(message.invocation_id or "")
        if attempt is None:
            return
        url = shown_url(message.url, self.secrets.mask)
        for id in attempt.request_ids:
            if (found := self._requests.get(id)) is not None:
                request = found[1]
                if (request.method, request.url) == (message.method, url):
                    yield request

    def _end(self, attempt: OpenAttempt, body: InvocationFinished) -> None:
        for id in attempt.request_ids:
            self._requests.pop(id, None)
        kept = self.attempt_of(attempt)
        kept.outcome, kept.error = body.outcome, body.error
        self.kept.add_attempt(attempt.event, attempt.kind, _encode_exactly(kept))

    def _returned(self, attempt: OpenAttempt) -> msgspec.Raw:
        text = "null" if attempt.returned is None else attempt.returned
        return msgspec.Raw(self.secrets.mask_json(text).encode("utf-8", "replace"))

    def _masked(self, text: bytes) -> tuple[bytes, bytes | None]:
        """JSON text without secrets, and itself where that is another."""
        if not self.secrets:
            return text, None
        masked = self.secrets.mask_json(text.decode()).encode()
        return (text, None) if masked == text else (masked, text)


class OpenAttempt:
    """An attempt under way. `returned` is the JSON text of what the handler returned."""

    __slots__ = ("invocation", "logs", "missing", "request_ids", "requests", "returned", "size")

    def __init__(self, invocation: Invocation) -> None:
        self.invocation = invocation
        self.logs: list[KeptLog] = []
        self.requests: list[KeptRequest] = []
        self.request_ids: list[int] = []
        self.returned: str | None = None
        self.size = 0
        self.missing = {"log lines": 0, "requests": 0}

    @property
    def event(self) -> str:
        """The id of its event or call."""
        return _event_of(self.invocation)[0]

    @property
    def kind(self) -> Kind:
        """What it is an attempt of."""
        return _event_of(self.invocation)[1]

    def count(self, text: str | None) -> None:
        """Count a text that is kept."""
        self.size += len(text or "")

    def add_log(self, log: KeptLog) -> None:
        """Keep a log line, if there is room."""
        if self.size > MOST_OF_ATTEMPT or len(self.logs) == MOST_LISTED:
            self.missing["log lines"] += 1
            return
        self.count(log.message)
        self.logs.append(log)

    def has_room_for_request(self) -> bool:
        """Whether one more request is kept; counts it where it is not."""
        if self.size > MOST_OF_ATTEMPT or len(self.requests) == MOST_LISTED:
            self.missing["requests"] += 1
            return False
        return True

    def left_out(self) -> list[str]:
        """What is not kept of it, in words."""
        return [f"{count:,} {what}" for what, count in self.missing.items() if count]


def _encode_exactly(value: object) -> bytes:
    """JSON text that is kept, as a copy: the encoder leaves room behind what it gives."""
    return bytes(memoryview(_encode(value)))


def _event_of(invocation: Invocation) -> tuple[str, Kind]:
    if invocation.event_id is not None:
        return invocation.event_id, "event"
    if invocation.product_event_id is not None:
        return invocation.product_event_id, "product_event"
    return invocation.call_id or invocation.invocation_id, "call"
