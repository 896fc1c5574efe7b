'use strict';
// Virtual time: messages arrive in rounds. The threads that have something to do run one after the
// other, each until it is idle. The last reports when the first timer is due, and forge-emu advances
// the clock. The output does not depend on the machine's timing.

const { workerData } = require('node:worker_threads');
const clock = require('./clock.cjs');
const { Infinity, Math } = require('./primordials.cjs');
const { ignoreStalledSockets, hasPendingIo, hasPendingPoolWork } = require('./pending_io.cjs');
const { invocations, setSlot, countRound, countTurn } = require('./invocation.cjs');
const { sendMessage, flush } = require('./output.cjs');

const { real } = clock;
const { port, settings } = workerData;

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
// Which part of a round this is: whether it is the first, and the last, and when the first timer of
// another thread is due.
let part = null;
let dispatchMessage = null;
// Since when a round waits for what loading has started; null where no code was loaded since the
// last round.
let loadWaitStart = null;
// Since when it has waited for I/O, and how often it has checked.
let ioWaitStart = null;
let ioChecks = 0;
// Whether I/O of code that runs for no invocation was waited for in vain.
let strayGivenUp = false;

function initRounds(dispatch) {
  dispatchMessage = dispatch;
}

function enqueueMessages(texts) {
  for (let i = 0; i < texts.length; i++) queuedMessages[queuedMessages.length] = texts[i];
}

// Code has been loaded.
function onLoaded() {
  loadWaitStart = real.ms();
}

// Whether the next round waits for work of the thread pool that loading has started, such as that of
// Node's own modules. When it ends depends on the machine, and it is no work of an invocation.
function isLoadUnsettled() {
  if (loadWaitStart === null || !hasPendingPoolWork()) return false;
  return real.ms() - loadWaitStart < settings.io_patience_ms;
}

// All messages of the round have arrived; `now` is its instant.
function runRound({ now, lines, first, last, othersAt }) {
  enqueueMessages(lines);
  target = now;
  part = { last, othersAt };
  racing = false;
  loadWaitStart = null;
  if (first && !last) sendMessage({ type: 'parts' });
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
  // Results of the thread pool come in the order of the calls, and before anything else goes on:
  // code that polls for them with `setImmediate` does so as often on every machine.
  if (hasPendingPoolWork()) {
    waitForIo();
  } else if (isTimerDue(clock.now())) {
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

// From here on the order of messages is nondeterministic; forge-emu sorts them. What starts between two
// parts, such as at a load, is none of the part that another thread is running: the next part of this
// thread begins with it, if it is still pending then.
function reportRacing() {
  if (racing || part === null) return;
  racing = true;
  sendMessage({ type: 'racing' });
}

function waitForIo() {
  if (ioWaitStart === null) [ioWaitStart, ioChecks] = [real.ms(), 0];
  // I/O that never ends must not stop time for ever.
  if (real.ms() - ioWaitStart > ioPatience()) {
    giveUpIo();
    endRound();
  } else if (ioChecks++ < CHECKS_WITHOUT_DELAY) {
    real.setImmediate(runUntilIdle, 0);
  } else {
    real.setTimeout(runUntilIdle, 1, 0);
  }
}

function ioPatience() {
  let longest = 0;
  invocations.forEach(({ ioGivenUp, ioPatience: patience }) => {
    if (!ioGivenUp) longest = Math.max(longest, patience);
  });
  if (longest > 0) return longest;
  const first = invocations.size === 0 && !strayGivenUp;
  return first ? settings.io_patience_ms : settings.io_again_patience_ms;
}

function giveUpIo() {
  ignoreStalledSockets();
  if (invocations.size === 0) strayGivenUp = true;
  const ids = [];
  invocations.forEach((invocation) => {
    if (!invocation.ioGivenUp) ids[ids.length] = invocation.id;
    invocation.ioGivenUp = true;
  });
  if (ids.length > 0) sendMessage({ type: 'io_given_up', invocations: ids });
}

function endRound() {
  ioWaitStart = null;
  setSlot(undefined);
  const [now, at] = [clock.now(), clock.firstDue(true)];
  // First, so that the host does not see this end after the next round has begun.
  countRound(at, clock.firstDue(false));
  const { last, othersAt } = part;
  part = null;
  if (last) {
    const first = Math.min(at ?? Infinity, othersAt);
    sendMessage({ type: 'idle', now, at: first === Infinity ? null : first });
    flush();
  } else {
    sendMessage({ type: 'part_ended', now });
    flush();
    port.postMessage({ type: 'round_ended' });
  }
}

module.exports = {
  initRounds, enqueueMessages, onLoaded, isLoadUnsettled, runRound, reportRacing,
};
