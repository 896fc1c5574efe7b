'use strict';
// Virtual time: what comes in comes in rounds. A round is worked off until nothing moves any more;
// then the thread says when its first timer is due, and time moves on. No timing of the machine
// shows in what is said.

const { workerData } = require('node:worker_threads');
const clock = require('./clock.cjs');
const { disregard, inFlight } = require('./pending_io.cjs');
const { enter, played, turned } = require('./invocation.cjs');
const { say, flush } = require('./output.cjs');

const { real } = clock;
const { settings } = workerData;

// Turns of the loop without anything to do, after which promises have settled.
const QUIET_TURNS = 2;
// Looks at what is in flight before the thread begins to rest in between.
const EAGER = 200;
// How often an interval of nobody fires in one step of time, and all of them together.
const MOST_TICKS = 100;
const MOST_LEFTOVERS = 1000;

let racing = false;
let inbox = [];
let target = 0;
let take = null;
// Since when it has waited for what is in flight, and how often it has looked.
let waiting = null;
let looks = 0;

function openRounds(turn) {
  take = turn;
}

function collect(texts) {
  for (let i = 0; i < texts.length; i++) inbox[inbox.length] = texts[i];
}

// Everything of the round has come in; `now` is its instant.
function play({ now, lines }) {
  collect(lines);
  target = now;
  racing = false;
  if (inFlight()) race();
  catchUp(0);
}

// What is due by then comes first, each timer at its own time.
function catchUp(fired) {
  const most = fired < MOST_LEFTOVERS ? MOST_TICKS : 0;
  while (comesBy(target) && clock.putOff(target, most));
  if (comesBy(target)) {
    turned();
    clock.fire();
    real.setImmediate(real.setImmediate, catchUp, fired + 1);
    return;
  }
  clock.reach(target);
  const texts = inbox;
  inbox = [];
  for (let i = 0; i < texts.length; i++) real.setImmediate(take, texts[i]);
  real.setImmediate(settle, 0);
}

function comesBy(instant) {
  const due = clock.firstDue(false);
  return due !== null && due <= instant;
}

function settle(quiet) {
  turned();
  if (comesBy(clock.now())) {
    clock.fire();
    real.setImmediate(settle, 0);
  } else if (inFlight()) {
    rest();
  } else if (quiet < QUIET_TURNS) {
    waiting = null;
    real.setImmediate(settle, quiet + 1);
  } else {
    finish();
  }
}

// From here on the order of what is said is chance: forge-emu puts it in order.
function race() {
  if (racing) return;
  racing = true;
  say({ type: 'racing' });
}

function rest() {
  if (waiting === null) [waiting, looks] = [real.ms(), 0];
  // What never ends must not stop time for ever.
  if (real.ms() - waiting > settings.io_patience_ms) {
    disregard();
    finish();
  } else if (looks++ < EAGER) {
    real.setImmediate(settle, 0);
  } else {
    real.setTimeout(settle, 1, 0);
  }
}

function finish() {
  waiting = null;
  enter(undefined);
  // First, so that the host does not hear of this end after the beginning of the next round.
  played();
  say({ type: 'idle', now: clock.now(), at: clock.firstDue(true) });
  flush();
}

module.exports = { openRounds, collect, play, race };
