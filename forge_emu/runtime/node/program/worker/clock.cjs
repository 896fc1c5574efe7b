'use strict';
// Time inside handlers: `Date`, timers and `performance` follow the emulated clock, which runs at a
// set speed, is frozen, or (in virtual time) advances only when forge-emu sends an instant.
//
// @sinonjs/fake-timers stores the timers; this file fires them. This program's code uses `real`.

const util = require('node:util');
const { AsyncResource } = require('node:async_hooks');
const { syncBuiltinESMExports } = require('node:module');
const timersPromises = require('node:timers/promises');
const { currentInvocation } = require('./context.cjs');
const { isPollingClock, yieldMs } = require('./repeatable/busy_waiting.cjs');

const { setTimeout, clearTimeout, setImmediate, clearImmediate, Math, Number, Object } = globalThis;
const real = { setTimeout, clearTimeout, setImmediate, clearImmediate, ms: realMs };
const hrtime = process.hrtime.bigint;

const FAKED = [
  'Date', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate',
  'clearImmediate', 'hrtime',
];
const MAX_DELAY_MS = 2 ** 31 - 1;

// After the end of an invocation its timers fire until its timeout, and so often at most: an
// interval that nobody clears must not go on for ever.
const MAX_LATE_FIRES = 100;

let fake = null;
let epoch = 0;
let virtual = false;
let onTimerChange = () => {};
let onTimeConsumed = () => {};

// The emulated clock was at `base` when the real one was at `since`; it never passes `stopAt`.
let base = 0;
let since = 0;
let speed = 1;
let stopAt = Infinity;
// The latest time that a handler has read: the clock is monotonic.
let latestRead = 0;
// `base` and `since` as forge-emu set them last.
let lastSetTime = { base, since };

function realMs() {
  return Number(hrtime() / 1000n) / 1000;
}

// Emulated milliseconds since 1970, with their fraction.
function currentEpochMs() {
  return speed === 0 ? base : Math.min(base + (realMs() - since) * speed, stopAt);
}

// Whether the library reads the clock for a timer, which is no look at it by the handler.
let isAddingTimer = false;

// The same for a handler, which never sees time go back.
function readClock() {
  if (virtual && !isAddingTimer && isPollingClock(base)) passTime(1);
  latestRead = Math.max(latestRead, currentEpochMs());
  return latestRead;
}

// Virtual time: code sleeps without letting anything else run.
function passTime(ms) {
  onTimeConsumed();
  base += ms;
}

// Sets the clock, also to a timer's due time while its callback runs.
function rebase(at) {
  base = virtual ? Math.max(base, at) : at;
  since = realMs();
}

// After a timer's turn, sets the clock back to the time that forge-emu set.
function resume() {
  ({ base, since } = virtual ? { base, since } : lastSetTime);
}

// `now` and `stop_at` are in emulated milliseconds; `at` is the real time of `now`.
function setTime(time) {
  rebase(epoch + time.now);
  if (!virtual) since = time.at;
  speed = time.speed;
  stopAt = time.stop_at === null ? Infinity : epoch + time.stop_at;
  lastSetTime = { base, since };
  onTimerChange();
}

// `timerListener` is called when the first timer may have changed, `timeListener` when code
// consumes virtual time.
function installClock(settings, timerListener, timeListener) {
  epoch = settings.epoch_ms;
  virtual = settings.virtual;
  speed = 0;
  onTimerChange = timerListener;
  onTimeConsumed = timeListener;
  rebase(epoch);
  if (settings.fake_timers === null) return;
  fake = require(settings.fake_timers).install({
    now: epoch, toFake: FAKED, shouldClearNativeTimers: true, loopLimit: Infinity,
  });
  Object.defineProperty(fake, 'now', { get: () => Math.floor(readClock()), set: rebase });
  replaceTimers();
  replaceClockReaders();
  syncBuiltinESMExports();
}

