'use strict';
// The invocation, or the generation, whose code runs.

const { AsyncLocalStorage } = require('node:async_hooks');
const { withOwnMethods } = require('./primordials.cjs');

// The store is an Invocation, or the Generation whose modules are being loaded.
const current = withOwnMethods(new AsyncLocalStorage(), 'run', 'getStore', 'exit');

// The instance whose modules are being evaluated, which is synchronous; null for none.
const loading = { instance: null };

function whileLoading(instance, evaluate) {
  const previous = loading.instance;
  loading.instance = instance;
  try {
    return evaluate();
  } finally {
    loading.instance = previous;
  }
}

// The invocation whose code runs; undefined at the top level of a module, which its instance owns.
function currentInvocation() {
  if (loading.instance !== null) return undefined;
  const store = current.getStore();
  return store?.n === undefined ? undefined : store;
}

module.exports = { current, loading, whileLoading, currentInvocation };
