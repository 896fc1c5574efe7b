'use strict';
// Virtual time: messages arrive in rounds. A round runs until the thread is idle; then the thread
// reports when its first timer is due, and forge-emu advances the clock. The output does not depend
// on the machine's timing.

const { workerData } = require('node:worker_threads');
const clock = require('./clock.cjs');
const { ignoreStalledSockets, hasPendingIo } = require('./pending_io.cjs');
const { setSlot, countRound, countTurn } = require('./invocation.cjs');
const { sendMessage, flush } = require('./output.cjs');

const { real } = clock;
const { settings } = workerData;

// Turns of the event loop without anything to do, after which promises have settled.
const IDLE_TURNS = 2;
// Checks for pending I/O before the thread starts to wait a millisecond between two of them.
const CHECKS_WITHOUT_DELAY = 200;
// How often an interval that no invocation owns may fire in one round, and all together.
const MAX_FIRES_PER_TIMER = 100;
const MAX_FIRES = 1000;

let racing = false;
let queuedMessages = [];
let target = 0;
let dispatchMessage = null;
// Since when it has waited for I/O, and how often it has checked.
let ioWaitStart = null;
let ioChecks = 0;

function initRounds(dispatch) {
  dispatchMessage = dispatch;
}

function enqueueMessages(texts) {
  for (let i = 0; i < texts.length; i++) queuedMessages[queuedMessages.length] = texts[i];
}

// All messages of the round have arrived; `now` is its instant.
function runRound({ now, lines }) {
  enqueueMessages(lines);
  target = now;
  racing = false;
  if (hasPendingIo()) reportRacing();
  fireTimersUntilTarget(0);
}

// Fires the timers due by the round's instant, each at its own time, and then runs its messages.
function fireTimersUntilTarget(fired) {
  const maxFires = fired < MAX_FIRES ? MAX_FIRES_PER_TIMER : 0;
  while (isTimerDue(target) && clock.postponeFrozenTimer(target, maxFires));
  if (isTimerDue(target)) {
    countTurn();
    clock.fireFirstTimer();
    real.setImmediate(real.setImmediate, fireTimersUntilTarget, fired + 1);
    return;
  }
  clock.advanceTo(target);
  const texts = queuedMessages;
  queuedMessages = [];
  for (let i = 0; i < texts.length; i++) real.setImmediate(dispatchMessage, texts[i]);
  real.setImmediate(runUntilIdle, 0);
}

function isTimerDue(instant) {
  const dueAt = clock.firstDue(false);
  return dueAt !== null && dueAt <= instant;
}

function runUntilIdle(idleTurns) {
  countTurn();
  if (isTimerDue(clock.now())) {
    clock.fireFirstTimer();
    real.setImmediate(runUntilIdle, 0);
  } else if (hasPendingIo()) {
    waitForIo();
  } else if (idleTurns < IDLE_TURNS) {
    ioWaitStart = null;
    real.setImmediate(runUntilIdle, idleTurns + 1);
  } else {
    endRound();
  }
}

// From here on the order of messages is nondeterministic; forge-emu sorts them.
function reportRacing() {
  if (racing) return;
  racing = true;
  sendMessage({ type: 'racing' });
}

function waitForIo() {
  if (ioWaitStart === null) [ioWaitStart, ioChecks] = [real.ms(), 0];
  // I/O that never ends must not stop time for ever.
  if (real.ms() - ioWaitStart > settings.io_patience_ms) {
    ignoreStalledSockets();
    endRound();
  } else if (ioChecks++ < CHECKS_WITHOUT_DELAY) {
    real.setImmediate(runUntilIdle, 0);
  } else {
    real.setTimeout(runUntilIdle, 1, 0);
  }
}

function endRound() {
  ioWaitStart = null;
  setSlot(undefined);
  // First, so that the host does not see this end after the next round has begun.
  countRound();
  sendMessage({ type: 'idle', now: clock.now(), at: clock.firstDue(true) });
  flush();
}

module.exports = { initRounds, enqueueMessages, runRound, reportRacing };
