'use strict';
// Ways to bring a process down, each of which may end only the invocation that takes it.

const { current } = require('./context.cjs');
const { culprit, isOurs } = require('./invocation.cjs');
const { leaveThread } = require('./primordials.cjs');

class ProcessExit extends Error {
  constructor(call) {
    super(`${call} was called: on the platform this ends the function's process`);
    this.name = 'ProcessExit';
  }
}

// `crash(invocation, error, what)` ends an invocation, or tells of what came after its end.
function guardExits(crash) {
  const leave = (call) => {
    const error = new ProcessExit(call);
    const store = current.getStore();
    if (store?.n !== undefined) crash(store, error, call);
    // Nothing after the call may run, as in a process that is gone.
    throw error;
  };
  const text = (value) => (value === undefined ? '' : String(value));
  process.exit = (code) => leave(`process.exit(${text(code)})`);
  process.reallyExit = (code) => leave(`process.reallyExit(${text(code)})`);
  process.abort = () => leave('process.abort()');
  const { kill } = process;
  process.kill = (pid, signal) => {
    const ours = pid === process.pid || pid === process.ppid || !(pid > 0);
    if (ours && signal !== 0) leave(`process.kill(${text(pid)}, ${text(signal) || 'SIGTERM'})`);
    return kill.call(process, pid, signal);
  };
  process.on('unhandledRejection', (reason) => {
    if (!(reason instanceof ProcessExit)) crash(owner(), reason, 'unhandled rejection');
  });
  process.on('uncaughtException', (error) => {
    if (error instanceof ProcessExit) return;
    const broken = isOurs();
    crash(owner(), error, 'uncaught exception');
    // The app has replaced something that the thread cannot do without: another thread goes on.
    if (broken) leaveThread(1);
  });
}

// The context of a microtask has gone by the time its error is heard of; the slot still names it.
function owner() {
  const store = current.getStore();
  return store?.n === undefined ? culprit() : store;
}

module.exports = { guardExits };
