'use strict';
// Copies the body of an answer from outside while the app reads it, for what is kept of an event.

const { brotliDecompressSync, constants, unzipSync } = require('node:zlib');
const { sendMessage } = require('../output.cjs');
const { Buffer, Object } = globalThis;

// Bytes of a body that are told.
const MOST = 256 * 1024;
const LENIENT = { maxOutputLength: 4 * MOST, finishFlush: constants.Z_SYNC_FLUSH };
const DECODERS = {
  gzip: (data) => unzipSync(data, LENIENT),
  'x-gzip': (data) => unzipSync(data, LENIENT),
  deflate: (data) => unzipSync(data, LENIENT),
  br: (data) => brotliDecompressSync(data, { maxOutputLength: 4 * MOST }),
};

class AnswerCopy {
  #about;
  #chunks = [];
  #kept = 0;
  #encoding;
  #cut = false;
  #told = false;

  constructor({ method, url }, store, encoding = '') {
    this.#about = { type: 'sent_answered', invocation_id: store.id, method, url };
    this.#encoding = String(encoding).trim().toLowerCase();
  }

  add(chunk) {
    if (chunk.length > MOST - this.#kept) this.#cut = true;
    if (this.#kept >= MOST) return;
    // The app may change what it is given.
    const part = Buffer.from(chunk.subarray(0, MOST - this.#kept));
    this.#chunks.push(part);
    this.#kept += part.length;
  }

  get isCut() {
    return this.#cut;
  }

  tell() {
    if (this.#told) return;
    this.#told = true;
    sendMessage({ ...this.#about, ...this.#content() });
  }

  #content() {
    const bytes = Buffer.concat(this.#chunks);
    if (!Object.hasOwn(DECODERS, this.#encoding)) return { body: bytes.toString('utf8'), cut: this.#cut };
    try {
      const unpacked = DECODERS[this.#encoding](bytes);
      const cut = this.#cut || unpacked.length > MOST;
      return { body: unpacked.subarray(0, MOST).toString('utf8'), cut };
    } catch {
      return { body: `(packed: ${this.#encoding})`, cut: this.#cut };
    }
  }
}

// What copies the answer to a request, where the invocation keeps what is in its event.
function copyFor(request, store, encoding) {
  return store?.keepsResult === true && !store.ended ? new AnswerCopy(request, store, encoding) : null;
}

// Copies the body of a `Response`, beside the app. What it does not read is read for it, up to MOST.
async function copyResponse(response, copy) {
  if (copy === null) return;
  if (response.body === null) {
    copy.tell();
    return;
  }
  try {
    const reader = response.clone().body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      copy.add(value);
      if (copy.isCut) {
        reader.cancel().catch(() => {});
        break;
      }
    }
    copy.tell();
  } catch {
    // The app sees why.
  }
}

module.exports = { copyFor, copyResponse };
