'use strict';
// `fetch`, the global one and with it that of `@forge/api`.

const { STATUS_CODES } = require('node:http');
const { copyFor, copyResponse } = require('./answer_copy.cjs');
const { askAbout, refusal, letPass, isPassing, SentRequest } = require('./ask.cjs');
const { current } = require('../context.cjs');
const { captureTrace } = require('../forge_globals.cjs');
const { AbortController, AbortSignal, Buffer, Headers, Object, Request, Response, TypeError, URL } =
  globalThis;

const realFetch = globalThis.fetch;

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const MAX_REDIRECTS = 20;
// Headers that belong to the body, which a redirect may leave behind.
const BODY_HEADERS = ['content-type', 'content-length', 'content-encoding', 'content-language'];

function installFetch() {
  // A request that passes may come from code of ours alone.
  globalThis.fetch = async function fetch(input, init = undefined) {
    const request = new Request(input, init);
    if (isPassing() || !/^https?:/.test(request.url)) return realFetch(request);
    request.signal.throwIfAborted();
    const trace = captureTrace(globalThis.fetch);
    const { url, method, signal, redirect } = request;
    const headers = new Headers(request.headers);
    const body = bodyNow(request, init) ?? Buffer.from(await request.arrayBuffer());
    const whole = { url, method, headers, body: request.body === null ? null : body };
    return followRedirects(whole, signal, redirect, trace);
  };
}

// The body where it is there at once: the request is made before the caller goes on.
function bodyNow(request, init) {
  if (request.body === null) return Buffer.alloc(0);
  return typeof init?.body === 'string' ? Buffer.from(init.body) : null;
}

async function followRedirects(request, signal, redirect, trace) {
  for (let hops = 0; ; hops++) {
    const response = await fetchOnce(request, signal, trace);
    const location = REDIRECTS.has(response.status) ? response.headers.get('location') : null;
    if (location === null || redirect === 'manual') return withUrl(response, request.url, hops > 0);
    if (redirect === 'error') throw failed(new TypeError('unexpected redirect'));
    if (hops === MAX_REDIRECTS) throw failed(new TypeError('redirect count exceeded'));
    await response.body?.cancel();
    request = redirected(request, response.status, location);
  }
}

function redirected({ url, method, body, headers }, status, location) {
  const next = new URL(location, url);
  const kept = new Headers(headers);
  if (next.origin !== new URL(url).origin) {
    for (const name of ['authorization', 'cookie', 'host']) kept.delete(name);
  }
  const becomesGet =
    (status === 303 && method !== 'GET' && method !== 'HEAD') ||
    ((status === 301 || status === 302) && method === 'POST');
  if (!becomesGet) return { url: next.href, method, body, headers: kept };
  for (const name of BODY_HEADERS) kept.delete(name);
  return { url: next.href, method: 'GET', body: null, headers: kept };
}

async function fetchOnce({ url, method, body, headers }, signal, trace) {
  const text = body === null ? null : body.toString('utf8');
  const asked = { method, url, headers: Object.fromEntries(headers), body: text };
  const answer = await askAbout(asked, signal, undefined, trace);
  if (answer.network === 'fail') throw failed(refusal(answer));
  if (answer.network !== 'send') {
    const { status, text, headers: answered, body: content } = answer;
    return new Response(content, { status, statusText: text, headers: answered });
  }
  const ended = new AbortController();
  const sent = new SentRequest({ method, url }, answer, () => ended.abort());
  const signals = AbortSignal.any([signal, ended.signal]);
  try {
    const response = await letPass(() =>
      realFetch(url, { method, headers, body, signal: signals, redirect: 'manual' }),
    );
    sent.end(response.status, null);
    // `fetch` has unpacked the body.
    copyResponse(response, copyFor({ method, url }, current.getStore()));
    return response;
  } catch (error) {
    if (sent.timedOut) return new Response(null, { status: 504, statusText: STATUS_CODES[504] });
    sent.end(null, error);
    throw error;
  }
}

// As `fetch` fails: a TypeError with the reason behind it, whose text is shown here as well.
function failed(cause) {
  return new TypeError(`fetch failed: ${cause.message}`, { cause });
}

function withUrl(response, url, redirectedOnce) {
  Object.defineProperty(response, 'url', { value: url, configurable: true });
  if (redirectedOnce) {
    Object.defineProperty(response, 'redirected', { value: true, configurable: true });
  }
  return response;
}

module.exports = { installFetch };
