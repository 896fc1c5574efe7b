'use strict';
// This folder runs on the main thread of the host process, which forge-emu starts. It passes lines
// between forge-emu (one pipe in, one pipe out) and the worker threads that run the app, and
// supervises the threads: a MessagePort to each, and memory shared with it. It runs no code of the
// app.
//
// A line in is `[thread, message]` or `["host", message]`; lines for threads are not parsed here.
// A line out is a message of a thread or of the host.
//
// The process may be started before all of its settings are known: its argument has those that it
// needs to get ready, and the others come as the first order.

const net = require('node:net');
const { HostRounds } = require('./rounds.cjs');
const { WorkerThread } = require('./worker_thread.cjs');
const { writeToPipe } = require('../shared/pipe.cjs');

const settings = JSON.parse(process.argv[2]);
let hasSettings = false;
const firstFolder = process.cwd();
const input = new net.Socket({ fd: settings.pipes[0], readable: true, writable: false });
const output = new net.Socket({ fd: settings.pipes[1], readable: false, writable: true });

let buffer = '';

function writeLines(lines) {
  if (buffer === '') setImmediate(flush);
  buffer += lines;
}

function flush() {
  const lines = buffer;
  buffer = '';
  output.write(lines);
}

function writeMessage(message) {
  const line = JSON.stringify(message) + '\n';
  // In virtual time threads write to the pipe themselves: what comes first must be there first, on
  // a line of its own even if a thread has ended while it wrote.
  if (settings.virtual) writeToPipe(settings.pipes[1], Buffer.from('\n' + line));
  else writeLines(line);
}

// Of a thread that one instance has for itself. Small: garbage there counts as memory of the
// invocation.
const YOUNG_HEAP_MB = 24;

// The generations in use and the emulated time, for threads that are started later.
const loadMessages = new Map();
let timeMessage = null;
// Threads by their number on the wire. forge-emu chooses the numbers; a thread is started when its
// number is first used. The first one is there from the start, and the first `settings.threads` from
// when it has loaded code: until then they would only keep it from a processor.
const threads = new Map();
let lastIncarnation = settings.first_incarnation;
// Threads in a row that ended by an error before they ran anything. After so many of them, forge-emu
// is left to say so, and to start the host again.
const MAX_FAILED_STARTS = 10;
let failedStarts = 0;
// In real time: how many ends of threads forge-emu has yet to hear of, by number. Lines that it has
// sent to such a number until then were for the thread that has ended.
const unheardEnds = new Map();

const rounds = new HostRounds(threads, writeMessage);
const listener = {
  onEnded: onThreadEnded,
  onBlocked: onThreadBlocked,
  onRoundEnded: (thread) => rounds.onRoundEnded(thread),
  onLoaded: startFirstThreads,
};

// Threads have the working directory of the process: the folder of the code that was loaded last.
// That of retired code is removed, and no thread can start where there is no folder.
function enterNewestFolder() {
  const folders = [...loadMessages.values()].map(({ deployed, root }) => deployed ?? root);
  for (const folder of [...folders.reverse(), firstFolder]) {
    try {
      process.chdir(folder);
      return;
    } catch {
      // Its removal is ahead of the order to retire it.
    }
  }
}

// `own` are settings of this thread alone.
function startThread(address, own = {}) {
  enterNewestFolder();
  const given = { ...settings, ...own };
  const thread = new WorkerThread(address, ++lastIncarnation, given, writeLines, listener);
  threads.set(address, thread);
  if (hasSettings) thread.begin({});
  if (timeMessage !== null) thread.setTime(timeMessage);
  for (const loadMessage of loadMessages.values()) thread.load(loadMessage);
  return thread;
}

function startFirstThreads() {
  for (let address = 0; address < settings.threads && !closing; address++) threadAt(address);
}

function threadAt(address) {
  return threads.get(address) ?? startThread(address);
}

function onThreadEnded(thread, cause, message) {
  const { address, slot, started } = thread;
  failedStarts = cause === 'error' && started === 0 ? failedStarts + 1 : 0;
  if (failedStarts === MAX_FAILED_STARTS) {
    console.error(`Error: no thread can be started: ${message.split('\n')[0]}`);
    process.exit(1);
  }
  writeMessage({ type: 'thread_ended', thread: address, cause, slot, started, message });
  if (!settings.virtual) unheardEnds.set(address, (unheardEnds.get(address) ?? 0) + 1);
  threads.delete(address);
  if (!closing && address < settings.threads) startThread(address);
  rounds.onThreadEnded(thread);
}

