'use strict';
// Keys and primes follow the seed. What only OpenSSL can make is left to it, and named.

const crypto = require('node:crypto');
const util = require('node:util');
const { nameChance } = require('./chances.cjs');

const { BigInt, Buffer, Math, Object, Promise } = globalThis;
const { nextTick } = process;
const original = { ...crypto };

// The beginning of a private key in PKCS #8, RFC 8410, and the bytes that follow it.
const EDWARDS = {
  ed25519: ['302e020100300506032b657004220420', 32],
  x25519: ['302e020100300506032b656e04220420', 32],
  ed448: ['3047020100300506032b6571043b0439', 57],
  x448: ['3046020100300506032b656f043a0438', 56],
};
const JWK_CURVES = {
  'P-256': 'P-256', prime256v1: 'P-256', 'P-384': 'P-384', secp384r1: 'P-384',
  'P-521': 'P-521', secp521r1: 'P-521', secp256k1: 'secp256k1',
};
const ECDH_CURVES = { 'P-256': 'prime256v1', 'P-384': 'secp384r1', 'P-521': 'secp521r1' };
const SMALL_PRIMES = [3n, 5n, 7n, 11n, 13n, 17n, 19n, 23n, 29n, 31n, 37n, 41n, 43n, 47n];

function installKeys() {
  replaceKeyPairs();
  replaceSecretKeys();
  replacePrimes();
  replaceExchanges();
  replaceWebKeys();
  nameSignatures();
}

const base64url = (bytes) => Buffer.from(bytes).toString('base64url');
const toBigInt = (bytes) => BigInt(`0x${Buffer.from(bytes).toString('hex')}`);

function toBytes(number) {
  const hex = number.toString(16);
  return Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
}

function newPrivateKey(type, options) {
  if (type in EDWARDS) {
    const [prefix, size] = EDWARDS[type];
    const key = Buffer.concat([Buffer.from(prefix, 'hex'), crypto.randomBytes(size)]);
    return crypto.createPrivateKey({ key, format: 'der', type: 'pkcs8' });
  }
  if (type === 'ec' && options?.namedCurve in JWK_CURVES) return newEcKey(options.namedCurve);
  if (type === 'rsa' && isPlainRsa(options)) return newRsaKey(options.modulusLength);
  return null;
}

function newEcKey(namedCurve) {
  const crv = JWK_CURVES[namedCurve];
  const ecdh = crypto.createECDH(ECDH_CURVES[crv] ?? crv);
  ecdh.generateKeys();
  const point = ecdh.getPublicKey();
  const size = (point.length - 1) / 2;
  const d = Buffer.alloc(size);
  ecdh.getPrivateKey().copy(d, size - ecdh.getPrivateKey().length);
  const [x, y] = [point.subarray(1, size + 1), point.subarray(size + 1)].map(base64url);
  return crypto.createPrivateKey({ key: { kty: 'EC', crv, x, y, d: base64url(d) }, format: 'jwk' });
}

function isPlainRsa(options) {
  const length = options?.modulusLength;
  const exponent = options?.publicExponent ?? 65537;
  return Number.isInteger(length) && length >= 512 && length % 16 === 0 && exponent === 65537;
}

function newRsaKey(bits) {
  const e = 65537n;
  for (;;) {
    const [q, p] = [newPrime(bits / 2, true), newPrime(bits / 2, true)].sort((a, b) => (a < b ? -1 : 1));
    const phi = (p - 1n) * (q - 1n);
    if (p === q || phi % e === 0n) continue;
    const d = inverse(e, phi);
    const numbers = { n: p * q, e, d, p, q, dp: d % (p - 1n), dq: d % (q - 1n), qi: inverse(q, p) };
    const parts = Object.entries(numbers).map(([name, value]) => [name, base64url(toBytes(value))]);
    return crypto.createPrivateKey({ key: { kty: 'RSA', ...Object.fromEntries(parts) }, format: 'jwk' });
  }
}

function inverse(value, modulus) {
  let [a, b, x, y] = [value % modulus, modulus, 1n, 0n];
  while (a > 1n) {
    const quotient = a / b;
    [a, b] = [b, a % b];
    [x, y] = [y, x - quotient * y];
  }
  return x < 0n ? x + modulus : x;
}

// `topBits`: both of the highest are set, so that a product of two has all its bits.
function newPrime(bits, topBits) {
  for (;;) {
    let number = toBigInt(crypto.randomBytes(Math.ceil(bits / 8)));
    number &= (1n << BigInt(bits)) - 1n;
    number |= 1n | (1n << BigInt(bits - 1)) | (topBits ? 1n << BigInt(bits - 2) : 0n);
    if (SMALL_PRIMES.some((prime) => number % prime === 0n && number !== prime)) continue;
    if (crypto.checkPrimeSync(number)) return number;
  }
}

function replaceKeyPairs() {
  const generate = (type, options) => {
    const key = newPrivateKey(type, options);
    if (key === null) {
      nameChance(`a key pair of the type ${type}, as it is made by OpenSSL`);
      return original.generateKeyPairSync(type, options);
    }
    const encode = (one, encoding) => (encoding?.format === undefined ? one : one.export(encoding));
    return {
      publicKey: encode(crypto.createPublicKey(key), options?.publicKeyEncoding),
      privateKey: encode(key, options?.privateKeyEncoding),
    };
  };
  crypto.generateKeyPairSync = generate;
  crypto.generateKeyPair = (type, options, callback) => {
    if (typeof callback !== 'function' && typeof options !== 'function') {
      original.generateKeyPair(type, options, callback);
    }
    const done = callback ?? options;
    const { publicKey, privateKey } = generate(type, callback === undefined ? {} : options);
    nextTick(done, null, publicKey, privateKey);
  };
  crypto.generateKeyPair[util.promisify.custom] = async (type, options) => generate(type, options);
}

