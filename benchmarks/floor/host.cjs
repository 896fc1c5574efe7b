'use strict';
// Runs handlers in one context, and speaks lines of JSON over one pipe each way, in batches.
// Arguments: the bundle, and whether an answer is a `real` Response or a `plain` object.

const { createWriteStream } = require('node:fs');
const [bundle, kind] = process.argv.slice(2);
const out = createWriteStream(null, { fd: 1 });
const pending = new Map();
let lastId = 0;
let lines = [];

function send(message) {
  if (lines.length === 0) setImmediate(flush);
  lines.push(JSON.stringify(message));
}

function flush() {
  out.write(`${lines.join('\n')}\n`);
  lines = [];
}

function answerOf({ status, body }) {
  if (kind === 'real') return new Response(body, { status });
  const headers = { get: () => null, has: () => false };
  return {
    status,
    ok: status < 300,
    headers,
    text: async () => body ?? '',
    json: async () => JSON.parse(body),
  };
}

const appId = 'ari:cloud:ecosystem::app/6f1d2c3b-58a4-4e07-9b61-c2d4a8e07f35';
globalThis.__forge_runtime__ = {
  appContext: { appId, appVersion: '1.0.0', environmentType: 'DEVELOPMENT' },
  proxy: { token: '', url: 'https://floor.invalid' },
  externalAuth: [],
  allowedEgress: [],
  lambdaContext: { getRemainingTimeInMillis: () => 55_000 },
  tracing: { traceId: '', spanId: '' },
};
globalThis.__forge_fetch__ = (options, path, { body } = {}) => new Promise((resolve) => {
  lastId += 1;
  pending.set(lastId, resolve);
  send({ request: lastId, path, body });
});
const handlers = require(bundle);

async function receive(message) {
  if (message.request !== undefined) {
    const resolve = pending.get(message.request);
    pending.delete(message.request);
    resolve(answerOf(message));
    return;
  }
  const result = await handlers[message.handler](message.event, {});
  send({ ended: message.id, result });
}

let rest = '';
process.stdin.setEncoding('utf8').on('data', (text) => {
  const parts = (rest + text).split('\n');
  rest = parts.pop();
  for (const part of parts) receive(JSON.parse(part));
}).on('end', () => process.exit());
send({ ready: true });
