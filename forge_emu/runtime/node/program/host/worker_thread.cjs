'use strict';
// One worker thread as the host sees it: posts messages to it, and terminates it when it is stuck
// or when its invocation outgrows the memory of its function.

const path = require('node:path');
const { MessageChannel, Worker, receiveMessageOnPort } = require('node:worker_threads');
const { CHECK_INTERVAL_MS, CheckTimer } = require('./check_timer.cjs');
const { probeMemory } = require('./memory_probe.cjs');
const { Lag } = require('./lag.cjs');
const { Turn } = require('./turn.cjs');
const {
  SLOT, TURNS, ENDED, STARTED, ISOLATED, ROUNDS, SYSTEM_THREAD, BEGUN, UNDER_WAY, NEXT_TIMER,
  NEXT_OF_ALL, PATIENCE, createThreadMemory,
} = require('../shared/thread_memory.cjs');

const WORKER = path.join(__dirname, '..', 'worker', 'main.cjs');

// Real milliseconds without a finished turn, after which other invocations should not wait for it;
// those in which this machine was at other work do not count.
const BLOCKED_AFTER_MS = 1000;
// Checks after which a thread's wait for a processor is looked at.
const CHECKS_PER_LOOK = 10;
// The part of its function's memory at which code is measured again at once.
const CLOSE = 0.4;
// The part of its function's memory at which code is not waited for to end its turn.
const FAR_OVER = 2;
// In virtual time code may compute for so much of the processor's time; one that does not compute
// either (it waits for something, without letting go) may keep its thread for so many times longer.
const WALL_FACTOR = 4;

class WorkerThread {
  #worker;
  #port;
  #memory = createThreadMemory();
  #loadingGenerations = new Set();
  #settings;
  #listener;
  #send;
  #cause = null;
  #checkTimer = new CheckTimer(() => this.#check());
  // Its number on the wire; an isolated thread gets a new one.
  address;
  // Whether the next round of virtual time concerns it.
  touched = false;

