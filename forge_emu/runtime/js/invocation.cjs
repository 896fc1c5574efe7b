'use strict';
// What is known of each running invocation, and which one the running code belongs to.

const { AsyncLocalStorage, createHook } = require('node:async_hooks');
const { say, flush } = require('./output.cjs');
const { Buffer, performance } = globalThis;
const now = performance.now.bind(performance);

// The store is an Invocation, or the Generation whose modules are being loaded.
const current = new AsyncLocalStorage();
const invocations = new Map();

class Invocation {
  ended = false;
  aborted = false;
  runtime = null;
  // The instance it runs on.
  scope = null;
  #startedAt = now();
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
  remaining(speed) {
    return Math.max(0, Math.round(this.timeout - (now() - this.#startedAt) * speed));
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

// Writes the number of the invocation whose code is about to run into shared memory: after a
// timer, an answer or a file has been read, the code goes on in a turn that is not one of ours.
function trackSlot(shared) {
  createHook({
    before() {
      const store = current.getStore();
      Atomics.store(shared, 0, store === undefined ? 0 : (store.n ?? 0));
    },
  }).enable();
}

module.exports = { Invocation, invocations, current, trackSlot };
