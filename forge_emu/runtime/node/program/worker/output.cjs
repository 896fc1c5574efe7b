'use strict';
// Messages of the thread to forge-emu, flushed once per turn of the event loop, or in virtual time
// once per round.

const { workerData } = require('node:worker_threads');
const { writeToPipe } = require('../shared/pipe.cjs');
const { port, settings } = workerData;
const { setImmediate, Buffer, JSON, Object, Array } = globalThis;
const stringify = JSON.stringify;
const wellFormed = Function.prototype.call.bind(String.prototype.toWellFormed);

// Characters after which the buffer is flushed early: forge-emu reads while the thread runs.
const FLUSH_SIZE = 128 * 1024;

const join = Function.prototype.call.bind(Array.prototype.join);

let buffer = [];
let size = 0;

function sendMessage(message) {
  let text = encode(message);
  // A lone surrogate is escaped in JSON, and Python's decoder refuses it.
  if (/\\ud[89a-f]/.test(text)) text = encode(message, replaceLoneSurrogate);
  if (size === 0 && !settings.virtual) setImmediate(flush);
  // Not joined here: the host's main thread is less busy.
  buffer[buffer.length] = text;
  size += text.length;
  if (size > FLUSH_SIZE) flush();
}

// An app may define `toJSON` on `Object.prototype`; it must not affect these messages.
const prototypes = [Object.prototype, Array.prototype];
const { defineProperty, getOwnPropertyDescriptor } = Object;

function encode(message, replacer) {
  const removed = [];
  for (let i = 0; i < prototypes.length; i++) {
    const descriptor = getOwnPropertyDescriptor(prototypes[i], 'toJSON');
    if (descriptor?.configurable !== true) continue;
    // Without a prototype, on which the app may have defined `get`.
    removed[i] = { __proto__: null, ...descriptor };
    delete prototypes[i].toJSON;
  }
  try {
    return stringify(message, replacer);
  } finally {
    for (let i = 0; i < prototypes.length; i++) {
      if (removed[i]) defineProperty(prototypes[i], 'toJSON', removed[i]);
    }
  }
}

function replaceLoneSurrogate(_, value) {
  return typeof value === 'string' ? wellFormed(value) : value;
}

function flush() {
  if (size === 0) return;
  const lines = buffer;
  buffer = [];
  size = 0;
  // In virtual time one thread runs at a time, and forge-emu waits for it.
  if (settings.virtual) writeToPipe(settings.pipes[1], Buffer.from(join(lines, '\n') + '\n'));
  else port.postMessage(lines);
}

module.exports = { sendMessage, flush };
