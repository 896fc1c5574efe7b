'use strict';

// What a module does with the platform: queues, pushes, retry requests, calls of the store.

const { isBuiltin } = require('module');
const { Meaning } = require('./meaning.cjs');
const { Pushes } = require('./pushes.cjs');
const { Stores } = require('./stores.cjs');
const { MODULE, unitOfBinding, unitOfExport, unitsOf } = require('./units.cjs');
const { UNKNOWN, Values } = require('./values.cjs');
const { bare, children, place, propertyName, propertyOf } = require('./walk.cjs');

const EVENTS = '@forge/events';
const THROUGH = new Set([
  'ConditionalExpression', 'LogicalExpression', 'ParenthesizedExpression', 'AwaitExpression',
  'TSAsExpression', 'TSNonNullExpression', 'TSSatisfiesExpression', 'SequenceExpression',
]);

function factsOf(program, module) {
  return new Reader(program, module).read();
}

class Reader {
  constructor(program, module) {
    this.program = program;
    this.module = module;
    this.meaning = new Meaning(program);
    this.values = new Values(this.meaning);
    this.pushes = new Pushes(this);
    this.stores = new Stores(this);
    this.facts = {
      file: module.file, exports: {}, units: {}, imports: [], queues: [], pushes: [], retries: [],
      stores: [], stats_as_response: [], pushes_as_ids: [],
    };
  }

  read() {
    const { module, facts } = this;
    for (const [unit, node] of unitsOf(module.ast)) {
      this.unit = unit;
      this.edges(unit);
      // What a call makes, as a resolver's definitions, may run whatever was defined at the top.
      if (node.type === 'VariableDeclarator' && bare(node.init)?.type === 'CallExpression') {
        this.link([module.file, MODULE]);
      }
      this.walk(node, module.scopes.of.get(node) ?? module.scopes.top, []);
    }
    for (const name of module.scopes.exports.keys()) {
      const unit = unitOfExport(this.program, module, name);
      if (unit) facts.exports[name] = unit;
    }
    for (const { source, node } of module.scopes.imports) this.imported(source, node);
    return facts;
  }

  edges(unit) {
    this.facts.units[unit] ??= [];
    return this.facts.units[unit];
  }

  walk(node, scope, parents) {
    this.visit(node, scope, parents);
    for (const child of children(node)) {
      const inner = this.module.scopes.of.get(child) ?? scope;
      this.walk(child, inner, [node, ...parents]);
    }
  }

  visit(node, scope, parents) {
    switch (node.type) {
      case 'Identifier':
        if (!isLabel(node, parents[0])) {
          this.link(unitOfBinding(this.program, this.module, scope.find(node.name)));
        }
        break;
      case 'MemberExpression':
        this.viaNamespace(node, scope);
        break;
      case 'NewExpression':
        this.created(node, scope, parents);
        break;
      case 'CallExpression':
      case 'OptionalCallExpression':
        this.called(node, scope, parents);
        break;
      case 'ThrowStatement':
        this.thrown(node, scope);
        break;
    }
  }

  link(target) {
    if (!target) return;
    const edges = this.edges(this.unit);
    if (!edges.some(([file, unit]) => file === target[0] && unit === target[1])) edges.push(target);
  }

  viaNamespace(node, scope) {
    const name = propertyName(node);
    if (name === null) return;
    const found = this.meaning.resolve(node.object, this.module, scope);
    if (found.namespace) this.link(unitOfExport(this.program, found.namespace, name));
    if (found.source && found.imported === '*') {
      this.facts.imports.push({ source: found.source, imported: name, ...place(node.property) });
    }
  }

  imported(source, node) {
    if (source.startsWith('.') || isBuiltin(source)) return;
    const { imports } = this.facts;
    if (node.type !== 'ImportDeclaration') {
      imports.push({ source, imported: '*', ...place(node) });
      const { names } = this.module.scopes.top;
      for (const binding of names.values()) {
        const own = binding.kind === 'import' && binding.source === source && binding.imported !== '*';
        if (own) imports.push({ source, imported: binding.imported, ...place(binding.node) });
      }
      return;
    }
    if (node.specifiers.length === 0) imports.push({ source, imported: '*', ...place(node) });
    for (const specifier of node.specifiers) {
      if (specifier.importKind === 'type') continue;
      const named = specifier.imported?.name ?? specifier.imported?.value;
      const imported = named ?? (specifier.type === 'ImportDefaultSpecifier' ? 'default' : '*');
      imports.push({ source, imported, ...place(specifier) });
    }
  }

  // --- new Queue(...), new InvocationError(...)

