'use strict';
// One worker thread seen from outside: posting to it, and ending it when it no longer answers.

const path = require('node:path');
const { MessageChannel, Worker, receiveMessageOnPort } = require('node:worker_threads');

const WORKER = path.join(__dirname, '..', 'worker', 'main.cjs');

// How often a thread is looked at: for memory outside the JavaScript heap (buffers), which no limit
// covers, and for code of ended invocations that keeps it busy, for which no deadline will come.
const CHECK = 200;
// Real milliseconds without the end of a turn, after which others on the thread should not wait.
const BLOCKED = 1000;

// Places in the shared memory; invocation.cjs has the same.
const SLOT = 0;
const TURNS = 1;
const ENDED = 2;
const STARTED = 3;
const APART = 4;
const PLAYED = 5;

class Thread {
  #worker;
  #port;
  #shared = new Int32Array(new SharedArrayBuffer(24));
  #loading = new Set();
  #settings;
  #heard;
  #cause = null;
  #checks;
  // What it is called on the wire; one that is set apart gets another name.
  address;

  // `heard.ended(thread, cause, message)` and `heard.blocked(thread)`.
  constructor(index, incarnation, settings, send, heard) {
    this.address = index;
    this.#settings = settings;
    this.#heard = heard;
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
      this.#heard.ended(this, cause, message);
    });
    this.#checks = setInterval(() => this.#check(), CHECK);
  }

  // The number of the invocation whose code runs now or ran last; 0 for none.
  get slot() {
    return Atomics.load(this.#shared, SLOT);
  }

  // The number of the invocation that was started last.
  get started() {
    return Atomics.load(this.#shared, STARTED);
  }

  // Leave it to the invocation that keeps it: what has not started there will not.
  setApart(address) {
    Atomics.store(this.#shared, APART, 1);
    this.address = address;
  }

  // End it without a word: nothing of it is wanted any more.
  release() {
    this.#heard = { ended() {}, blocked() {} };
    this.#end('released', '');
  }

  post(lines) {
    this.#port.postMessage(lines);
  }

  tell(time) {
    this.#port.postMessage(time);
  }

  play(round, lines) {
    this.#rounds += 1;
    this.#round = { turns: null, checks: 0 };
    this.#port.postMessage({ ...round, lines });
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
    // One that is set apart is known not to answer, and has time until its own deadline.
    if (Atomics.load(this.#shared, APART) === 0) this.#watch(n, Atomics.load(this.#shared, TURNS));
  }

  #waiting = new Map();
  // The turns at the last ping, and how often it was found unanswered.
  #ping = null;
  // The round it works on in virtual time, and for how long without the end of a turn.
  #round = null;
  #rounds = 0;

  #watch(n, turns) {
    const timer = setTimeout(() => {
      const turnsNow = Atomics.load(this.#shared, TURNS);
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
      if (Atomics.load(this.#shared, PLAYED) === this.#rounds) this.#round = null;
      else this.#checkRound();
      return;
    }
    const turns = Atomics.load(this.#shared, TURNS);
    if (this.#ping?.turns !== turns) {
      this.#ping = { turns, checks: 0 };
      this.#port.postMessage({ type: 'ping' });
      return;
    }
    const unanswered = ++this.#ping.checks * CHECK;
    if (Atomics.load(this.#shared, ENDED) === 1) {
      if (unanswered >= this.#settings.patience_ms) {
        this.#end('stuck', 'code of an invocation that had ended did not let go');
      }
    } else if (unanswered % BLOCKED === 0 && this.slot !== 0) {
      this.#heard.blocked(this);
    }
  }

  // In virtual time no deadline comes while code runs.
  #checkRound() {
    const turns = Atomics.load(this.#shared, TURNS);
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
