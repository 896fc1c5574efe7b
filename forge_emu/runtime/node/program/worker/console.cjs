'use strict';
// `console.*` and the standard streams: each call is one log line of the current invocation.

const { Console } = require('node:console');
const { Writable } = require('node:stream');
const { current } = require('./context.cjs');
const { mapPrintedStack } = require('./errors.cjs');
const { sendMessage, flush } = require('./output.cjs');

const LEVELS = { debug: 'debug', log: 'info', info: 'info', warn: 'warn', error: 'error' };
const MAX_LENGTH = 1024 * 1024;

function log(level, text) {
  const store = current.getStore();
  // At a module's top level the store is its generation.
  const clipped = text.length > MAX_LENGTH ? text.slice(0, MAX_LENGTH) : text;
  const message = mapPrintedStack(clipped, store?.generation ?? (store?.bundle ? store : null));
  if (store?.log !== undefined) {
    store.log(level, message.replace(/\n$/, ''));
  } else {
    sendMessage({ type: 'log', id: null, level, message: message.replace(/\n$/, '') });
    flush();
  }
}

// Each instance has its own console, so that an app may replace its methods.
function createConsole() {
  let level = null;
  const stream = (defaultLevel) =>
    new Writable({
      decodeStrings: false,
      write(text, _, done) {
        log(level ?? defaultLevel, String(text));
        done();
      },
    });
  const instanceConsole = new Console({
    stdout: stream('info'), stderr: stream('error'), colorMode: false,
  });
  for (const [name, methodLevel] of Object.entries(LEVELS)) {
    const print = instanceConsole[name];
    instanceConsole[name] = (...values) => {
      // Past the limit nothing is logged, so formatting is skipped.
      if (current.getStore()?.acceptsLogs === false) return;
      level = methodLevel;
      try {
        print(...values);
      } finally {
        level = null;
      }
    };
  }
  return instanceConsole;
}

function installConsole() {
  const outsideConsole = createConsole();
  Object.defineProperty(globalThis, 'console', {
    configurable: true,
    enumerable: false,
    get: () => current.getStore()?.instance?.console ?? outsideConsole,
    set(replacement) {
      const instance = current.getStore()?.instance;
      if (instance) instance.console = replacement;
    },
  });
  for (const [name, level] of [['stdout', 'info'], ['stderr', 'error']]) {
    process[name].write = (chunk, encoding, done) => {
      const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
      log(level, text);
      const callback = typeof encoding === 'function' ? encoding : done;
      if (typeof callback === 'function') process.nextTick(callback);
      return true;
    };
  }
}

module.exports = { installConsole, createConsole };
