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

// The digits of each byte, and the bytes of a UUID that a dash comes before.
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
const DASH_BEFORE = Array.from({ length: 16 }, (_, n) => [4, 6, 8, 10].includes(n));

let seed = '';
const outsideApp = { randomKey: 'outside' };

// sfc32 by Chris Doty-Humphrey, public domain.
class RandomStream {
  #state;

  constructor(key) {
    const digest = sha256(`${seed}/${key}`);
    this.#state = new Uint32Array([0, 4, 8].map((offset) => digest.readUInt32LE(offset)).concat(1));
    for (let n = 0; n < 12; n++) this.nextUint32();
  }

  nextUint32() {
    const state = this.#state;
    const sum = (state[0] + state[1] + state[3]) | 0;
    state[3] += 1;
    state[0] = state[1] ^ (state[1] >>> 9);
    state[1] = state[2] + (state[2] << 3);
    state[2] = ((state[2] << 21) | (state[2] >>> 11)) + sum;
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
    randomUUID(options);
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

function newUuid() {
  const bytes = new Uint8Array(16);
  currentStream().fill(bytes);
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  let uuid = '';
  for (let n = 0; n < 16; n++) uuid += (DASH_BEFORE[n] ? '-' : '') + HEX[bytes[n]];
  return uuid;
}

module.exports = { installSeededRandom };
