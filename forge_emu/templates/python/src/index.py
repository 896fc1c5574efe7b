"""Keeps a note of every created issue, however many are created at once.

issue created ─► take_note ─► queue "notes" ─► keep_note ─► key-value store
"""

import random

from forge_emu.sdk import (
    ForgeKvsAPIError,
    InvocationError,
    InvocationErrorCode,
    Queue,
    RateLimitError,
    kvs,
)

notes = Queue(key="notes")


async def take_note(event):
    """Runs for each created issue. It only queues the work.

    A trigger has to be quick, and what waits in a queue is delivered again when something goes
    wrong.
    """
    issue = event["issue"]
    try:
        await notes.push({"body": {"key": issue["key"], "summary": issue["fields"]["summary"]}})
    except RateLimitError:
        # 500 events a minute may be pushed. Returned, not raised: that asks for another try.
        return InvocationError(
            retry_after=random.randint(60, 90),
            retry_reason=InvocationErrorCode.FUNCTION_UPSTREAM_RATE_LIMITED,
        )


def keep_note(event):
    """Runs for each queued event, several at a time.

    Not async: then calls give their results as they are, without `await`.
    """
    key, summary = event["body"]["key"], event["body"]["summary"]
    retries = event.get("retryContext", {}).get("retryCount", 0)
    try:
        # The issue's key is in the store's key: an event that comes twice changes nothing, and
        # two events do not overwrite each other.
        kvs.set(f"note:{key}", {"summary": summary, "attempts": retries + 1})
    except ForgeKvsAPIError as error:
        if error.code != "RATE_LIMIT_EXCEEDED":
            raise
        # Wait longer each time, and not all for equally long, so that they do not return together.
        longest = min(30 * 2**retries, 900)
        return InvocationError(
            retry_after=random.randint(longest // 2, longest),
            retry_reason=InvocationErrorCode.FUNCTION_UPSTREAM_RATE_LIMITED,
        )
