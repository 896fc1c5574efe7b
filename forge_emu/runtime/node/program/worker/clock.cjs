'use strict';
// Time inside handlers: `Date`, timers and performance follow the emulated clock, which runs at its
// speed, stands still, or (in virtual time) moves only when forge-emu says so.
//
// @sinonjs/fake-timers holds the timers; what drives them is here. Our own code uses `real`.

const util = require('node:util');
const { AsyncResource } = require('node:async_hooks');
const { syncBuiltinESMExports } = require('node:module');
const timersPromises = require('node:timers/promises');
const { current, owner } = require('./context.cjs');

const { setTimeout, clearTimeout, setImmediate, clearImmediate, Math, Number, Object } = globalThis;
const real = { setTimeout, clearTimeout, setImmediate, clearImmediate, ms: realMs };
const hrtime = process.hrtime.bigint;

const FAKED = [
  'Date', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate',
  'clearImmediate', 'hrtime',
];
const LONGEST = 2 ** 31 - 1;

// In virtual time code that only looks at the clock, or only lets others go first, would wait for
// ever. So many looks of one invocation at one instant take it a millisecond.
const PATIENCE = 1000;

let fake = null;
let epoch = 0;
let virtual = false;
let changed = () => {};
let overtime = () => {};

// The clock stood at `base` when the machine's stood at `since`; it never goes beyond `stop`.
let base = 0;
let since = 0;
let speed = 1;
let stop = Infinity;
// The latest that a handler has seen: no clock goes back.
let shown = 0;
// What forge-emu told last, for `base` and `since`.
let told = { base, since };

function realMs() {
  return Number(hrtime() / 1000n) / 1000;
}

// Emulated milliseconds since 1970, with their fraction.
function view() {
  return speed === 0 ? base : Math.min(base + (realMs() - since) * speed, stop);
}

// The same as a handler sees it.
function look() {
  if (virtual && isOverdue('looks')) {
    overtime();
    base += 1;
  }
  shown = Math.max(shown, view());
  return shown;
}

function isOverdue(what) {
  const store = current.getStore();
  if (store === undefined) return false;
  if (store.instant !== base) Object.assign(store, { instant: base, looks: 0, yields: 0 });
  return ++store[what] % PATIENCE === 0;
}

// Where the clock goes on from while a timer's callback runs.
function rebase(at) {
  base = virtual ? Math.max(base, at) : at;
  since = realMs();
}

// After a timer's turn, the clock is again where it would be without it.
function resume() {
  ({ base, since } = virtual ? { base, since } : told);
}

// `now` and `stop_at` in emulated milliseconds; `at` is when that was, by the machine's clock.
function tell(time) {
  rebase(epoch + time.now);
  if (!virtual) since = time.at;
  speed = time.speed;
  stop = time.stop_at === null ? Infinity : epoch + time.stop_at;
  told = { base, since };
  changed();
}

// `onTimer` is called when the first timer may have become another, `onOvertime` when code takes
// virtual time.
function openClock(settings, onTimer, onOvertime) {
  epoch = settings.epoch_ms;
  virtual = settings.virtual;
  speed = 0;
  changed = onTimer;
  overtime = onOvertime;
  rebase(epoch);
  if (settings.fake_timers === null) return;
  fake = require(settings.fake_timers).install({
    now: epoch, toFake: FAKED, shouldClearNativeTimers: true, loopLimit: Infinity,
  });
  Object.defineProperty(fake, 'now', { get: () => Math.floor(look()), set: rebase });
  fakeTimers();
  fakeReaders();
  syncBuiltinESMExports();
}

function fakeTimers() {
  const { setTimeout, setInterval, setImmediate } = fake;
  const { clearTimeout, clearInterval, clearImmediate } = fake;
  fake.setTimeout = (callback, delay, ...values) =>
    owned((bound) => setTimeout(bound, milliseconds(delay), ...values), callback);
  fake.setInterval = (callback, delay, ...values) =>
    owned((bound) => setInterval(bound, milliseconds(delay), ...values), callback);
  fake.setImmediate = (callback, ...values) => {
    if (virtual && isOverdue('yields')) return fake.setTimeout(callback, 1, ...values);
    // The library puts it off by a millisecond inside a callback; Node does not.
    return owned((bound) => setImmediate(bound, ...values), callback, fake.now);
  };
  // Node takes anything; the library minds timers of another kind.
  const clearing = (clear) => (timer) => {
    try {
      clear(timer);
    } catch {
      // Not of this kind.
    }
  };
  fake.clearTimeout = clearing(clearTimeout);
  fake.clearInterval = clearing(clearInterval);
  fake.clearImmediate = clearing(clearImmediate);
  for (const name of ['setTimeout', 'setImmediate']) {
    globalThis[name][util.promisify.custom] = timersPromises[name];
  }
  const { scheduler } = timersPromises;
  scheduler.wait = (delay, options) => timersPromises.setTimeout(delay, undefined, options);
  scheduler.yield = () => timersPromises.setImmediate();
  AbortSignal.timeout = (delay) => {
    const controller = new AbortController();
    const reason = () => new DOMException('The operation was aborted due to timeout', 'TimeoutError');
    fake.setTimeout(() => controller.abort(reason()), delay);
    return controller.signal;
  };
}

