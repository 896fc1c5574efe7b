'use strict';
// What the thread says, collected into one text per turn of the loop, or in virtual time per round.

const { workerData } = require('node:worker_threads');
const fs = { writeSync: require('node:fs').writeSync };
const { port, settings } = workerData;
const { setImmediate, Atomics, Buffer, JSON, Object, Array } = globalThis;
const stringify = JSON.stringify;
const wellFormed = Function.prototype.call.bind(String.prototype.toWellFormed);

// So much is passed on within a round, for forge-emu to read while the thread goes on.
const PLENTY = 128 * 1024;

const join = Function.prototype.call.bind(Array.prototype.join);
const sleep = new Int32Array(new SharedArrayBuffer(4));

let collected = [];
let size = 0;

function say(message) {
  let text = textOf(message);
  // A lone half of a surrogate pair is escaped, and other languages refuse to read it.
  if (/\\ud[89a-f]/.test(text)) text = textOf(message, mend);
  if (size === 0 && !settings.virtual) setImmediate(flush);
  // Not joined here: the host's thread has more time.
  collected[collected.length] = text;
  size += text.length;
  if (size > PLENTY) flush();
}

// An app may give every object a `toJSON`; what we say is no object of the app.
const prototypes = [Object.prototype, Array.prototype];
const { defineProperty, getOwnPropertyDescriptor } = Object;

function textOf(message, replace) {
  const given = [];
  for (let i = 0; i < prototypes.length; i++) {
    const found = getOwnPropertyDescriptor(prototypes[i], 'toJSON');
    if (found?.configurable !== true) continue;
    // Without a prototype, which may have been given a `get`.
    given[i] = { __proto__: null, ...found };
    delete prototypes[i].toJSON;
  }
  try {
    return stringify(message, replace);
  } finally {
    for (let i = 0; i < prototypes.length; i++) {
      if (given[i]) defineProperty(prototypes[i], 'toJSON', given[i]);
    }
  }
}

function mend(_, value) {
  return typeof value === 'string' ? wellFormed(value) : value;
}

function flush() {
  if (size === 0) return;
  const lines = collected;
  collected = [];
  size = 0;
  if (settings.virtual) write(lines);
  else port.postMessage(lines);
}

// In virtual time there is one thread, and forge-emu waits for its words: they take the short way.
function write(lines) {
  const bytes = Buffer.from(join(lines, '\n') + '\n');
  for (let written = 0; written < bytes.length; ) {
    try {
      written += fs.writeSync(settings.pipes[1], bytes, written);
    } catch (error) {
      // Nobody is there any more.
      if (error.code !== 'EAGAIN') return;
      // forge-emu reads as fast as it can.
      Atomics.wait(sleep, 0, 0, 1);
    }
  }
}

module.exports = { say, flush };
