'use strict';
// One worker thread as the host sees it: posts messages to it, and terminates it when it is stuck.

const path = require('node:path');
const { MessageChannel, Worker, receiveMessageOnPort } = require('node:worker_threads');
const {
  SLOT, TURNS, ENDED, STARTED, ISOLATED, ROUNDS, createThreadMemory,
} = require('../shared/thread_memory.cjs');

const WORKER = path.join(__dirname, '..', 'worker', 'main.cjs');

// How often a thread is checked: for memory outside the JavaScript heap (buffers), which no
// resource limit covers, and for code of ended invocations that blocks it, which has no deadline.
const CHECK_INTERVAL_MS = 200;
// Real milliseconds without a finished turn, after which other invocations should not wait for it.
const BLOCKED_AFTER_MS = 1000;

class WorkerThread {
  #worker;
  #port;
  #shared = createThreadMemory();
  #loadingGenerations = new Set();
  #settings;
  #listener;
  #cause = null;
  #checkTimer;
  // Its number on the wire; an isolated thread gets a new one.
  address;

  // Calls `listener.onEnded(thread, cause, message)` and `listener.onBlocked(thread)`.
  constructor(index, incarnation, settings, send, listener) {
    this.address = index;
    this.#settings = settings;
    this.#listener = listener;
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    port1.on('message', (message) => this.#onMessage(message, send));
    this.#worker = new Worker(WORKER, {
      workerData: { port: port2, shared: this.#shared, index, incarnation, settings },
      transferList: [port2],
      resourceLimits: { maxOldGenerationSizeMb: settings.heap_mb },
      // worker/console.cjs replaces both; nothing of the app reaches the host's own streams.
      stdout: false,
      stderr: false,
    });
    this.#worker.on('error', (error) => this.#onError(error));
    this.#worker.on('exit', () => {
      clearInterval(this.#checkTimer);
      // Messages that the thread posted before it ended.
      for (let left; (left = receiveMessageOnPort(port1)); ) this.#onMessage(left.message, send);
      port1.close();
      const [cause, message] = this.#cause ?? ['exit', 'the thread ended'];
      this.#listener.onEnded(this, cause, message);
    });
    this.#checkTimer = setInterval(() => this.#check(), CHECK_INTERVAL_MS);
  }

  // The number of the invocation whose code runs now or ran last; 0 for none.
  get slot() {
    return Atomics.load(this.#shared, SLOT);
  }

  // The number of the invocation that was started last.
  get started() {
    return Atomics.load(this.#shared, STARTED);
  }

  // Leave it to the invocation that blocks it: no other invocation starts there.
  isolateAs(address) {
    Atomics.store(this.#shared, ISOLATED, 1);
    this.address = address;
  }

  // Terminate it without calling the listener.
  release() {
    this.#listener = { onEnded() {}, onBlocked() {} };
    this.#terminate('released', '');
  }

  postLines(lines) {
    this.#port.postMessage(lines);
  }

  setTime(time) {
    this.#port.postMessage(time);
  }

  startRound(message, lines) {
    this.#roundsStarted += 1;
    this.#currentRound = { turns: null, checks: 0 };
    this.#port.postMessage({ ...message, lines });
  }

  load(message) {
    this.#loadingGenerations.add(message.generation);
    this.#port.postMessage({ type: 'load', message });
  }

  retire(generation) {
    // Still loading: the top level of a module has not finished.
    if (this.#loadingGenerations.has(generation)) {
      this.#terminate('loading', 'a module did not finish loading');
    } else {
      this.#port.postMessage({ type: 'retire', generation });
    }
  }

  abort(n) {
    this.#port.postMessage({ type: 'abort', n });
    // An isolated thread is known to be blocked; it has time until its invocation's deadline.
    if (Atomics.load(this.#shared, ISOLATED) === 0) {
      this.#watchAbort(n, Atomics.load(this.#shared, TURNS));
    }
  }

  #abortTimers = new Map();
  // The number of turns at the last ping, and the checks that found it unanswered.
  #ping = null;
  // Virtual time: the round it runs, as the turns last seen and the checks since then.
  #currentRound = null;
  #roundsStarted = 0;

  #watchAbort(n, turns) {
    const timer = setTimeout(() => {
      const turnsNow = Atomics.load(this.#shared, TURNS);
      if (turnsNow === turns) this.#terminate('stuck', 'the thread did not answer');
      else this.#watchAbort(n, turnsNow);
    }, this.#settings.patience_ms);
    this.#abortTimers.set(n, timer);
  }

  #onMessage(message, send) {
    if (Array.isArray(message)) {
      for (const line of message) send(line + '\n');
    } else if (message.type === 'aborted') {
      clearTimeout(this.#abortTimers.get(message.n));
      this.#abortTimers.delete(message.n);
    } else {
      this.#loadingGenerations.delete(message.generation);
    }
  }

  #onError(error) {
    const cause = error?.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'out_of_memory' : 'error';
    this.#cause ??= [cause, String(error?.stack ?? error)];
  }

  #check() {
    this.#checkMemory();
    if (this.#currentRound !== null) {
      if (Atomics.load(this.#shared, ROUNDS) === this.#roundsStarted) this.#currentRound = null;
      else this.#checkRound();
      return;
    }
    const turns = Atomics.load(this.#shared, TURNS);
    if (this.#ping?.turns !== turns) {
      this.#ping = { turns, checks: 0 };
      this.#port.postMessage({ type: 'ping' });
      return;
    }
    const unansweredMs = ++this.#ping.checks * CHECK_INTERVAL_MS;
    if (Atomics.load(this.#shared, ENDED) === 1) {
      if (unansweredMs >= this.#settings.patience_ms) {
        this.#terminate('stuck', 'code of an invocation that had ended did not let go');
      }
    } else if (unansweredMs % BLOCKED_AFTER_MS === 0 && this.slot !== 0) {
      this.#listener.onBlocked(this);
    }
  }

  // In virtual time no deadline passes while code runs.
  #checkRound() {
    const turns = Atomics.load(this.#shared, TURNS);
    if (this.#currentRound.turns !== turns) {
      this.#currentRound = { turns, checks: 0 };
    } else if (++this.#currentRound.checks * CHECK_INTERVAL_MS >= this.#settings.patience_ms) {
      this.#terminate('stuck', 'the thread did not answer');
    }
  }

  #checkMemory() {
    const limit = this.#settings.resident_mb * 1024 * 1024;
    if (process.memoryUsage.rss() <= limit) return;
    // Memory is that of the process: it is this thread's only if the same invocation still runs.
    const { slot } = this;
    setTimeout(() => {
      const sameInvocation = slot !== 0 && this.slot === slot;
      if (sameInvocation && process.memoryUsage.rss() > limit) {
        this.#terminate('out_of_memory', 'buffers outgrew the memory of the function');
      }
    }, CHECK_INTERVAL_MS / 2);
  }

  #terminate(cause, message) {
    this.#cause ??= [cause, message];
    for (const timer of this.#abortTimers.values()) clearTimeout(timer);
    this.#abortTimers.clear();
    this.#worker.terminate();
  }
}

module.exports = { WorkerThread };
