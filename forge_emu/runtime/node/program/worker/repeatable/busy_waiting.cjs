'use strict';
// In virtual time, code that polls the clock or yields with `setImmediate` in a loop would never
// end. After so many reads or yields by one invocation at one instant, the clock advances a
// millisecond; if nothing but the reads has moved it since, so few more advance it again, as do so few
// more yields, which take longer steps after a while. A long wait would otherwise hold the thread for
// longer than this machine allows.

const { current } = require('../context.cjs');
const { Math } = require('../primordials.cjs');

const LOOPS_BEFORE_MS = 1000;
const LOOPS_PER_MORE_MS = 100;
// Emulated milliseconds of yielding after which a step is this part of them.
const SHORT_STEPS_MS = 100;
const STEP_PART = 5;

// Counts a read of the clock at `instant`; whether the clock is to advance by a millisecond.
function isPollingClock(instant) {
  const store = storeOf(instant);
  if (store === undefined) return false;
  const beyond = ++store.clockReads - LOOPS_BEFORE_MS;
  if (beyond < 0 || beyond % LOOPS_PER_MORE_MS !== 0) return false;
  // The millisecond that follows is no other instant for this count.
  store.instant += 1;
  store.yields = 0;
  return true;
}

// Counts a yield at `instant`; how many milliseconds it is to take, mostly none.
function yieldMs(instant) {
  const store = storeOf(instant);
  if (store === undefined) return 0;
  const yielded = store.yieldedMs ?? 0;
  if (++store.yields % (yielded ? LOOPS_PER_MORE_MS : LOOPS_BEFORE_MS) !== 0) return 0;
  const ms = yielded < SHORT_STEPS_MS ? 1 : Math.floor(yielded / STEP_PART);
  store.yieldedMs = yielded + ms;
  return ms;
}

// What the running invocation has counted at `instant`; undefined outside of one.
function storeOf(instant) {
  const store = current.getStore();
  if (store !== undefined && store.instant !== instant) {
    Object.assign(store, { instant, clockReads: 0, yields: 0 });
  }
  return store;
}

module.exports = { isPollingClock, yieldMs };
