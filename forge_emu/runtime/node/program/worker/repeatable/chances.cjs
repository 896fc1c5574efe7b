'use strict';
// What a handler uses that no seed repeats is named once per thread, in virtual time.

const { workerData } = require('node:worker_threads');
const { current } = require('../context.cjs');
const { sendMessage } = require('../output.cjs');

const { settings } = workerData;
const named = new Set();

function nameChance(what) {
  if (!settings.virtual || named.has(what)) return;
  const store = current.getStore();
  // Code at the top level of a module, and this program's own, is not looked at.
  if (store?.n === undefined) return;
  named.add(what);
  const message = `${what}: this does not follow the seed, so another run may differ`;
  sendMessage({ type: 'log', id: store.id, level: 'warn', message });
}

module.exports = { nameChance };
