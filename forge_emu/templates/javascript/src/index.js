// Keeps a note of every created issue, however many are created at once.
//
//   issue created ─► takeNote ─► queue "notes" ─► keepNote ─► key-value store

import { InvocationError, InvocationErrorCode, Queue, RateLimitError } from '@forge/events';
import { ForgeKvsAPIError, kvs } from '@forge/kvs';

const notes = new Queue({ key: 'notes' });

// Runs for each created issue. It only queues the work: a trigger has to be quick, and what waits
// in a queue is delivered again when something goes wrong.
export async function takeNote(event) {
  const { key, fields } = event.issue;
  try {
    await notes.push({ body: { key, summary: fields.summary } });
  } catch (error) {
    if (!(error instanceof RateLimitError)) throw error;
    // 500 events a minute may be pushed. Returned, not thrown: that asks for another try.
    return new InvocationError({
      retryAfter: between(60, 90),
      retryReason: InvocationErrorCode.FUNCTION_UPSTREAM_RATE_LIMITED,
    });
  }
}

// Runs for each queued event, several at a time.
export async function keepNote(event) {
  const { key, summary } = event.body;
  const { retryCount = 0 } = event.retryContext ?? {};
  try {
    // The issue's key is in the store's key: an event that comes twice changes nothing, and two
    // events do not overwrite each other.
    await kvs.set(`note:${key}`, { summary, attempts: retryCount + 1 });
  } catch (error) {
    if (!(error instanceof ForgeKvsAPIError) || error.code !== 'RATE_LIMIT_EXCEEDED') throw error;
    // Wait longer each time, and not all for equally long, so that they do not return together.
    const longest = Math.min(30 * 2 ** retryCount, 900);
    return new InvocationError({
      retryAfter: between(longest / 2, longest),
      retryReason: InvocationErrorCode.FUNCTION_UPSTREAM_RATE_LIMITED,
    });
  }
}

// A random whole number of seconds.
function between(low, high) {
  return Math.round(low + Math.random() * (high - low));
}