function replaceSecretKeys() {
  const generate = (type, options) => {
    const size = original.generateKeySync(type, options).symmetricKeySize;
    return crypto.createSecretKey(crypto.randomBytes(size));
  };
  crypto.generateKeySync = generate;
  crypto.generateKey = (type, options, callback) => {
    nextTick(callback, null, generate(type, options));
  };
}

function replacePrimes() {
  const generate = (size, options = {}) => {
    if (options.add !== undefined || options.safe || !(size > 8)) {
      nameChance('a prime with `add` or `safe`, as it is made by OpenSSL');
      return original.generatePrimeSync(size, options);
    }
    original.generatePrimeSync(16, options);
    const prime = newPrime(size, false);
    if (options.bigint) return prime;
    const bytes = toBytes(prime);
    return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  };
  crypto.generatePrimeSync = generate;
  crypto.generatePrime = (size, options, callback) => {
    const done = callback ?? options;
    nextTick(done, null, generate(size, callback === undefined ? {} : options));
  };
}

function replaceExchanges() {
  const { prototype } = crypto.ECDH;
  const { generateKeys } = prototype;
  prototype.generateKeys = function (encoding, format) {
    generateKeys.call(this);
    // A private key has no zeros in front, so that its own length is chance.
    setRandomKey(this, (this.getPublicKey(null, 'uncompressed').length - 1) / 2);
    return this.getPublicKey(encoding, format);
  };
  const group = crypto.DiffieHellmanGroup.prototype;
  const { generateKeys: generateGroupKeys } = group;
  group.generateKeys = function (encoding) {
    nameChance('the keys of a Diffie-Hellman group, as they are made by OpenSSL');
    return generateGroupKeys.call(this, encoding);
  };
  const exchange = crypto.DiffieHellman.prototype;
  const { generateKeys: generateExchangeKeys } = exchange;
  exchange.generateKeys = function (encoding) {
    generateExchangeKeys.call(this);
    setRandomKey(this, Math.max(1, this.getPrime().length - 1));
    return generateExchangeKeys.call(this, encoding);
  };
}

function setRandomKey(exchange, size) {
  for (;;) {
    try {
      exchange.setPrivateKey(crypto.randomBytes(size));
      return;
    } catch {
      // Not every number is a key of the curve.
    }
  }
}

function replaceWebKeys() {
  const { subtle } = crypto.webcrypto;
  const { prototype } = Object.getPrototypeOf(subtle).constructor;
  const { generateKey, importKey, exportKey } = prototype;
  prototype.generateKey = async function (algorithm, extractable, usages) {
    const made = await generateKey.call(this, algorithm, true, usages);
    if (made.type === 'secret') {
      const raw = await exportKey.call(this, 'raw', made);
      const bytes = crypto.randomBytes(raw.byteLength);
      return importKey.call(this, 'raw', bytes, made.algorithm, extractable, made.usages);
    }
    const pair = crypto.generateKeyPairSync(...pairOptions(made.publicKey.algorithm));
    const import_ = (format, key, usages, extract) =>
      importKey.call(this, format, key, made.publicKey.algorithm, extract, usages);
    const spki = pair.publicKey.export({ format: 'der', type: 'spki' });
    const pkcs8 = pair.privateKey.export({ format: 'der', type: 'pkcs8' });
    return {
      publicKey: await import_('spki', spki, made.publicKey.usages, true),
      privateKey: await import_('pkcs8', pkcs8, made.privateKey.usages, extractable),
    };
  };
  for (const [name, kinds] of [['sign', /^(ECDSA|RSA-PSS)$/], ['encrypt', /^RSA-OAEP$/]]) {
    const method = prototype[name];
    prototype[name] = async function (...values) {
      const kind = values[1]?.algorithm?.name;
      if (kinds.test(kind)) nameChance(`what ${kind} adds by chance of OpenSSL's own`);
      return method.apply(this, values);
    };
  }
}

function pairOptions({ name, namedCurve, modulusLength }) {
  if (namedCurve !== undefined) return ['ec', { namedCurve }];
  if (modulusLength !== undefined) return ['rsa', { modulusLength }];
  return [name.toLowerCase(), {}];
}

// Signatures and encryption add chance of their own, unless they are of RSA with PKCS #1 or EdDSA.
function nameSignatures() {
  const { sign } = crypto.Sign.prototype;
  crypto.Sign.prototype.sign = function (key, encoding) {
    nameSignature(key);
    return sign.call(this, key, encoding);
  };
  crypto.sign = (algorithm, data, key, callback) => {
    nameSignature(key);
    return callback === undefined
      ? original.sign(algorithm, data, key)
      : original.sign(algorithm, data, key, callback);
  };
  crypto.publicEncrypt = (key, data) => {
    nameChance("what encryption with RSA adds by chance of OpenSSL's own");
    return original.publicEncrypt(key, data);
  };
}

function nameSignature(key) {
  try {
    const own = key?.asymmetricKeyType === undefined ? crypto.createPrivateKey(key) : key;
    const isPlain = /^ed|^rsa$/.test(own.asymmetricKeyType) && key?.padding === undefined;
    if (!isPlain) nameChance("what a signature adds by chance of OpenSSL's own");
  } catch {
    // The call says what is wrong with it.
  }
}

module.exports = { installKeys };
