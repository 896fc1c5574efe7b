'use strict';
// This folder runs on the main thread of the host process, which forge-emu starts. It passes lines
// between forge-emu (one pipe in, one pipe out) and the worker threads that run the app, and
// supervises the threads: a MessagePort to each, and memory shared with it. It runs no code of the
// app.
//
// A line in is `[thread, message]` or `["host", message]`; lines for threads are not parsed here.
// A line out is a message of a thread or of the host.

const net = require('node:net');
const { WorkerThread } = require('./worker_thread.cjs');

const settings = JSON.parse(process.argv[2]);
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
  writeLines(JSON.stringify(message) + '\n');
}

// The generations in use and the emulated time, for threads that are started later.
const loadMessages = new Map();
let timeMessage = null;
const threads = [];
// Threads left to the one invocation that blocks them, by address.
const isolatedThreads = new Map();
let nextIsolatedAddress = settings.threads;
let lastIncarnation = settings.first_incarnation;

const listener = { onEnded: onThreadEnded, onBlocked: onThreadBlocked };

function startThread(index) {
  threads[index] = new WorkerThread(index, ++lastIncarnation, settings, writeLines, listener);
  if (timeMessage !== null) threads[index].setTime(timeMessage);
  for (const loadMessage of loadMessages.values()) threads[index].load(loadMessage);
}

function onThreadEnded(thread, cause, message) {
  const { address, slot } = thread;
  writeMessage({ type: 'thread_ended', thread: address, cause, slot, message });
  if (removeIsolated(address)) return;
  if (!closing) startThread(address);
}

function onThreadBlocked(thread) {
  const { address } = thread;
  if (threads[address] === thread) writeMessage({ type: 'thread_blocked', thread: address });
}

function removeIsolated(address) {
  if (!isolatedThreads.delete(address)) return false;
  settings.resident_mb -= settings.heap_mb;
  return true;
}

function findThread(address) {
  return threads[address] ?? isolatedThreads.get(address);
}

const commands = {
  load(message) {
    // Threads have no working directory of their own.
    process.chdir(message.deployed ?? message.root);
    loadMessages.set(message.generation, message);
    for (const thread of threads) thread.load(message);
  },
  retire({ generation }) {
    loadMessages.delete(generation);
    for (const thread of [...threads, ...isolatedThreads.values()]) thread.retire(generation);
  },
  time(message) {
    // Threads read the same monotonic clock.
    timeMessage = { ...message, at: Number(process.hrtime.bigint() / 1000n) / 1000 };
    for (const thread of [...threads, ...isolatedThreads.values()]) thread.setTime(timeMessage);
  },
  // The end of a round in virtual time, with the lines of that round.
  round(message, linesByThread) {
    threads.forEach((thread, index) => thread.startRound(message, linesByThread.get(index) ?? []));
    linesByThread.clear();
  },
  abort({ thread, n }) {
    findThread(thread)?.abort(n);
  },
  // Replaces a thread that an invocation blocks.
  isolate({ thread }) {
    const isolated = threads[thread];
    const address = nextIsolatedAddress++;
    isolated.isolateAs(address);
    isolatedThreads.set(address, isolated);
    settings.resident_mb += settings.heap_mb;
    const { slot, started } = isolated;
    writeMessage({ type: 'isolated', thread, apart: address, slot, started });
    startThread(thread);
  },
  release({ thread }) {
    findThread(thread)?.release();
    removeIsolated(thread);
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
  for (const [address, lines] of linesByThread) findThread(address)?.postLines(lines);
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

for (let index = 0; index < settings.threads; index++) startThread(index);
writeMessage({ type: 'ready', version: process.version });
