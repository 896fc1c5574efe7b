'use strict';
// One load of the app's code: compiled once, evaluated once per instance.

const fs = require('node:fs');
const path = require('node:path');
const vm = require('node:vm');
const { createRequire } = require('node:module');
const { pathToFileURL } = require('node:url');
const { current, load } = require('./context.cjs');
const { newMap } = require('./primordials.cjs');
const { newConsole } = require('./console.cjs');
const { reportOf, placeOf } = require('./errors.cjs');

const PARAMETERS = ['exports', 'require', 'module', '__filename', '__dirname', '__forge_emu_url'];

class Generation {
  #evaluate = null;
  #require;
  #spare = null;
  scope = null;
  #instances = newMap();

  constructor(message, spareName) {
    this.bundle = message.bundle;
    this.root = message.root;
    this.app = message.app;
    this.functions = message.functions;
    this.limits = { log_bytes: message.log_bytes };
    this.chanceKey = `generation/${message.generation}`;
    this.spareName = spareName;
    // The bundle is below the app, so what it asks for at run time is looked up as from there.
    this.#require = createRequire(message.bundle);
  }

  logLines(fn) {
    return this.functions[fn].log_lines;
  }

  // Evaluates every module once; the instance is used for the first invocation that needs one.
  // Answers the kinds of their exports, or what went wrong where.
  prewarm() {
    const modules = {};
    let file = null;
    try {
      const instance = this.#newInstance(this.spareName);
      this.scope = instance;
      for (file of new Set(Object.values(this.functions).map((f) => f.file))) {
        modules[file] = current.run(this, () => exportKinds(instance.load(file)));
      }
      this.#spare = instance;
      return { modules };
    } catch (error) {
      const place = placeOf(error, this);
      return { failure: { file: file ?? '', error: reportOf(error, this), ...place } };
    }
  }

  instance(name) {
    let instance = this.#instances.get(name);
    if (instance === undefined) {
      instance = this.#spare ?? this.#newInstance(name);
      this.#spare = null;
      this.#instances.set(name, instance);
    }
    return instance;
  }

  handler(instance, fn) {
    const { file, export: wanted } = this.functions[fn];
    return instance.load(file)[wanted];
  }

  drop(name) {
    this.#instances.delete(name);
  }

  #newInstance(name) {
    this.#evaluate ??= vm.compileFunction(fs.readFileSync(this.bundle, 'utf8'), PARAMETERS, {
      filename: this.bundle,
    });
    const module = { exports: {} };
    const url = pathToFileURL(this.bundle).href;
    const folder = path.dirname(this.bundle);
    const instance = {
      console: newConsole(),
      chanceKey: `${this.chanceKey}/${name}`,
      // A module's top level runs when it is first asked for.
      load: (file) => load(instance, () => module.exports[file]()),
    };
    load(instance, () =>
      this.#evaluate.call(
        module.exports, module.exports, this.#require, module, this.bundle, folder, url,
      ),
    );
    return instance;
  }
}

function exportKinds(exports) {
  const kinds = {};
  const holder = exports !== null && typeof exports === 'object' ? exports : { default: exports };
  for (const name of Object.keys(holder)) kinds[name] = typeof holder[name];
  return kinds;
}

module.exports = { Generation };
