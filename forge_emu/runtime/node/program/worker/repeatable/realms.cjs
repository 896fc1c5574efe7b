'use strict';
// The clock and the chance of `Intl`, and of the contexts that an app makes with `node:vm`, whose
// `Date` and `Math` are their own.

const vm = require('node:vm');

// Runs in each realm: its source is evaluated there. In the main one, `Date` is emulated already.
function installInRealm(now, random) {
  const { prototype } = Intl.DateTimeFormat;
  const { get } = Object.getOwnPropertyDescriptor(prototype, 'format');
  const { formatToParts } = prototype;
  const bound = new WeakMap();
  Object.defineProperty(prototype, 'format', {
    configurable: true,
    get() {
      if (!bound.has(this)) {
        const format = get.call(this);
        bound.set(this, (date) => format(date === undefined ? now() : date));
      }
      return bound.get(this);
    },
  });
  Object.defineProperty(prototype, 'formatToParts', {
    configurable: true,
    writable: true,
    value: {
      formatToParts(date) {
        return formatToParts.call(this, date === undefined ? now() : date);
      },
    }.formatToParts,
  });
  if (random === undefined) return;
  Math.random = () => random();
  const RealDate = Date;
  RealDate.now = () => now();
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, values, newTarget) =>
      Reflect.construct(target, values.length ? values : [now()], newTarget),
    apply: () => new RealDate(now()).toString(),
  });
  Object.defineProperty(RealDate.prototype, 'constructor', {
    configurable: true, writable: true, value: globalThis.Date,
  });
}

function installRealms() {
  const { Date, Math } = globalThis;
  const now = () => Date.now();
  installInRealm(now);
  const { createContext, runInContext, isContext } = vm;
  const { Script } = vm;
  const source = `(${installInRealm})`;
  const newContext = (object = {}, options = {}) => {
    if (isContext(object)) return createContext(object, options);
    const context = createContext(object, options);
    try {
      runInContext(source, context)(now, () => Math.random());
    } catch {
      // The app's object does not let anything be set.
    }
    return context;
  };
  const contextOptions = (options) => {
    if (options === null || typeof options !== 'object') return {};
    const { contextName, contextOrigin, contextCodeGeneration, microtaskMode } = options;
    return Object.fromEntries(
      Object.entries({
        name: contextName, origin: contextOrigin, codeGeneration: contextCodeGeneration,
        microtaskMode,
      }).filter(([, value]) => value !== undefined),
    );
  };
  vm.createContext = newContext;
  vm.runInNewContext = (code, object, options) => {
    const given = typeof options === 'string' ? { filename: options } : options;
    return vm.runInContext(code, newContext(object, contextOptions(given)), given);
  };
  Script.prototype.runInNewContext = function (object, options) {
    return this.runInContext(newContext(object, contextOptions(options)), options);
  };
}

module.exports = { installRealms };
