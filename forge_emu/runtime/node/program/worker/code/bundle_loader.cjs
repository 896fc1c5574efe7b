'use strict';
// Evaluates a bundle of the app's scripts: once per instance, in two parts. One has the modules
// that are strict, the other those that are not (`runtime/node/bundler/strictness.py`).

const path = require('node:path');
const vm = require('node:vm');
const { createRequire, isBuiltin } = require('node:module');
const { pathToFileURL } = require('node:url');
const { fs } = require('../primordials.cjs');
const { whileLoading } = require('../context.cjs');

const PARAMETERS = ['exports', 'require', 'module', '__filename', '__dirname', '__forge_emu'];
const nodeRequire = createRequire(__filename);

class BundleLoader {
  #script;
  #shared;
  #deployed;
  #sloppy = null;
  #strict = null;
  #require;

  constructor({ bundle, deployed, shared }) {
    this.#script = bundle;
    this.#shared = shared;
    // Without a deployed folder, `require` at run time finds what the app's own folder has.
    this.#deployed = deployed ?? path.dirname(bundle);
    this.#require = deployed === null ? createRequire(bundle) : requireBuiltin;
  }

  // A function that loads a handler's file for `instance`.
  loaderFor(instance) {
    this.#compile();
    const module = { exports: {} };
    const script = path.join(this.#deployed, 'index.cjs');
    const helpers = new BundleHelpers(script);
    const parameters = [
      module.exports, this.#require, module, script, this.#deployed, helpers,
    ];
    whileLoading(instance, () => {
      const { names, link } = this.#sloppy.apply(module.exports, parameters);
      this.#strict.call(module.exports, ...parameters, link, ...names);
    });
    // A module's top level runs when the module is first loaded.
    return (file) => whileLoading(instance, () => helpers.complete(file, module.exports[file]()));
  }

  #compile() {
    if (this.#strict !== null) return;
    const options = { filename: this.#script };
    const strictScript = this.#script.replace(/\.cjs$/, '.strict.cjs');
    const read = (name) => fs.readFileSync(name, 'utf8');
    const names = [...PARAMETERS, '__forge_emu_link', ...this.#shared];
    this.#sloppy = vm.compileFunction(read(this.#script), PARAMETERS, options);
    this.#strict = vm.compileFunction(read(strictScript), names, options);
  }
}

// What the build has put in the place of things that Forge's bundler replaces
// (`program/bundler/transform.cjs`).
class BundleHelpers {
  #exports = new Map();
  cache = {};

  constructor(script) {
    this.base = pathToFileURL(script);
  }

  // `module` in an ES module.
  module(id) {
    return Object.defineProperty({ id, children: [] }, 'exports', {
      enumerable: true,
      set() {
        throw new Error(
          'ES Modules may not assign module.exports or exports.*, Use ESM export syntax, ' +
            `instead: ${id}`,
        );
      },
    });
  }

  // `exports` in an ES module: what a handler's file adds there is exported as well.
  exports(file) {
    if (!this.#exports.has(file)) this.#exports.set(file, {});
    return this.#exports.get(file);
  }

  complete(file, exports) {
    const added = this.#exports.get(file);
    return added === undefined ? exports : { ...added, ...exports };
  }

  requireNone(request) {
    throw moduleNotFound(request);
  }

  // `require` in a module of a module package: the bundler leaves it to Node.js.
  requireDeployed(request) {
    return requireBuiltin(request);
  }

  async importNone(request) {
    throw moduleNotFound(request);
  }

  requireFrom(modules, request) {
    const found = modules[request];
    if (found === undefined) throw moduleNotFound(request);
    return found();
  }

  async importFrom(modules, request) {
    return this.requireFrom(modules, request);
  }

  // `require.context(…)`.
  context(modules) {
    const context = (request) => this.requireFrom(modules, request);
    const resolve = (request) => {
      if (modules[request] === undefined) throw moduleNotFound(request);
      return request;
    };
    return Object.assign(context, { keys: () => Object.keys(modules), resolve, id: 'context' });
  }

  resolve(request) {
    return request;
  }
}

// What is deployed is in the bundle; Node.js has the rest.
function requireBuiltin(request) {
  if (!isBuiltin(request)) throw moduleNotFound(request);
  return nodeRequire(request);
}

function moduleNotFound(request) {
  const error = new Error(`Cannot find module '${request}'`);
  return Object.assign(error, { code: 'MODULE_NOT_FOUND' });
}

module.exports = { BundleLoader };