function replaceTimers() {
  const { setTimeout, setInterval, setImmediate } = fake;
  const { clearTimeout, clearInterval, clearImmediate } = fake;
  fake.setTimeout = (callback, delay, ...values) =>
    addOwnedTimer((bound) => setTimeout(bound, validDelay(delay), ...values), callback);
  fake.setInterval = (callback, delay, ...values) =>
    addOwnedTimer((bound) => setInterval(bound, validDelay(delay), ...values), callback);
  fake.setImmediate = (callback, ...values) => {
    const ms = virtual ? yieldMs(base) : 0;
    if (ms > 0) return fake.setTimeout(callback, ms, ...values);
    // Inside a callback the library delays it by a millisecond; Node does not.
    return addOwnedTimer((bound) => setImmediate(bound, ...values), callback, true);
  };
  // Node ignores a timer of another kind; the library throws.
  const ignoreOtherKinds = (clear) => (timer) => {
    try {
      clear(timer);
    } catch {
      // Not of this kind.
    }
  };
  fake.clearTimeout = ignoreOtherKinds(clearTimeout);
  fake.clearInterval = ignoreOtherKinds(clearInterval);
  fake.clearImmediate = ignoreOtherKinds(clearImmediate);
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

function replaceClockReaders() {
  const start = epoch;
  const elapsed = () => readClock() - start;
  fake.hrtime = (previous) => {
    const nanos = toNanoseconds(elapsed());
    const [seconds, rest] = previous ?? [0, 0];
    const difference = nanos - (BigInt(seconds) * 1_000_000_000n + BigInt(rest));
    const wholeSeconds = difference / 1_000_000_000n;
    return [Number(wholeSeconds), Number(difference - wholeSeconds * 1_000_000_000n)];
  };
  process.hrtime.bigint = () => toNanoseconds(elapsed());
  const { mark } = performance;
  Object.defineProperties(performance, {
    now: { configurable: true, writable: true, value: elapsed },
    timeOrigin: { configurable: true, get: () => start },
    mark: {
      configurable: true,
      writable: true,
      value: (name, options) => mark.call(performance, name, { startTime: elapsed(), ...options }),
    },
  });
}

function toNanoseconds(ms) {
  return BigInt(Math.round(ms * 1000)) * 1000n;
}

// As in Node, an invalid delay becomes one millisecond.
function validDelay(delay) {
  const ms = Number(delay);
  return ms >= 1 && ms <= MAX_DELAY_MS ? Math.trunc(ms) : 1;
}

// A timer belongs to the invocation that sets it, in whose context it fires.
function addOwnedTimer(addTimer, callback, isDueNow = false) {
  const bound = bindContext(callback);
  isAddingTimer = true;
  let handle, timer;
  try {
    handle = addTimer(bound);
    timer = fake.timers[Number(handle)];
    if (isDueNow) timer.callAt = fake.now;
  } finally {
    // A delay that is no number may have thrown.
    isAddingTimer = false;
  }
  timer.owner = currentInvocation();
  const { refresh } = handle;
  handle.refresh = () => {
    refresh();
    onTimerChange();
    return handle;
  };
  handle.close = () => {
    fake.clearTimeout(handle);
    return handle;
  };
  if (Symbol.dispose) handle[Symbol.dispose] = handle.close;
  // An aborted invocation gets no more timers.
  if (timer.owner?.aborted || isFrozen(timer)) delete fake.timers[timer.id];
  else onTimerChange(timer.callAt - epoch);
  return handle;
}

function bindContext(callback) {
  if (typeof callback !== 'function') return AsyncResource.bind(callback);
  return AsyncResource.bind(function (...values) {
    try {
      callback.apply(this, values);
    } catch (error) {
      // Emitted here because the async context still names the invocation.
      process.emit('uncaughtException', error, 'uncaughtException');
    }
  });
}

// Whether an invocation owns the timer, rather than the top level of a module.
function isLive(timer) {
  return timer.owner !== undefined;
}

// Whether the invocation that owns the timer has ended, and its code goes on no longer.
function isFrozen({ owner, callAt }) {
  return owner?.ended === true
    && (owner.lateFires >= MAX_LATE_FIRES || callAt - epoch > owner.deadline);
}

// The first timer of all, or of invocations alone; null where there is none.
function firstTimer(liveOnly) {
  let earliest = null;
  for (const id in fake?.timers) {
    const timer = fake.timers[id];
    if (isFrozen(timer)) {
      delete fake.timers[id];
      continue;
    }
    const isEarlier = earliest === null || timer.callAt < earliest.callAt;
    if (isEarlier && (!liveOnly || isLive(timer))) earliest = timer;
  }
  return earliest;
}

// When that timer is due, in emulated milliseconds.
function firstDue(liveOnly) {
  const timer = firstTimer(liveOnly);
  return timer && timer.callAt - epoch;
}

function fireFirstTimer() {
  const owner = firstTimer(false)?.owner;
  if (owner?.ended) owner.lateFires += 1;
  fake.next();
}

// Virtual time: moves the first timer past `instant`, if no invocation owns it and it has fired
// `maxFires` times in the round of that instant. What no handler waits for must not stop time.
function postponeFrozenTimer(instant, maxFires) {
  const timer = firstTimer(false);
  if (isLive(timer)) return false;
  if (timer.roundInstant !== instant) {
    Object.assign(timer, { roundInstant: instant, firesLeft: maxFires });
  }
  if (timer.firesLeft-- > 0) return false;
  timer.callAt = epoch + instant + 1;
  return true;
}

// Those of an invocation, or all.
function dropTimers(invocation) {
  const goes = ({ owner }) => invocation === undefined || owner === invocation;
  for (const id in fake?.timers) if (goes(fake.timers[id])) delete fake.timers[id];
}

// Emulated milliseconds since the start of the run.
function now() {
  return currentEpochMs() - epoch;
}

// Virtual time: sets the clock to `instant`, unless it is already past it.
function advanceTo(instant) {
  rebase(epoch + instant);
}

// Real milliseconds until the clock reaches `instant`.
function realDelay(instant) {
  if (epoch + instant > stopAt) return Infinity;
  return Math.max(epoch + instant - currentEpochMs(), 0) / speed;
}

module.exports = {
  real, installClock, setTime, now, firstDue, fireFirstTimer, resume,
  postponeFrozenTimer, dropTimers, advanceTo, realDelay, passTime,
};
