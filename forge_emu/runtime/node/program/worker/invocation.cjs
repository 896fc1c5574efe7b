'use strict';
// The running invocations, and which of them the running code belongs to.

const { createHook } = require('node:async_hooks');
const { readlinkSync } = require('node:fs');
const { workerData } = require('node:worker_threads');
const {
  SLOT, TURNS, ENDED, STARTED, ISOLATED, ROUNDS, SYSTEM_THREAD, UNDER_WAY, NEXT_TIMER, NEXT_OF_ALL,
  PATIENCE,
} = require('../shared/thread_memory.cjs');
const clock = require('./clock.cjs');
const { current } = require('./context.cjs');
const { nameAris } = require('./forge_globals.cjs');
const { sendMessage, flush } = require('./output.cjs');
const { Atomics, Buffer, Infinity, Math, newSafeMap } = require('./primordials.cjs');

const invocations = newSafeMap();

class Invocation {
  ended = false;
  aborted = false;
  runtime = null;
  // Its unanswered requests, by id, and their number.
  requests = { __proto__: null };
  requestCount = 0;
  // How many of its timers have fired after its end.
  lateFires = 0;
  // Whether emulated time goes on without what it has under way outside.
  ioGivenUp = false;
  // The instance it runs on, and whether no other has run there.
  instance = null;
  isFirstOnInstance = false;
  #startedAt = clock.now();
  #lines = 0;
  #bytes = 0;

  constructor(message, generation) {
    this.n = message.n;
    this.id = message.id;
    this.fn = message.fn;
    this.instanceName = message.instance;
    this.moduleKey = message.module_key;
    this.context = nameAris(message.context);
    this.timeout = message.timeout_ms;
    this.patience = message.patience_ms;
    this.ioPatience = message.io_patience_ms;
    this.wantsResult = message.want_result === true;
    this.keepsResult = message.keep_result === true;
    this.wantsPlaces = message.want_places === true;
    this.generation = generation;
    this.memoryMb = generation.functions[message.fn]?.memory_mb ?? Infinity;
    invocations.set(this.n, this);
    Atomics.store(shared, UNDER_WAY, invocations.size);
  }

  // It has ended.
  remove() {
    invocations.delete(this.n);
    Atomics.store(shared, UNDER_WAY, invocations.size);
  }

  // The instant of its timeout.
  get deadline() {
    return this.#startedAt + this.timeout;
  }

  // Emulated milliseconds left.
  remaining() {
    return Math.max(0, Math.round(this.deadline - clock.now()));
  }

  get randomKey() {
    return `invocation/${this.id}`;
  }

  // Whether the platform would still keep what the app logs.
  get acceptsLogs() {
    return this.#lines <= this.generation.logLines(this.fn);
  }

  log(level, message) {
    if (!this.acceptsLogs || this.aborted) return;
    slotListener.onResume(this);
    const limits = this.generation.limits;
    this.#lines += 1;
    this.#bytes += Buffer.byteLength(message);
    const full = this.#lines > this.generation.logLines(this.fn);
    if (full || this.#bytes > limits.log_bytes) {
      const limit = full
        ? `${this.generation.logLines(this.fn)} lines`
        : `${Math.floor(limits.log_bytes / 1024)} KB`;
      this.#lines = Infinity;
      sendMessage({
        type: 'log',
        id: this.id,
        level: 'warn',
        message: `log limit reached: the platform keeps ${limit} per invocation; the rest is left out`,
      });
    } else {
      sendMessage({ type: 'log', id: this.id, level, message });
    }
    // The code may never return to the event loop.
    flush();
  }
}

// Shared with the host.
const { integers: shared, numbers } = workerData.memory;

// Records by which number the system knows this thread; only Linux tells.
function recordSystemThread() {
  try {
    Atomics.store(shared, SYSTEM_THREAD, Number(readlinkSync('/proc/thread-self').split('/').at(-1)));
  } catch {
    // Another system.
  }
}

// Records that an invocation starts; false in an isolated thread, where none may start.
function tryStart(n) {
  if (Atomics.load(shared, ISOLATED) === 1) return false;
  Atomics.store(shared, STARTED, n);
  return true;
}

// Called when an invocation's code has run, before that of another one runs, and where it goes on or
// logs.
let slotListener = { onLeave() {}, onEnter() {}, onResume() {} };

function setSlotListener(listener) {
  slotListener = listener;
}

function setSlot(store) {
  const n = store?.n ?? 0;
  const previous = Atomics.load(shared, SLOT);
  if (previous !== n) {
    if (previous !== 0) slotListener.onLeave();
    if (n !== 0) slotListener.onEnter();
  } else if (n !== 0 && !store.ended) {
    slotListener.onResume(store);
  }
  Atomics.store(shared, SLOT, n);
  numbers[PATIENCE] = n === 0 ? 0 : store.patience;
  Atomics.store(shared, ENDED, n !== 0 && store.ended ? 1 : 0);
}

// Shows the host that the thread is not stuck.
function countTurn() {
  Atomics.add(shared, TURNS, 1);
}

// Shows the host that a round of virtual time has ended, and when the first timer of a running
// invocation, and of all, is due.
function countRound(nextTimer, nextOfAll) {
  numbers[NEXT_TIMER] = nextTimer ?? Infinity;
  numbers[NEXT_OF_ALL] = nextOfAll ?? Infinity;
  Atomics.add(shared, ROUNDS, 1);
}

// The invocation in the slot, unless it has ended.
function slotInvocation() {
  return invocations.get(Atomics.load(shared, SLOT));
}

// Whether the running code is this program's, not the app's.
function isOwnCode() {
  return current.getStore() === undefined && Atomics.load(shared, SLOT) === 0;
}

// Tells the host that the invocation in the slot has ended, if it is this one.
function markSlotEnded(invocation) {
  if (Atomics.load(shared, SLOT) === invocation.n) Atomics.store(shared, ENDED, 1);
}

// After a timer or I/O, code of the app resumes in a turn that this program did not start.
function trackSlot() {
  createHook({ before: () => setSlot(current.getStore()) }).enable();
}

module.exports = {
  recordSystemThread,
  Invocation, invocations, slotInvocation, isOwnCode, tryStart, setSlot, markSlotEnded, countRound,
  countTurn, setSlotListener, trackSlot,
};
