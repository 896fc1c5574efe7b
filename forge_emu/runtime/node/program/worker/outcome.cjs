'use strict';
// What a handler's return value means to the platform.

const { Buffer, JSON, Math } = require('./primordials.cjs');
const stringify = JSON.stringify;

const SUCCESS = { outcome: 'success' };
// Deeper data is legal JSON, but refused at its size long before.
const DEEPEST = 400;
const LARGEST = 256 * 1024;

function outcomeOf(value, invocation) {
  try {
    if (value === null || typeof value !== 'object' || value._retry !== true) return SUCCESS;
    const { retryAfter, retryReason, retryData } = value.retryOptions ?? {};
    return {
      outcome: 'retry_requested',
      retry_after: plain(retryAfter),
      retry_reason: plain(retryReason),
      ...dataOf(retryData, invocation),
    };
  } catch (error) {
    invocation.log('warn', `the returned value could not be read: ${error}`);
    return SUCCESS;
  }
}

function dataOf(retryData, invocation) {
  let text;
  try {
    text = stringify(retryData);
  } catch (error) {
    invocation.log('warn', `retryData is left out, as it has no JSON form: ${error.message}`);
  }
  if (text === undefined) return {};
  const bytes = Buffer.byteLength(text);
  const fits = bytes <= LARGEST && depthOf(text) <= DEEPEST;
  return { retry_data: fits ? retryData : null, data_bytes: bytes };
}

function plain(value) {
  const kind = typeof value;
  return value === undefined || kind === 'string' || kind === 'number' || kind === 'boolean'
    ? value
    : String(value);
}

function depthOf(text) {
  let depth = 0;
  let deepest = 0;
  for (const [token] of text.matchAll(/"(?:\\.|[^"\\])*"|[[{]|[\]}]/g)) {
    if (token === '[' || token === '{') deepest = Math.max(deepest, ++depth);
    else if (token === ']' || token === '}') depth--;
  }
  return deepest;
}

module.exports = { outcomeOf };
