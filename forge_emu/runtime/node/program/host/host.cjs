'use strict';
// The host process: passes lines between forge-emu (a pipe in, a pipe out) and the threads that run
// the app, and watches over the threads. It runs nothing of the app itself.
//
// A line in is `[thread, message]` or `["host", message]`; lines for threads pass through unread.
// A line out is a message of a thread or of the host.

const net = require('node:net');
const { Thread } = require('./worker_thread.cjs');

const settings = JSON.parse(process.argv[2]);
const input = new net.Socket({ fd: settings.pipes[0], readable: true, writable: false });
const output = new net.Socket({ fd: settings.pipes[1], readable: false, writable: true });

let collected = '';

function send(lines) {
  if (collected === '') setImmediate(flush);
  collected += lines;
}

function flush() {
  const lines = collected;
  collected = '';
  output.write(lines);
}

function say(message) {
  send(JSON.stringify(message) + '\n');
}

// Generations in use and the emulated time, for threads that are started later.
const loads = new Map();
let time = null;
const threads = [];
// Threads that an invocation keeps to itself, by the addresses they were given.
const apart = new Map();
let nextApart = settings.threads;
let incarnations = settings.first_incarnation;

function startThread(index) {
  threads[index] = new Thread(index, ++incarnations, settings, send, { ended, blocked });
  if (time !== null) threads[index].tell(time);
  for (const load of loads.values()) threads[index].load(load);
}

function ended(thread, cause, message) {
  const { address, slot } = thread;
  say({ type: 'thread_ended', thread: address, cause, slot, message });
  if (forgetApart(address)) return;
  if (!closing) startThread(address);
}

function blocked(thread) {
  if (threads[thread.address] === thread) say({ type: 'thread_blocked', thread: thread.address });
}

function forgetApart(address) {
  if (!apart.delete(address)) return false;
  settings.resident_mb -= settings.heap_mb;
  return true;
}

function threadAt(address) {
  return threads[address] ?? apart.get(address);
}

const orders = {
  load(message) {
    loads.set(message.generation, message);
    for (const thread of threads) thread.load(message);
  },
  retire({ generation }) {
    loads.delete(generation);
    for (const thread of [...threads, ...apart.values()]) thread.retire(generation);
  },
  time(message) {
    // Threads read the same clock of the machine.
    time = { ...message, at: Number(process.hrtime.bigint() / 1000n) / 1000 };
    for (const thread of [...threads, ...apart.values()]) thread.tell(time);
  },
  // The end of a batch in virtual time, with its lines.
  round(message, perThread) {
    threads.forEach((thread, index) => thread.play(message, perThread.get(index) ?? []));
    perThread.clear();
  },
  abort({ thread, n }) {
    threadAt(thread)?.abort(n);
  },
  // Another thread takes the place of one that an invocation keeps from answering.
  isolate({ thread }) {
    const kept = threads[thread];
    const address = nextApart++;
    kept.setApart(address);
    apart.set(address, kept);
    settings.resident_mb += settings.heap_mb;
    say({ type: 'isolated', thread, apart: address, slot: kept.slot, started: kept.started });
    startThread(thread);
  },
  release({ thread }) {
    threadAt(thread)?.release();
    forgetApart(thread);
  },
};

function take(lines) {
  const perThread = new Map();
  for (const line of lines) {
    if (line.startsWith('["host"')) {
      const [, message] = JSON.parse(line);
      // An order concerns what came before it.
      if (message.type !== 'round') deliver(perThread);
      orders[message.type](message, perThread);
    } else {
      const comma = line.indexOf(',');
      const address = Number(line.slice(1, comma));
      if (!perThread.has(address)) perThread.set(address, []);
      perThread.get(address).push(line.slice(comma + 1, -1));
    }
  }
  deliver(perThread);
}

function deliver(perThread) {
  for (const [address, lines] of perThread) threadAt(address)?.post(lines);
  perThread.clear();
}

let pieces = [];
let closing = false;

input.setEncoding('utf8');
input.on('data', (chunk) => {
  const end = chunk.lastIndexOf('\n');
  if (end < 0) {
    pieces.push(chunk);
    return;
  }
  const whole = pieces.join('') + chunk.slice(0, end);
  pieces = end + 1 < chunk.length ? [chunk.slice(end + 1)] : [];
  take(whole.split('\n'));
});
input.on('end', () => {
  // forge-emu has gone, or wants us to go: with all that handlers have started.
  closing = true;
  process.kill(-process.pid, 'SIGKILL');
});
output.on('error', () => process.exit(0));
// Ctrl-C is for forge-emu, which lets running invocations finish.
process.on('SIGINT', () => {});

for (let index = 0; index < settings.threads; index++) startThread(index);
say({ type: 'ready', version: process.version });
