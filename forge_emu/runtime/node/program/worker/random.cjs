'use strict';
// Chance inside handlers follows the run's seed: a stream for each invocation, and one for the top
// level of the modules of each instance, so that it does not matter who comes first.
//
// Not secure, and not meant to be: whoever knows the seed knows what comes.

const crypto = require('node:crypto');
const { loading, current } = require('./context.cjs');
const { Math, Uint8Array } = globalThis;
const { createHash, randomBytes, randomFill, randomFillSync, randomInt, randomUUID } = crypto;
const { nextTick } = process;

let seed = '';
const outside = { chanceKey: 'outside' };

// sfc32 by Chris Doty-Humphrey, public domain.
class Stream {
  #words;

  constructor(key) {
    const hash = createHash('sha256').update(`${seed}/${key}`).digest();
    this.#words = new Uint32Array([0, 4, 8].map((at) => hash.readUInt32LE(at)).concat(1));
    for (let n = 0; n < 12; n++) this.word();
  }

  word() {
    const w = this.#words;
    const sum = (w[0] + w[1] + w[3]) | 0;
    w[3] += 1;
    w[0] = w[1] ^ (w[1] >>> 9);
    w[1] = w[2] + (w[2] << 3);
    w[2] = ((w[2] << 21) | (w[2] >>> 11)) + sum;
    return sum >>> 0;
  }

  // From 0 up to, but not including, 1.
  number() {
    return ((this.word() >>> 5) * 2 ** 26 + (this.word() >>> 6)) / 2 ** 53;
  }

  fill(bytes) {
    for (let at = 0; at < bytes.length; at += 4) {
      const word = this.word();
      for (let n = 0; n < 4 && at + n < bytes.length; n++) bytes[at + n] = word >>> (8 * n);
    }
  }
}

function stream() {
  const whose = loading.instance ?? current.getStore() ?? outside;
  whose.chance ??= new Stream(whose.chanceKey);
  return whose.chance;
}

function fillView(view, offset = 0, size = view.byteLength - offset) {
  const buffer = view.buffer ?? view;
  stream().fill(new Uint8Array(buffer, (view.byteOffset ?? 0) + offset, size));
  return view;
}

// The platform's functions are still called, for what they refuse and for what they answer.
function openChance(settings) {
  seed = String(settings.seed);
  Math.random = () => stream().number();
  openNodeCrypto();
  openWebCrypto();
}

function openNodeCrypto() {
  crypto.randomUUID = (options) => {
    randomUUID(options);
    return newUuid();
  };
  crypto.randomBytes = crypto.pseudoRandomBytes = (size, done) => {
    const bytes = fillView(randomBytes(size));
    return answer(bytes, done);
  };
  crypto.randomFillSync = (view, offset, size) => {
    randomFillSync(view, offset, size);
    const unit = view.BYTES_PER_ELEMENT ?? 1;
    const from = (offset ?? 0) * unit;
    return fillView(view, from, size === undefined ? undefined : size * unit);
  };
  crypto.randomFill = (view, ...rest) => {
    const done = rest.pop();
    if (typeof done !== 'function') return randomFill(view, ...rest, done);
    return answer(crypto.randomFillSync(view, ...rest), done);
  };
  crypto.randomInt = (low, high, done) => {
    if (high === undefined || typeof high === 'function') [low, high, done] = [0, low, high];
    randomInt(low, high);
    return answer(low + Math.floor(stream().number() * (high - low)), done);
  };
}

function openWebCrypto() {
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

function answer(value, done) {
  if (done === undefined) return value;
  nextTick(done, null, value);
  return undefined;
}

function newUuid() {
  const bytes = new Uint8Array(16);
  stream().fill(bytes);
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

module.exports = { openChance };
