'use strict';
// Buffers that V8 leaves out of what a thread holds: shared ones, and in most versions of Node.js
// those that can be resized. What makes them, and what makes them longer, notes how long they are.

const { getHeapStatistics } = require('node:v8');
const { withOwnMethods } = require('../primordials.cjs');

const { ArrayBuffer, Proxy, SharedArrayBuffer, WeakMap, WeakRef, WebAssembly } = globalThis;
const { apply, construct, defineProperty, getOwnPropertyDescriptor } = Reflect;
const { deref } = WeakRef.prototype;
const getterOf = (type, name) => getOwnPropertyDescriptor(type.prototype, name).get;
const bytesOf = getterOf(ArrayBuffer, 'byteLength');
const bytesOfShared = getterOf(SharedArrayBuffer, 'byteLength');
const isResizable = getterOf(ArrayBuffer, 'resizable');
const bufferOf = getterOf(WebAssembly.Memory, 'buffer');
const isOf = Function.prototype[Symbol.hasInstance];

const PROBE_BYTES = 1024 * 1024;

// Notes of what was made: a weak reference, how its bytes are read, and how many it has.
let notes = [];
const noteOf = withOwnMethods(new WeakMap(), 'get', 'set');
let sum = 0;

function installUncountedBuffers() {
  noteWhatIsMade(globalThis, 'SharedArrayBuffer', () => bytesOfShared);
  noteLength(SharedArrayBuffer, 'grow');
  noteWhatIsMade(WebAssembly, 'Memory', (memory) =>
    apply(isOf, SharedArrayBuffer, [apply(bufferOf, memory, [])]) ? bytesOfMemory : null);
  noteLength(WebAssembly.Memory, 'grow');
  if (countsResizable()) return;
  noteWhatIsMade(globalThis, 'ArrayBuffer', (one) => (apply(isResizable, one, []) ? bytesOf : null));
  noteLength(ArrayBuffer, 'resize');
}

function bytesOfMemory() {
  return apply(bytesOfShared, apply(bufferOf, this, []), []);
}

function countsResizable() {
  const before = getHeapStatistics().external_memory;
  const probe = new ArrayBuffer(0, { maxByteLength: PROBE_BYTES });
  probe.resize(PROBE_BYTES);
  return getHeapStatistics().external_memory - before >= PROBE_BYTES;
}

// `readerOf` gives the function that reads the bytes of what was made; null if V8 counts them.
function noteWhatIsMade(holder, name, readerOf) {
  const original = holder[name];
  const noting = new Proxy(original, {
    construct(target, values, newTarget) {
      const one = construct(target, values, newTarget === noting ? target : newTarget);
      const read = readerOf(one);
      if (read === null) return one;
      const note = { reference: new WeakRef(one), read, bytes: apply(read, one, []) };
      notes[notes.length] = note;
      noteOf.set(one, note);
      sum += note.bytes;
      return one;
    },
  });
  replaceValue(holder, name, noting);
  replaceValue(original.prototype, 'constructor', noting);
}

function noteLength(type, method) {
  const original = type.prototype[method];
  const noting = new Proxy(original, {
    apply(target, one, values) {
      const result = apply(target, one, values);
      const note = noteOf.get(one);
      if (note !== undefined) {
        const bytes = apply(note.read, one, []);
        sum += bytes - note.bytes;
        note.bytes = bytes;
      }
      return result;
    },
  });
  replaceValue(type.prototype, method, noting);
}

function replaceValue(holder, name, value) {
  defineProperty(holder, name, { ...getOwnPropertyDescriptor(holder, name), value });
}

// Bytes of those that were there when `forgetCollected` was last called, and of those made since.
function uncountedBytes() {
  return sum;
}

// Garbage has been collected. To ask for one of them holds it until the end of the turn, so that
// nothing else does.
function forgetCollected() {
  const left = [];
  sum = 0;
  for (let i = 0; i < notes.length; i++) {
    if (apply(deref, notes[i].reference, []) === undefined) continue;
    sum += notes[i].bytes;
    left[left.length] = notes[i];
  }
  notes = left;
}

module.exports = { installUncountedBuffers, uncountedBytes, forgetCollected };
