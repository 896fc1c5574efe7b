'use strict';
// This folder runs on both kinds of thread of the host process. Here: the memory that they share,
// by which the main thread sees into a worker thread whose event loop does not turn.

// Indexes into an Int32Array: the invocation whose code runs or ran last (0: none), turns of the
// event loop, whether that invocation had ended, the invocation that was started last, whether the
// thread is isolated, and finished rounds of virtual time.
const SLOT = 0;
const TURNS = 1;
const ENDED = 2;
const STARTED = 3;
const ISOLATED = 4;
const ROUNDS = 5;

function createThreadMemory() {
  return new Int32Array(new SharedArrayBuffer(6 * Int32Array.BYTES_PER_ELEMENT));
}

module.exports = { SLOT, TURNS, ENDED, STARTED, ISOLATED, ROUNDS, createThreadMemory };
