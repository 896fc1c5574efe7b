'use strict';
// A turn of a thread's event loop, or its round of virtual time, as the host's checks see it.

class Turn {
  #waitedBefore = null;
  #blockedMs = 0;
  #toldMs = 0;
  checks = 0;
  checksAfterEnd = 0;
  cpu = process.cpuUsage();
  probing = false;
  // The invocation whose code ran in it, and for how long, without the time for which the thread has
  // waited for a processor.
  slot = 0;
  ownMs = 0;

  // `turns`: how many the thread had taken before.
  constructor(turns) {
    this.turns = turns;
  }

  // For each check that finds it `lastedMs` long, with code of `slot`; `waitedMs` is how long the thread
  // has waited for a processor since it has begun.
  note(lastedMs, slot, waitedMs) {
    this.#waitedBefore ??= waitedMs;
    this.slot = slot;
    this.ownMs = Math.max(Math.floor(lastedMs - (waitedMs - this.#waitedBefore)), this.ownMs);
  }

  // Whether another `every` milliseconds have passed.
  isBlocked(every) {
    if (this.ownMs < this.#blockedMs + every) return false;
    this.#blockedMs += every;
    return true;
  }

  // The milliseconds that were not told yet, once they are `worth` it, else 0.
  takeHeld(worth) {
    const ms = this.ownMs - this.#toldMs;
    if (ms < worth) return 0;
    this.#toldMs += ms;
    return ms;
  }
}

module.exports = { Turn };
