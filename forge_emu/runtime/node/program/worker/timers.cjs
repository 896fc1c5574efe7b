'use strict';
// Fires handlers' timers from real timers, in every time mode but the virtual one.

const clock = require('./clock.cjs');
const { current } = require('./context.cjs');

const MAX_DELAY_MS = 2 ** 31 - 1;

let armedFor = Infinity;
let timer = null;
let immediate = null;
let firing = false;

// A timer is due at `instant`; without it, any timer may have changed.
function rearmTimer(instant) {
  if (firing) return;
  if (instant === undefined) {
    armedFor = Infinity;
    instant = clock.firstDue(false) ?? Infinity;
  }
  if (instant < armedFor) current.exit(armTimer, instant);
}

function armTimer(instant) {
  clock.real.clearTimeout(timer);
  clock.real.clearImmediate(immediate);
  armedFor = instant;
  const delay = clock.realDelay(instant);
  if (delay === Infinity) return;
  if (delay > 0) {
    timer = clock.real.setTimeout(fireDueTimer, Math.min(Math.ceil(delay), MAX_DELAY_MS));
  } else {
    immediate = clock.real.setImmediate(fireDueTimer);
  }
}

// Fires one timer per turn of the event loop, each at its own time however late it is.
function fireDueTimer() {
  firing = false;
  armedFor = Infinity;
  const dueAt = clock.firstDue(false);
  if (dueAt === null) return;
  if (clock.realDelay(dueAt) > 0) {
    armTimer(dueAt);
    return;
  }
  firing = true;
  clock.fireFirstTimer();
  clock.real.setImmediate(() => {
    clock.resume();
    fireDueTimer();
  });
}

module.exports = { rearmTimer };
