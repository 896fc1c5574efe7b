'use strict';
// What is known of each running invocation, and which one the running code belongs to.

const { createHook } = require('node:async_hooks');
const { workerData } = require('node:worker_threads');
const clock = require('./clock.cjs');
const { current } = require('./context.cjs');
const { say, flush } = require('./output.cjs');
const { Atomics, Buffer, Math, newMap } = require('./primordials.cjs');

const invocations = newMap();

class Invocation {
  ended = false;
  aborted = false;
  runtime = null;
  // The instance it runs on.
  scope = null;
  #startedAt = clock.now();
  #lines = 0;
  #bytes = 0;

  constructor(message, generation) {
    this.n = message.n;
    this.id = message.id;
    this.fn = message.fn;
    this.instance = message.instance;
    this.moduleKey = message.module_key;
    this.context = message.context;
    this.timeout = message.timeout_ms;
    this.generation = generation;
    invocations.set(this.n, this);
  }

  // Emulated milliseconds left.
  remaining() {
    return Math.max(0, Math.round(this.timeout - (clock.now() - this.#startedAt)));
  }

  get chanceKey() {
    return `invocation/${this.id}`;
  }

  // Whether the platform would still keep what the app prints.
  get loud() {
    return this.#lines <= this.generation.logLines(this.fn);
  }

  log(level, message) {
    if (!this.loud || this.aborted) return;
    const limits = this.generation.limits;
    this.#lines += 1;
    this.#bytes += Buffer.byteLength(message);
    const full = this.#lines > this.generation.logLines(this.fn);
    if (full || this.#bytes > limits.log_bytes) {
      const limit = full
        ? `${this.generation.logLines(this.fn)} lines`
        : `${Math.floor(limits.log_bytes / 1024)} KB`;
      this.#lines = Infinity;
      say({
        type: 'log',
        id: this.id,
        level: 'warn',
        message: `log limit reached: the platform keeps ${limit} per invocation; the rest is left out`,
      });
    } else {
      say({ type: 'log', id: this.id, level, message });
    }
    // The code may never come back to the event loop.
    flush();
  }
}

// Shared with the host: whose code runs or ran last, turns of the event loop, whether that
// invocation had already ended, which was started last, whether no other may start here, and how
// many rounds of virtual time have been played.
const SLOT = 0;
const TURNS = 1;
const ENDED = 2;
const STARTED = 3;
const APART = 4;
const PLAYED = 5;
const { shared } = workerData;

// Whether an invocation may start: not in a thread whose place another one has taken.
function begin(n) {
  if (Atomics.load(shared, APART) === 1) return false;
  Atomics.store(shared, STARTED, n);
  return true;
}

function enter(store) {
  const n = store?.n ?? 0;
  Atomics.store(shared, SLOT, n);
  Atomics.store(shared, ENDED, n !== 0 && store.ended ? 1 : 0);
}

// Something has been done: the thread is not stuck.
function turned() {
  Atomics.add(shared, TURNS, 1);
}

// A round of virtual time is over.
function played() {
  Atomics.add(shared, PLAYED, 1);
}

// The invocation in the slot, unless it has ended.
function culprit() {
  return invocations.get(Atomics.load(shared, SLOT));
}

// Whether no code of the app runs, but our own.
function isOurs() {
  return current.getStore() === undefined && Atomics.load(shared, SLOT) === 0;
}

// What an ended invocation still does is nobody's any more.
function outlive(invocation) {
  if (Atomics.load(shared, SLOT) === invocation.n) Atomics.store(shared, ENDED, 1);
}

// After a timer, an answer or a file has been read, the code goes on in a turn that is not one of
// ours.
function trackSlot() {
  createHook({ before: () => enter(current.getStore()) }).enable();
}

module.exports = { Invocation, invocations, culprit, isOurs, begin, enter, outlive, played, trackSlot, turned };
