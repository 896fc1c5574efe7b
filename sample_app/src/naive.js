// The naive path, to see what the careful one is for: store straight from the trigger.
//
// It works for one issue and for a hundred. At a thousand the store refuses most of them, the
// errors are thrown, the platform tries four more times at moments of its own choosing, and what
// has not been stored by then is gone.

import { kvs } from '@forge/kvs';
import { snapshotOf } from './snapshot.js';

export async function storeNaively(event) {
  await kvs.set(`naive:${event.issue.key}`, snapshotOf(event.issue));
}
