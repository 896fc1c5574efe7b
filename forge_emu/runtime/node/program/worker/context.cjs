'use strict';
// Whose code runs.

const { AsyncLocalStorage } = require('node:async_hooks');
const { sturdy } = require('./primordials.cjs');

// The store is an Invocation, or the Generation whose modules are being loaded.
const current = sturdy(new AsyncLocalStorage(), 'run', 'getStore', 'exit');

// The instance whose modules are being evaluated now, which happens in one go; null for none.
const loading = { instance: null };

function load(instance, evaluate) {
  const before = loading.instance;
  loading.instance = instance;
  try {
    return evaluate();
  } finally {
    loading.instance = before;
  }
}

// The invocation whose code runs; nothing at the top level of a module, which is its instance's.
function owner() {
  if (loading.instance !== null) return undefined;
  const store = current.getStore();
  return store?.n === undefined ? undefined : store;
}

module.exports = { current, loading, load, owner };
