'use strict';
// This folder runs on a worker thread of the host process, with the app's code: many instances of
// the app, one invocation at a time in each. It talks to the host's main thread over a MessagePort
// and memory shared with it; in virtual time it writes to the pipe to forge-emu itself.
//
// Every message for the app gets its own turn of the event loop, so that the slot in shared memory
// names the invocation whose code runs at the time the thread has to be terminated.

const { trackPendingIo, trackWebAssembly, leaveWebAssembly } = require('./pending_io.cjs');
// Before anything looks at a class of `fetch`.
trackWebAssembly();
const { syncBuiltinESMExports } = require('node:module');
const { receiveMessageOnPort, workerData } = require('node:worker_threads');
const { Array, JSON, newSafeMap } = require('./primordials.cjs');
const { setImmediate } = globalThis;
const { nextTick } = process;

const {
  invocations, Invocation, slotInvocation, tryStart, setSlot, markSlotEnded, trackSlot, countTurn,
  setSlotListener, recordSystemThread,
} = require('./invocation.cjs');
const { current } = require('./context.cjs');
const { Generation } = require('./generation.cjs');
const { installConsole } = require('./console.cjs');
const {
  installForgeGlobals, settleRequest, forgetRequest, dropRequests, dropAllRequests, unansweredRequests,
} = require('./forge_globals.cjs');
const { installPlatformRequests } = require('./platform_requests.cjs');
const { interceptExits } = require('./exits.cjs');
const { errorReport } = require('./errors.cjs');
const { OUT_OF_MEMORY, errorOutcome, outcomeOfReturn } = require('./outcome.cjs');
const { sendMessage, flush } = require('./output.cjs');
const clock = require('./clock.cjs');
const { installDeployedFiles } = require('./code/deployed_files.cjs');
const { hasGlobalState, keepsGlobalState, rememberGlobals } = require('./thread/global_state.cjs');
const { installSeededRandom } = require('./random.cjs');
const { installKeys } = require('./repeatable/keys.cjs');
const { installMachine } = require('./repeatable/machine.cjs');
const { installRealms } = require('./repeatable/realms.cjs');
const {
  accountMemory, forgetMemory, lookIntoTurn, lookNowAndThen, raiseMemoryBase, setMemoryBase,
  settleMemory,
} = require('./thread/memory.cjs');
const { installUncountedBuffers } = require('./thread/uncounted_buffers.cjs');
const { installFetch } = require('./egress/fetch.cjs');
const { installSockets } = require('./egress/sockets.cjs');
const { rearmTimer } = require('./timers.cjs');
const { enqueueTurn } = require('./turns.cjs');
const rounds = require('./rounds.cjs');
const { BEGUN } = require('../shared/thread_memory.cjs');

const { port, index, memory, settings } = workerData;
const generations = newSafeMap();

// All that takes long to load is there: the thread may have been started before its settings were
// known.
if (settings.fake_timers !== null) require(settings.fake_timers);
Atomics.wait(memory.integers, BEGUN, 0);
Object.assign(settings, receiveMessageOnPort(port).message);
Object.assign(process.env, settings.variables);

if (!settings.virtual) {
  recordSystemThread();
  leaveWebAssembly();
}
installConsole();
installForgeGlobals();
installPlatformRequests();
interceptExits(reportUncaught);
installUncountedBuffers();
trackSlot();
setSlotListener({
  onLeave: checkMemory,
  onEnter: settleMemory,
  onResume: (invocation) => lookNowAndThen(invocation, isAlone()),
});
installSeededRandom(settings);
const showFolder = installDeployedFiles(settings.files);
clock.installClock(settings, settings.virtual ? () => {} : rearmTimer, rounds.reportRacing);
if (settings.fake_timers !== null) {
  installKeys();
  installMachine();
  installRealms();
  syncBuiltinESMExports();
}
installFetch();
installSockets();
if (settings.virtual) {
  trackPendingIo(rounds.reportRacing);
  rounds.initRounds(dispatchMessage);
}

port.on('message', (message) => {
  if (!Array.isArray(message)) controlMessages[message.type](message);
  else if (settings.virtual) rounds.enqueueMessages(message);
  else for (let i = 0; i < message.length; i++) enqueueTurn(dispatchMessage, message[i]);
});

// Loads whose modules have yet to be evaluated: a round waits for them.
let pendingLoads = 0;
// The instances that have run here, and the functions whose instances should not share a thread.
let instances = newSafeMap();
const apart = newSafeMap();

Object.defineProperty(globalThis, '__forge_emu_memory__', {
  value: () => lookIntoTurn(slotInvocation(), isAlone()),
});
rememberGlobals();

const controlMessages = {
  time(message) {
    clock.setTime(message);
  },
  round(message) {
    if (pendingLoads > 0 || rounds.isLoadUnsettled()) setImmediate(controlMessages.round, message);
    else rounds.runRound(message);
  },
  load({ message }) {
    if (message.deployed !== null) showFolder(message.deployed);
    if (message.packaged) showFolder(message.bundle);
    const generation = new Generation(message, `spare-${index}`);
    generations.set(message.generation, generation);
    pendingLoads += 1;
    setImmediate(async () => {
      const outcome = await generation.prewarm();
      pendingLoads -= 1;
      rounds.onLoaded();
      setMemoryBase();
      // The host is told first: it ends a thread that is to retire what it has not loaded.
      port.postMessage({ type: 'loaded', generation: message.generation });
      sendMessage({ type: 'loaded', thread: index, generation: message.generation, ...outcome });
      flush();
    });
  },
  retire({ generation }) {
    generations.delete(generation);
  },
  renew({ generation }) {
    generations.get(generation)?.dropInstances();
  },
  // The instance that was here goes, with what its invocations left behind. If that is state in
  // `globalThis`, it stays, and the invocation that comes is returned.
  take_over({ generation }) {
    if (keepsGlobalState(true)) return;
    instances = newSafeMap();
    clock.dropTimers();
    dropAllRequests();
    generations.get(generation)?.dropInstances();
    raiseMemoryBase();
  },
  // After the messages that came before it, each of which has its own turn. In virtual time the
  // round has already run them all.
  abort({ n }) {
    if (settings.virtual) abortInvocation(n);
    else enqueueTurn(abortInvocation, n);
  },
  ping() {
    countTurn();
  },
};

