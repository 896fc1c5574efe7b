'use strict';
// Built-ins of the language, saved before code of an app can replace them.

const frozenCopy = (object) =>
  Object.freeze(Object.create(null, Object.getOwnPropertyDescriptors(object)));

// Copies methods onto an object, so that a changed prototype does not affect it.
function withOwnMethods(object, ...names) {
  for (const name of names) object[name] = object[name];
  return object;
}

const newSafeMap = () => withOwnMethods(new Map(), 'get', 'set', 'delete');

module.exports = {
  // As it was before `code/deployed_files.cjs` limited it.
  fs: { ...require('node:fs') },
  withOwnMethods,
  newSafeMap,
  Array: frozenCopy(Array),
  Atomics: frozenCopy(Atomics),
  Buffer: frozenCopy(Buffer),
  Infinity,
  JSON: frozenCopy(JSON),
  Math: frozenCopy(Math),
  exitThread: process.reallyExit.bind(process),
};
