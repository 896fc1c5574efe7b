'use strict';

// The facts of a module, its use of the platform: queues, pushes, retry requests, calls of the store.

const { isBuiltin } = require('module');
const { FloatingReader } = require('./floating.cjs');
const { MemberReader } = require('./members.cjs');
const { NameResolver } = require('./names.cjs');
const { PushReader } = require('./pushes.cjs');
const { StoreCallReader } = require('./stores.cjs');
const { MODULE, unitOfBinding, unitOfExport, unitsOf } = require('./units.cjs');
const { UNKNOWN, ConstantEvaluator } = require('./values.cjs');
const { unwrap, children, location, propertyName, propertyOf } = require('./walk.cjs');

const EVENTS_PACKAGE = '@forge/events';
const PASS_THROUGH = new Set([
  'ConditionalExpression', 'LogicalExpression', 'ParenthesizedExpression', 'AwaitExpression',
  'TSAsExpression', 'TSNonNullExpression', 'TSSatisfiesExpression', 'SequenceExpression',
]);

function readFacts(program, module) {
  return new FactsReader(program, module).moduleFacts();
}

class FactsReader {
  constructor(program, module) {
    this.program = program;
    this.module = module;
    this.names = new NameResolver(program);
    this.values = new ConstantEvaluator(this.names);
    this.pushes = new PushReader(this);
    this.stores = new StoreCallReader(this);
    this.members = new MemberReader(this);
    this.floating = new FloatingReader(this);
    this.facts = {
      file: module.file, exports: {}, units: {}, members: {}, mentions: {}, passed: {},
      imports: [], queues: [], pushes: [], retries: [], stores: [],
      stats_as_response: [], pushes_as_ids: [], floating: [],
    };
  }

  moduleFacts() {
    const { module, facts } = this;
    for (const [unit, node] of unitsOf(module.ast)) {
      this.unit = unit;
      this.referencesOf(unit);
      this.memberUnits = this.members.membersIn(unit, node);
      // The result of a call, such as a resolver's definitions, may call any top-level code.
      if (node.type === 'VariableDeclarator' && unwrap(node.init)?.type === 'CallExpression') {
        this.addReference([module.file, MODULE]);
      }
      this.walk(node, module.scopes.byNode.get(node) ?? module.scopes.moduleScope, []);
    }
    for (const name of module.scopes.exports.keys()) {
      const unit = unitOfExport(this.program, module, name);
      if (unit) facts.exports[name] = unit;
    }
    for (const { source, node } of module.scopes.imports) this.addImports(source, node);
    facts.floating.push(...this.floating.unusedFacts());
    return facts;
  }

  referencesOf(unit) {
    this.facts.units[unit] ??= [];
    return this.facts.units[unit];
  }

  walk(node, scope, parents) {
    this.visit(node, scope, parents);
    for (const child of children(node)) {
      const inner = this.module.scopes.byNode.get(child) ?? scope;
      const outerUnit = this.unit;
      this.unit = this.memberUnits.get(child) ?? outerUnit;
      this.walk(child, inner, [node, ...parents]);
      this.unit = outerUnit;
    }
  }

  visit(node, scope, parents) {
    this.members.visit(node, scope, parents);
    switch (node.type) {
      case 'Identifier':
        if (!isPropertyName(node, parents[0])) {
          this.floating.visitIdentifier(node, scope, parents[0]);
          this.addReference(unitOfBinding(this.program, this.module, scope.lookup(node.name)));
        }
        break;
      case 'MemberExpression':
        this.visitMember(node, scope);
        break;
      case 'NewExpression':
        this.visitNew(node, scope, parents);
        break;
      case 'CallExpression':
      case 'OptionalCallExpression':
        this.visitCall(node, scope, parents);
        break;
      case 'ThrowStatement':
        this.visitThrow(node, scope);
        break;
    }
  }

  addReference(target) {
    if (!target) return;
    const references = this.referencesOf(this.unit);
    const isKnown = references.some(([file, unit]) => file === target[0] && unit === target[1]);
    if (!isKnown) references.push(target);
  }

  visitMember(node, scope) {
    const name = propertyName(node);
    if (name === null) return;
    const found = this.names.resolve(node.object, this.module, scope);
    if (found.namespace) this.addReference(unitOfExport(this.program, found.namespace, name));
    if (found.source && found.imported === '*') {
      this.facts.imports.push({ source: found.source, imported: name, ...location(node.property) });
    }
  }

  addImports(source, node) {
    if (source.startsWith('.') || isBuiltin(source)) return;
    const { imports } = this.facts;
    if (node.type !== 'ImportDeclaration') {
      imports.push({ source, imported: '*', ...location(node) });
      const { bindings } = this.module.scopes.moduleScope;
      for (const binding of bindings.values()) {
        if (binding.kind !== 'import' || binding.source !== source) continue;
        const { imported } = binding;
        if (imported !== '*') imports.push({ source, imported, ...location(binding.node) });
      }
      return;
    }
    if (node.specifiers.length === 0) imports.push({ source, imported: '*', ...location(node) });
    for (const specifier of node.specifiers) {
      if (specifier.importKind === 'type') continue;
      const named = specifier.imported?.name ?? specifier.imported?.value;
      const imported = named ?? (specifier.type === 'ImportDefaultSpecifier' ? 'default' : '*');
      imports.push({ source, imported, ...location(specifier) });
    }
  }