function onThreadBlocked(thread, ms) {
  const { address, slot, started } = thread;
  writeMessage({ type: 'thread_blocked', thread: address, slot, started, ms });
}

const commands = {
  settings(message) {
    Object.assign(settings, message.settings);
    Object.assign(process.env, settings.variables);
    hasSettings = true;
    for (const thread of threads.values()) thread.begin(message.settings);
  },
  load(message) {
    loadMessages.set(message.generation, message);
    enterNewestFolder();
    for (const thread of threads.values()) thread.load(message);
  },
  retire({ generation }) {
    loadMessages.delete(generation);
    enterNewestFolder();
    for (const thread of threads.values()) thread.retire(generation);
  },
  renew({ generation }) {
    for (const thread of threads.values()) thread.renew(generation);
  },
  time(message) {
    // Threads read the same monotonic clock.
    timeMessage = { ...message, at: Number(process.hrtime.bigint() / 1000n) / 1000 };
    for (const thread of threads.values()) thread.setTime(timeMessage);
  },
  // The end of a round in virtual time, with the lines of that round.
  round(message, linesByThread) {
    for (const [address, lines] of linesByThread) threadAt(address).queueForRound(lines);
    linesByThread.clear();
    rounds.start(message);
  },
  abort({ thread, n }) {
    threads.get(thread)?.abort(n);
  },
  // Starts a thread for one instance of a function.
  open({ thread }) {
    // Its heap is not its function's memory: V8 ends the whole process where one array, map or text
    // does not fit into the heap.
    startThread(thread, { young_heap_mb: YOUNG_HEAP_MB });
  },
  // Gives the thread of an instance to another instance of its function.
  take_over({ thread, generation }) {
    threads.get(thread)?.takeOver(generation);
  },
  // Leaves a thread to the invocation that blocks it, under the number `apart`.
  isolate({ thread, apart }) {
    const isolated = threads.get(thread);
    // It has ended in the meantime, which forge-emu is about to hear.
    if (isolated === undefined) return;
    threads.delete(thread);
    isolated.isolateAs(apart);
    threads.set(apart, isolated);
    const { slot, started } = isolated;
    writeMessage({ type: 'isolated', thread, apart, slot, started });
    startThread(thread);
  },
  // forge-emu has heard of an end: what it sends to the number from now on is for the new thread.
  end_heard({ thread }) {
    const left = unheardEnds.get(thread) - 1;
    if (left > 0) unheardEnds.set(thread, left);
    else unheardEnds.delete(thread);
  },
  release({ thread }) {
    const released = threads.get(thread);
    if (released === undefined) return;
    released.release();
    threads.delete(thread);
    rounds.onThreadEnded(released);
  },
};

function dispatchLines(lines) {
  const linesByThread = new Map();
  for (const line of lines) {
    if (line.startsWith('["host"')) {
      const [, message] = JSON.parse(line);
      // A command applies to the lines that came before it.
      if (message.type !== 'round') postToThreads(linesByThread);
      commands[message.type](message, linesByThread);
    } else {
      const comma = line.indexOf(',');
      const address = Number(line.slice(1, comma));
      if (!linesByThread.has(address)) linesByThread.set(address, []);
      linesByThread.get(address).push(line.slice(comma + 1, -1));
    }
  }
  postToThreads(linesByThread);
}

function postToThreads(linesByThread) {
  for (const [address, lines] of linesByThread) {
    if (!unheardEnds.has(address)) threadAt(address).postLines(lines);
  }
  linesByThread.clear();
}

let partialLine = [];
let closing = false;

input.setEncoding('utf8');
input.on('data', (chunk) => {
  const end = chunk.lastIndexOf('\n');
  if (end < 0) {
    partialLine.push(chunk);
    return;
  }
  const complete = partialLine.join('') + chunk.slice(0, end);
  partialLine = end + 1 < chunk.length ? [chunk.slice(end + 1)] : [];
  dispatchLines(complete.split('\n'));
});
input.on('end', () => {
  // forge-emu has ended or closed the pipe: end the whole process group, with handlers' children.
  closing = true;
  process.kill(-process.pid, 'SIGKILL');
});
output.on('error', () => process.exit(0));
// Ctrl-C is handled by forge-emu, which lets running invocations finish.
process.on('SIGINT', () => {});

startThread(0);
writeMessage({ type: 'ready', version: process.version });