  created(node, scope, parents) {
    const found = this.meaning.resolve(node.callee, this.module, scope);
    if (this.meaning.isImport(found, EVENTS, 'Queue')) {
      this.facts.queues.push({ key: this.queueKey(node, this.module, scope), unit: this.unit, ...place(node) });
    } else if (this.meaning.isImport(found, EVENTS, 'InvocationError')) {
      this.retry(node, scope, useOf(node, parents), node);
    }
  }

  thrown(node, scope) {
    if (!node.argument || bare(node.argument).type !== 'Identifier') return;
    const found = this.meaning.resolve(node.argument, this.module, scope);
    if (found.node?.type !== 'NewExpression') return;
    const callee = this.meaning.resolve(found.node.callee, found.module, found.scope);
    if (this.meaning.isImport(callee, EVENTS, 'InvocationError')) {
      this.facts.retries.push({ use: 'thrown', unit: this.unit, retry_after: null, data_bytes: 0, ...place(node) });
    }
  }

  retry(node, scope, use, at) {
    const options = node.arguments[0] && this.meaning.resolve(node.arguments[0], this.module, scope);
    const property = (name) => options?.node && propertyOf(options.node, name);
    const after = property('retryAfter');
    const data = property('retryData');
    const known = after ? this.values.of(after, options.module, options.scope) : UNKNOWN;
    this.facts.retries.push({
      use,
      unit: this.unit,
      retry_after: typeof known === 'number' && Number.isFinite(known) ? known : null,
      data_bytes: data ? this.values.bytes(data, options.module, options.scope) : 0,
      after: after ? place(after) : null,
      ...place(at),
    });
  }

  queueKey(node, module, scope) {
    const options = node.arguments[0] && this.meaning.resolve(node.arguments[0], module, scope);
    const key = options?.node && propertyOf(options.node, 'key');
    const known = key ? this.values.of(key, options.module, options.scope) : UNKNOWN;
    return typeof known === 'string' ? known : null;
  }

  // --- calls

  called(node, scope, parents) {
    const callee = bare(node.callee);
    this.facts.stores.push(...this.stores.read(node, callee, scope, useOf(node, parents)));
    if (!/MemberExpression$/.test(callee.type)) return;
    const name = propertyName(callee);
    const push = name === 'push' ? this.pushes.read(node, callee, scope, parents) : null;
    if (push) this.facts.pushes.push(push);
    if (name === 'json' && this.isCallOf(callee.object, 'getStats', scope)) {
      this.facts.stats_as_response.push(place(node));
    }
    if (name === 'getJob' && node.arguments[0] && this.queueOf(callee.object, scope)) {
      const id = this.meaning.resolve(node.arguments[0], this.module, scope).node;
      const pushed = id?.type === 'CallExpression' && propertyName(id.callee) === 'push';
      if (pushed) this.facts.pushes_as_ids.push(place(node.arguments[0]));
    }
  }

  isCallOf(node, name, scope) {
    const found = this.meaning.resolve(node, this.module, scope).node;
    return found?.type === 'CallExpression' && found.callee.type === 'MemberExpression' &&
      propertyName(found.callee) === name;
  }

  // The `new Queue(...)` behind an expression, as {node, module, scope}.
  queueOf(node, scope) {
    const found = this.meaning.resolve(node, this.module, scope);
    if (found.node?.type !== 'NewExpression') return null;
    const callee = this.meaning.resolve(found.node.callee, found.module, found.scope);
    return this.meaning.isImport(callee, EVENTS, 'Queue') ? found : null;
  }
}

// What becomes of a value where it stands: returned, thrown, discarded, or something else.
function useOf(node, parents) {
  let child = node;
  for (const parent of parents) {
    if (THROUGH.has(parent.type)) {
      child = parent;
      continue;
    }
    if (parent.type === 'ThrowStatement') return 'thrown';
    if (parent.type === 'ReturnStatement') return 'returned';
    if (parent.type === 'ArrowFunctionExpression' && parent.body === child) return 'returned';
    if (parent.type === 'ExpressionStatement') return 'discarded';
    if (parent.type === 'CallExpression' && isReject(parent.callee)) return 'thrown';
    return 'other';
  }
  return 'other';
}

// Whether a name is only the name of a property.
function isLabel(node, parent) {
  return !!parent && !parent.computed && (parent.property === node || parent.key === node);
}

function isReject(callee) {
  return callee.type === 'MemberExpression' && propertyName(callee) === 'reject' &&
    callee.object.type === 'Identifier' && callee.object.name === 'Promise';
}

module.exports = { factsOf };
