'use strict';
// The two globals that `@forge/*` packages expect of the platform: `__forge_fetch__` sends
// requests, `__forge_runtime__` describes the invocation.

const crypto = require('node:crypto');
const { workerData } = require('node:worker_threads');
const { createResponse } = require('./answer.cjs');
const { current } = require('./context.cjs');
const { sourceLocation } = require('./errors.cjs');
const { newSafeMap } = require('./primordials.cjs');
const { sendMessage } = require('./output.cjs');
const { Error, Headers, Number, Object, Promise, Request } = globalThis;
const { captureStackTrace } = Error;
const { set: setProperty } = Reflect;
const { nextTick } = process;

const STATUSES_WITHOUT_BODY = new Set([204, 205, 304]);
// Frames from the call of a package to the app's own code.
const TRACE_FRAMES = 30;
// What is said of the requests that are unanswered when a handler returns.
const MAX_UNANSWERED = 50;
const MAX_UNANSWERED_BODY = 4096;

// Where `@forge/api` 2.9 to 2.18.0 sends requests to; never looked up.
const PROXY_HOST = 'forge-proxy.invalid';

const pendingRequests = newSafeMap();
let lastRequestId = workerData.incarnation * 2 ** 32;

function installForgeGlobals() {
  const globals = {
    __forge_fetch__: () => forgeFetch,
    __forge_runtime__: () => forgeRuntime(current.getStore()),
  };
  for (const [name, get] of Object.entries(globals)) {
    // Not configurable, and assignment does nothing: all instances of the thread share it.
    Object.defineProperty(globalThis, name, { configurable: false, get, set() {} });
  }
}

async function forgeFetch(options, path, init) {
  const { status, text, headers, body } = await sendRequest(options, path, init);
  return createResponse(body, { status, statusText: text, headers });
}

// Sends a request to forge-emu; the answer's `body` is null for a status that has none.
async function sendRequest(options, path, init) {
  const store = current.getStore();
  const trace = wantsTrace(store, options, init) ? captureTrace(sendRequest) : null;
  const body = await bodyText(init?.body);
  init?.signal?.throwIfAborted();
  const request = {
    options: options ?? {},
    path: String(path),
    method: methodOf(init),
    headers: headersObject(init?.headers),
    body,
  };
  return exchange(request, init?.signal, store, trace);
}

// The same for a request in its plain form. It belongs to the invocation whose code runs, or to that
// of `store`; `trace` is the stack of the call.
function exchange(
  { options, path, method, headers, body }, signal, store = current.getStore(), trace = null,
) {
  const invocation = store?.n === undefined ? undefined : store;
  const id = ++lastRequestId;
  return new Promise((resolve, reject) => {
    // The code of an aborted invocation never resumes.
    if (invocation?.aborted) return;
    const message = {
      type: 'request',
      id,
      thread: workerData.index,
      invocation: invocation?.id ?? null,
      options,
      path,
      method,
      headers,
      body,
    };
    addRequest(id, { resolve, reject, invocation, trace, message });
    signal?.addEventListener('abort', () => {
      forgetRequest(id);
      reject(signal.reason);
    });
    // All that runs in this go before the end of the invocation belongs to it.
    nextTick(transmitRequest, id);
  });
}

// Whether the record of a request may have to say where the app made it. Taking the stack is a tenth
// of what an invocation takes, and handlers that await all of their requests never need it.
function wantsTrace(store, options, init) {
  if (store?.n === undefined) return false;
  return store.wantsPlaces || store.ended ||
    isProductWrite({ options: options ?? {}, method: methodOf(init) });
}

// The stack of a call of `below`, which is only formatted if it is needed.
function captureTrace(below) {
  const limit = Error.stackTraceLimit;
  const trace = {};
  // The app may have frozen `Error`: an assignment would throw.
  setProperty(Error, 'stackTraceLimit', TRACE_FRAMES);
  captureStackTrace(trace, below);
  setProperty(Error, 'stackTraceLimit', limit);
  return trace;
}

function addRequest(id, request) {
  pendingRequests.set(id, request);
  if (request.invocation === undefined) return;
  request.invocation.requests[id] = request;
  request.invocation.requestCount += 1;
}

// Its promise never settles, unless the caller sees to it.
function forgetRequest(id) {
  const request = pendingRequests.get(id);
  if (request === undefined) return undefined;
  pendingRequests.delete(id);
  if (request.invocation !== undefined) {
    delete request.invocation.requests[id];
    request.invocation.requestCount -= 1;
  }
  return request;
}

