'use strict';
// In virtual time, code that polls the clock or yields with `setImmediate` in a loop would never
// end. After so many reads or yields by one invocation at one instant, the clock advances a
// millisecond; if nothing but the reads has moved it since, so few more advance it again. A long
// wait would otherwise hold the thread for longer than this machine allows.

const { current } = require('../context.cjs');

const LOOPS_BEFORE_MS = 1000;
const READS_PER_MORE_MS = 100;

// Counts a read of the clock at `instant`; whether the clock is to advance by a millisecond.
function isPollingClock(instant) {
  const store = storeOf(instant);
  if (store === undefined) return false;
  const beyond = ++store.clockReads - LOOPS_BEFORE_MS;
  if (beyond < 0 || beyond % READS_PER_MORE_MS !== 0) return false;
  // The millisecond that follows is no other instant for this count.
  store.instant += 1;
  store.yields = 0;
  return true;
}

// Counts a yield at `instant`; whether it is to take a millisecond.
function isOnlyYielding(instant) {
  const store = storeOf(instant);
  return store !== undefined && ++store.yields % LOOPS_BEFORE_MS === 0;
}

// What the running invocation has counted at `instant`; undefined outside of one.
function storeOf(instant) {
  const store = current.getStore();
  if (store !== undefined && store.instant !== instant) {
    Object.assign(store, { instant, clockReads: 0, yields: 0 });
  }
  return store;
}

module.exports = { isPollingClock, isOnlyYielding };