  // --- new Queue(...), new InvocationError(...)

  visitNew(node, scope, parents) {
    const found = this.names.resolve(node.callee, this.module, scope);
    if (this.names.isImport(found, EVENTS_PACKAGE, 'Queue')) {
      const key = this.queueKey(node, this.module, scope);
      this.facts.queues.push({ key, unit: this.unit, ...location(node) });
    } else if (this.names.isImport(found, EVENTS_PACKAGE, 'InvocationError')) {
      this.addRetry(node, scope, useOf(node, parents), node);
    }
  }

  visitThrow(node, scope) {
    if (!node.argument || unwrap(node.argument).type !== 'Identifier') return;
    const found = this.names.resolve(node.argument, this.module, scope);
    if (found.node?.type !== 'NewExpression') return;
    const callee = this.names.resolve(found.node.callee, found.module, found.scope);
    if (this.names.isImport(callee, EVENTS_PACKAGE, 'InvocationError')) {
      this.facts.retries.push({
        use: 'thrown', unit: this.unit, retry_after: null, data_bytes: 0, ...location(node),
      });
    }
  }

  addRetry(node, scope, use, locationNode) {
    const options = node.arguments[0] && this.names.resolve(node.arguments[0], this.module, scope);
    const property = (name) => options?.node && propertyOf(options.node, name);
    const retryAfter = property('retryAfter');
    const retryData = property('retryData');
    const value = retryAfter ? this.values.evaluate(retryAfter, options.module, options.scope) : UNKNOWN;
    this.facts.retries.push({
      use,
      unit: this.unit,
      retry_after: typeof value === 'number' && Number.isFinite(value) ? value : null,
      data_bytes: retryData ? this.values.minJsonBytes(retryData, options.module, options.scope) : 0,
      after: retryAfter ? location(retryAfter) : null,
      ...location(locationNode),
    });
  }

  queueKey(node, module, scope) {
    const options = node.arguments[0] && this.names.resolve(node.arguments[0], module, scope);
    const key = options?.node && propertyOf(options.node, 'key');
    const value = key ? this.values.evaluate(key, options.module, options.scope) : UNKNOWN;
    return typeof value === 'string' ? value : null;
  }

  // --- calls

  visitCall(node, scope, parents) {
    this.floating.visitCall(node, scope, parents);
    const callee = unwrap(node.callee);
    this.facts.stores.push(...this.stores.callFacts(node, callee, scope, useOf(node, parents)));
    if (!/MemberExpression$/.test(callee.type)) return;
    const name = propertyName(callee);
    const push = name === 'push' ? this.pushes.pushFact(node, callee, scope, parents) : null;
    if (push) this.facts.pushes.push(push);
    if (name === 'json' && this.isCallOfMethod(callee.object, 'getStats', scope)) {
      this.facts.stats_as_response.push(location(node));
    }
    if (name === 'getJob' && node.arguments[0] && this.resolveQueue(callee.object, scope)) {
      const id = this.names.resolve(node.arguments[0], this.module, scope).node;
      const isPush = id?.type === 'CallExpression' && propertyName(id.callee) === 'push';
      if (isPush) this.facts.pushes_as_ids.push(location(node.arguments[0]));
    }
  }

  isCallOfMethod(node, name, scope) {
    const found = this.names.resolve(node, this.module, scope).node;
    return found?.type === 'CallExpression' && found.callee.type === 'MemberExpression' &&
      propertyName(found.callee) === name;
  }

  // The `new Queue(...)` that an expression resolves to, as {node, module, scope}; null for others.
  resolveQueue(node, scope) {
    const found = this.names.resolve(node, this.module, scope);
    if (found.node?.type !== 'NewExpression') return null;
    const callee = this.names.resolve(found.node.callee, found.module, found.scope);
    return this.names.isImport(callee, EVENTS_PACKAGE, 'Queue') ? found : null;
  }
}

// How the value of an expression is used: returned, thrown, discarded, or other.
function useOf(node, parents) {
  let child = node;
  for (const parent of parents) {
    if (PASS_THROUGH.has(parent.type)) {
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

// Whether an identifier only names a property.
function isPropertyName(node, parent) {
  return !!parent && !parent.computed && (parent.property === node || parent.key === node);
}

function isReject(callee) {
  return callee.type === 'MemberExpression' && propertyName(callee) === 'reject' &&
    callee.object.type === 'Identifier' && callee.object.name === 'Promise';
}

module.exports = { readFacts };
