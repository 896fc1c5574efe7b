'use strict';
// Parts of the language as they were before any code of an app could replace them.

const copy = (whole) => Object.freeze(Object.create(null, Object.getOwnPropertyDescriptors(whole)));

// Gives an object methods of its own, which outlive those of its class.
function sturdy(object, ...names) {
  for (const name of names) object[name] = object[name];
  return object;
}

const newMap = () => sturdy(new Map(), 'get', 'set', 'delete');

module.exports = {
  sturdy,
  newMap,
  Array: copy(Array),
  Atomics: copy(Atomics),
  Buffer: copy(Buffer),
  JSON: copy(JSON),
  Math: copy(Math),
  leaveThread: process.reallyExit.bind(process),
};
