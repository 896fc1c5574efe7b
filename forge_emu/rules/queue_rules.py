"""Rules about queues and what is pushed to them."""

from __future__ import annotations

from collections.abc import Iterator

from forge_emu import settings as s
from forge_emu.errors import Problem
from forge_emu.manifest.consumers import MAX_QUEUE_KEY_LENGTH, QUEUE_KEY
from forge_emu.model import SECOND
from forge_emu.rules.context import RuleContext
from forge_emu.rules.facts import ModuleFacts, PushCall

_NEAR_LIMIT_SHARE = 0.9
"""Share of the limit from which an event and its retryData are near it."""


def check_queues(context: RuleContext) -> Iterator[Problem]:
    """The problems of queues, pushes and events."""
    for module in context.modules:
        yield from _queue_keys(context, module)
        for push in module.pushes:
            yield from _delays_and_counts(context, module, push)
            yield from _payload_sizes(context, module, push)
    yield from _unmatched_queues(context)


def _queue_keys(context: RuleContext, module: ModuleFacts) -> Iterator[Problem]:
    for queue in module.queues:
        if queue.key is None:
            continue
        if not QUEUE_KEY.fullmatch(queue.key) or len(queue.key) > MAX_QUEUE_KEY_LENGTH:
            message = f"{queue.key!r} is no key of a queue"
            hint = f"Letters, digits, '-' and '_', up to {MAX_QUEUE_KEY_LENGTH} of them."
            yield context.problem_at("queue-key", module, queue, message, hint)


def _unmatched_queues(context: RuleContext) -> Iterator[Problem]:
    """Queues with only one of their two ends."""
    consumed = {consumer.queue for consumer in context.app.consumers}
    pushed: set[str] = set()
    all_seen = context.sources_complete
    for module in context.modules:
        all_seen = all_seen and all(queue.key is not None for queue in module.queues)
        for push in module.pushes:
            if push.queue is None:
                all_seen = False
                continue
            pushed.add(push.queue)
            if push.queue not in consumed and QUEUE_KEY.fullmatch(push.queue):
                names = ", ".join(sorted(consumed)) or "none"
                yield context.problem_at(
                    "queue-without-consumer",
                    module,
                    push,
                    f"no consumer listens to the queue {push.queue!r}: what is pushed is dropped",
                    f"Add a consumer to {context.app.manifest}. Consumed are: {names}.",
                )
    made = {queue.key for module in context.modules for queue in module.queues}
    for consumer in context.app.consumers:
        # A queue object that was made but whose pushes are not seen may be used in other ways.
        if all_seen and consumer.queue not in pushed | made:
            yield Problem(
                context.app.manifest,
                consumer.line,
                0,
                f"nothing is ever pushed to the queue {consumer.queue!r} of the consumer "
                f"{consumer.key!r}",
                "Push to it with new Queue({ key }), or remove the consumer.",
                "warning",
                "consumer-without-push",
            )


def _delays_and_counts(
    context: RuleContext, module: ModuleFacts, push: PushCall
) -> Iterator[Problem]:
    longest = context.settings[s.PUSH_MAX_DELAY_SECONDS]
    for event in push.events:
        late = longest is not None and event.delay is not None and event.delay > longest
        if event.delay is not None and (late or event.delay < 0):
            yield context.problem_at(
                "push-delay",
                module,
                event,
                f"delayInSeconds is {event.delay:g}, not from 0 to {longest}: the push is refused",
                "Push it again later from a consumer, or use a scheduled trigger.",
            )
    most = context.settings[s.PUSH_EVENTS_PER_REQUEST]
    if most is not None and push.count is not None and push.count > most:
        yield context.problem_at(
            "push-size",
            module,
            push,
            f"{push.count} events in one push, {most} are allowed: it is refused",
            f"Push them in parts of {most}.",
        )
    if push.count == 0:
        yield context.problem_at(
            "push-size", module, push, "an empty push is refused", "Push at least one event."
        )


def _payload_sizes(context: RuleContext, module: ModuleFacts, push: PushCall) -> Iterator[Problem]:
    most = context.settings[s.PUSH_PAYLOAD_KB]
    total = sum(event.bytes for event in push.events) + 2
    if most is not None and total > most * 1024:
        yield context.problem_at(
            "push-size",
            module,
            push,
            f"this push is at least {total:,} bytes of JSON, {most * 1024:,} are allowed",
            "Push a reference, and let the consumer read what it needs.",
        )
        return
    yield from _long_running_sizes(context, module, push)
    yield from _events_near_limit(context, module, push)


def _long_running_sizes(
    context: RuleContext, module: ModuleFacts, push: PushCall
) -> Iterator[Problem]:
    """Consumers with a long timeout take smaller events."""
    most = context.settings[s.PUSH_LONG_RUNNING_EVENT_KB]
    consumer = context.app.consumer_of(push.queue) if push.queue else None
    function = context.app.functions.get(consumer.function) if consumer else None
    if most is None or function is None:
        return
    if (function.timeout_ms or 0) <= s.LONG_RUNNING_SECONDS * SECOND:
        return
    for event in push.events:
        if event.bytes > most * 1024:
            yield context.problem_at(
                "push-size",
                module,
                event,
                f"this event is at least {event.bytes:,} bytes of JSON; a consumer whose timeout "
                f"is over {s.LONG_RUNNING_SECONDS} s takes {most * 1024:,}",
                "Push a reference, and let the consumer read what it needs.",
            )


def _events_near_limit(
    context: RuleContext, module: ModuleFacts, push: PushCall
) -> Iterator[Problem]:
    """An event whose payload and retryData are over 200 KB together may not be retried."""
    most = context.settings[s.PUSH_PAYLOAD_KB]
    consumer = context.app.consumer_of(push.queue) if push.queue else None
    if most is None or consumer is None:
        return
    reached = context.reached_units(consumer.function)
    data = max(
        (
            retry.data_bytes
            for other in context.modules
            for retry in other.retries
            if (other.file, retry.unit) in reached
        ),
        default=0,
    )
    for event in push.events:
        if data and event.bytes + data > most * 1024 * _NEAR_LIMIT_SHARE:
            yield context.problem_at(
                "event-near-limit",
                module,
                event,
                f"this event is at least {event.bytes:,} bytes of JSON and its retryData "
                f"{data:,}: over {most} KB together it may not be retried at all",
                "Push a reference instead of the data (https://jira.atlassian.com/browse/ECO-759).",
            )
