'use strict';
// Figures of the machine and of the process, which in virtual time are the same in every run; and
// names of temporary folders, which follow the seed.

const crypto = require('node:crypto');
const fs = require('node:fs');
const os = require('node:os');
const { performance, PerformanceEntry } = require('node:perf_hooks');
const { Worker, workerData } = require('node:worker_threads');
const workerThreads = require('node:worker_threads');
const clock = require('../clock.cjs');
const { trackWorker, onMessageToWorker } = require('../pending_io.cjs');
const { nameChance } = require('./chances.cjs');

const { settings } = workerData;
const { Atomics, Infinity, Object, Promise, WeakMap } = globalThis;

// As in a small function on the platform; no process of the machine is meant.
const PID = 8;
const MB = 1024 * 1024;
const MEMORY = {
  rss: 96 * MB, heapTotal: 32 * MB, heapUsed: 16 * MB, external: 4 * MB, arrayBuffers: MB,
};
const SUFFIX = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

function installMachine() {
  replaceTemporaryFolders();
  if (!settings.virtual) return;
  delete process.env.UV_THREADPOOL_SIZE;
  replaceProcess();
  replaceOs();
  replacePerformance();
  replaceAtomics();
  replaceWorker();
}

function replaceTemporaryFolders() {
  const { mkdirSync } = fs;
  const newFolder = (prefix, options) => {
    for (;;) {
      const suffix = Array.from({ length: 6 }, () => SUFFIX[crypto.randomInt(SUFFIX.length)]);
      const name = `${prefix}${suffix.join('')}`;
      try {
        mkdirSync(name, 0o700);
      } catch (error) {
        // An earlier run has left it.
        if (error.code === 'EEXIST') continue;
        error.syscall = 'mkdtemp';
        throw error;
      }
      const encoding = typeof options === 'string' ? options : options?.encoding;
      return encoding === 'buffer' ? Buffer.from(name) : name;
    }
  };
  fs.mkdtempSync = newFolder;
  fs.promises.mkdtemp = async (prefix, options) => newFolder(prefix, options);
  fs.mkdtemp = (prefix, options, callback) => {
    const done = callback ?? options;
    fs.promises
      .mkdtemp(prefix, callback === undefined ? undefined : options)
      .then((name) => process.nextTick(done, null, name), (error) => process.nextTick(done, error));
  };
}

function replaceProcess() {
  const { kill } = process;
  const values = {
    pid: PID,
    ppid: 1,
    memoryUsage: Object.assign(() => ({ ...MEMORY }), { rss: () => MEMORY.rss }),
    cpuUsage: (before) => ({ user: microseconds() - (before?.user ?? 0), system: 0 }),
    resourceUsage: () => ({
      userCPUTime: microseconds(), systemCPUTime: 0, maxRSS: MEMORY.rss / 1024,
      sharedMemorySize: 0, unsharedDataSize: 0, unsharedStackSize: 0, minorPageFault: 0,
      majorPageFault: 0, swappedOut: 0, fsRead: 0, fsWrite: 0, ipcSent: 0, ipcReceived: 0,
      signalsCount: 0, voluntaryContextSwitches: 0, involuntaryContextSwitches: 0,
    }),
    uptime: () => performance.now() / 1000,
    availableMemory: () => 256 * MB,
    constrainedMemory: () => 256 * MB,
    kill: (pid, signal) => (pid === PID && signal === 0 ? true : kill.call(process, pid, signal)),
  };
  for (const [name, value] of Object.entries(values)) {
    // That of `ppid` would go on answering.
    delete process[name];
    Object.defineProperty(process, name, {
      configurable: true, enumerable: true, writable: true, value,
    });
  }
}

function microseconds() {
  return Math.round(performance.now() * 1000);
}

function replaceOs() {
  const cpus = os.cpus().map((cpu) => ({ ...cpu, speed: 2500 }));
  for (const cpu of cpus) cpu.times = { user: 0, nice: 0, sys: 0, idle: 0, irq: 0 };
  os.uptime = () => performance.now() / 1000;
  os.loadavg = () => [0, 0, 0];
  os.freemem = () => 512 * MB;
  os.cpus = () => cpus.map((cpu) => ({ ...cpu, times: { ...cpu.times } }));
}

