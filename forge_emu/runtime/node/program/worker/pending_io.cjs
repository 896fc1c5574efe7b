'use strict';
// Whether anything real is under way for which emulated time has to stand still: a file, a
// connection, a process, and what runs on Node's own threads (crypto, zlib, WebAssembly).

const { createHook } = require('node:async_hooks');
const { real } = require('./clock.cjs');

// What keeps a process alive without being work.
const IDLE = new Set([
  'Timeout', 'Immediate', 'MessagePort', 'TCPServerWrap', 'PipeServerWrap', 'FSEventWrap',
  'FSEvent', 'StatWatcher', 'SignalWrap', 'TTYWrap', 'UDPWrap',
]);
// What begins without anything real.
const HARMLESS = new Set([
  'PROMISE', 'TickObject', 'Immediate', 'Timeout', 'Microtask', 'MESSAGEPORT', 'bound-anonymous-fn',
]);
const SOCKETS = new Set(['TCPSocketWrap', 'PipeWrap', 'TLSWrap']);

// A connection on which nothing moves is at rest: soon after something came in, but not while an
// answer to what went out may be due. Real milliseconds.
const AFTER_INPUT = 1000;

const jobs = new Set();
const sockets = new WeakMap();

// `begun` is called when anything real begins.
//
// Node does not list what runs on its own threads. All of it starts with a call of `run` or `write`
// on a resource, and ends with a callback.
function openFlight(begun) {
  createHook({
    init(id, type, _, resource) {
      if (HARMLESS.has(type)) return;
      if (type === 'ZLIB') watch(id, resource, 'write', begun);
      else if (type.endsWith('REQUEST')) watch(id, resource, 'run', begun);
      else begun();
    },
    before(id) {
      if (jobs.size > 0) jobs.delete(id);
    },
  }).enable();
  for (const name of ['compile', 'instantiate']) {
    const start = WebAssembly[name];
    WebAssembly[name] = (...values) => {
      const promise = start(...values);
      const landed = () => jobs.delete(promise);
      jobs.add(promise);
      begun();
      promise.then(landed, landed);
      return promise;
    };
  }
}

function watch(id, resource, method, begun) {
  const start = resource[method];
  if (typeof start !== 'function') return;
  resource[method] = function (...values) {
    const answer = start.apply(this, values);
    // What is done at once answers at once; zlib has another method for that.
    if (answer === undefined) {
      jobs.add(id);
      begun();
    }
    return answer;
  };
}

function inFlight() {
  if (jobs.size > 0) return true;
  let connected = false;
  for (const type of process.getActiveResourcesInfo()) {
    if (SOCKETS.has(type)) connected = true;
    else if (!IDLE.has(type)) return true;
  }
  return connected && process._getActiveHandles().some(isBusy);
}

// Connections that are kept for later use do not keep a process alive, and are not in the list.
function isBusy(handle) {
  if (handle.bytesRead === undefined || handle.server) return false;
  const { bytesRead, bytesWritten } = handle;
  let seen = sockets.get(handle);
  if (seen === undefined || seen.bytesWritten !== bytesWritten) {
    seen = { bytesRead, bytesWritten, inputAt: Infinity };
  } else if (seen.bytesRead !== bytesRead) {
    seen = { bytesRead, bytesWritten, inputAt: real.ms() };
  }
  sockets.set(handle, seen);
  return real.ms() - seen.inputAt < AFTER_INPUT || seen.inputAt === Infinity;
}

// Connections that have held time for too long count again when something moves on them.
function disregard() {
  for (const handle of process._getActiveHandles()) {
    const { bytesRead, bytesWritten } = handle;
    if (bytesRead !== undefined) sockets.set(handle, { bytesRead, bytesWritten, inputAt: 0 });
  }
}

module.exports = { openFlight, inFlight, disregard };
