'use strict';
// How long a thread was ready to run while this machine's processors were at other work. Linux keeps
// that for every thread, and tells the other systems' hosts nothing.

const fs = require('node:fs');

class ProcessorWait {
  #toldMs = null;
  #readMs = 0;

  // Whole milliseconds that were not told yet, once they are `worth` it, else 0.
  take(threadNumber, worth) {
    if (threadNumber === 0) return 0;
    const read = this.total(threadNumber);
    this.#toldMs ??= read;
    const ms = Math.floor(read - this.#toldMs);
    if (ms < worth) return 0;
    this.#toldMs += ms;
    return ms;
  }

  // Milliseconds since the thread has begun. The system knows the thread by its number; without one,
  // and on other systems, it is always 0.
  total(threadNumber) {
    if (threadNumber === 0) return 0;
    try {
      // Nanoseconds: on a processor, and waiting for one.
      const text = fs.readFileSync(`/proc/self/task/${threadNumber}/schedstat`, 'latin1');
      this.#readMs = Number(text.split(' ')[1]) / 1e6;
    } catch {
      // As it was.
    }
    return this.#readMs;
  }
}

module.exports = { ProcessorWait };
