'use strict';
// Bundles an app with esbuild, and makes of it what Forge's bundler makes: see plugin.cjs. It reads
// a job from stdin, writes the bundle into the job's folder, and answers on stdout.

const fs = require('node:fs');
const path = require('node:path');
const { Files } = require('./files.cjs');
const { NO_FILE, forgePlugin } = require('./plugin.cjs');

// An import of a name that its module does not export. Forge's bundler warns and goes on.
const MISSING_EXPORT = /^No matching export in "(.+)" for import "(.+)"$/;
const MOST_BUILDS = 3;

async function run(job) {
  process.env.ESBUILD_BINARY_PATH = job.binary;
  const esbuild = require(job.library);
  const missing = new Map();
  const warnings = [];
  for (let builds = 1; ; builds++) {
    const files = new Files(job);
    const found = refuseOtherCase(await build(esbuild, job, files, missing));
    const isNew = takeMissingExports(found.errors, files, missing, warnings);
    if (isNew && builds < MOST_BUILDS) continue;
    return {
      errors: found.errors.map(plain),
      warnings: [...found.warnings, ...warnings].map(plain),
      metafile: found.metafile ?? null,
      assets: files.assets,
    };
  }
}

async function build(esbuild, job, files, missing) {
  try {
    return await esbuild.build({
      ...job.options,
      absWorkingDir: job.root,
      stdin: { contents: job.entry, sourcefile: job.entry_name, resolveDir: job.root },
      outfile: job.outfile,
      metafile: true,
      logLevel: 'silent',
      plugins: [forgePlugin(job, files, missing)],
    });
  } catch (error) {
    if (!Array.isArray(error.errors)) throw error;
    return { errors: error.errors, warnings: error.warnings };
  } finally {
    await esbuild.stop?.();
  }
}

// Imports of a name in other letters are not resolved, where the file system tells them apart.
function refuseOtherCase(found) {
  const errors = found.errors.filter(({ text }) => text !== NO_FILE);
  if (errors.length === found.errors.length) return found;
  const isOtherCase = ({ id }) => id === 'different-path-case';
  const unresolved = found.warnings.filter(isOtherCase).map(({ location }) => ({
    text: `Could not resolve ${textAt(location)}`, location,
  }));
  const warnings = found.warnings.filter((warning) => !isOtherCase(warning));
  return { ...found, errors: [...errors, ...unresolved], warnings };
}

function textAt({ lineText, column, length }) {
  return Buffer.from(lineText).subarray(column, column + length).toString().replaceAll("'", '"');
}

// Takes the imports that the next build will leave out from `errors`; true where there are any.
function takeMissingExports(errors, files, missing, warnings) {
  let isNew = false;
  for (const error of errors) {
    const match = MISSING_EXPORT.exec(error.text);
    if (match === null || error.location === null) continue;
    const file = path.resolve(files.root, error.location.file);
    if (files.isStrictModule(file)) continue;
    if (!missing.has(file)) missing.set(file, []);
    missing.get(file).push(error.location);
    warnings.push({
      text: `the export "${match[2]}" was not found in "${match[1]}": it is undefined here`,
      location: error.location,
    });
    isNew = true;
  }
  return isNew;
}

function plain({ text, location, id = '' }) {
  const { file = null, line = 0, column = 0 } = location ?? {};
  return { text, file, line, column, id };
}

run(JSON.parse(fs.readFileSync(0, 'utf8'))).then(
  (answer) => fs.writeSync(1, JSON.stringify(answer)),
  (error) => {
    fs.writeSync(2, String(error?.stack ?? error));
    process.exitCode = 1;
  },
);
