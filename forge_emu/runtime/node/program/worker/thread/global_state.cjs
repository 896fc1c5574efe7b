'use strict';
// What the app's code keeps in `globalThis`. Instances that share a thread share it, so a function
// whose code keeps state there gets a thread for each instance. Functions that code adds, such as
// polyfills, are no state.

const { newSafeMap } = require('../primordials.cjs');

const { ownKeys, getOwnPropertyDescriptor } = Reflect;
const { getOwnPropertySymbols } = Object;

// The names that have been looked at, and how many there were.
const known = newSafeMap();
let count = 0;
let countOfUsual = 0;
let found = false;

// Whether code has added state to `globalThis` since this program was ready for it. What is added so
// that no loop lists it is only looked for if `thorough`: listing all names takes five times as long,
// and an invocation has little else to do.
function keepsGlobalState(thorough) {
  if (found) return true;
  const usual = countUsualNames();
  if (usual === countOfUsual && !thorough) return false;
  countOfUsual = usual;
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

// Whether the last look has found any.
function hasGlobalState() {
  return found;
}

// Symbols, and the names that a loop lists.
function countUsualNames() {
  let usual = getOwnPropertySymbols(globalThis).length;
  for (const _ in globalThis) usual += 1;
  return usual;
}

function isState(property) {
  return property !== undefined && 'value' in property && typeof property.value !== 'function';
}

// What is there now is not the app's.
function rememberGlobals() {
  keepsGlobalState(true);
  found = false;
}

module.exports = { hasGlobalState, keepsGlobalState, rememberGlobals };
