'use strict';
// A manual package (`bundler: manual@2026`): its files as they are, each at its own path, evaluated
// once per instance. Node's own loader would share the state of modules between instances.
//
// Only what is in the package's folder is deployed, so nothing else is found.

const path = require('node:path');
const vm = require('node:vm');
const { createRequire, isBuiltin } = require('node:module');
const { fileURLToPath, pathToFileURL } = require('node:url');
const { fs, newSafeMap } = require('../primordials.cjs');
const { whileLoading } = require('../context.cjs');

const PARAMETERS = ['exports', 'require', 'module', '__filename', '__dirname'];
const FORMATS = { '.mjs': 'module', '.cjs': 'commonjs', '.json': 'json', '.node': 'addon' };
// What Node.js says of ES module syntax in a file that it has taken for CommonJS.
const MODULE_SYNTAX =
  /Cannot use import statement outside|Unexpected token 'export'|Cannot use 'import.meta' outside|await is only valid/;

// `import.meta.resolve` with a parent, which only an ES module has.
let resolveImport = null;

async function prepareImports() {
  if (resolveImport === null) ({ resolveImport } = await import('./import_resolver.mjs'));
}

// The modules of one instance. `instance` is whom the code at their top level belongs to.
class PackageModules {
  #folder;
  #root;
  #instance;
  #commonjs = newSafeMap();
  #linkable = newSafeMap();
  #evaluations = newSafeMap();

  constructor(folder, root, instance) {
    this.#folder = folder;
    this.#root = root;
    this.#instance = instance;
  }

  // The exports of a file, or a promise of them where it is an ES module.
  load(file) {
    const name = path.resolve(this.#root, file);
    return this.#formatOf(name) === 'module' ? this.#import(name) : this.#require(name);
  }

  // --- CommonJS

  #require(name) {
    const known = this.#commonjs.get(name);
    if (known !== undefined) return known.exports;
    const format = this.#formatOf(name);
    if (format === 'addon') return createRequire(name)(name);
    if (format === 'module') throw esModuleRequired(name);
    const module = { id: name, filename: name, exports: {}, loaded: false, children: [] };
    this.#commonjs.set(name, module);
    try {
      if (format === 'json') module.exports = JSON.parse(readText(name));
      else this.#evaluateCommonJs(name, module);
    } catch (error) {
      this.#commonjs.delete(name);
      throw error;
    }
    module.loaded = true;
    return module.exports;
  }

  #evaluateCommonJs(name, module) {
    const { importModuleDynamically } = this.#dynamicImports(name);
    const evaluate = compile(name, { importModuleDynamically });
    const require = this.#requireFunction(name);
    module.require = require;
    module.paths = createRequire(name).resolve.paths('x');
    const parameters = [module.exports, require, module, name, path.dirname(name)];
    whileLoading(this.#instance, () => evaluate.apply(module.exports, parameters));
  }

  #requireFunction(parent) {
    const nodeRequire = createRequire(parent);
    const resolve = (id, options) => {
      if (!isBuiltin(id)) this.#checkInside(id, parent);
      return nodeRequire.resolve(id, options);
    };
    const require = (id) => (isBuiltin(id) ? nodeRequire(id) : this.#require(resolve(id)));
    resolve.paths = nodeRequire.resolve.paths;
    return Object.assign(require, { resolve, cache: {}, main: undefined });
  }

  // --- ES modules

