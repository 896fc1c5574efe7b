'use strict';
// Requests that are known in part: `require('./steps/' + name)`, `import(`./${name}.js`)` and
// `require.context('./steps')`. As in webpack, all files that the request may mean are bundled.

const fs = require('node:fs');
const path = require('node:path');

// In the order in which the bundler tries them.
const EXTENSIONS = ['.ts', '.tsx', '.js', '.jsx', '.json', '.cjs'];

// The folder of the files that an expression may name, and the pattern of their names below it;
// null where nothing is known.
function contextOf(expression, file) {
  const parts = partsOf(expression);
  if (parts === null || (parts.prefix === '' && parts.postfix === '')) return null;
  const slash = parts.prefix.lastIndexOf('/');
  const request = slash < 0 ? '.' : parts.prefix.slice(0, slash) || '/';
  const start = slash < 0 ? parts.prefix : parts.prefix.slice(slash + 1);
  const folder = folderOf(request, file);
  if (folder === null) return null;
  const anchor = parts.prefix === '' ? '' : `\\.\\/${escape(start)}`;
  return {
    folder,
    from: file,
    recursive: true,
    pattern: new RegExp(`^${anchor}.*${escape(parts.postfix)}$`),
    keyPrefix: parts.prefix === '' ? './' : parts.prefix.slice(0, slash + 1),
  };
}

// What stands before the first and after the last unknown part.
function partsOf(node) {
  if (node.type === 'StringLiteral') return { prefix: node.value, postfix: node.value, known: true };
  if (node.type === 'TemplateLiteral') {
    const { quasis } = node;
    return { prefix: quasis[0].value.cooked, postfix: quasis.at(-1).value.cooked };
  }
  if (node.type === 'BinaryExpression' && node.operator === '+') {
    const left = partsOf(node.left) ?? { prefix: '', postfix: '' };
    const right = partsOf(node.right) ?? { prefix: '', postfix: '' };
    if (left.known && right.known) {
      const text = left.prefix + right.prefix;
      return { prefix: text, postfix: text, known: true };
    }
    return {
      prefix: left.known ? left.prefix + right.prefix : left.prefix,
      postfix: right.known ? left.postfix + right.postfix : right.postfix,
    };
  }
  if (node.type === 'CallExpression' && node.callee.property?.name === 'concat') {
    return partsOf({ ...node, type: 'BinaryExpression', operator: '+', left: node.callee.object, right: node.arguments[0] ?? node.callee.object });
  }
  return null;
}

// `require.context(folder, recursive, pattern)`; null where the arguments are no literals.
function requireContext([folder, recursive, pattern], file) {
  if (folder?.type !== 'StringLiteral') return null;
  if (recursive !== undefined && recursive.type !== 'BooleanLiteral') return null;
  if (pattern !== undefined && pattern.type !== 'RegExpLiteral') return null;
  const found = folderOf(folder.value, file);
  if (found === null) return null;
  return {
    folder: found,
    from: file,
    recursive: recursive?.value ?? true,
    pattern: pattern ? new RegExp(pattern.pattern, pattern.flags) : /^\.\/.*$/,
    keyPrefix: './',
  };
}

function folderOf(request, file) {
  const here = path.dirname(file);
  if (/^\.{1,2}(\/|$)/.test(request)) return path.resolve(here, request);
  if (request.startsWith('/')) return request;
  for (let folder = here; ; folder = path.dirname(folder)) {
    const found = path.join(folder, 'node_modules', request);
    if (fs.existsSync(found)) return found;
    if (folder === path.dirname(folder)) return null;
  }
}

// A function that returns the modules of a context by their requests.
function contextCode(context, name, word) {
  const lines = [];
  for (const [key, target] of modulesOf(context)) {
    const text = JSON.stringify(relative(context.from, target));
    lines.push(`${JSON.stringify(context.keyPrefix + key.slice(2))}: () => ${word}(${text})`);
  }
  return `function ${name}() { return { __proto__: null, ${lines.join(', ')} }; }`;
}

function* modulesOf({ folder, recursive, pattern }) {
  for (const name of filesBelow(folder, recursive)) {
    for (const key of requestsOf(name)) {
      if (pattern.test(key)) yield [key, path.join(folder, name)];
    }
  }
}

// A file is found by its name, without an extension that the bundler adds, and, for an index, by
// its folder.
function requestsOf(name) {
  const requests = [`./${name}`];
  const extension = path.posix.extname(name);
  if (EXTENSIONS.includes(extension)) {
    const stem = `./${name.slice(0, -extension.length)}`;
    requests.push(stem);
    if (stem.endsWith('/index')) requests.push(stem.slice(0, -'/index'.length));
  }
  return requests;
}

function filesBelow(folder, recursive, below = '') {
  const found = [];
  let entries = [];
  try {
    entries = fs.readdirSync(path.join(folder, below), { withFileTypes: true });
  } catch {
    // There is no such folder: nothing is found in it.
  }
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith('.')) continue;
    const name = below + entry.name;
    if (!entry.isDirectory()) found.push(name);
    else if (recursive) found.push(...filesBelow(folder, true, `${name}/`));
  }
  return found;
}

function relative(from, target) {
  const name = path.relative(path.dirname(from), target).split(path.sep).join('/');
  return name.startsWith('../') ? name : `./${name}`;
}

function escape(text) {
  return text.replace(/[-[\]\\/{}()*+?.^$|]/g, '\\$&');
}

module.exports = { contextOf, contextCode, requireContext };
