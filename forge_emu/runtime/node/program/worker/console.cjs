'use strict';
// `console.*` and the standard streams: each call is one log line of the invocation it is made in.

const { Console } = require('node:console');
const { Writable } = require('node:stream');
const { current } = require('./context.cjs');
const { readable } = require('./errors.cjs');
const { say, flush } = require('./output.cjs');

const LEVELS = { debug: 'debug', log: 'info', info: 'info', warn: 'warn', error: 'error' };
const LONGEST = 1024 * 1024;

function log(level, text) {
  const store = current.getStore();
  // The store of a module's top level is its generation.
  const short = text.length > LONGEST ? text.slice(0, LONGEST) : text;
  const message = readable(short, store?.generation ?? (store?.bundle ? store : null));
  if (store?.log !== undefined) {
    store.log(level, message.replace(/\n$/, ''));
  } else {
    say({ type: 'log', id: null, level, message: message.replace(/\n$/, '') });
    flush();
  }
}

// A console of its own for each instance, so that an app may replace its methods.
function newConsole() {
  let level = null;
  const stream = (usual) =>
    new Writable({
      decodeStrings: false,
      write(text, _, done) {
        log(level ?? usual, String(text));
        done();
      },
    });
  const made = new Console({ stdout: stream('info'), stderr: stream('error'), colorMode: false });
  for (const [name, its] of Object.entries(LEVELS)) {
    const print = made[name];
    made[name] = (...values) => {
      // Past the limit nothing is kept, so nothing is worth formatting.
      if (current.getStore()?.loud === false) return;
      level = its;
      try {
        print(...values);
      } finally {
        level = null;
      }
    };
  }
  return made;
}

function openConsole() {
  const outside = newConsole();
  Object.defineProperty(globalThis, 'console', {
    configurable: true,
    enumerable: false,
    get: () => current.getStore()?.scope?.console ?? outside,
    set(replacement) {
      const scope = current.getStore()?.scope;
      if (scope) scope.console = replacement;
    },
  });
  for (const [name, level] of [['stdout', 'info'], ['stderr', 'error']]) {
    process[name].write = (chunk, encoding, done) => {
      const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
      log(level, text);
      const after = typeof encoding === 'function' ? encoding : done;
      if (typeof after === 'function') process.nextTick(after);
      return true;
    };
  }
}

module.exports = { openConsole, newConsole };
