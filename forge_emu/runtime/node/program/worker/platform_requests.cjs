'use strict';
// Requests to the platform as `@forge/api` 2.9 to 4 makes them, over `https.request`: from 2.18.1 on
// with a text for an agent, before that to the address in `__forge_runtime__.proxy`. They go the same
// way as those of `__forge_fetch__`.
//
// Requests to anywhere else are passed on to the `https.request` that was there before.

const https = require('node:https');
const { syncBuiltinESMExports } = require('node:module');
const { Readable, Writable } = require('node:stream');
const { Buffer } = require('./primordials.cjs');
const { PROXY_HOST, sendRequest } = require('./forge_globals.cjs');

const { AbortController, Headers, Object, URL } = globalThis;

// The address of a remote counts for nothing: the remote and the path are in the query.
const TARGETS_BY_AGENT = {
  __proto__: null,
  FORGE_PRODUCT_REQUEST: productTarget,
  EXTERNAL_AUTH_REQUEST: externalAuthTarget,
  FORGE_REMOTE_COMPUTE_REQUEST: remoteTarget,
};
const PRODUCT_PROXY_PATH = /^\/fpp\/provider\/([^/]+)\/remote\/([^/?]+)$/;
const EGRESS_PROXY_PATH = '/egress';

function installPlatformRequests() {
  const { request } = https;
  https.request = function (...args) {
    const { url, options, callback } = readArguments(args);
    if (url === null) return request.apply(this, args);
    const headers = new Headers();
    for (const [name, value] of Object.entries(options.headers ?? {})) {
      headers.set(name, [].concat(value).join(', '));
    }
    const target = TARGETS_BY_AGENT[options.agent]?.(url, headers) ?? proxyTarget(url, headers);
    if (target === null) return request.apply(this, args);
    if (target.egress !== undefined) {
      const egressHeaders = Object.fromEntries(headers);
      return https.request(target.egress, { ...methodOf(options), headers: egressHeaders }, callback);
    }
    return new PlatformRequest(target, options.method, headers, callback);
  };
  syncBuiltinESMExports();
}

// The address is read only where the request may be one for the platform.
function readArguments(args) {
  const [first, second] = args;
  const hasAddress = typeof first === 'string' || first instanceof URL;
  const options = (hasAddress ? second : first) ?? {};
  const callback = args.find((arg) => typeof arg === 'function');
  const isForPlatform =
    (typeof options.agent === 'string' && options.agent in TARGETS_BY_AGENT) ||
    (options.hostname ?? options.host) === PROXY_HOST ||
    (hasAddress && String(first).includes(PROXY_HOST));
  if (!isForPlatform) return { url: null };
  const host = options.hostname ?? options.host;
  const url = hasAddress ? new URL(first) : new URL(options.path ?? '/', `https://${host}`);
  return { url, options, callback };
}

function methodOf({ method }) {
  return method === undefined ? {} : { method };
}

// `Forge app`, `Forge user`, `Forge none`; an app may have set a header of its own.
function productTarget(url, headers) {
  const [scheme, provider] = (headers.get('authorization') ?? '').split(' ');
  const options = { type: 'fpp', provider: scheme === 'Forge' ? provider : 'none' };
  if (scheme === 'Forge') headers.delete('authorization');
  return { options: { ...options, remote: url.hostname }, path: url.pathname + url.search };
}

// `Forge user <provider> <account>`.
function externalAuthTarget(url, headers) {
  const [, , provider, accountId] = (headers.get('authorization') ?? '').split(' ');
  headers.delete('authorization');
  const options = { type: 'tpp', provider, remote: url.hostname, accountId };
  return { options, path: url.searchParams.get('path') ?? '/' };
}

function remoteTarget(url) {
  const options = { type: 'frc', remote: url.searchParams.get('remoteKey') };
  return { options, path: url.searchParams.get('path') ?? '/' };
}

function proxyTarget(url, headers) {
  if (url.hostname !== PROXY_HOST) return null;
  const address = headers.get('forge-proxy-target') ?? headers.get('forge-proxy-target-relative');
  for (const name of ['target', 'target-relative', 'authorization']) {
    headers.delete(`forge-proxy-${name}`);
  }
  headers.delete('host');
  if (url.pathname === EGRESS_PROXY_PATH) return { egress: address };
  const [, provider, remote] = PRODUCT_PROXY_PATH.exec(url.pathname) ?? [];
  return { options: { type: 'fpp', provider, remote }, path: address ?? '/' };
}

// As much of `http.ClientRequest` as node-fetch uses, which is what `@forge/api` sends with.
class PlatformRequest extends Writable {
  #target;
  #method;
  #headers;
  #chunks = [];
  #controller = new AbortController();

  constructor(target, method, headers, callback) {
    // The end of the request is not that of the exchange.
    super({ autoDestroy: false });
    this.#target = target;
    this.#method = method;
    this.#headers = headers;
    if (callback !== undefined) this.once('response', callback);
  }

  _write(chunk, encoding, done) {
    this.#chunks.push(Buffer.from(chunk, encoding));
    done();
  }

  _final(done) {
    done();
    const { options, path } = this.#target;
    const body = this.#chunks.length > 0 ? Buffer.concat(this.#chunks).toString('utf8') : null;
    sendRequest(options, path, {
      method: this.#method, headers: this.#headers, body, signal: this.#controller.signal,
    }).then(
      (answer) => this.emit('response', incomingMessage(answer)),
      (error) => this.destroy(error),
    );
  }

  _destroy(error, done) {
    this.#controller.abort();
    done(error);
  }

  abort() {
    this.destroy();
  }

  setHeader(name, value) {
    this.#headers.set(name, value);
    return this;
  }

  getHeader(name) {
    return this.#headers.get(name) ?? undefined;
  }
}

// As much of `http.IncomingMessage` as node-fetch uses.
function incomingMessage({ status, text, headers, body }) {
  const message = new Readable({ read() {} });
  const named = {};
  for (const [name, value] of Object.entries(headers)) named[name.toLowerCase()] = value;
  // The body is text as it is.
  delete named['content-encoding'];
  Object.assign(message, {
    statusCode: status, statusMessage: text, headers: named,
    rawHeaders: Object.entries(named).flat(), httpVersion: '1.1', complete: true,
  });
  if (body !== null) message.push(body);
  message.push(null);
  return message;
}

module.exports = { installPlatformRequests };
