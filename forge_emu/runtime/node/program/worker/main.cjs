'use strict';
// One thread that runs handlers: many instances of the app, one invocation at a time in each.
//
// Every message that concerns the app gets a turn of its own on the event loop, so that the slot
// in shared memory names the invocation whose code runs whenever the thread has to be ended.

const { workerData } = require('node:worker_threads');
const { Array, JSON, newMap } = require('./primordials.cjs');
const { setImmediate } = globalThis;

const { invocations, Invocation, begin, enter, outlive, trackSlot, turned } = require('./invocation.cjs');
const { current } = require('./context.cjs');
const { Generation } = require('./generation.cjs');
const { openConsole } = require('./console.cjs');
const { openDoors, answer, dropRequests } = require('./forge_globals.cjs');
const { guardExits } = require('./exits.cjs');
const { reportOf } = require('./errors.cjs');
const { outcomeOf } = require('./outcome.cjs');
const { say, flush } = require('./output.cjs');
const clock = require('./clock.cjs');
const { openChance } = require('./random.cjs');
const { openFlight } = require('./pending_io.cjs');
const { expect } = require('./timers.cjs');
const rounds = require('./rounds.cjs');

const { port, index, settings } = workerData;
const generations = newMap();

openConsole();
openDoors();
guardExits(crash);
trackSlot();
openChance(settings);
clock.openClock(settings, settings.virtual ? () => {} : expect, rounds.race);
if (settings.virtual) {
  openFlight(rounds.race);
  rounds.openRounds(turn);
}

port.on('message', (message) => {
  if (!Array.isArray(message)) control[message.type](message);
  else if (settings.virtual) rounds.collect(message);
  else for (let i = 0; i < message.length; i++) setImmediate(turn, message[i]);
});

const control = {
  time(message) {
    clock.tell(message);
  },
  round(message) {
    rounds.play(message);
  },
  load({ message }) {
    const generation = new Generation(message, `spare-${index}`);
    generations.set(message.generation, generation);
    setImmediate(() => {
      const outcome = generation.prewarm();
      say({ type: 'loaded', thread: index, generation: message.generation, ...outcome });
      flush();
      port.postMessage({ type: 'loaded', generation: message.generation });
    });
  },
  retire({ generation }) {
    generations.delete(generation);
  },
  // Behind the messages that came before it, each of which has a turn of its own; a round has had
  // them all.
  abort({ n }) {
    if (settings.virtual) abort(n);
    else setImmediate(abort, n);
  },
  ping() {
    turned();
  },
};

function abort(n) {
  const invocation = invocations.get(n);
  if (invocation) {
    invocation.aborted = true;
    leave(invocation, true);
  }
  port.postMessage({ type: 'aborted', n });
}

function turn(text) {
  turned();
  enter(undefined);
  const message = JSON.parse(text);
  if (message.type === 'start') start(message);
  else answer(message);
}

function start(message) {
  if (!begin(message.n)) return;
  const generation = generations.get(message.generation);
  const invocation = new Invocation(message, generation);
  enter(invocation);
  current.run(invocation, () => {
    new Promise((resolve) => {
      invocation.scope = generation.instance(message.instance);
      const handler = generation.handler(invocation.scope, message.fn);
      resolve(handler(message.event, message.context));
    }).then(
      (value) => end(invocation, outcomeOf(value, invocation)),
      (error) => fail(invocation, error, false),
    );
  });
}

function fail(invocation, error, lost) {
  end(invocation, { outcome: 'error', error: reportOf(error, invocation.generation) }, lost);
}

function end(invocation, outcome, lost = false) {
  if (invocation.ended) return;
  leave(invocation, lost);
  say({ type: 'ended', id: invocation.id, outcome });
}

function leave(invocation, lost) {
  invocation.ended = true;
  invocations.delete(invocation.n);
  outlive(invocation);
  if (lost) {
    clock.dropTimers(invocation);
    invocation.generation.drop(invocation.instance);
    dropRequests(invocation);
  }
}

// Something no code of the app caught: it ends the invocation it belongs to, or is only told of.
function crash(invocation, error, what) {
  if (invocation?.aborted) return;
  if (invocation !== undefined && !invocation.ended) {
    fail(invocation, error, true);
    return;
  }
  // Code of a module's top level belongs to its generation, and to no invocation.
  const generation = invocation?.generation ?? current.getStore() ?? null;
  const { name, message, stack } = reportOf(error, generation);
  const said = stack ?? `${name}: ${message}`;
  if (invocation) invocation.log('error', `${what} after the handler had returned: ${said}`);
  else say({ type: 'log', id: null, level: 'error', message: `${what} outside any invocation: ${said}` });
}