function fakeReaders() {
  const start = epoch;
  const passed = () => look() - start;
  fake.hrtime = (before) => {
    const nanos = hrtimeOf(passed());
    const [seconds, rest] = before ?? [0, 0];
    const left = nanos - (BigInt(seconds) * 1_000_000_000n + BigInt(rest));
    const whole = left / 1_000_000_000n;
    return [Number(whole), Number(left - whole * 1_000_000_000n)];
  };
  process.hrtime.bigint = () => hrtimeOf(passed());
  const { mark } = performance;
  Object.defineProperties(performance, {
    now: { configurable: true, writable: true, value: passed },
    timeOrigin: { configurable: true, get: () => start },
    mark: {
      configurable: true,
      writable: true,
      value: (name, options) => mark.call(performance, name, { startTime: passed(), ...options }),
    },
  });
}

function hrtimeOf(ms) {
  return BigInt(Math.round(ms * 1000)) * 1000n;
}

// As Node: what is no sensible delay is one millisecond.
function milliseconds(delay) {
  const ms = Number(delay);
  return ms >= 1 && ms <= LONGEST ? Math.trunc(ms) : 1;
}

// A timer belongs to the invocation that sets it, in whose context it fires.
function owned(add, callback, dueAt) {
  const handle = add(inContext(callback));
  const timer = fake.timers[Number(handle)];
  if (dueAt !== undefined) timer.callAt = dueAt;
  timer.owner = owner();
  const { refresh } = handle;
  handle.refresh = () => {
    refresh();
    changed();
    return handle;
  };
  handle.close = () => {
    fake.clearTimeout(handle);
    return handle;
  };
  if (Symbol.dispose) handle[Symbol.dispose] = handle.close;
  // The code of an aborted invocation stops for good.
  if (timer.owner?.aborted) delete fake.timers[timer.id];
  else changed(timer.callAt - epoch);
  return handle;
}

function inContext(callback) {
  if (typeof callback !== 'function') return AsyncResource.bind(callback);
  return AsyncResource.bind(function (...values) {
    try {
      callback.apply(this, values);
    } catch (error) {
      // Here the context still tells whose it is.
      process.emit('uncaughtException', error, 'uncaughtException');
    }
  });
}

// Of code that still runs; the platform freezes what others leave behind.
function isLive(timer) {
  return timer.owner !== undefined && !timer.owner.ended;
}

// The first timer of all, or of running invocations alone; null where there is none.
function first(live) {
  let found = null;
  for (const id in fake?.timers) {
    const timer = fake.timers[id];
    if ((found === null || timer.callAt < found.callAt) && (!live || isLive(timer))) found = timer;
  }
  return found;
}

// When that is due, in emulated milliseconds.
function firstDue(live) {
  const timer = first(live);
  return timer && timer.callAt - epoch;
}

// Fires the first timer.
function fire() {
  fake.next();
}

// In virtual time: puts the first timer off till after `instant`, if it is of no running invocation
// and has fired `most` times since that was last its bound. Frozen code must not stop time.
function putOff(instant, most) {
  const timer = first(false);
  if (isLive(timer)) return false;
  if (timer.bound !== instant) Object.assign(timer, { bound: instant, left: most });
  if (timer.left-- > 0) return false;
  timer.callAt = epoch + instant + 1;
  return true;
}

function dropTimers(invocation) {
  for (const id in fake?.timers) {
    if (fake.timers[id].owner === invocation) delete fake.timers[id];
  }
}

// Emulated milliseconds since the run began.
function now() {
  return view() - epoch;
}

// In virtual time: the clock stands at `instant`, if it is not beyond it already.
function reach(instant) {
  rebase(epoch + instant);
}

// Real milliseconds until the clock reaches `instant`.
function realDelay(instant) {
  if (epoch + instant > stop) return Infinity;
  return Math.max(epoch + instant - view(), 0) / speed;
}

module.exports = {
  real, openClock, tell, view, now, firstDue, fire, resume, putOff, dropTimers, reach, realDelay,
};
