'use strict';
// Exits of the process and uncaught errors: each ends only the invocation that caused it.

const { current } = require('./context.cjs');
const { slotInvocation, isOwnCode } = require('./invocation.cjs');
const { exitThread } = require('./primordials.cjs');

class ProcessExit extends Error {
  constructor(call) {
    super(`${call} was called: on the platform this ends the function's process`);
    this.name = 'ProcessExit';
  }
}

// `onUncaught(invocation, error, cause)` ends an invocation, or logs an error after its end.
function interceptExits(onUncaught) {
  const failWithExit = (call) => {
    const error = new ProcessExit(call);
    const store = current.getStore();
    if (store?.n !== undefined) onUncaught(store, error, call);
    // Nothing after the call may run, as in a process that has exited.
    throw error;
  };
  const argumentText = (value) => (value === undefined ? '' : String(value));
  process.exit = (code) => failWithExit(`process.exit(${argumentText(code)})`);
  process.reallyExit = (code) => failWithExit(`process.reallyExit(${argumentText(code)})`);
  process.abort = () => failWithExit('process.abort()');
  const { kill } = process;
  process.kill = (pid, signal) => {
    const endsThisProcess = pid === process.pid || pid === process.ppid || !(pid > 0);
    if (endsThisProcess && signal !== 0) {
      failWithExit(`process.kill(${argumentText(pid)}, ${argumentText(signal) || 'SIGTERM'})`);
    }
    return kill.call(process, pid, signal);
  };
  process.on('unhandledRejection', (reason) => {
    if (reason instanceof ProcessExit) return;
    onUncaught(failedInvocation(), reason, 'unhandled rejection');
  });
  process.on('uncaughtException', (error) => {
    if (error instanceof ProcessExit) return;
    const ownCodeFailed = isOwnCode();
    onUncaught(failedInvocation(), error, 'uncaught exception');
    // The app has replaced something that this program needs: the host starts another thread.
    if (ownCodeFailed) exitThread(1);
  });
}

// The async context of a microtask is lost when its error is reported; the slot still names it.
function failedInvocation() {
  const store = current.getStore();
  return store?.n === undefined ? slotInvocation() : store;
}

module.exports = { interceptExits };
