'use strict';
// Fires handlers' timers when the machine's time has come, in every time mode but the virtual one.

const clock = require('./clock.cjs');
const { current } = require('./context.cjs');

const LONGEST = 2 ** 31 - 1;

let armedFor = Infinity;
let timer = null;
let immediate = null;
let firing = false;

// A timer is due at `instant`, or, without it, any may be.
function expect(instant) {
  if (firing) return;
  if (instant === undefined) {
    armedFor = Infinity;
    instant = clock.firstDue(false) ?? Infinity;
  }
  if (instant < armedFor) current.exit(arm, instant);
}

function arm(instant) {
  clock.real.clearTimeout(timer);
  clock.real.clearImmediate(immediate);
  armedFor = instant;
  const delay = clock.realDelay(instant);
  if (delay === Infinity) return;
  if (delay > 0) timer = clock.real.setTimeout(tick, Math.min(Math.ceil(delay), LONGEST));
  else immediate = clock.real.setImmediate(tick);
}

// One timer per turn of the loop, each at its own time however late it is.
function tick() {
  firing = false;
  armedFor = Infinity;
  const due = clock.firstDue(false);
  if (due === null) return;
  if (clock.realDelay(due) > 0) {
    arm(due);
    return;
  }
  firing = true;
  clock.fire();
  clock.real.setImmediate(() => {
    clock.resume();
    tick();
  });
}

module.exports = { expect };
