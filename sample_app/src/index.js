// The careful path: a trigger that only queues, and a consumer that stores and knows when to wait.
//
//   issue created ─► queueSnapshot ─► queue issue-snapshots ─► storeSnapshot ─► key-value store

import { InvocationError, InvocationErrorCode, Queue, RateLimitError } from '@forge/events';
import { ForgeKvsAPIError, kvs } from '@forge/kvs';
import { between, exponentialBackoff } from './backoff.js';
import { snapshotOf } from './snapshot.js';

const snapshots = new Queue({ key: 'issue-snapshots' });

// Seconds of waiting after which somebody should hear of it.
const PATIENCE = 240;

// Product events: a trigger has to be quick, so it leaves the work to the queue.
export async function queueSnapshot(event) {
  try {
    await snapshots.push({
      body: { issue: event.issue },
      // An import creates issues faster than anyone can store them. Half a second lets the
      // trigger finish before its own work begins.
      delayInSeconds: 0.5,
    });
  } catch (error) {
    if (!(error instanceof RateLimitError)) throw error;
    // An installation may push 500 events a minute. This event was not queued, but it is not lost:
    // the platform delivers it again when asked, up to four times. After a minute there is room;
    // the spread keeps the refused events from all coming back in the same second.
    return new InvocationError({
      retryAfter: between(60, 90),
      retryReason: InvocationErrorCode.FUNCTION_UPSTREAM_RATE_LIMITED,
    });
  }
}

// Async events: one snapshot is about 115 KB, 12 write units of 10 KB. An installation may write
// 4,000 units a minute, so 333 snapshots fit in one, and the rest of a thousand has to wait.
export async function storeSnapshot(event) {
  const { issue } = event.body;
  const { retryCount = 0, retryData } = event.retryContext ?? {};
  const waited = retryData?.waited ?? 0;
  try {
    // The key says what the value is about, so a second delivery of the same event, which the
    // platform may always make, overwrites the snapshot instead of adding another.
    await kvs.set(`snapshot:${issue.key}`, snapshotOf(issue));
  } catch (error) {
    if (!isRateLimit(error)) throw error;
    const retryAfter = exponentialBackoff(retryCount);
    // Returned, not thrown: that is what makes it a request. A thrown error is retried as well,
    // but after waits of the platform's choosing and without the retryData of this try.
    return new InvocationError({
      retryAfter,
      retryReason: InvocationErrorCode.FUNCTION_UPSTREAM_RATE_LIMITED,
      // Comes back with the next delivery; at most 4 KB of JSON.
      retryData: { waited: waited + retryAfter },
    });
  }
  if (waited > PATIENCE) {
    console.warn(`${issue.key}: stored only after ${retryCount} retries and ${waited} s of waiting`);
  }
}

function isRateLimit(error) {
  return error instanceof ForgeKvsAPIError && error.code === 'RATE_LIMIT_EXCEEDED';
}
