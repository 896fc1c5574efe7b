'use strict';
// The two globals that `@forge/*` packages expect of the platform: the way out of an app, and what
// it may know of its invocation.

const crypto = require('node:crypto');
const { STATUS_CODES } = require('node:http');
const { workerData } = require('node:worker_threads');
const { current } = require('./context.cjs');
const { newMap } = require('./primordials.cjs');
const { say } = require('./output.cjs');
const { Headers, Promise, Request, Response } = globalThis;

// Statuses whose Response must not have a body.
const BODILESS = new Set([204, 205, 304]);

const pending = newMap();
let requests = workerData.incarnation * 2 ** 32;

function openDoors() {
  const doors = {
    __forge_fetch__: () => forgeFetch,
    __forge_runtime__: () => runtimeOf(current.getStore()),
  };
  for (const [name, get] of Object.entries(doors)) {
    // Not configurable, and deaf to assignment: one app must not close it for another.
    Object.defineProperty(globalThis, name, { configurable: false, get, set() {} });
  }
}

async function forgeFetch(options, path, init) {
  const store = current.getStore();
  const invocation = store?.n === undefined ? undefined : store;
  const body = await textOf(init?.body);
  init?.signal?.throwIfAborted();
  const id = ++requests;
  return new Promise((resolve, reject) => {
    // The code of an aborted invocation stops here for good.
    if (invocation?.aborted) return;
    pending.set(id, { resolve, reject, invocation });
    init?.signal?.addEventListener('abort', () => {
      pending.delete(id);
      reject(init.signal.reason);
    });
    say({
      type: 'request',
      id,
      thread: workerData.index,
      invocation: invocation?.id ?? null,
      options: options ?? {},
      path: String(path),
      method: String(init?.method ?? 'GET').toUpperCase(),
      headers: headersOf(init?.headers),
      body,
      late: invocation?.ended ?? false,
    });
  });
}

function answer({ id, status, text, headers, body }) {
  const request = pending.get(id);
  if (request === undefined) return;
  pending.delete(id);
  try {
    const statusText = text ?? STATUS_CODES[status] ?? '';
    const content = BODILESS.has(status) ? null : body;
    request.resolve(new Response(content, { status, statusText, headers }));
  } catch (error) {
    request.reject(error);
  }
}

function dropRequests(invocation) {
  for (const [id, request] of pending) if (request.invocation === invocation) pending.delete(id);
}

function textOf(body) {
  if (body === undefined || body === null) return null;
  if (typeof body === 'string') return body;
  return new Request('http://app.invalid', { method: 'POST', body, duplex: 'half' }).text();
}

function headersOf(given) {
  return given === undefined || given === null ? {} : Object.fromEntries(new Headers(given));
}

function runtimeOf(store) {
  if (store === undefined) return outside;
  store.runtime ??= newRuntime(store);
  return store.runtime;
}

// `store` is an invocation, or the generation whose modules are being loaded.
function newRuntime(store) {
  const app = (store.generation ?? store).app;
  const context = store.context ?? {};
  const trace = crypto.createHash('sha256').update(store.id ?? 'load').digest('hex');
  return {
    appContext: {
      appId: app.id,
      appVersion: app.version,
      environmentId: app.environment_id,
      environmentType: 'DEVELOPMENT',
      invocationId: store.id,
      installationId: context.installation?.ari?.installationId,
      moduleKey: store.moduleKey,
      license: context.license,
      installation: context.installation,
      permissions: { scopes: app.scopes, external: {} },
    },
    contextAri: context.installContext,
    aaid: context.principal?.accountId,
    proxy: { token: '', url: '' },
    externalAuth: [],
    lambdaContext: { getRemainingTimeInMillis: () => store.remaining?.() ?? 0 },
    tracing: { traceId: trace.slice(0, 32), spanId: trace.slice(32, 48) },
    metrics,
  };
}

const counter = { incr() {}, decr() {} };
const metrics = {
  counter: () => counter,
  timing: () => ({ measure: () => ({ stop() {} }) }),
};
const outside = newRuntime({ app: { scopes: [] } });

module.exports = { openDoors, answer, dropRequests };