function replacePerformance() {
  const { measure, timerify, nodeTiming } = performance;
  const measureNow = (name, startOrOptions, endMark) => {
    let options = startOrOptions;
    if (options === null || typeof options !== 'object') {
      options = { start: startOrOptions ?? 0, end: endMark };
    }
    const { end, duration } = options;
    if (end === undefined && (duration === undefined || options.start === undefined)) {
      options = { ...options, end: performance.now() };
    }
    if (options.start === undefined && duration === undefined) options = { ...options, start: 0 };
    return measure.call(performance, name, options);
  };
  const withoutHistogram = (fn, options) => {
    const { histogram } = options ?? {};
    if (histogram === undefined) return timerify.call(performance, fn, options);
    return timerify.call(performance, function (...values) {
      const result = new.target ? Reflect.construct(fn, values, fn) : fn.apply(this, values);
      // Code takes no emulated time; a histogram begins with one.
      histogram.record(1);
      return result;
    });
  };
  const idle = () => ({ idle: 0, active: 0, utilization: 0 });
  const timing = { name: 'node', entryType: 'node', startTime: 0, nodeStart: 0, v8Start: 0,
    bootstrapComplete: 0, environment: 0, loopStart: 0, loopExit: -1, idleTime: 0 };
  const fixedTiming = Object.create(Object.getPrototypeOf(nodeTiming), {
    ...Object.getOwnPropertyDescriptors(timing),
    duration: { enumerable: true, get: () => performance.now() },
  });
  const toJSON = () => ({ timeOrigin: performance.timeOrigin, nodeTiming: { ...timing } });
  for (const [name, value] of Object.entries({
    measure: measureNow, timerify: withoutHistogram, eventLoopUtilization: idle, toJSON,
    nodeTiming: fixedTiming,
  })) {
    Object.defineProperty(performance, name, { configurable: true, writable: true, value });
  }
  replaceEntries();
}

// Entries that Node.js itself makes have real times: of functions, of collections of garbage.
function replaceEntries() {
  const seen = new WeakMap();
  const isReal = (entry) => entry.entryType !== 'mark' && entry.entryType !== 'measure';
  for (const [name, emulated] of [['startTime', () => performance.now()], ['duration', () => 0]]) {
    const { get } = Object.getOwnPropertyDescriptor(PerformanceEntry.prototype, name) ?? {};
    if (get === undefined) continue;
    Object.defineProperty(PerformanceEntry.prototype, name, {
      configurable: true,
      enumerable: true,
      get() {
        if (!isReal(this)) return get.call(this);
        if (name === 'duration') return 0;
        if (!seen.has(this)) seen.set(this, emulated());
        return seen.get(this);
      },
    });
  }
  const stamps = new WeakMap();
  Object.defineProperty(Event.prototype, 'timeStamp', {
    configurable: true,
    enumerable: true,
    get() {
      if (!stamps.has(this)) stamps.set(this, performance.now());
      return stamps.get(this);
    },
  });
}

// Without other threads, nobody can wake one that waits: it sleeps, in emulated time.
let hasWorkers = false;

function replaceAtomics() {
  const { wait, waitAsync } = Atomics;
  Atomics.wait = (array, index, value, timeout = Infinity) => {
    if (hasWorkers || !(timeout < Infinity)) return wait(array, index, value, timeout);
    const result = wait(array, index, value, 0);
    if (result === 'timed-out' && timeout > 0) clock.passTime(timeout);
    return result;
  };
  if (waitAsync === undefined) return;
  Atomics.waitAsync = (array, index, value, timeout = Infinity) => {
    if (!(timeout > 0 && timeout < Infinity)) return waitAsync(array, index, value, timeout);
    const result = waitAsync(array, index, value);
    if (!result.async) return result;
    let timer;
    const late = new Promise((resolve) => {
      timer = globalThis.setTimeout(resolve, timeout, 'timed-out');
    });
    const first = Promise.race([result.value, late]);
    result.value.then(() => clearTimeout(timer));
    return { async: true, value: first };
  };
}

function replaceWorker() {
  workerThreads.Worker = class extends Worker {
    constructor(...values) {
      super(...values);
      hasWorkers = true;
      nameChance('a worker thread has a clock, chance and speed of its own');
      trackWorker(this);
    }

    postMessage(...values) {
      onMessageToWorker(this);
      super.postMessage(...values);
    }

    terminate() {
      onMessageToWorker(this);
      return super.terminate();
    }
  };
}

module.exports = { installMachine };