function abortInvocation(n) {
  const invocation = invocations.get(n);
  if (invocation) {
    invocation.aborted = true;
    closeInvocation(invocation, true);
  }
  port.postMessage({ type: 'aborted', n });
}

function dispatchMessage(text) {
  countTurn();
  setSlot(undefined);
  const message = JSON.parse(text);
  if (message.type === 'start') startInvocation(message);
  else if (message.type === 'lost') forgetRequest(message.id);
  else settleRequest(message);
}

function startInvocation(message) {
  const instanceKey = `${message.generation}/${message.instance}`;
  if (shouldRunElsewhere(message.fn, instanceKey)) {
    sendMessage({ type: 'returned', id: message.id });
    return;
  }
  if (!tryStart(message.n)) return;
  const generation = generations.get(message.generation);
  const invocation = new Invocation(message, generation);
  invocation.isFirstOnInstance = !instances.get(instanceKey);
  instances.set(instanceKey, true);
  // What was added since then is found when an invocation ends.
  if (hasGlobalState()) runApart(invocation.fn);
  setSlot(invocation);
  if (!settings.virtual) {
    sendMessage({ type: 'begun', id: message.id });
    // The code may keep the thread from its first turn on.
    flush();
  }
  current.run(invocation, () => {
    new Promise((resolve) => {
      invocation.instance = generation.getInstance(message.instance);
      const { fn, event, context } = message;
      resolve(generation.callHandler(invocation.instance, fn, event, context));
    }).then(
      (value) => returnFrom(invocation, outcomeOfReturn(value, invocation)),
      (error) => returnFrom(invocation, errorOutcome(invocation, error)),
    );
  });
}

// Whether an invocation would share with others what its function should have for itself.
function shouldRunElsewhere(fn, instanceKey) {
  const isNew = instances.size > 0 && !instances.get(instanceKey);
  if (isNew && keepsGlobalState(true)) runApart(fn);
  return apart.get(fn) === true && (invocations.size > 0 || isNew);
}

// From now on each instance of the function gets a thread of its own; one that is alone here stays.
function runApart(fn) {
  if (apart.get(fn)) return;
  apart.set(fn, true);
  let stays = null;
  if (isAlone()) for (const invocation of invocations.values()) stays = invocation.id;
  sendMessage({ type: 'needs_own_thread', fn, stays, keeps_state: hasGlobalState() });
}

// The invocation ends when the code that runs in the same go has come to a stop: what it asks for
// before that was asked for in time.
function returnFrom(invocation, outcome) {
  nextTick(endInvocation, invocation, outcome);
}

function endInvocation(invocation, outcome, discardInstance = false) {
  checkMemory();
  if (keepsGlobalState(invocation.isFirstOnInstance)) runApart(invocation.fn);
  if (!invocation.ended) reportEnd(invocation, outcome, discardInstance);
}

function reportEnd(invocation, outcome, discardInstance) {
  const unanswered = unansweredRequests(invocation);
  closeInvocation(invocation, discardInstance);
  sendMessage({ type: 'ended', id: invocation.id, outcome, ...unanswered });
}

function closeInvocation(invocation, discardInstance) {
  invocation.ended = true;
  invocation.remove();
  markSlotEnded(invocation);
  forgetMemory(invocation);
  if (discardInstance) {
    clock.dropTimers(invocation);
    invocation.generation.dropInstance(invocation.instanceName);
    dropRequests(invocation);
  }
}

// Whether one instance has this thread for itself.
function isAlone() {
  return instances.size <= 1;
}

// Between turns: ends the invocation whose code has run if it has outgrown its function's memory.
function checkMemory() {
  const invocation = slotInvocation();
  const state = accountMemory(invocation, isAlone());
  if (state === null) return;
  runApart(invocation.fn);
  if (state === 'over') {
    invocation.aborted = true;
    reportEnd(invocation, OUT_OF_MEMORY, true);
  }
}

// An error that no code of the app caught: it ends its invocation, or is only logged.
function reportUncaught(invocation, error, cause) {
  if (invocation?.aborted) return;
  if (invocation !== undefined && !invocation.ended) {
    endInvocation(invocation, errorOutcome(invocation, error), true);
    return;
  }
  // Code at a module's top level belongs to its generation, not to an invocation.
  const generation = invocation?.generation ?? current.getStore() ?? null;
  const { name, message, stack } = errorReport(error, generation);
  const details = stack ?? `${name}: ${message}`;
  if (invocation) {
    invocation.log('error', `${cause} after the handler had returned: ${details}`);
  } else {
    const message = `${cause} outside any invocation: ${details}`;
    sendMessage({ type: 'log', id: null, level: 'error', message });
  }
}