  #dynamicImports(name) {
    const importModuleDynamically = async (id) => {
      const found = await this.#resolveModule(id, name);
      await this.#evaluateModule(found);
      return found;
    };
    return { importModuleDynamically };
  }

  async #import(name) {
    await prepareImports();
    const module = this.#moduleOf(name);
    await this.#evaluateModule(module);
    return module.namespace;
  }

  #evaluateModule(module) {
    let evaluation = this.#evaluations.get(module);
    if (evaluation === undefined) {
      evaluation = this.#linkAndEvaluate(module);
      this.#evaluations.set(module, evaluation);
    }
    return evaluation;
  }

  async #linkAndEvaluate(module) {
    if (module.status === 'unlinked') {
      await module.link((id, parent) => this.#resolveModule(id, nameOf(parent)));
    }
    // Until its first await the code runs in this call.
    await whileLoading(this.#instance, () => module.evaluate());
  }

  async #resolveModule(id, parent) {
    if (isBuiltin(id)) return this.#builtinModule(id);
    this.#checkInside(id, parent);
    // A thread that has just started may have an invocation before its modules are evaluated.
    await prepareImports();
    const url = resolveImport(id, pathToFileURL(parent).href);
    if (!url.startsWith('file:')) throw new Error(`cannot import '${id}' from ${parent}`);
    const name = fileURLToPath(url);
    if (!fs.existsSync(name)) throw moduleNotFound(id, parent);
    return this.#moduleOf(name);
  }

  #moduleOf(name) {
    let module = this.#linkable.get(name);
    if (module === undefined) {
      module = this.#createModule(name);
      this.#linkable.set(name, module);
    }
    return module;
  }

  #createModule(name) {
    const identifier = pathToFileURL(name).href;
    if (this.#formatOf(name) !== 'module') {
      return syntheticModule(identifier, this.#require(name));
    }
    return new vm.SourceTextModule(readText(name), {
      identifier,
      initializeImportMeta: (meta) => {
        meta.dirname = path.dirname(name);
        meta.filename = name;
        meta.resolve = (id) => (isBuiltin(id) ? id : resolveImport(id, identifier));
        meta.url = identifier;
      },
      ...this.#dynamicImports(name),
    });
  }

  #builtinModule(id) {
    const name = id.startsWith('node:') ? id : `node:${id}`;
    let module = this.#linkable.get(name);
    if (module === undefined) {
      module = syntheticModule(name, createRequire(__filename)(name));
      this.#linkable.set(name, module);
    }
    return module;
  }

  // --- files

  #formatOf(name) {
    const known = FORMATS[path.extname(name)];
    if (known !== undefined) return known;
    const type = this.#packageType(name);
    if (type !== undefined) return type;
    try {
      compile(name, {});
    } catch (error) {
      if (error instanceof SyntaxError && MODULE_SYNTAX.test(error.message)) return 'module';
    }
    return 'commonjs';
  }

  // `type` of the nearest package.json. That of the app is deployed beside the package's files.
  #packageType(name) {
    for (let folder = path.dirname(name); ; folder = path.dirname(folder)) {
      const file = folder === this.#folder && !fs.existsSync(path.join(folder, 'package.json'))
        ? path.join(this.#root, 'package.json')
        : path.join(folder, 'package.json');
      if (fs.existsSync(file)) {
        const { type } = JSON.parse(readText(file));
        return type === 'module' || type === 'commonjs' ? type : undefined;
      }
      const end = [this.#folder, path.dirname(folder)].includes(folder);
      if (end || path.basename(folder) === 'node_modules') return undefined;
    }
  }

  // A package that is linked into the folder lies elsewhere, and so do the packages that it needs.
  #checkInside(id, parent) {
    if (!this.#isInside(parent) || id.startsWith('#')) return;
    if (/^(\.\.?(\/|$)|\/|file:)/.test(id)) {
      const name = id.startsWith('file:')
        ? fileURLToPath(id)
        : path.resolve(path.dirname(parent), id);
      if (!this.#isInside(name)) throw this.#outsideError(id);
      return;
    }
    const packageName = id.split('/').slice(0, id.startsWith('@') ? 2 : 1).join('/');
    let folder = path.dirname(parent);
    while (!fs.existsSync(path.join(folder, 'node_modules', packageName))) {
      if (this.#ownsName(packageName, folder)) return;
      if (folder === this.#folder) throw this.#outsideError(id);
      folder = path.dirname(folder);
    }
  }

  // Whether a package refers to itself by its name.
  #ownsName(packageName, folder) {
    const file = path.join(folder, 'package.json');
    return fs.existsSync(file) && JSON.parse(readText(file)).name === packageName;
  }

  #isInside(name) {
    const relative = path.relative(this.#folder, name);
    return relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
  }

  #outsideError(id) {
    const folder = path.relative(this.#root, this.#folder).split(path.sep).join('/') || '.';
    const message = `Cannot find module '${id}': a manual package has only what is in ${folder}/`;
    return Object.assign(new Error(message), { code: 'MODULE_NOT_FOUND' });
  }
}

function compile(name, options) {
  return vm.compileFunction(readText(name), PARAMETERS, { filename: name, ...options });
}

function readText(name) {
  // Without a byte order mark; a line for the shell becomes a comment.
  return fs.readFileSync(name, 'utf8').replace(/^\uFEFF/, '').replace(/^#!/, '//');
}

function nameOf(module) {
  return fileURLToPath(module.identifier);
}

// An ES module made of the exports of something else: `default`, and a name for each property.
function syntheticModule(identifier, exports) {
  const isObject = (typeof exports === 'object' && exports !== null) || typeof exports === 'function';
  const names = isObject ? Object.keys(exports).filter((name) => name !== 'default') : [];
  return new vm.SyntheticModule(
    ['default', ...names],
    function setExports() {
      this.setExport('default', exports);
      for (const name of names) this.setExport(name, exports[name]);
    },
    { identifier },
  );
}

function esModuleRequired(name) {
  const message = `require() of the ES module ${name} is not emulated: use import() instead`;
  return Object.assign(new Error(message), { code: 'ERR_REQUIRE_ESM' });
}

function moduleNotFound(id, parent) {
  const message = `Cannot find module '${id}' imported from ${parent}`;
  return Object.assign(new Error(message), { code: 'ERR_MODULE_NOT_FOUND' });
}

module.exports = { PackageModules, prepareImports };
