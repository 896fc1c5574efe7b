'use strict';
// One generation of the app's code: evaluated once per instance. It is one script, or, with manual
// packaging, a folder of files.

const { isPromise } = require('node:util').types;
const { current, whileLoading } = require('./context.cjs');
const { newSafeMap } = require('./primordials.cjs');
const { createConsole } = require('./console.cjs');
const { BundleLoader } = require('./code/bundle_loader.cjs');
const { PackageModules, prepareImports } = require('./code/package_loader.cjs');
const { errorReport, sourceLocation } = require('./errors.cjs');

class Generation {
  #loader;
  #prewarmed = null;
  instance = null;
  #instances = newSafeMap();

  constructor(message, prewarmedName) {
    // The script, or the folder of a manual package.
    this.bundle = message.bundle;
    this.packaged = message.packaged;
    // What Forge's bundler made of handler files.
    this.entries = message.entries;
    this.root = message.root;
    this.app = message.app;
    this.functions = message.functions;
    this.limits = { log_bytes: message.log_bytes };
    this.randomKey = `generation/${message.generation}`;
    this.prewarmedName = prewarmedName;
    this.#loader = new BundleLoader(message);
  }

  logLines(fn) {
    return this.functions[fn].log_lines;
  }

  // Evaluates every module once; the first invocation that needs an instance gets this one.
  // Returns the types of the modules' exports, and for files that fail the error and its place.
  async prewarm() {
    const modules = {};
    const failures = [];
    if (this.packaged) await prepareImports();
    for (const file of new Set(Object.values(this.functions).map((f) => f.file))) {
      try {
        this.instance ??= this.#createInstance(this.prewarmedName);
        const kinds = current.run(this, () => this.#exportKinds(file));
        modules[file] = this.packaged ? await kinds : kinds;
      } catch (error) {
        failures.push({ file, error: errorReport(error, this), ...sourceLocation(error, this) });
        // What has failed is half evaluated: the other files, and invocations, begin anew.
        this.instance = null;
      }
    }
    if (failures.length === 0) this.#prewarmed = this.instance;
    return { modules, failures };
  }

  #exportKinds(file) {
    const exports = this.instance.load(file);
    return isPromise(exports) && this.packaged ? exports.then(exportKinds) : exportKinds(exports);
  }

  getInstance(name) {
    let instance = this.#instances.get(name);
    if (instance === undefined) {
      instance = this.#prewarmed ?? this.#createInstance(name);
      this.#prewarmed = null;
      this.#instances.set(name, instance);
    }
    return instance;
  }

  // Calls a function's handler, at once unless its file is an ES module of a package.
  callHandler(instance, fn, event, context) {
    const { file, export: exportName } = this.functions[fn];
    const exports = instance.load(file);
    const call = (loaded) => (0, loaded[exportName])(event, context);
    return isPromise(exports) && this.packaged ? exports.then(call) : call(exports);
  }

  dropInstance(name) {
    this.#instances.delete(name);
  }

  dropInstances() {
    this.#prewarmed = null;
    this.instance = null;
    this.#instances = newSafeMap();
  }

  #createInstance(name) {
    const instance = { console: createConsole(), randomKey: `${this.randomKey}/${name}` };
    instance.load = this.packaged
      ? this.#packageLoader(instance)
      : this.#loader.loaderFor(instance);
    return instance;
  }

  #packageLoader(instance) {
    const modules = new PackageModules(this.bundle, this.root, instance);
    return (file) => modules.load(this.entries[file] ?? file);
  }
}

function exportKinds(exports) {
  const kinds = {};
  const exported = exports !== null && typeof exports === 'object' ? exports : { default: exports };
  for (const name of Object.keys(exported)) kinds[name] = typeof exported[name];
  return kinds;
}

module.exports = { Generation };
