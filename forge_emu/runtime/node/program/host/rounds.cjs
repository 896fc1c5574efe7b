'use strict';
// Virtual time: the threads that have something to do in a round run one after the other. So what
// they say has an order, and only one of them computes at a time.

class HostRounds {
  #threads;
  #writeMessage;
  #waiting = [];
  #current = null;
  #message = null;
  #ranAny = false;

  // `threads` are those of the host by address.
  constructor(threads, writeMessage) {
    this.#threads = threads;
    this.#writeMessage = writeMessage;
  }

  start(message) {
    this.#message = message;
    this.#ranAny = false;
    this.#waiting = [...this.#threads.values()]
      .filter((thread) => thread.touched || thread.nextOfAll <= message.now)
      .sort((a, b) => a.address - b.address);
    this.#next();
  }

  // The thread has finished its part.
  onRoundEnded(thread) {
    if (thread === this.#current) this.#next();
  }

  // The thread is gone, and what was left of its part of the round with it.
  onThreadEnded(thread) {
    this.#waiting = this.#waiting.filter((other) => other !== thread);
    if (thread !== this.#current) return;
    this.#current = null;
    if (thread.isInRound) this.#next();
  }

  #next() {
    this.#current = this.#waiting.shift() ?? null;
    if (this.#current === null) {
      this.#writeIdle();
      return;
    }
    const last = this.#waiting.length === 0;
    const first = !this.#ranAny;
    this.#ranAny = true;
    const others = [...this.#threads.values()].filter((thread) => thread !== this.#current);
    const othersAt = Math.min(Infinity, ...others.map((thread) => thread.nextTimer));
    this.#current.startRound({ ...this.#message, first, last, othersAt });
  }

  // When no thread is left to say it.
  #writeIdle() {
    const timers = [...this.#threads.values()].map((thread) => thread.nextTimer);
    const at = Math.min(Infinity, ...timers);
    this.#writeMessage({
      type: 'idle', now: this.#message.now, at: at === Infinity ? null : at,
    });
  }
}

module.exports = { HostRounds };
