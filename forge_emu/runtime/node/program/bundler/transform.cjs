'use strict';
// Changes of a script's text before esbuild reads it, where Forge's bundler takes it otherwise. Each
// replaces a piece of a line, so that positions stay those of the source.

const path = require('node:path');
const { pathToFileURL } = require('node:url');
const { contextOf, contextCode, requireContext } = require('./contexts.cjs');
const { MODULE_SYNTAX, mayBeRefused, parse } = require('./parsing.cjs');
const { textOf, walk, declaredNames } = require('./syntax.cjs');

// Scripts with none of these are left alone, without being parsed.
const ANYWHERE = /\bimport\.meta\b|\bmodule\.require\b|\b__dirname\b|\brequire\b(?!\s*\(\s*['"`])|\bimport\s*\(\s*[^'"\s]|\brequire\s*\(\s*`|\b(?:require|import)\s*\([^)]*\+/;
const NAMESPACE = /^\s*import\s*\*\s*as\b/m;
const MODULE_NAMES = /\b(?:module|exports)\b/;

function transform(text, file, kind, files, missing) {
  // Without the parser, esbuild's own ways have to do.
  if (files.job.parser === null || !isCandidate(text, file, kind, files, missing)) {
    return { contents: text };
  }
  const parsed = parse(text, file, kind, files);
  if (parsed.errors !== undefined) return parsed;
  if (parsed.program === undefined) return { contents: text };
  return new Transformation(text, file, kind, files, parsed.program, missing).result();
}

function isCandidate(text, file, kind, files, missing) {
  if (missing.length > 0 || ANYWHERE.test(text)) return true;
  if (kind === 'babel' && (mayBeRefused(text) || files.leavesRequire(file, text))) return true;
  if (kind === 'typescript' && files.job.plain_namespaces && NAMESPACE.test(text)) return true;
  return files.isOwn(file) && MODULE_SYNTAX.test(text) && MODULE_NAMES.test(text);
}

class Transformation {
  #edits = [];
  #code = [];
  #errors = [];

  constructor(text, file, kind, files, program, missing) {
    this.text = text;
    this.file = file;
    this.files = files;
    this.missing = missing;
    this.program = program;
    this.declared = declaredNames(program);
    this.requireNames = new Set(['require', ...namesOfRequire(program)]);
    this.isStrict = files.isStrictModule(file);
    this.isModule = program.body.some((node) => /^(Import|Export)/.test(node.type));
    this.becomesCommonJs = kind === 'typescript' && files.job.typescript_commonjs;
    this.own = files.isOwn(file);
    walk(program, (node, parent, key) => this.#visit(node, parent, key));
    this.#removeMissingImports();
    if (kind === 'typescript' && files.job.plain_namespaces) this.#requireNamespaces();
  }

  result() {
    if (this.#errors.length > 0) return { errors: this.#errors };
    let contents = this.text;
    for (const { start, end, by } of this.#edits.sort((a, b) => b.start - a.start)) {
      contents = contents.slice(0, start) + by + contents.slice(end);
    }
    return { contents: [contents, ...this.#code].join('\n') };
  }

  #replace(node, by) {
    this.#edits.push({ start: node.start, end: node.end, by });
  }

  // Returns true where the inside of the node is done with.
  #visit(node, parent, key) {
    switch (node.type) {
      case 'NewExpression': return this.#visitAsset(node);
      case 'MemberExpression': return this.#visitMember(node, parent);
      case 'MetaProperty': return this.#visitMeta(node);
      case 'CallExpression': return this.#visitCall(node);
      case 'Identifier': return this.#visitIdentifier(node, parent, key);
      default: return false;
    }
  }

  // `new URL('./file', import.meta.url)`: the file is deployed.
  #visitAsset(node) {
    const [asset, base] = node.arguments;
    if (node.callee.name !== 'URL' || !isMeta(base, 'url') || asset?.type !== 'StringLiteral') {
      return false;
    }
    if (!/^\.{1,2}\//.test(asset.value) || this.declared.has('URL')) return false;
    const name = path.resolve(path.dirname(this.file), asset.value);
    try {
      this.#replace(asset, JSON.stringify(this.files.addAsset(name)));
      this.#replace(base, '__forge_emu.base');
    } catch {
      this.#addError(asset, `Could not resolve "${asset.value}"`);
    }
    return true;
  }

  #visitMember(node, parent) {
    if (node.computed) return false;
    const { object, property } = node;
    if (object.type === 'MetaProperty') return this.#visitMetaMember(node, property.name);
    if (object.name !== 'require' || !this.#ownsRequire()) return false;
    const isCall = parent.type === 'CallExpression' && parent.callee === node;
    if (property.name === 'context' && isCall) return this.#visitContext(parent);
    if (property.name === 'resolve' && isCall) this.#replace(node, '__forge_emu.resolve');
    else if (property.name === 'cache') this.#replace(node, '__forge_emu.cache');
    else return property.name === 'main';
    return true;
  }

  #visitMetaMember(node, name) {
    const values = {
      url: () => JSON.stringify(pathToFileURL(this.file).href),
      dirname: () => JSON.stringify(this.files.directoryName(this.file)),
      filename: () => '__filename',
    };
    this.#replace(node, Object.hasOwn(values, name) ? values[name]() : '(void 0)');
    return true;
  }

  #visitMeta(node) {
    const url = JSON.stringify(pathToFileURL(this.file).href);
    this.#replace(node, `({ url: ${url} })`);
    return true;
  }

  #visitCall(node) {
    const [request] = node.arguments;
    const isImport = node.callee.type === 'Import';
    if (node.callee.name === 'require' && this.files.leavesRequire(this.file, this.text)) {
      if (!this.declared.has('require')) this.#replace(node.callee, '__forge_emu.requireDeployed');
      return false;
    }
    const isRequire = this.#isRequire(node.callee);
    if (!(isImport || isRequire) || request === undefined) return false;
    if (isStatic(request)) {
      if (isRequire && node.callee.name !== 'require') this.#replace(node.callee, 'require');
      return isRequire;
    }
    const context = contextOf(request, this.file);
    if (context === null) {
      this.#replace(node.callee, isImport ? '__forge_emu.importNone' : '__forge_emu.requireNone');
    } else {
      const name = this.#addContext(context, isImport ? 'import' : 'require');
      const call = isImport ? '__forge_emu.importFrom' : '__forge_emu.requireFrom';
      this.#edits.push({
        start: node.callee.start, end: request.start, by: `${call}(${name}(), `,
      });
    }
    return node.callee.type === 'MemberExpression';
  }

  // `require`, `module.require`, and what `const r = require` names.
  #isRequire({ type, name, object, property, computed }) {
    if (!this.#ownsRequire()) return false;
    if (type === 'Identifier') return this.requireNames.has(name);
    return object?.name === 'module' && property.name === 'require' && !computed &&
      !this.declared.has('module');
  }

  #visitContext(call) {
    const context = requireContext(call.arguments, this.file);
    if (context === null) {
      this.#addError(call, 'require.context needs a folder, a boolean and a pattern as they are');
      return true;
    }
    const name = this.#addContext(context, 'require');
    this.#replace(call, `__forge_emu.context(${name}())`);
    return true;
  }

  #addContext(context, word) {
    const name = `__forge_emu_modules_${this.#code.length}`;
    this.#code.push(contextCode(context, name, word, this.files));
    return name;
  }

  #visitIdentifier(node, parent, key) {
    if (!isReference(node, parent, key) || this.declared.has(node.name)) return false;
    const isShorthand = parent.type === 'ObjectProperty' && parent.shorthand;
    const by = this.#replacementOf(node, parent);
    if (by !== null) this.#replace(node, isShorthand ? `${node.name}: ${by}` : by);
    return false;
  }

  #replacementOf(node, parent) {
    const name = JSON.stringify(this.files.relativeName(this.file));
    const inModule = this.own && this.isModule && !this.becomesCommonJs;
    switch (node.name) {
      case '__dirname':
        return this.isStrict ? null : JSON.stringify(this.files.directoryName(this.file));
      case 'module':
        return inModule ? `__forge_emu.module(${name})` : null;
      case 'exports':
        return inModule ? `__forge_emu.exports(${name})` : null;
      case 'require': {
        const isCall = parent.type === 'CallExpression' && parent.callee === node;
        const isTested = parent.type === 'UnaryExpression' && parent.operator === 'typeof';
        if (!this.#ownsRequire() || isCall || isTested || parent.type === 'MemberExpression') {
          return null;
        }
        return '__forge_emu.requireNone';
      }
      default:
        return null;
    }
  }

  #ownsRequire() {
    return !this.isStrict && !this.declared.has('require');
  }

  // The names that the imported module does not export become undefined variables.
  #removeMissingImports() {
    for (const node of this.program.body) {
      if (node.type !== 'ImportDeclaration') continue;
      for (const specifier of node.specifiers) {
        if (this.missing.some((place) => isAt(specifier, place))) this.#removeImport(specifier, node);
      }
    }
  }

  #removeImport(specifier, { specifiers }) {
    const comma = /^\s*,/.exec(this.text.slice(specifier.end));
    const end = specifier.end + (comma?.[0].length ?? 0);
    const isAlone = specifier.type === 'ImportDefaultSpecifier' && specifiers.length === 1;
    this.#edits.push({ start: specifier.start, end, by: isAlone ? '{}' : '' });
    this.#code.push(`var ${specifier.local.name};`);
  }

  // `import * as x` gives what `require` gives, which may be a function.
  #requireNamespaces() {
    for (const node of this.program.body) {
      if (node.type !== 'ImportDeclaration' || node.importKind === 'type') continue;
      const [specifier, ...others] = node.specifiers;
      if (specifier?.type !== 'ImportNamespaceSpecifier' || others.length > 0) continue;
      const { local } = specifier;
      this.#replace(node, `import ${local.name} = require(${JSON.stringify(node.source.value)});`);
    }
  }

  #addError(node, text) {
    const { line, column } = node.loc.start;
    this.#errors.push({
      text,
      location: { file: this.file, line, column, lineText: textOf(this.text, line) },
    });
  }
}

