'use strict';
// Where a script that the bundler takes for CommonJS is written as an ES module.

const path = require('node:path');
const { textOf } = require('./syntax.cjs');

// Scripts without are not parsed.
const MAY_BE_MODULE = /^\s*(?:import|export)\b/m;

// Returns an error of esbuild's form, or null.
function moduleSyntaxError(text, file, files) {
  if (files.job.parser === null || !files.isCommonJs(file) || !MAY_BE_MODULE.test(text)) return null;
  const found = firstOf(text, require(files.job.parser).parse);
  if (found === undefined) return null;
  const { line, column } = found.loc.start;
  const why = path.extname(file) === '.cjs' ? 'a .cjs file' : 'a package of "type": "commonjs"';
  return {
    text: `import and export are not possible in ${why}: Forge's bundler takes it for CommonJS`,
    location: { file, line, column, lineText: textOf(text, line) },
  };
}

function firstOf(text, parse) {
  try {
    const { program } = parse(text, { sourceType: 'unambiguous', errorRecovery: true });
    return program.body.find((node) => /^(Import|Export)\w*Declaration$/.test(node.type));
  } catch {
    // esbuild says what is wrong with it.
    return undefined;
  }
}

module.exports = { moduleSyntaxError };
