'use strict';
// Random numbers inside handlers follow the run's seed: one stream for each invocation, and one for
// the top level of the modules of each instance, so that their order does not matter.
//
// Not cryptographically secure: the seed determines every number.

const crypto = require('node:crypto');
const { loading, current } = require('./context.cjs');
const { Math, Uint8Array } = globalThis;
const { createHash, hash, randomBytes, randomFill, randomFillSync, randomInt, randomUUID } = crypto;
const { nextTick } = process;

const readInt32LE = Function.prototype.call.bind(Buffer.prototype.readInt32LE);

// The digits of each byte.
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

let seed = '';
const outsideApp = { randomKey: 'outside' };

// sfc32 by Chris Doty-Humphrey, public domain.
class RandomStream {
  #a;
  #b;
  #c;
  #counter = 1;

  constructor(key) {
    const digest = sha256(`${seed}/${key}`);
    this.#a = readInt32LE(digest, 0);
    this.#b = readInt32LE(digest, 4);
    this.#c = readInt32LE(digest, 8);
    for (let n = 0; n < 12; n++) this.nextUint32();
  }

  nextUint32() {
    const a = this.#a;
    const b = this.#b;
    const c = this.#c;
    const sum = (a + b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = b ^ (b >>> 9);
    this.#b = (c + (c << 3)) | 0;
    this.#c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  // From 0 up to, but not including, 1.
  nextFloat() {
    return ((this.nextUint32() >>> 5) * 2 ** 26 + (this.nextUint32() >>> 6)) / 2 ** 53;
  }

  fill(bytes) {
    for (let offset = 0; offset < bytes.length; offset += 4) {
      const word = this.nextUint32();
      for (let n = 0; n < 4 && offset + n < bytes.length; n++) bytes[offset + n] = word >>> (8 * n);
    }
  }
}

// One call where Node.js has it (20.12): a digest for each invocation is what it costs.
function sha256(text) {
  if (hash !== undefined) return hash('sha256', text, 'buffer');
  return createHash('sha256').update(text).digest();
}

function currentStream() {
  const owner = loading.instance ?? current.getStore() ?? outsideApp;
  owner.randomStream ??= new RandomStream(owner.randomKey);
  return owner.randomStream;
}

function fillView(view, offset = 0, size = view.byteLength - offset) {
  const buffer = view.buffer ?? view;
  currentStream().fill(new Uint8Array(buffer, (view.byteOffset ?? 0) + offset, size));
  return view;
}

// Node's own functions are still called: they check the arguments and make the results.
function installSeededRandom(settings) {
  seed = String(settings.seed);
  Math.random = () => currentStream().nextFloat();
  replaceNodeCrypto();
  replaceWebCrypto();
}

function replaceNodeCrypto() {
  crypto.randomUUID = (options) => {
    if (options !== undefined) randomUUID(options);
    return newUuid();
  };
  crypto.randomBytes = crypto.pseudoRandomBytes = (size, callback) => {
    const bytes = fillView(randomBytes(size));
    return returnOrCallBack(bytes, callback);
  };
  crypto.randomFillSync = (view, offset, size) => {
    randomFillSync(view, offset, size);
    const elementSize = view.BYTES_PER_ELEMENT ?? 1;
    const byteOffset = (offset ?? 0) * elementSize;
    return fillView(view, byteOffset, size === undefined ? undefined : size * elementSize);
  };
  crypto.randomFill = (view, ...rest) => {
    const callback = rest.pop();
    if (typeof callback !== 'function') return randomFill(view, ...rest, callback);
    return returnOrCallBack(crypto.randomFillSync(view, ...rest), callback);
  };
  crypto.randomInt = (low, high, callback) => {
    if (high === undefined || typeof high === 'function') [low, high, callback] = [0, low, high];
    randomInt(low, high);
    return returnOrCallBack(low + Math.floor(currentStream().nextFloat() * (high - low)), callback);
  };
}

function replaceWebCrypto() {
  const { Crypto } = globalThis;
  const { getRandomValues, randomUUID } = Crypto.prototype;
  const methods = {
    getRandomValues(view) {
      return fillView(getRandomValues.call(this, view));
    },
    randomUUID() {
      randomUUID.call(this);
      return newUuid();
    },
  };
  for (const [name, value] of Object.entries(methods)) {
    Object.defineProperty(Crypto.prototype, name, {
      configurable: true, enumerable: true, writable: true, value,
    });
  }
}

function returnOrCallBack(value, callback) {
  if (callback === undefined) return value;
  nextTick(callback, null, value);
  return undefined;
}

// The bytes of four words, as `fill` writes them, with the version and the variant of a random UUID.
function newUuid() {
  const stream = currentStream();
  const first = stream.nextUint32();
  const second = (stream.nextUint32() & 0xff0fffff) | 0x00400000;
  const third = (stream.nextUint32() & 0xffffff3f) | 0x00000080;
  const last = stream.nextUint32();
  return (
    `${hexOf(first, 0)}${hexOf(first, 16)}-${hexOf(second, 0)}-${hexOf(second, 16)}-` +
    `${hexOf(third, 0)}-${hexOf(third, 16)}${hexOf(last, 0)}${hexOf(last, 16)}`
  );
}

// Two bytes of a word whose lowest byte comes first.
function hexOf(word, shift) {
  return HEX[(word >>> shift) & 0xff] + HEX[(word >>> (shift + 8)) & 0xff];
}

module.exports = { installSeededRandom };
