'use strict';
// One generation of the app's code: compiled once, evaluated once per instance.

const fs = require('node:fs');
const path = require('node:path');
const vm = require('node:vm');
const { createRequire } = require('node:module');
const { pathToFileURL } = require('node:url');
const { current, whileLoading } = require('./context.cjs');
const { newSafeMap } = require('./primordials.cjs');
const { createConsole } = require('./console.cjs');
const { errorReport, sourceLocation } = require('./errors.cjs');

const PARAMETERS = ['exports', 'require', 'module', '__filename', '__dirname', '__forge_emu_url'];

class Generation {
  #evaluate = null;
  #require;
  #prewarmed = null;
  instance = null;
  #instances = newSafeMap();

  constructor(message, prewarmedName) {
    this.bundle = message.bundle;
    this.root = message.root;
    this.app = message.app;
    this.functions = message.functions;
    this.limits = { log_bytes: message.log_bytes };
    this.randomKey = `generation/${message.generation}`;
    this.prewarmedName = prewarmedName;
    // The bundle is inside the app's folder, so `require` at run time resolves the app's packages.
    this.#require = createRequire(message.bundle);
  }

  logLines(fn) {
    return this.functions[fn].log_lines;
  }

  // Evaluates every module once; the first invocation that needs an instance gets this one.
  // Returns the types of the modules' exports, or the error and its place.
  prewarm() {
    const modules = {};
    let file = null;
    try {
      const instance = this.#createInstance(this.prewarmedName);
      this.instance = instance;
      for (file of new Set(Object.values(this.functions).map((f) => f.file))) {
        modules[file] = current.run(this, () => exportKinds(instance.load(file)));
      }
      this.#prewarmed = instance;
      return { modules };
    } catch (error) {
      const location = sourceLocation(error, this);
      return { failure: { file: file ?? '', error: errorReport(error, this), ...location } };
    }
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

  getHandler(instance, fn) {
    const { file, export: exportName } = this.functions[fn];
    return instance.load(file)[exportName];
  }

  dropInstance(name) {
    this.#instances.delete(name);
  }

  #createInstance(name) {
    this.#evaluate ??= vm.compileFunction(fs.readFileSync(this.bundle, 'utf8'), PARAMETERS, {
      filename: this.bundle,
    });
    const module = { exports: {} };
    const url = pathToFileURL(this.bundle).href;
    const directory = path.dirname(this.bundle);
    const instance = {
      console: createConsole(),
      randomKey: `${this.randomKey}/${name}`,
      // A module's top level runs when the module is first loaded.
      load: (file) => whileLoading(instance, () => module.exports[file]()),
    };
    whileLoading(instance, () =>
      this.#evaluate.call(
        module.exports, module.exports, this.#require, module, this.bundle, directory, url,
      ),
    );
    return instance;
  }
}

function exportKinds(exports) {
  const kinds = {};
  const exported = exports !== null && typeof exports === 'object' ? exports : { default: exports };
  for (const name of Object.keys(exported)) kinds[name] = typeof exported[name];
  return kinds;
}

module.exports = { Generation };
