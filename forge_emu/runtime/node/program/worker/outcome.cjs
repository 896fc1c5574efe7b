'use strict';
// The outcome of an invocation from the value its handler returned.

const { Buffer, JSON, Math } = require('./primordials.cjs');
const stringify = JSON.stringify;

const SUCCESS = { outcome: 'success' };
// Deeper retryData is legal JSON, but is left out like retryData that is too large.
const MAX_DEPTH = 400;
const MAX_BYTES = 256 * 1024;

function outcomeOf(value, invocation) {
  try {
    if (value === null || typeof value !== 'object' || value._retry !== true) return SUCCESS;
    const { retryAfter, retryReason, retryData } = value.retryOptions ?? {};
    return {
      outcome: 'retry_requested',
      retry_after: toPlainValue(retryAfter),
      retry_reason: toPlainValue(retryReason),
      ...retryDataFields(retryData, invocation),
    };
  } catch (error) {
    invocation.log('warn', `the returned value could not be read: ${error}`);
    return SUCCESS;
  }
}

function retryDataFields(retryData, invocation) {
  let text;
  try {
    text = stringify(retryData);
  } catch (error) {
    invocation.log('warn', `retryData is left out, as it has no JSON form: ${error.message}`);
  }
  if (text === undefined) return {};
  const bytes = Buffer.byteLength(text);
  const fits = bytes <= MAX_BYTES && jsonDepth(text) <= MAX_DEPTH;
  return { retry_data: fits ? retryData : null, data_bytes: bytes };
}

function toPlainValue(value) {
  const type = typeof value;
  return value === undefined || type === 'string' || type === 'number' || type === 'boolean'
    ? value
    : String(value);
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

module.exports = { outcomeOf };
