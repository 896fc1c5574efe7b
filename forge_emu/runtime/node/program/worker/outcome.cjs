'use strict';
// The outcome of an invocation from the value its handler returned, or from what it threw.

const { errorReport } = require('./errors.cjs');
const { Buffer, JSON } = require('./primordials.cjs');
const { jsonDepth, lossyPart, nestedRequest, returnedError, unmarkedRequest, wordsFor } =
  require('./retry_mistakes.cjs');
const stringify = JSON.stringify;

const SUCCESS = { outcome: 'success' };
const OUT_OF_MEMORY = {
  outcome: 'out_of_memory',
  error: {
    name: 'OutOfMemory',
    message: 'Function was terminated with SIGKILL. This may indicate running out of memory.',
  },
};
// Deeper retryData is legal JSON, but is left out like retryData that is too large.
const MAX_DEPTH = 400;
const MAX_BYTES = 256 * 1024;
// Characters of a returned value that are shown.
const MAX_RESULT = 64_000;

function outcomeOfReturn(value, invocation) {
  if (!invocation.wantsResult) {
    const outcome = outcomeOf(value, invocation);
    return invocation.keepsResult ? withResult(outcome, value) : outcome;
  }
  try {
    return resultOf(value);
  } catch (error) {
    return errorOutcome(invocation, error);
  }
}

function errorOutcome(invocation, error) {
  return { outcome: 'error', error: errorReport(error, invocation.generation) };
}

function outcomeOf(value, invocation) {
  try {
    if (value === null || typeof value !== 'object') return SUCCESS;
    if (value._retry !== true) return successWith(value, invocation);
    const { retryAfter, retryReason, retryData } = value.retryOptions ?? {};
    return {
      outcome: 'retry_requested',
      retry_after: toPlainValue(retryAfter),
      retry_reason: toPlainValue(retryReason),
      ...retryDataFields(retryData),
    };
  } catch (error) {
    invocation.log('warn', `the returned value could not be read: ${error}`);
    return SUCCESS;
  }
}

// With the JSON text of a value that is wanted. Throws what JSON.stringify throws.
function resultOf(value) {
  const result = stringify(value);
  return result === undefined ? SUCCESS : { ...SUCCESS, result };
}

// The outcome, with the JSON text of the returned value beside it, which changes nothing.
function withResult(outcome, value) {
  try {
    const result = stringify(value);
    if (result === undefined) return outcome;
    if (result.length <= MAX_RESULT) return { ...outcome, result };
    return { ...outcome, result: stringify(`(${result.length} characters of JSON)`) };
  } catch {
    return outcome;
  }
}

function successWith(value, invocation) {
  const mistake =
    returnedError(value, invocation.generation) ?? unmarkedRequest(value) ?? nestedRequest(value);
  return mistake === null ? SUCCESS : { ...SUCCESS, mistakes: [mistake] };
}

function retryDataFields(retryData) {
  let text;
  let given = null;
  try {
    given = lossyPart(retryData);
    text = stringify(retryData);
  } catch (error) {
    given = `data without a JSON form (${wordsFor(error)})`;
  }
  const mistakes = given === null ? {} : { mistakes: [{ kind: 'retry_data', given }] };
  if (text === undefined) return mistakes;
  const bytes = Buffer.byteLength(text);
  const fits = bytes <= MAX_BYTES && jsonDepth(text) <= MAX_DEPTH;
  return { retry_data: fits ? retryData : null, data_bytes: bytes, ...mistakes };
}

// JSON has no NaN: as a text it is no usable number either, and can be told of.
function toPlainValue(value) {
  const type = typeof value;
  if (type === 'number') return Number.isFinite(value) ? value : String(value);
  return value === undefined || type === 'string' || type === 'boolean' ? value : String(value);
}

module.exports = { OUT_OF_MEMORY, errorOutcome, outcomeOfReturn };
