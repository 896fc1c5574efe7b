'use strict';
// This folder runs on both kinds of thread of the host process. Here: the memory that they share,
// by which the main thread sees into a worker thread whose event loop does not turn.

// Indexes into an Int32Array: the invocation whose code runs or ran last (0: none), turns of the
// event loop, whether that invocation had ended, the invocation that was started last, whether the
// thread is isolated, finished rounds of virtual time, the system's number of the thread (0: it
// tells none), whether its settings are there, and how many invocations are under way.
const SLOT = 0;
const TURNS = 1;
const ENDED = 2;
const STARTED = 3;
const ISOLATED = 4;
const ROUNDS = 5;
const SYSTEM_THREAD = 6;
const BEGUN = 7;
const UNDER_WAY = 8;
const INTEGERS = 9;

// Indexes into a Float64Array: when the first timer of a running invocation is due (virtual time;
// Infinity: none), when the first timer of all is due, and how long code of the invocation in the
// slot may keep the thread (real milliseconds of the processor, in virtual time; 0: as the settings
// say).
const NEXT_TIMER = 0;
const NEXT_OF_ALL = 1;
const PATIENCE = 2;
const NUMBERS = 3;

function createThreadMemory() {
  const integers = new Int32Array(new SharedArrayBuffer(INTEGERS * Int32Array.BYTES_PER_ELEMENT));
  const numbers = new Float64Array(new SharedArrayBuffer(NUMBERS * Float64Array.BYTES_PER_ELEMENT));
  numbers[NEXT_TIMER] = Infinity;
  numbers[NEXT_OF_ALL] = Infinity;
  return { integers, numbers };
}

module.exports = {
  SLOT, TURNS, ENDED, STARTED, ISOLATED, ROUNDS, SYSTEM_THREAD, BEGUN, UNDER_WAY, NEXT_TIMER,
  NEXT_OF_ALL, PATIENCE, createThreadMemory,
};
