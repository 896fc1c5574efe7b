'use strict';
// One worker thread seen from outside: posting to it, and ending it when it no longer answers.

const path = require('node:path');
const { MessageChannel, Worker, receiveMessageOnPort } = require('node:worker_threads');

const WORKER = path.join(__dirname, 'worker.cjs');

// How often a thread is looked at: for memory outside the JavaScript heap (buffers), which no limit
// covers, and for code of ended invocations that keeps it busy, for which no deadline will come.
const CHECK = 200;

class Thread {
  #worker;
  #port;
  #shared = new Int32Array(new SharedArrayBuffer(12));
  #loading = new Set();
  #settings;
  #ended;
  #cause = null;
  #checks;

  constructor(index, incarnation, settings, send, ended) {
    this.#settings = settings;
    this.#ended = ended;
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    port1.on('message', (message) => this.#receive(message, send));
    this.#worker = new Worker(WORKER, {
      workerData: { port: port2, shared: this.#shared, index, incarnation, settings },
      transferList: [port2],
      resourceLimits: { maxOldGenerationSizeMb: settings.heap_mb },
      // Set by us for each invocation; nothing of the app reaches the host's own streams.
      stdout: false,
      stderr: false,
    });
    this.#worker.on('error', (error) => this.#failed(error));
    this.#worker.on('exit', () => {
      clearInterval(this.#checks);
      // What the thread had said before it ended is still to be heard.
      for (let left; (left = receiveMessageOnPort(port1)); ) this.#receive(left.message, send);
      port1.close();
      const [cause, message] = this.#cause ?? ['exit', 'the thread ended'];
      this.#ended(this, cause, message);
    });
    this.#checks = setInterval(() => this.#check(), CHECK);
  }

  // The number of the invocation whose code runs now or ran last; 0 for none.
  get slot() {
    return Atomics.load(this.#shared, 0);
  }

  post(lines) {
    this.#port.postMessage(lines);
  }

  tell(time) {
    this.#port.postMessage(time);
  }

  play(round) {
    this.#round = { turns: null, checks: 0 };
    this.#port.postMessage(round);
  }

  load(message) {
    this.#loading.add(message.generation);
    this.#port.postMessage({ type: 'load', message });
  }

  retire(generation) {
    // Still loading: its modules' top level has not come to an end.
    if (this.#loading.has(generation)) this.#end('loading', 'a module did not finish loading');
    else this.#port.postMessage({ type: 'retire', generation });
  }

  abort(n) {
    this.#port.postMessage({ type: 'abort', n });
    this.#watch(n, Atomics.load(this.#shared, 1));
  }

  #waiting = new Map();
  // Since when code of an ended invocation has kept the thread.
  #leftover = null;
  // The round it works on in virtual time, and for how long without the end of a turn.
  #round = null;

  #watch(n, turns) {
    const timer = setTimeout(() => {
      const turnsNow = Atomics.load(this.#shared, 1);
      if (turnsNow === turns) this.#end('stuck', 'the thread did not answer');
      else this.#watch(n, turnsNow);
    }, this.#settings.patience_ms);
    this.#waiting.set(n, timer);
  }

  #receive(message, send) {
    if (Array.isArray(message)) {
      for (const line of message) send(line + '\n');
    } else if (message.type === 'aborted') {
      clearTimeout(this.#waiting.get(message.n));
      this.#waiting.delete(message.n);
    } else if (message.type === 'idle') {
      this.#round = null;
    } else {
      this.#loading.delete(message.generation);
    }
  }

  #failed(error) {
    const cause = error?.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'out_of_memory' : 'error';
    this.#cause ??= [cause, String(error?.stack ?? error)];
  }

  #check() {
    this.#checkMemory();
    if (this.#round !== null) {
      this.#checkRound();
      return;
    }
    if (Atomics.load(this.#shared, 2) === 0) {
      this.#leftover = null;
      return;
    }
    const turns = Atomics.load(this.#shared, 1);
    if (this.#leftover?.turns !== turns) {
      this.#leftover = { turns, checks: 0 };
      this.#port.postMessage({ type: 'ping' });
    } else if (++this.#leftover.checks * CHECK >= this.#settings.patience_ms) {
      this.#end('stuck', 'code of an invocation that had ended did not let go');
    }
  }

  // In virtual time no deadline comes while code runs.
  #checkRound() {
    const turns = Atomics.load(this.#shared, 1);
    if (this.#round.turns !== turns) {
      this.#round = { turns, checks: 0 };
    } else if (++this.#round.checks * CHECK >= this.#settings.patience_ms) {
      this.#end('stuck', 'the thread did not answer');
    }
  }

  #checkMemory() {
    const limit = this.#settings.resident_mb * 1024 * 1024;
    if (process.memoryUsage.rss() <= limit) return;
    // Which thread it is can be seen only while its code runs.
    const { slot } = this;
    setTimeout(() => {
      const still = slot !== 0 && this.slot === slot;
      if (still && process.memoryUsage.rss() > limit) {
        this.#end('out_of_memory', 'buffers outgrew the memory of the function');
      }
    }, CHECK / 2);
  }

  #end(cause, message) {
    this.#cause ??= [cause, message];
    for (const timer of this.#waiting.values()) clearTimeout(timer);
    this.#waiting.clear();
    this.#worker.terminate();
  }
}

module.exports = { Thread };
