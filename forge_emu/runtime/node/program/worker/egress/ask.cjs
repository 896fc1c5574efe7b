'use strict';
// Requests to the outside: forge-emu is asked about each, and answers it, refuses it, or lets it go
// to its address.

const { AsyncLocalStorage } = require('node:async_hooks');
const { current } = require('../context.cjs');
const clock = require('../clock.cjs');
const { exchange } = require('../forge_globals.cjs');
const { sendMessage } = require('../output.cjs');
const { Error, Math, Object } = globalThis;

const OPTIONS = { type: 'egress' };

// Set while a request that may go out is made: nothing below intercepts it again.
const passing = new AsyncLocalStorage();
const { run, getStore } = passing;
const letPass = (action) => run.call(passing, true, action);
const isPassing = () => getStore.call(passing) === true;

// Resolves to forge-emu's answer, whose `network` is '' (answered), 'send' or 'fail'.
function askAbout({ method, url, headers, body }, signal, store, trace) {
  const request = { options: OPTIONS, path: url, method, headers, body };
  return exchange(request, signal, store, trace);
}

// What a request fails with that may not go out.
function refusal(answer) {
  return Object.assign(new Error(answer.body), { code: 'ECONNREFUSED', name: 'EgressError' });
}

// Tells forge-emu how a request ended that went out. `answer` is the one that let it go: its body is
// how many seconds it may take.
class SentRequest {
  #startedAt = clock.now();
  #store;
  #request;
  #timer = null;
  #ended = false;
  timedOut = false;

  constructor(request, answer, onTimeout, store = current.getStore()) {
    this.#request = request;
    this.#store = store;
    const seconds = Number(answer.body);
    if (!(seconds > 0)) return;
    this.#timer = globalThis.setTimeout(() => {
      this.timedOut = true;
      this.end(null, null);
      onTimeout();
    }, seconds * 1000);
  }

  end(status, error) {
    if (this.#ended) return;
    this.#ended = true;
    globalThis.clearTimeout(this.#timer);
    sendMessage({
      type: 'sent_ended',
      invocation_id: this.#store?.id ?? null,
      method: this.#request.method,
      url: this.#request.url,
      status,
      duration_ms: Math.max(0, Math.round(clock.now() - this.#startedAt)),
      error: error === null ? null : String(error?.cause?.message ?? error?.message ?? error),
      timed_out: this.timedOut,
    });
  }
}

module.exports = { askAbout, refusal, letPass, isPassing, SentRequest };
