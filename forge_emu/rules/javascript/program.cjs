'use strict';

// The app's own modules, parsed: its entries and what they import by a relative path.

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
  load(file) {
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
    for (const source of module.sources) {
      const found = this.resolve(file, source);
      if (found) this.load(found);
    }
    return module;
  }

  // The module that `source` means in `module`; undefined for packages and what is not there.
  imported(module, source) {
    const found = this.resolve(module.file, source);
    return found ? this.modules.get(found) : undefined;
  }

  resolve(from, source) {
    if (!source.startsWith('.')) return null;
    const wanted = path.posix.join(path.posix.dirname(from), source);
    // TypeScript writes the extension of what it compiles to.
    const bare = wanted.replace(/\.[cm]?jsx?$/, '');
    for (const stem of new Set([wanted, bare, `${wanted}/index`])) {
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
    const typed = ['.ts', '.tsx', '.mts', '.cts'].includes(extension);
    const plugins = typed ? ['typescript'] : [];
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
    this.sources = this.scopes.sources;
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
