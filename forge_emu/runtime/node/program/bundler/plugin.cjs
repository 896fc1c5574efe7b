'use strict';
// A plugin that makes esbuild treat an app's files as Forge's bundler does (webpack with babel-loader
// and ts-loader, `@forge/bundler` 7.3.0).

const fs = require('node:fs');
const path = require('node:path');
const { transform } = require('./transform.cjs');
const { moduleSyntaxError } = require('./module_syntax.cjs');
const { styleExports } = require('./styles.cjs');

// In `pluginData`: esbuild's own resolution is asked.
const ASKED = Symbol('asked');
const MODULE_SYNTAX = /^\s*(?:import|export)\b/m;
// esbuild takes a name in other letters, upper or lower case, for the file; there need be none.
const NO_FILE = 'there is no file of this name';
// Reads `module`, so that a text without exports is a CommonJS module, whose default is `{}`.
const AS_COMMONJS = '\n;void module;';

function forgePlugin(job, files, missing) {
  return {
    name: 'forge',
    setup(build) {
      build.onResolve({ filter: /^\// }, (args) => resolveFromRoot(build, job, args));
      build.onResolve({ filter: /!/ }, (args) => refuseLoader(args));
      if (files.packageType(job.root) === 'module') {
        build.onResolve({ filter: /^\.{1,2}\// }, (args) => resolveTyped(build, files, args));
      }
      build.onLoad({ filter: /./, namespace: 'file' }, (args) => load(job, files, missing, args));
    },
  };
}

// "/src/x" begins at the app's folder.
async function resolveFromRoot(build, job, args) {
  if (args.pluginData === ASKED || args.kind === 'entry-point') return undefined;
  const found = await build.resolve(`.${args.path}`, { ...asked(args), resolveDir: job.root });
  return found.errors.length === 0 ? { ...found, pluginData: undefined } : undefined;
}

function refuseLoader(args) {
  const [loader] = args.path.split('!').filter((part) => part !== '' && part !== '-');
  return { errors: [{ text: `Could not resolve "${loader}"` }] };
}

// A TypeScript file is no module in the sense of Node.js, whatever "type" says: what it imports of
// CommonJS keeps its `default`.
async function resolveTyped(build, files, args) {
  if (args.pluginData === ASKED) return undefined;
  const found = await build.resolve(args.path, asked(args));
  if (found.errors.length > 0 || files.kindOf(found.path) !== 'typescript') return undefined;
  return { path: found.path };
}

function asked({ kind, importer, resolveDir, namespace }) {
  return { kind, importer, resolveDir, namespace, pluginData: ASKED };
}

function load(job, files, missing, { path: file, suffix }) {
  const kind = files.kindOf(file);
  const resolveDir = path.dirname(file);
  const inert = suffix === '' ? kind : 'unknown';
  if (inert === 'json') return undefined;
  if (inert === 'wasm' || path.extname(file) === '.node') return { errors: [refusal(file)] };
  const text = readText(file);
  if (text === null) return { errors: [{ text: NO_FILE }] };
  const wrong = moduleSyntaxError(text, file, files);
  if (wrong !== null) return { errors: [wrong] };
  if (inert === 'css') return { contents: styleExports(text, files.relativeName(file)), loader: 'js' };
  if (inert === 'html') {
    return { contents: `export default ${JSON.stringify(text)};`, loader: 'js' };
  }
  if (kind === 'unknown') {
    const contents = MODULE_SYNTAX.test(text) ? text : text + AS_COMMONJS;
    return { contents, loader: 'js', resolveDir };
  }
  const loader = kind === 'typescript' ? path.extname(file).slice(1) : scriptLoader(job, kind);
  return { resolveDir, loader, ...transform(text, file, kind, files, missing.get(file) ?? []) };
}

function readText(file) {
  try {
    return fs.readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    return null;
  }
}

// With a Babel configuration of its own, an app's scripts may hold anything.
function scriptLoader(job, kind) {
  return kind === 'babel' && job.babel_config ? 'jsx' : 'js';
}

function refusal(file) {
  const what = path.extname(file) === '.node'
    ? 'a native addon cannot be bundled'
    : 'a WebAssembly module makes the modules that import it asynchronous, and exports nothing';
  return { text: what, location: { file } };
}

module.exports = { NO_FILE, forgePlugin };
