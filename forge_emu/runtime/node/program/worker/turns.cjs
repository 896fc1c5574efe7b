'use strict';
// Real time: every message for the app gets a turn of its own, in the order in which they came.
//
// Between two passes over waiting messages, timers and answers of the system have their turns too.
// So a handler that computes lets the others go on before the next one starts.

const { real } = require('./clock.cjs');
const { Math } = require('./primordials.cjs');

// Messages of one pass, and real milliseconds after which it ends.
const MAX_TURNS = 32;
const MAX_PASS_MS = 5;

const { setImmediate } = real;
let waiting = [];
let next = 0;
let turnsLeft = 0;
// Set by the first turn of a pass.
let passEndsAt = null;

// Calls `run(argument)` in a turn of its own.
function enqueueTurn(run, argument) {
  waiting[waiting.length] = [run, argument];
  if (turnsLeft === 0) startPass();
}

function startPass() {
  turnsLeft = Math.min(waiting.length - next, MAX_TURNS);
  passEndsAt = null;
  for (let i = 0; i < turnsLeft; i++) setImmediate(takeTurn);
}

function takeTurn() {
  turnsLeft -= 1;
  // Before the turn, which may throw what no code of the app has caught.
  const now = real.ms();
  passEndsAt ??= now + MAX_PASS_MS;
  const isOver = now > passEndsAt;
  const entry = isOver ? undefined : waiting[next++];
  if (next === waiting.length) [waiting, next] = [[], 0];
  if (turnsLeft === 0 && waiting.length > next) startPass();
  entry?.[0](entry[1]);
}

module.exports = { enqueueTurn };
