'use strict';
// Builds an app with Forge's own bundler, where that is installed: with its configuration of webpack,
// into a folder of ours. It reads a job from stdin and answers on stdout.

const fs = require('node:fs');
const path = require('node:path');
const { createRequire } = require('node:module');

// `[tsl] ERROR in /app/src/index.ts(2,38)`, then the code, the text and where it was thrown; without
// a file it is of the configuration.
const TYPE_ERROR = /\[tsl\] ERROR(?: in (.+?)\((\d+),(\d+)\))?\s+(TS\d+: [^]*?)(?:\n\s+at |$)/;
const BUILD_FAILED = /^Module build failed \(from [^)]*\):\n/;
const PLACE = /\((\d+):(\d+)\):?\s*$/m;
const BABEL_ERROR = /^SyntaxError: .*?: /;

async function run(job) {
  process.chdir(job.root);
  const requireThere = createRequire(path.join(job.bundler, 'package.json'));
  const { getNodeBundler, getEntryPoints } = requireThere(job.bundler);
  const silent = { debug() {}, error() {}, info() {}, trace() {}, warn() {} };
  // What it would fetch to run the code on the platform is of no use here.
  const script = async () => ({ script: '', version: '' });
  const provider = { getNodeRuntimeLoader: script, getNodeRuntimeWrapper: script };
  const factory = getNodeBundler(silent, provider, { readConfig: async () => ({ app: {} }) });
  const bundler = await factory.getBundler();
  const entryPoints = getEntryPoints(job.modules.map((module) => ({ module })));
  const [config] = await bundler.getConfigs({ appDirectory: job.root, entryPoints });
  config.output.path = job.output;
  const stats = await compile(requireThere('webpack'), config);
  const told = stats.toJson({ all: false, errors: true, warnings: true });
  return {
    errors: told.errors.map((error) => problemOf(error, job.root)),
    warnings: told.warnings.map((warning) => problemOf(warning, job.root)),
    inputs: [...stats.compilation.fileDependencies].filter(isFile),
  };
}

function compile(webpack, config) {
  return new Promise((resolve, reject) => {
    const compiler = webpack(config);
    compiler.run((error, stats) => {
      compiler.close(() => (error ? reject(error) : resolve(stats)));
    });
  });
}

function problemOf({ message, moduleName = '', loc = '' }, root) {
  const relative = (file) => path.relative(root, path.resolve(root, file)).split(path.sep).join('/');
  const typeError = TYPE_ERROR.exec(message);
  if (typeError !== null) {
    const [, file = 'tsconfig.json', line = 0, column = 1, text] = typeError;
    return { file: relative(file), line: +line, column: +column - 1, text: oneLine(text) };
  }
  const [, file] = /([^!?]*)(?:\?[^!]*)?$/.exec(moduleName);
  const told = message.replace(BUILD_FAILED, '');
  const [head] = told.split('\n');
  // Lines count from 1, columns from 0. `loc` is a place in what a loader has made of the file.
  const isPackage = file.split(/[\\/]/).includes('node_modules');
  const [, line, column] = PLACE.exec(head) ?? (isPackage ? /^(\d+):(\d+)/.exec(loc) : null) ?? [];
  const text = head.replace(PLACE, '').replaceAll(root + path.sep, '').replace(BABEL_ERROR, '').trim();
  return { file: file === '' ? null : relative(file), line: +(line ?? 0), column: +(column ?? 0), text };
}

function oneLine(text) {
  return text.trim().replace(/\s+/g, ' ');
}

function isFile(name) {
  return fs.statSync(name, { throwIfNoEntry: false })?.isFile() ?? false;
}

run(JSON.parse(fs.readFileSync(0, 'utf8'))).then(
  (answer) => fs.writeSync(1, JSON.stringify(answer)),
  (error) => {
    fs.writeSync(2, String(error?.stack ?? error));
    process.exitCode = 1;
  },
);
