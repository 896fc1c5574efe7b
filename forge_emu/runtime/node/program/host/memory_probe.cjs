'use strict';
// Looks into the memory of a worker thread that does not turn: V8's inspector interrupts its code.

const { Session } = require('node:inspector');

// The function that worker/main.cjs leaves for this.
const FUNCTION = 'globalThis.__forge_emu_memory__';

let session = null;
// Sessions of the inspector with worker threads, by thread id.
const sessionIds = new Map();
const pending = new Map();
let lastId = 0;

function connect() {
  session = new Session();
  session.connect();
  session.on('NodeWorker.attachedToWorker', ({ params }) => {
    // The title is `[worker 3]`; the worker's id there is no thread id.
    const [, threadId] = /^\[worker (\d+)\]/.exec(params.workerInfo.title) ?? [];
    sessionIds.set(Number(threadId), params.sessionId);
  });
  session.on('NodeWorker.receivedMessageFromWorker', ({ params }) => {
    const { id, result } = JSON.parse(params.message);
    pending.get(id)?.(result);
    pending.delete(id);
  });
  session.post('NodeWorker.enable', { waitForDebuggerOnStart: false });
}

function evaluate(threadId, expression, onResult) {
  if (session === null) connect();
  const sessionId = sessionIds.get(threadId);
  if (sessionId === undefined) return;
  const id = ++lastId;
  pending.set(id, onResult);
  const params = { expression, returnByValue: true };
  const message = JSON.stringify({ id, method: 'Runtime.evaluate', params });
  session.post('NodeWorker.sendMessageToWorker', { sessionId, message });
}

// Calls `onPart` with the part of its function's memory that the running invocation holds.
function probeMemory(threadId, onPart) {
  evaluate(threadId, `${FUNCTION}()`, (result) => {
    const part = result?.result?.value;
    if (typeof part === 'number') onPart(part);
  });
}

module.exports = { probeMemory };
