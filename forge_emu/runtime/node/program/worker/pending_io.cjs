'use strict';
// Whether real I/O is pending, for which emulated time has to wait: files, sockets, processes, and
// work on Node's thread pool (crypto, zlib, WebAssembly).

const { createHook } = require('node:async_hooks');
const { isPromise } = require('node:util/types');
const { real } = require('./clock.cjs');
const { nameChance } = require('./repeatable/chances.cjs');

// Active resources that are no pending work.
const IDLE_RESOURCES = new Set([
  'Timeout', 'Immediate', 'MessagePort', 'TCPServerWrap', 'PipeServerWrap', 'FSEventWrap',
  'FSEvent', 'StatWatcher', 'SignalWrap', 'TTYWrap', 'UDPWrap',
]);
// Async resources that start no I/O.
const NON_IO_TYPES = new Set([
  'PROMISE', 'TickObject', 'Immediate', 'Timeout', 'Microtask', 'MESSAGEPORT', 'bound-anonymous-fn',
  'HTTPCLIENTREQUEST', 'HTTPINCOMINGMESSAGE',
]);
const SOCKET_RESOURCES = new Set(['TCPSocketWrap', 'PipeWrap', 'TLSWrap']);

// A socket is idle when nothing has been transferred for this long after the last input. After
// output it is busy until input arrives. Real milliseconds.
const QUIET_AFTER_INPUT_MS = 1000;

// What the thread pool works on. It ends by itself, whatever the code of the app does.
const POOL_RESOURCES = new Set([
  'FSReqCallback', 'FSReqPromise', 'GetAddrInfoReqWrap', 'GetNameInfoReqWrap',
]);
// What no seed repeats, by the type of its resource.
const CHANCES = new Map([
  ['PROCESSWRAP', 'another process: when it ends'],
  ['TCPCONNECTWRAP', 'a network connection: when the other side answers, and what'],
  ['PIPECONNECTWRAP', 'a connection to another process: when it answers, and what'],
]);

const webAssembly = { compile: WebAssembly.compile, instantiate: WebAssembly.instantiate };
// Called whenever I/O starts.
let onIoStart = () => {};

const pendingRequests = new Set();
// Worker threads of the app, and when each has last said something: before that it is busy, and for
// a while after it.
const workers = new Map();
const socketActivity = new WeakMap();

// Calls `onStart` whenever I/O starts.
//
// Node does not list requests on its thread pool. Each starts with a call of `run` or `write` on a
// resource, and ends with a callback, or with a promise of WebCrypto in newer versions of Node.js.
function trackPendingIo(onStart) {
  createHook({
    init(id, type, _, resource) {
      if (NON_IO_TYPES.has(type)) return;
      if (type === 'ZLIB') trackRequest(id, resource, 'write', onStart);
      else if (type.endsWith('REQUEST')) trackRequest(id, resource, 'run', onStart);
      else onStart();
      if (CHANCES.has(type)) nameChance(CHANCES.get(type));
    },
    before(id) {
      if (pendingRequests.size > 0) pendingRequests.delete(id);
    },
  }).enable();
  onIoStart = onStart;
}

// WebAssembly that compiles from now on is pending work, also that of Node's `fetch`: it begins with
// the first look at one of its classes, which other modules of this folder take.
function trackWebAssembly() {
  for (const [name, original] of Object.entries(webAssembly)) {
    WebAssembly[name] = (...args) => {
      const promise = original(...args);
      trackPromise(promise, onIoStart);
      return promise;
    };
  }
}

// In real time nobody asks what is pending.
function leaveWebAssembly() {
  Object.assign(WebAssembly, webAssembly);
}

// Waits for what a worker thread has been asked: when it starts, and with each message to it.
function trackWorker(worker) {
  workers.set(worker, Infinity);
  worker.on('message', () => workers.set(worker, real.ms()));
  // Not 'error': one that nobody listens for has to be thrown.
  worker.on('exit', () => workers.delete(worker));
}

function onMessageToWorker(worker) {
  if (workers.has(worker)) workers.set(worker, Infinity);
}

function isWorkerBusy(saidAt) {
  return saidAt === Infinity || real.ms() - saidAt < QUIET_AFTER_INPUT_MS;
}

function trackRequest(id, resource, method, onStart) {
  const original = resource[method];
  if (typeof original !== 'function') return;
  resource[method] = function (...args) {
    const result = original.apply(this, args);
    // A synchronous call returns its result; zlib has another method for that.
    if (result === undefined) {
      pendingRequests.add(id);
      onStart();
    } else if (isPromise(result)) {
      trackPromise(result, onStart);
    }
    return result;
  };
}

function trackPromise(promise, onStart) {
  const onSettled = () => pendingRequests.delete(promise);
  pendingRequests.add(promise);
  onStart();
  promise.then(onSettled, onSettled);
}

function hasPendingPoolWork() {
  if (pendingRequests.size > 0) return true;
  return process.getActiveResourcesInfo().some((type) => POOL_RESOURCES.has(type));
}

function hasPendingIo() {
  if (pendingRequests.size > 0) return true;
  for (const saidAt of workers.values()) if (isWorkerBusy(saidAt)) return true;
  let hasSocket = false;
  for (const type of process.getActiveResourcesInfo()) {
    if (SOCKET_RESOURCES.has(type)) hasSocket = true;
    else if (!IDLE_RESOURCES.has(type)) return true;
  }
  return hasSocket && process._getActiveHandles().some(isSocketBusy);
}

// Sockets that an agent keeps for reuse are unreferenced, and so not in the list of handles.
function isSocketBusy(handle) {
  if (handle.bytesRead === undefined || handle.server) return false;
  const { bytesRead, bytesWritten } = handle;
  let activity = socketActivity.get(handle);
  if (activity === undefined || activity.bytesWritten !== bytesWritten) {
    activity = { bytesRead, bytesWritten, inputAt: Infinity };
  } else if (activity.bytesRead !== bytesRead) {
    activity = { bytesRead, bytesWritten, inputAt: real.ms() };
  }
  socketActivity.set(handle, activity);
  return real.ms() - activity.inputAt < QUIET_AFTER_INPUT_MS || activity.inputAt === Infinity;
}

// Ignores all open sockets and worker threads until something is sent to them.
function ignoreStalledSockets() {
  for (const worker of workers.keys()) workers.set(worker, 0);
  for (const handle of process._getActiveHandles()) {
    const { bytesRead, bytesWritten } = handle;
    if (bytesRead === undefined) continue;
    socketActivity.set(handle, { bytesRead, bytesWritten, inputAt: 0 });
  }
}

module.exports = {
  trackPendingIo, trackWebAssembly, leaveWebAssembly, trackWorker, onMessageToWorker,
  hasPendingIo, hasPendingPoolWork, ignoreStalledSockets,
};
