'use strict';
// How long a thread was ready to run while this machine's processors were at other work. Linux keeps
// that for every thread, and tells the other systems' hosts nothing.

const fs = require('node:fs');

class ProcessorWait {
  #path = null;
  #toldMs = 0;

  // Whole milliseconds that were not told yet, once they are `worth` it, else 0. The system knows the
  // thread by its number; without one, and on other systems, it is always 0.
  take(threadNumber, worth) {
    if (threadNumber === 0) return 0;
    const ms = Math.floor(this.#read(threadNumber) - this.#toldMs);
    if (ms < worth) return 0;
    this.#toldMs += ms;
    return ms;
  }

  #read(threadNumber) {
    const isFirst = this.#path === null;
    this.#path ??= `/proc/self/task/${threadNumber}/schedstat`;
    try {
      // Nanoseconds: on a processor, and waiting for one.
      const ms = Number(fs.readFileSync(this.#path, 'latin1').split(' ')[1]) / 1e6;
      if (isFirst) this.#toldMs = ms;
      return ms;
    } catch {
      return this.#toldMs;
    }
  }
}

module.exports = { ProcessorWait };
