'use strict';
// Tells forge-emu for how long invocations of a thread could not go on, in real time: that is this
// machine's, not the app's.

const { ProcessorWait } = require('./processor_wait.cjs');

// Milliseconds that are worth telling: of waits for a processor, of turns that still last.
const WAIT_TOLD_MS = 50;
const HELD_TOLD_MS = 100;

class Lag {
  #send;
  #wait = new ProcessorWait();

  constructor(send) {
    this.#send = send;
  }

  // How long the thread has waited for a processor, as the system knows it by `threadNumber`.
  waitedMs(threadNumber) {
    return this.#wait.total(threadNumber);
  }

  // All invocations of the thread have waited for a processor.
  tellWait(thread, threadNumber) {
    const ms = this.#wait.take(threadNumber, WAIT_TOLD_MS);
    if (ms > 0) this.#tell({ thread, ms });
  }

  // All but the one whose code ran have waited for a turn that has lasted so long.
  tellHeld(thread, turn, hasEnded) {
    const ms = turn.takeHeld(hasEnded ? 1 : HELD_TOLD_MS);
    if (ms > 0) this.#tell({ thread, ms, held_by: turn.slot, turn_ms: turn.ownMs });
  }

  #tell(message) {
    this.#send(JSON.stringify({ type: 'thread_waited', ...message }) + '\n');
  }
}

module.exports = { Lag };
