'use strict';
// Parses scripts as the loaders of Forge's bundler do.

const MODULE_SYNTAX = /^\s*(?:import|export)\b/m;
// What the bundler's Babel, for which every script is a module, refuses and esbuild takes.
const REFUSED = /\bwith\s*\(|\bdelete\s+[\w$]+\s*(?=[;,)\]}\n])|\b(?:var|let|const|function)\s+(?:static|interface|package|private|protected|public|implements|let|yield|await)\b|\([^()]*?\b([\w$]+)\s*,(?:[^()]*,)?\s*\1\s*[,)]\s*\{|\bassert\s*\{|<!--|^\s*-->|\baccessor\s+[\w$#]|(?<=[\s=(,[:+*/<>&|!?])0\d+(?=[\s;,)\]}])|(?:^|[{};])\s*@\w|\\(?:[1-9]|0\d)/m;

// One that returns outside a function is CommonJS.
function mayBeRefused(text) {
  return REFUSED.test(text) || (!MODULE_SYNTAX.test(text) && /\breturn\b/.test(text));
}

function parse(text, file, kind, files) {
  const { parse: parseScript } = require(files.job.parser);
  const isBabel = kind === 'babel' && !files.job.babel_config;
  const typed = kind === 'typescript';
  const plugins = typed ? ['typescript', 'decorators-legacy'] : isBabel ? [] : ['decorators'];
  if (kind === 'babel' ? !isBabel : !file.endsWith('.ts')) plugins.push('jsx');
  try {
    const { program } = parseScript(text, {
      sourceType: isBabel ? 'module' : 'unambiguous',
      allowReturnOutsideFunction: !isBabel,
      allowUndeclaredExports: true,
      plugins,
    });
    return { program };
  } catch (error) {
    // esbuild says what is wrong with the others.
    return isBabel ? { errors: [syntaxError(error, text, file)] } : {};
  }
}

function syntaxError(error, text, file) {
  const { line = 1, column = 0 } = error.loc ?? {};
  const message = String(error.message).split('\n')[0].replace(/ \(\d+:\d+\)$/, '');
  const lineText = text.split('\n')[line - 1];
  return { text: message, location: { file, line, column, lineText } };
}

module.exports = { MODULE_SYNTAX, mayBeRefused, parse };
