'use strict';
// What the thread says, collected into one text per turn of the loop, or in virtual time per round.

const { workerData } = require('node:worker_threads');
const { port, settings } = workerData;
const { setImmediate, JSON } = globalThis;
const stringify = JSON.stringify;
const wellFormed = Function.prototype.call.bind(String.prototype.toWellFormed);

// So much is passed on within a round, for forge-emu to read while the thread goes on.
const PLENTY = 128 * 1024;

let collected = '';

function say(message) {
  let text = stringify(message);
  // A lone half of a surrogate pair is escaped, and other languages refuse to read it.
  if (/\\ud[89a-f]/.test(text)) text = stringify(message, mend);
  if (collected === '' && !settings.virtual) setImmediate(flush);
  collected += text + '\n';
  if (collected.length > PLENTY) flush();
}

function mend(_, value) {
  return typeof value === 'string' ? wellFormed(value) : value;
}

function flush() {
  if (collected === '') return;
  const lines = collected;
  collected = '';
  port.postMessage(lines);
}

module.exports = { say, flush };
