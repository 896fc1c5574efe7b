'use strict';
// What looks like a request for a retry and is none, or is one that cannot be sent whole.

const util = require('node:util');
const { Math } = require('./primordials.cjs');
const { errorReport, sourceLocation } = require('./errors.cjs');

const OPTION_NAMES = ['retryAfter', 'retryReason', 'retryData', 'retryOptions'];
const MAX_LEVELS = 3;
const MAX_VISITED = 200;

const isObject = (value) => value !== null && typeof value === 'object';

function returnedError(value, generation) {
  if (!util.types.isNativeError(value)) return null;
  const { name, message } = errorReport(value, generation);
  const { source, line } = sourceLocation(value, generation);
  const place = source === undefined ? {} : { place: `${source}:${line}` };
  return { kind: 'returned_error', given: clip(`${name}: ${message}`), ...place };
}

// An object with the options of a retry, or `retry: true`, that the platform takes for a result.
function unmarkedRequest(value) {
  const names = OPTION_NAMES.filter((name) => Object.hasOwn(value, name));
  if (value.retry === true) names.push('retry');
  return names.length > 0 ? { kind: 'plain_request', given: names.join(', ') } : null;
}

// A request in an array, or below a property.
function nestedRequest(value) {
  let level = [[value, '']];
  let visited = 0;
  for (let depth = 0; depth < MAX_LEVELS; depth += 1) {
    const next = [];
    for (const [holder, path] of level) {
      for (const [name, inner] of entriesOf(holder)) {
        if (!isObject(inner)) continue;
        const place = Array.isArray(holder) ? `${path}[${name}]` : `${path}.${name}`;
        if (inner._retry === true) return { kind: 'nested_request', given: clip(place) };
        if ((visited += 1) > MAX_VISITED) return null;
        next.push([inner, place]);
      }
    }
    level = next;
  }
  return null;
}

function entriesOf(value) {
  return Object.entries(value).slice(0, MAX_VISITED);
}

// What JSON leaves out of retryData without a word; null where nothing is lost.
function lossyPart(value, level = 0) {
  if (typeof value === 'function' || typeof value === 'symbol') return `a ${typeof value}`;
  if (!isObject(value) || level > MAX_LEVELS || typeof value.toJSON === 'function') return null;
  if (util.types.isMap(value)) return 'a Map';
  if (util.types.isSet(value)) return 'a Set';
  if (util.types.isNativeError(value)) return 'an Error';
  for (const [, inner] of entriesOf(value)) {
    const found = lossyPart(inner, level + 1);
    if (found !== null) return found;
  }
  return null;
}

function jsonDepth(text) {
  let depth = 0;
  let deepest = 0;
  for (const [token] of text.matchAll(/"(?:\\.|[^"\\])*"|[[{]|[\]}]/g)) {
    if (token === '[' || token === '{') deepest = Math.max(deepest, ++depth);
    else if (token === ']' || token === '}') depth--;
  }
  return deepest;
}

// The first line of what an error says.
function wordsFor(error) {
  return clip(String(error?.message ?? error).split('\n')[0]);
}

const clip = (text) => (text.length <= 160 ? text : `${text.slice(0, 159)}…`);

module.exports = { jsonDepth, lossyPart, nestedRequest, returnedError, unmarkedRequest, wordsFor };
