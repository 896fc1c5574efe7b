'use strict';

// The app's own modules, parsed: the entries and all modules they import by a relative path.

const fs = require('fs');
const path = require('path');
const { Scopes } = require('./scopes.cjs');

const EXTENSIONS = ['.tsx', '.ts', '.jsx', '.js', '.mjs', '.cjs', '.mts', '.cts'];

class Program {
  constructor(root, parser) {
    this.root = root;
    this.parser = parser;
    this.modules = new Map();
    this.unread = [];
  }

  // The module of a file relative to the root; null where it cannot be read or parsed.
  loadModule(file) {
    if (this.modules.has(file)) return this.modules.get(file);
    let module = null;
    try {
      module = new Module(file, this.parse(file));
    } catch (error) {
      const { line = 0, column = -1 } = error.loc ?? {};
      this.unread.push({ file, line, column: column + 1, message: error.message });
    }
    if (module === null) return null;
    this.modules.set(file, module);
    for (const source of module.importSources) {
      const imported = this.resolvePath(file, source);
      if (imported) this.loadModule(imported);
    }
    return module;
  }

  // The module that `module` imports as `source`; undefined for packages and missing files.
  importedModule(module, source) {
    const imported = this.resolvePath(module.file, source);
    return imported ? this.modules.get(imported) : undefined;
  }

  resolvePath(from, source) {
    if (!source.startsWith('.')) return null;
    const target = path.posix.join(path.posix.dirname(from), source);
    // TypeScript writes the extension of what it compiles to.
    const withoutExtension = target.replace(/\.[cm]?jsx?$/, '');
    for (const stem of new Set([target, withoutExtension, `${target}/index`])) {
      for (const extension of ['', ...EXTENSIONS]) {
        const name = stem + extension;
        if (EXTENSIONS.includes(path.extname(name)) && isFile(path.join(this.root, name))) return name;
      }
    }
    return null;
  }

  parse(file) {
    const text = fs.readFileSync(path.join(this.root, file), 'utf8');
    const extension = path.extname(file);
    const isTypeScript = ['.ts', '.tsx', '.mts', '.cts'].includes(extension);
    const plugins = isTypeScript ? ['typescript'] : [];
    if (extension !== '.ts' && extension !== '.mts' && extension !== '.cts') plugins.push('jsx');
    plugins.push('decorators', 'explicitResourceManagement');
    return this.parser.parse(text, {
      sourceType: 'unambiguous',
      allowReturnOutsideFunction: true,
      allowAwaitOutsideFunction: true,
      errorRecovery: true,
      plugins,
    }).program;
  }
}

class Module {
  constructor(file, ast) {
    this.file = file;
    this.ast = ast;
    this.scopes = new Scopes(ast);
    this.importSources = this.scopes.importSources;
  }
}

function isFile(name) {
  try {
    return fs.statSync(name).isFile();
  } catch {
    return false;
  }
}

module.exports = { Program };
