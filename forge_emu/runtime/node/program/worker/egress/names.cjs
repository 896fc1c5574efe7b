'use strict';
// Addresses for the names of hosts, which nobody is asked for: one of its own for each name. Other
// questions to the name service are refused.

const dns = require('node:dns');
const { isPassing } = require('./ask.cjs');
const { isIP } = require('node:net');
const { newSafeMap } = require('../primordials.cjs');
const { Array, Error, Math, Object, process } = globalThis;

// 198.18.0.1: for tests between networks, and used by no host. [RFC 2544]
const FIRST = 198 * 2 ** 24 + 18 * 2 ** 16 + 1;
const MOST = 130_000;

const addresses = newSafeMap();
const names = newSafeMap();
let count = 0;

function addressOf(name) {
  const plain = String(name).replace(/^\[|\]$/g, '');
  if (isIP(plain) !== 0) return plain;
  let address = addresses.get(plain);
  if (address === undefined) {
    const number = FIRST + (count++ % MOST);
    address = [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
    addresses.set(plain, address);
    names.set(address, plain);
  }
  return address;
}

// The name that has an address here; itself where none has.
const nameOf = (address) => names.get(address) ?? address;

function installNames() {
  const { lookup } = dns;
  dns.lookup = function (hostname, ...rest) {
    if (isPassing() || !hostname) return lookup.call(dns, hostname, ...rest);
    const callback = rest.pop();
    const found = lookedUp(hostname, rest[0]);
    const values = Array.isArray(found) ? [found] : [found.address, found.family];
    process.nextTick(() => callback(null, ...values));
    return {};
  };
  const { lookup: promised } = dns.promises;
  dns.promises.lookup = async (hostname, options) =>
    isPassing() || !hostname ? promised(hostname, options) : lookedUp(hostname, options);
  for (const holder of [dns, dns.Resolver.prototype]) replaceQuestions(holder, answerByCallback);
  for (const holder of [dns.promises, dns.promises.Resolver.prototype]) {
    replaceQuestions(holder, answerByPromise);
  }
}

function lookedUp(hostname, options) {
  const address = addressOf(hostname);
  const found = { address, family: isIP(address) };
  return options?.all === true ? [found] : found;
}

function replaceQuestions(holder, answer) {
  for (const name of Object.getOwnPropertyNames(holder)) {
    const original = holder[name];
    if (!/^(resolve|reverse)/.test(name) || typeof original !== 'function') continue;
    holder[name] = function (hostname, ...rest) {
      if (isPassing()) return original.call(this, hostname, ...rest);
      const isAddress = name === 'resolve4' || (name === 'resolve' && typeof rest[0] !== 'string');
      return answer(isAddress ? [addressOf(hostname)] : null, refused(name, hostname), rest);
    };
  }
}

function refused(name, hostname) {
  const message = `dns.${name} of ${hostname} was refused: no name service is asked`;
  return Object.assign(new Error(message), { code: 'EREFUSED', syscall: name, hostname });
}

function answerByCallback(found, error, rest) {
  const callback = rest.at(-1);
  process.nextTick(() => (found === null ? callback(error) : callback(null, found)));
  return {};
}

async function answerByPromise(found, error) {
  if (found === null) throw error;
  return found;
}

module.exports = { installNames, nameOf };