  // Calls `listener.onEnded(thread, cause, message)`, `listener.onBlocked(thread, ms)`,
  // `listener.onRoundEnded(thread)` and `listener.onLoaded()`.
  constructor(address, incarnation, settings, send, listener) {
    this.address = address;
    this.#settings = settings;
    this.#listener = listener;
    this.#send = send;
    this.#lag = new Lag(send);
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    port1.on('message', (message) => this.#onMessage(message));
    this.#worker = new Worker(WORKER, {
      workerData: { port: port2, memory: this.#memory, index: address, incarnation, settings },
      transferList: [port2],
      resourceLimits: {
        maxOldGenerationSizeMb: settings.heap_mb,
        ...(settings.young_heap_mb && { maxYoungGenerationSizeMb: settings.young_heap_mb }),
      },
      // worker/console.cjs replaces both; nothing of the app reaches the host's own streams.
      stdout: false,
      stderr: false,
    });
    this.threadId = this.#worker.threadId;
    this.#worker.on('error', (error) => this.#onError(error));
    this.#worker.on('exit', () => {
      this.#checkTimer.stop();
      this.#receivePosted();
      port1.close();
      const [cause, message] = this.#cause ?? ['exit', 'the thread ended'];
      this.#listener.onEnded(this, cause, message);
    });
  }

  // Gives it what was not known when it was started: it waits for that with its modules loaded.
  begin(settings) {
    Object.assign(this.#settings, settings);
    this.#port.postMessage(settings);
    Atomics.store(this.#memory.integers, BEGUN, 1);
    Atomics.notify(this.#memory.integers, BEGUN);
    this.#checkTimer.start();
  }

  #give(message) {
    this.#checkTimer.give();
    this.#port.postMessage(message);
  }

  // Receives at once what the thread has posted until now.
  #receivePosted() {
    for (let next; (next = receiveMessageOnPort(this.#port)); ) this.#onMessage(next.message);
  }

  #load(index) { return Atomics.load(this.#memory.integers, index); }

  // The number of the invocation whose code runs now or ran last; 0 for none.
  get slot() { return this.#load(SLOT); }

  // The number of the invocation that was started last.
  get started() { return this.#load(STARTED); }

  // When its first timer is due, in virtual time; Infinity for none.
  get nextTimer() { return this.#memory.numbers[NEXT_TIMER]; }

  // The same for all timers: also those that ended invocations have left behind.
  get nextOfAll() { return this.#memory.numbers[NEXT_OF_ALL]; }

  // Leave it to the invocation that blocks it: no other invocation starts there.
  isolateAs(address) {
    Atomics.store(this.#memory.integers, ISOLATED, 1);
    this.address = address;
  }

  // Terminate it without calling the listener.
  release() {
    this.#listener = { onEnded() {}, onBlocked() {}, onRoundEnded() {}, onLoaded() {} };
    this.#terminate('released', '');
  }

  postLines(lines) {
    this.touched = true;
    this.#give(lines);
  }

  setTime(time) {
    this.#port.postMessage(time);
  }

  queueForRound(lines) {
    this.touched = true;
    this.#roundLines = lines;
  }

  // `message` says which part of the round it is; `onRoundEnded` tells of its end, unless it is the
  // last.
  startRound(message) {
    this.touched = false;
    this.#roundsStarted += 1;
    this.#currentRound = new Turn(null);
    this.#give({ ...message, lines: this.#roundLines });
    this.#roundLines = [];
  }

  get isInRound() {
    return this.#load(ROUNDS) !== this.#roundsStarted;
  }

  load(message) {
    this.#loadingGenerations.add(message.generation);
    this.#give({ type: 'load', message });
  }

  retire(generation) {
    this.#receivePosted();
    // Still loading: the top level of a module has not finished.
    if (this.#loadingGenerations.has(generation)) {
      this.#terminate('loading', 'a module did not finish loading');
    } else {
      this.#port.postMessage({ type: 'retire', generation });
    }
  }

  renew(generation) {
    this.#port.postMessage({ type: 'renew', generation });
  }

  takeOver(generation) {
    this.#port.postMessage({ type: 'take_over', generation });
  }

  abort(n) {
    this.touched = true;
    this.#give({ type: 'abort', n });
    // An isolated thread is known to be blocked; it has time until its invocation's deadline.
    if (this.#load(ISOLATED) === 0) this.#watchAbort(n, this.#load(TURNS));
  }

  #abortTimers = new Map();
  // The number of turns at the last check, and what has been seen since they changed.
  #currentTurn = null;
  // The same for the round it runs, in virtual time.
  #currentRound = null;
  #roundsStarted = 0;
  #roundLines = [];

  #watchAbort(n, turns) {
    const timer = setTimeout(() => {
      const turnsNow = this.#load(TURNS);
      if (turnsNow === turns) this.#terminate('stuck', 'the thread did not answer');
      else this.#watchAbort(n, turnsNow);
    }, this.#settings.patience_ms);
    this.#abortTimers.set(n, timer);
  }

  #onMessage(message) {
    if (Array.isArray(message)) {
      for (const line of message) this.#send(line + '\n');
    } else if (message.type === 'aborted') {
      clearTimeout(this.#abortTimers.get(message.n));
      this.#abortTimers.delete(message.n);
    } else if (message.type === 'round_ended') {
      this.#listener.onRoundEnded(this);
    } else {
      this.#loadingGenerations.delete(message.generation);
      this.#listener.onLoaded();
    }
  }

  #onError(error) {
    const cause = error?.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'out_of_memory' : 'error';
    this.#cause ??= [cause, String(error?.stack ?? error)];
  }

  #checks = 0;
  #lag;

  #check() {
    const { virtual } = this.#settings;
    const systemThread = this.#load(SYSTEM_THREAD);
    if (!virtual && ++this.#checks % CHECKS_PER_LOOK === 0) this.#lag.tellWait(this.address, systemThread);
    if (this.#currentRound !== null) {
      if (this.isInRound) this.#checkRound();
      else this.#currentRound = null;
      return;
    }
    const turns = this.#load(TURNS);
    if (this.#currentTurn?.turns !== turns) {
      if (!virtual && this.#currentTurn) this.#lag.tellHeld(this.address, this.#currentTurn, true);
      this.#checkTimer.noteAnswer(this.#load(UNDER_WAY) === 0);
      this.#currentTurn = new Turn(turns);
      this.#port.postMessage({ type: 'ping' });
      return;
    }
    this.#checkTimer.start();
    this.#checkMemory(this.#currentTurn);
    const lastedMs = ++this.#currentTurn.checks * CHECK_INTERVAL_MS;
    this.#currentTurn.note(lastedMs, this.slot, this.#lag.waitedMs(systemThread));
    if (!virtual) this.#lag.tellHeld(this.address, this.#currentTurn, false);
    if (this.#load(ENDED) === 1) {
      // From its end on: what it computed before that was its own time.
      const endedMs = ++this.#currentTurn.checksAfterEnd * CHECK_INTERVAL_MS;
      if (endedMs >= this.#settings.patience_ms) {
        this.#terminate('stuck', 'code of an invocation that had ended did not let go');
      }
    } else if (this.#currentTurn.isBlocked(BLOCKED_AFTER_MS) && this.slot !== 0) {
      this.#listener.onBlocked(this, this.#currentTurn.ownMs);
    }
  }

  // In virtual time no deadline passes while code runs. Code that does not let go has so much of
  // the processor's time as forge-emu says; other work of this machine does not count.
  #checkRound() {
    const turns = this.#load(TURNS);
    if (this.#currentRound.turns !== turns) {
      this.#currentRound = new Turn(turns);
      return;
    }
    this.#checkMemory(this.#currentRound);
    const wallMs = ++this.#currentRound.checks * CHECK_INTERVAL_MS;
    const { user, system } = process.cpuUsage(this.#currentRound.cpu);
    const allowedMs = this.#memory.numbers[PATIENCE] || this.#settings.patience_ms;
    if ((user + system) / 1000 >= allowedMs || wallMs >= allowedMs * WALL_FACTOR) {
      this.#terminate('stuck', 'the thread did not answer');
    }
  }

  // Only while code does not let go: between turns the thread measures itself.
  #checkMemory(turn) {
    if (turn.probing || this.slot === 0) return;
    turn.probing = true;
    const { slot, threadId } = this;
    probeMemory(threadId, (part) => {
      turn.probing = false;
      if (this.slot !== slot) return;
      if (part <= 1) {
        if (part > CLOSE) setTimeout(() => this.#checkMemory(turn), 5);
        return;
      }
      turn.overSince ??= turn.checks;
      // At the end of its turn the thread ends it alone, which harms no other.
      const overMs = (turn.checks - turn.overSince) * CHECK_INTERVAL_MS;
      if (part > FAR_OVER || overMs >= BLOCKED_AFTER_MS) {
        this.#terminate('out_of_memory', 'it outgrew the memory of its function');
      }
    });
  }

  #terminate(cause, message) {
    this.#cause ??= [cause, message];
    // Called again at each check until it has ended: code in microtasks may survive a first call.
    this.#abortTimers.forEach((timer) => clearTimeout(timer));
    this.#worker.terminate();
  }
}

module.exports = { WorkerThread };
