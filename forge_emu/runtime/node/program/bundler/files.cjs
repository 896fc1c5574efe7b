'use strict';
// What Forge's bundler makes of a file by its name and place.

const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

const SCRIPTS = new Set(['.js', '.jsx', '.mjs', '.cjs']);
const TYPED = new Set(['.ts', '.tsx']);
// Letters of the hash in the name of an asset.
const HASH_LENGTH = 20;

class Files {
  #types = new Map();
  // Files that are deployed beside the bundle: `from` in the app, `to` in the deployed folder.
  assets = [];

  constructor(job) {
    this.root = job.root;
    this.job = job;
  }

  // Whether it is the app's own code, and no installed package's.
  isOwn(file) {
    return !file.split(path.sep).includes('node_modules');
  }

  // 'babel', 'typescript', 'script', 'json', 'css', 'html', 'wasm' or 'unknown'.
  kindOf(file) {
    const extension = path.extname(file);
    if (TYPED.has(extension)) return this.isOwn(file) ? 'typescript' : 'script';
    if (extension === '.js' || extension === '.jsx') return this.isOwn(file) ? 'babel' : 'script';
    if (SCRIPTS.has(extension)) return 'script';
    const known = { '.json': 'json', '.css': 'css', '.html': 'html', '.wasm': 'wasm' };
    return known[extension] ?? 'unknown';
  }

  // Whether the bundler takes it for a module as Node.js does: `.mjs`, and `.js` of a package with
  // "type": "module". It then knows neither `require` nor `__dirname`.
  isStrictModule(file) {
    const extension = path.extname(file);
    if (extension === '.mjs') return true;
    return extension === '.js' && this.packageType(path.dirname(file)) === 'module';
  }

  // Whether the bundler takes it for CommonJS by its name or place, whatever is in it.
  isCommonJs(file) {
    const extension = path.extname(file);
    if (extension === '.cjs') return true;
    return extension === '.js' && this.packageType(path.dirname(file)) === 'commonjs';
  }

  // Whether it is a module of the app for which the bundler does not know `require`.
  leavesRequire(file, text) {
    return this.isOwn(file) && this.isStrictModule(file) && /\brequire\s*\(/.test(text);
  }

  packageType(folder) {
    if (this.#types.has(folder)) return this.#types.get(folder);
    const parent = path.dirname(folder);
    let type;
    try {
      type = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8')).type;
    } catch {
      type = parent === folder ? undefined : this.packageType(parent);
    }
    this.#types.set(folder, type);
    return type;
  }

  // What `__dirname` is: the folder of the source, relative to the app.
  directoryName(file) {
    const folder = path.dirname(file);
    if (this.job.absolute_names) return folder;
    return path.relative(this.root, folder).split(path.sep).join('/') || '.';
  }

  relativeName(file) {
    return path.relative(this.root, file).split(path.sep).join('/');
  }

  // Deploys a file beside the bundle; returns its name there.
  addAsset(file) {
    const hash = crypto.createHash('sha256').update(fs.readFileSync(file)).digest('hex');
    const to = hash.slice(0, HASH_LENGTH) + path.extname(file);
    if (!this.assets.some((asset) => asset.to === to)) this.assets.push({ from: file, to });
    return to;
  }
}

module.exports = { Files };