function transmitRequest(id) {
  const request = pendingRequests.get(id);
  if (request === undefined) return;
  const { invocation, message } = request;
  if (invocation?.ended) sendMessage({ ...message, late: true, place: placeOf(request) });
  else if (invocation !== undefined && isProductWrite(message)) {
    sendMessage({ ...message, place: placeOf(request) });
  } else sendMessage(message);
}

// What may cause a product event: its record says where the app made it.
function isProductWrite({ options, method }) {
  return options.type === 'fpp' && options.remote !== 'stargate' && method !== 'GET';
}

// Where the app's own code made the request, as `file:line`; null where the stack does not say.
function placeOf({ invocation, trace }) {
  if (trace === null) return null;
  const { source, line } = sourceLocation(trace, invocation.generation);
  return source === undefined ? null : `${source}:${line}`;
}

// What an invocation has asked for and not been answered: the first requests, and their number.
function unansweredRequests({ requests, requestCount }) {
  if (requestCount === 0) return {};
  const unanswered = [];
  for (const id in requests) {
    if (unanswered.length === MAX_UNANSWERED) break;
    const request = requests[id];
    const { options, path, method, body } = request.message;
    unanswered[unanswered.length] = {
      options,
      path,
      method,
      body: body !== null && body.length > MAX_UNANSWERED_BODY ? null : body,
      place: placeOf(request),
    };
  }
  return { unanswered, unanswered_requests: requestCount };
}

function settleRequest(answer) {
  const request = forgetRequest(answer.id);
  if (request === undefined) return;
  const { status, body } = answer;
  request.resolve({ ...answer, body: STATUSES_WITHOUT_BODY.has(status) ? null : body });
}

function dropRequests({ requests }) {
  for (const id in requests) forgetRequest(Number(id));
}

function dropAllRequests() {
  for (const id of pendingRequests.keys()) forgetRequest(id);
}

function methodOf(init) {
  return String(init?.method ?? 'GET').toUpperCase();
}

function bodyText(body) {
  if (body === undefined || body === null) return null;
  if (typeof body === 'string') return body;
  return new Request('http://app.invalid', { method: 'POST', body, duplex: 'half' }).text();
}

function headersObject(headers) {
  return headers === undefined || headers === null ? {} : Object.fromEntries(new Headers(headers));
}

function forgeRuntime(store) {
  if (store === undefined) return runtimeOutsideInvocations;
  store.runtime ??= createRuntime(store);
  return store.runtime;
}

// Lets the ARIs in a handler's context be written as texts.
function nameAris(context) {
  const { installation, installContext } = context ?? {};
  if (installation === undefined) return context;
  writeAs(installation.ari, `ari:cloud:ecosystem::installation/${installation.ari.installationId}`);
  for (const place of installation.contexts) writeAs(place, installContext);
  return context;
}

function writeAs(object, text) {
  const value = () => text;
  // Not enumerable: a copy or a JSON text of the context holds its fields alone.
  Object.defineProperty(object, 'toString', { configurable: true, writable: true, value });
}

// `store` is an invocation, or the generation whose modules are being loaded.
function createRuntime(store) {
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
      permissions: { scopes: app.scopes, external: app.external },
    },
    contextAri: context.installContext,
    aaid: context.principal?.accountId,
    proxy: { token: '', url: `https://${PROXY_HOST}` },
    externalAuth: signedInProviders(app, context),
    allowedEgress: allowedAddresses(app),
    lambdaContext: { getRemainingTimeInMillis: () => store.remaining?.() ?? 0 },
    tracing: { traceId: trace.slice(0, 32), spanId: trace.slice(32, 48) },
    metrics,
  };
}

// The user of the invocation is signed in to every provider of the manifest, with all its scopes.
function signedInProviders(app, context) {
  const id = context.principal?.accountId ?? 'emulated-user';
  return (app.auth_providers ?? []).map(({ key, remotes, scopes }) => ({
    service: key,
    remotes: Object.entries(remotes).map(([name, baseUrl]) => ({ key: name, baseUrl })),
    accounts: [{ id, externalAccountId: id, displayName: 'Emulated user', scopes }],
  }));
}

// `@forge/api` up to 2.14 checks the addresses of `fetch` itself.
function allowedAddresses(app) {
  const backend = [].concat(app.external.fetch?.backend ?? []);
  return backend.map((to) => to?.address ?? to).filter((to) => typeof to === 'string');
}

const counter = { incr() {}, decr() {} };
const metrics = {
  counter: () => counter,
  timing: () => ({ measure: () => ({ stop() {} }), set() {} }),
};
const runtimeOutsideInvocations = createRuntime({ app: { scopes: [], external: {} } });

module.exports = {
  PROXY_HOST, captureTrace, installForgeGlobals, nameAris, sendRequest, exchange, settleRequest,
  forgetRequest, dropRequests, dropAllRequests, unansweredRequests,
};