function isAt(specifier, { line, column }) {
  const node = specifier.imported ?? specifier.local;
  return node.loc.start.line === line && node.loc.start.column === column;
}

function isMeta(node, name) {
  return node?.type === 'MemberExpression' && node.object.type === 'MetaProperty' &&
    node.property.name === name;
}

function namesOfRequire(program) {
  const names = [];
  walk(program, ({ type, id, init }) => {
    if (type === 'VariableDeclarator' && init?.name === 'require') names.push(id.name);
    return false;
  });
  return names;
}

function isStatic(node) {
  if (node.type === 'StringLiteral') return true;
  if (node.type === 'TemplateLiteral') return node.expressions.length === 0;
  return node.type === 'ConditionalExpression' && isStatic(node.consequent) && isStatic(node.alternate);
}

// Whether an identifier names a variable, and no property, key or label.
function isReference(node, parent, key) {
  switch (parent.type) {
    case 'MemberExpression': case 'OptionalMemberExpression':
      return key !== 'property' || parent.computed;
    case 'ObjectProperty': case 'ObjectMethod': case 'ClassMethod': case 'ClassProperty':
      return key !== 'key' || parent.computed || parent.shorthand === true;
    case 'LabeledStatement': case 'BreakStatement': case 'ContinueStatement':
    case 'ImportSpecifier': case 'ExportSpecifier': case 'MetaProperty':
      return false;
    default:
      return true;
  }
}

module.exports = { transform };
