'use strict';
// What an imported style sheet exports: in `*.module.css` its class names, elsewhere nothing.

const crypto = require('node:crypto');

const NOT_SELECTORS = /\/\*[^]*?\*\/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|:[^;{}]*;/g;
const SELECTOR = /(?:^|[{};])([^{};]*)(?=\{)/g;
// Letters of the hash that Forge's bundler makes of a class name.
const HASH_LENGTH = 6;
const CLASS = /\.(-?[_a-zA-Z][\w-]*)/g;

function styleExports(text, name) {
  if (!name.endsWith('.module.css')) return 'export {};';
  const exports = classNames(text).map((className, index) => {
    const hash = crypto.createHash('sha256').update(`${name} ${className}`).digest('base64url');
    const value = JSON.stringify(hash.slice(0, HASH_LENGTH));
    return `const c${index} = ${value}; export { c${index} as ${JSON.stringify(className)} };`;
  });
  return exports.length === 0 ? 'export {};' : exports.join('\n');
}

function classNames(text) {
  const names = new Set();
  for (const [, selector] of text.replace(NOT_SELECTORS, ' ').matchAll(SELECTOR)) {
    if (!selector.trim().startsWith('@')) {
      for (const [, className] of selector.matchAll(CLASS)) names.add(className);
    }
  }
  return [...names];
}

module.exports = { styleExports };
