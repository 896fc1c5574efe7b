'use strict';
// Writing to the pipe to forge-emu at once, from any thread.

const fs = { writeSync: require('node:fs').writeSync };
const { Atomics: { wait } } = globalThis;

const sleepCell = new Int32Array(new SharedArrayBuffer(4));

// Returns when all of `bytes` are in the pipe, or forge-emu has ended.
function writeToPipe(descriptor, bytes) {
  for (let written = 0; written < bytes.length; ) {
    try {
      written += fs.writeSync(descriptor, bytes, written);
    } catch (error) {
      // forge-emu has ended.
      if (error.code !== 'EAGAIN') return;
      // The pipe is full: wait until forge-emu has read from it.
      wait(sleepCell, 0, 0, 1);
    }
  }
}

module.exports = { writeToPipe };
