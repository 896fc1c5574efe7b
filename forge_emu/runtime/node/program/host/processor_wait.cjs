'use strict';
// How long a thread was ready to run while this machine's processors were at other work. Linux keeps
// that for every thread, and tells the other systems' hosts nothing.

const fs = require('node:fs');

class ProcessorWait {
  #path = null;
  #toldMs = 0;

  // Whole milliseconds since the last call; 0 until the thread has a number, and on other systems.
  take(threadNumber) {
    if (threadNumber === 0) return 0;
    const sofar = this.#read(threadNumber);
    const ms = Math.floor(sofar - this.#toldMs);
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
