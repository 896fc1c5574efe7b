'use strict';
// Checks the types of an app's TypeScript with the TypeScript that the app has installed, as Forge's
// bundler does (ts-loader with `onlyCompileBundledFiles`). It reads a job from stdin and answers on
// stdout.

const fs = require('node:fs');
const path = require('node:path');

const DECLARATIONS = /\.d\.[cm]?ts$/;
// What Forge's bundler always sets.
const OPTIONS = { jsx: 'react', jsxFactory: 'ForgeUI.createElement', sourceMap: true };

// With `imported`, the files that `files` import are looked at as well.
function check({ root, typescript, files, imported }) {
  // By its name: what a package exports does not count for a path.
  const ts = require(require.resolve('typescript', { paths: [path.dirname(typescript)] }));
  if (typeof ts.createProgram !== 'function') return { version: ts.version ?? null, problems: null };
  const { options, declarations, problems } = readConfiguration(ts, root);
  const names = files.map((file) => path.join(root, file));
  const program = ts.createProgram([...names, ...declarations], options);
  const found = [...problems, ...program.getOptionsDiagnostics(), ...program.getGlobalDiagnostics()];
  const isOwn = (source) => !source.isDeclarationFile && !/[\\/]node_modules[\\/]/.test(source.fileName);
  const sources = imported
    ? program.getSourceFiles().filter(isOwn)
    : names.map((name) => program.getSourceFile(name)).filter((source) => source !== undefined);
  for (const source of sources) {
    found.push(...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source));
  }
  const errors = found.filter((each) => each.category === ts.DiagnosticCategory.Error);
  return { version: ts.version, problems: errors.map((each) => problemOf(ts, root, each)) };
}

function readConfiguration(ts, root) {
  const file = path.join(root, 'tsconfig.json');
  const read = fs.existsSync(file)
    ? ts.readConfigFile(file, ts.sys.readFile)
    : { config: {} };
  const config = read.config ?? {};
  config.compilerOptions = { ...config.compilerOptions, ...OPTIONS };
  const parsed = ts.parseJsonConfigFileContent(config, ts.sys, root, undefined, file);
  const declarations = parsed.fileNames.filter((name) => DECLARATIONS.test(name));
  // An app whose sources are elsewhere than `include` says is no mistake here.
  const problems = [read.error, ...parsed.errors].filter((each) => each && each.code !== 18003);
  return { options: parsed.options, declarations, problems };
}

function problemOf(ts, root, { file, start, code, messageText }) {
  const message = ts.flattenDiagnosticMessageText(messageText, ' ').replace(/\s+/g, ' ');
  const place = { file: 'tsconfig.json', line: 0, column: 0 };
  if (file !== undefined && start !== undefined) {
    const { line, character } = file.getLineAndCharacterOfPosition(start);
    place.file = path.relative(root, file.fileName).split(path.sep).join('/');
    place.line = line + 1;
    place.column = character + 1;
  }
  return { ...place, message: `TS${code}: ${message}` };
}

fs.writeSync(1, JSON.stringify(check(JSON.parse(fs.readFileSync(0, 'utf8')))));
