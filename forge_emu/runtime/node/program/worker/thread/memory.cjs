'use strict';
// What the invocations of this thread hold in memory: the JavaScript heap, buffers and WebAssembly.
//
// V8 counts per thread, not per invocation. Only one invocation's code runs at a time, so what is
// added between two measurements is added to the one whose code ran. Garbage is counted too, until
// an invocation is near its limit; then it is collected, and the rest is shared out.

const v8 = require('node:v8');
const vm = require('node:vm');
const { Infinity, Math, newSafeMap } = require('../primordials.cjs');
const { forgetCollected, uncountedBytes } = require('./uncounted_buffers.cjs');

const { getHeapStatistics, setFlagsFromString } = v8;
const hrtime = process.hrtime.bigint;
const MB = 1024 * 1024;
// From this part of its limit on, a function's invocations run in threads of their own.
const NEAR = 0.5;
// What an instance may leave to the next one of its thread before garbage is collected between them.
const LITTLE = 16 * MB;
// Within a turn memory is looked at again after so much real time; nobody takes much in less.
const LOOK_INTERVAL_NS = 5_000_000n;

// Bytes that running invocations hold, by their number.
const held = newSafeMap();
// Bytes of the thread: before any invocation, and when last measured.
let base = Infinity;
let last = { total: 0, external: 0 };
let collect = null;
// Whether an invocation has ended that held much.
let leftMuch = false;
// The invocation that was over its limit in the middle of its turn.
let outgrown = null;
let lookedAt = 0n;

function measure() {
  const { used_heap_size: heap, external_memory: counted } = getHeapStatistics();
  const external = counted + uncountedBytes();
  return { total: heap + external, external };
}

function collectGarbage() {
  if (collect === null) {
    setFlagsFromString('--expose-gc');
    collect = vm.runInNewContext('gc');
  }
  collect();
  // Buffers are swept in the background; the next collection waits for that.
  collect();
  forgetCollected();
}

// No invocation has run yet: what is there now belongs to none.
function setMemoryBase() {
  last = measure();
  base = Math.min(base, last.total);
}

// The thread is another instance's now: what cannot be collected is no memory of that one. To find out
// takes longer than most invocations, so that little is not looked into.
function raiseMemoryBase() {
  last = measure();
  if (last.total - base < LITTLE) return;
  collectGarbage();
  leftMuch = false;
  last = measure();
  base = Math.max(base, last.total);
}

// Adds what has come since the last call to `invocation`, whose code has run since. Returns
// 'over' or 'near' its limit, or null. `alone`: no other invocation has a part in the thread.
function accountMemory(invocation, alone) {
  const grown = addGrowth(invocation, alone);
  if (invocation === undefined) return null;
  if (outgrown === invocation) return 'over';
  const limit = invocation.memoryMb * MB;
  if (held.get(invocation.n) <= limit * NEAR) return null;
  // A process would have had this much at once, whatever was garbage by the end of the turn.
  if (grown.external > limit) return 'over';
  const bytes = shareOutLiveMemory(invocation, alone);
  if (bytes > limit) return 'over';
  return bytes > limit * NEAR ? 'near' : null;
}

// Returns what has come since the last call.
function addGrowth(invocation, alone) {
  const now = measure();
  const grown = { total: now.total - last.total, external: now.external - last.external };
  last = now;
  if (invocation !== undefined) {
    const bytes = (held.get(invocation.n) ?? 0) + Math.max(grown.total, 0);
    held.set(invocation.n, alone ? Math.max(bytes, now.total - base) : bytes);
  }
  return grown;
}

function shareOutLiveMemory(invocation, alone) {
  collectGarbage();
  last = measure();
  const live = Math.max(last.total - base, 0);
  if (alone) {
    held.set(invocation.n, live);
    return live;
  }
  let sum = 0;
  for (const bytes of held.values()) sum += bytes;
  if (sum > live) {
    for (const [n, bytes] of held) held.set(n, (bytes * live) / sum);
  }
  return held.get(invocation.n);
}

// An invocation has ended.
function forgetMemory(invocation) {
  const bytes = held.get(invocation.n) ?? 0;
  if (outgrown === invocation || bytes > invocation.memoryMb * MB * NEAR) leftMuch = true;
  if (outgrown === invocation) outgrown = null;
  held.delete(invocation.n);
}

// Before code of another invocation runs: memory that is set free while it runs would hide what it
// adds.
function settleMemory() {
  if (!leftMuch) return;
  leftMuch = false;
  collectGarbage();
  last = measure();
}

// In the middle of a turn: marks an invocation that is over its limit, which `accountMemory` says at
// the turn's end, even if the code has let go of everything by then. Returns the part of its limit
// that `invocation` holds, without garbage if it would be over with it.
function lookIntoTurn(invocation, alone) {
  lookedAt = hrtime();
  const grown = addGrowth(invocation, alone);
  if (invocation === undefined) return 0;
  const limit = invocation.memoryMb * MB;
  let bytes = held.get(invocation.n);
  if (bytes > limit) {
    if (grown.external > limit) outgrown = invocation;
    bytes = shareOutLiveMemory(invocation, alone);
    if (bytes > limit) outgrown = invocation;
  }
  return bytes / limit;
}

// The same where code resumes or logs, if it has run long enough to have taken much.
function lookNowAndThen(invocation, alone) {
  if (hrtime() - lookedAt > LOOK_INTERVAL_NS) lookIntoTurn(invocation, alone);
}

module.exports = {
  setMemoryBase, raiseMemoryBase, accountMemory, forgetMemory, settleMemory, lookIntoTurn, lookNowAndThen,
};
