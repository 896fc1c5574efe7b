'use strict';
// What the app's code keeps in `globalThis`. Instances that share a thread share it, so a function
// whose code keeps state there gets a thread for each instance. Functions that code adds, such as
// polyfills, are no state.

const { newSafeMap } = require('../primordials.cjs');

const { ownKeys, getOwnPropertyDescriptor } = Reflect;

// The names that have been looked at, and how many there were.
const known = newSafeMap();
let count = 0;
let found = false;

// Whether code has added state to `globalThis` since this program was ready for it.
function keepsGlobalState() {
  if (found) return true;
  const names = ownKeys(globalThis);
  if (names.length === count) return false;
  count = names.length;
  for (let i = 0; i < names.length; i++) {
    const name = names[i];
    if (known.get(name)) continue;
    known.set(name, true);
    found ||= isState(getOwnPropertyDescriptor(globalThis, name));
  }
  return found;
}

function isState(property) {
  return property !== undefined && 'value' in property && typeof property.value !== 'function';
}

// What is there now is not the app's.
function rememberGlobals() {
  keepsGlobalState();
  found = false;
}

module.exports = { keepsGlobalState, rememberGlobals };
