'use strict';

// Facts of work that nothing waits for: calls of the platform whose promise is dropped, and loops
// that drop the promises of their callbacks.

const { storeOperation } = require('./stores.cjs');
const { children, isFunction, location, propertyName, unwrap } = require('./walk.cjs');

const MAX_DEPTH = 6;
const STORE_PROMISES = new Set([
  'get', 'set', 'delete', 'getSecret', 'setSecret', 'deleteSecret', 'batchGet', 'batchSet',
  'batchDelete',
]);
const ENTITY_PROMISES = new Set(['get', 'set', 'delete']);
const REQUESTS = new Set([
  'requestJira', 'requestConfluence', 'requestBitbucket', 'requestGraph', 'requestTeamworkGraph',
  'requestConnectedData',
]);
const PROMISE_LISTS = new Set(['all', 'allSettled', 'race', 'any']);
const LOOPS = new Set(['forEach', 'map', 'reduce', 'reduceRight']);
const COLLECTIONS = new Set(['Array', 'Map', 'Set']);
const TRANSPARENT = new Set([
  'ParenthesizedExpression', 'TSAsExpression', 'TSNonNullExpression', 'TSSatisfiesExpression',
  'TSTypeAssertion', 'ChainExpression',
]);

class FloatingReader {
  constructor(reader) {
    this.reader = reader;
    this.module = reader.module;
    this.names = reader.names;
    this.workByFunction = new Map();
    // Facts about promises in variables, and the variables that are read.
    this.unused = [];
    this.readBindings = new Set();
  }

  visitCall(node, scope, parents) {
    if (!parents.some(isFunction) || isInExecutor(parents)) return;
    const fate = fateOf(node, parents);
    const loop = this.loopFact(node, scope, fate, parents);
    if (loop) this.add(loop.call, loop.how, unwrap(node.callee).property);
    if (fate === null || fate === 'awaited') return;
    const call = this.workOf(node, this.module, scope);
    if (call === null) return;
    if (fate === 'dropped') this.add(call, 'dropped', node);
    else this.unused.push({ binding: scope.lookup(fate), fact: this.fact(call, 'unused', node) });
  }

  visitIdentifier(node, scope, parent) {
    const isWritten = (parent?.type === 'VariableDeclarator' && parent.id === node) ||
      (parent?.type === 'AssignmentExpression' && parent.left === node);
    if (!isWritten) this.readBindings.add(scope.lookup(node.name));
  }

  // The promises in variables that no code of the module reads.
  unusedFacts() {
    const isUnused = ({ binding }) => binding !== null && !this.readBindings.has(binding);
    return this.unused.filter(isUnused).map(({ fact }) => fact);
  }

  add(call, how, node) {
    this.reader.facts.floating.push(this.fact(call, how, node));
  }

  fact(call, how, node) {
    return { call, how, unit: this.reader.unit, ...location(node) };
  }

  // `xs.forEach(async ...)`, and `xs.map(async ...)` or `xs.reduce(async ...)` whose result is dropped.
  loopFact(node, scope, fate, parents) {
    const callee = unwrap(node.callee);
    const how = /MemberExpression$/.test(callee.type) ? propertyName(callee) : null;
    if (!LOOPS.has(how) || !node.arguments[0]) return null;
    const isDropped = fate === 'dropped' ||
      (how === 'forEach' && this.isArray(callee.object, scope) && isAwaitedOrReturned(fate, parents));
    if (!isDropped || this.isForeign(callee.object, scope)) return null;
    const callback = this.names.resolve(node.arguments[0], this.module, scope);
    if (!callback.node || !isFunction(callback.node)) return null;
    const call = this.workOfCallback(callback.node, callback.module);
    return call && { call, how };
  }

  isArray(node, scope) {
    return this.names.resolve(node, this.module, scope).node?.type === 'ArrayExpression';
  }

  // Whether an object may have a `forEach` or `map` of its own that waits.
  isForeign(node, scope) {
    const { node: found, source, scope: inScope } = this.names.resolve(node, this.module, scope);
    if (found?.type === 'NewExpression' && found.callee.type === 'Identifier') {
      return !COLLECTIONS.has(found.callee.name) || !!inScope.lookup(found.callee.name);
    }
    return !!source || /^(New|Class)/.test(found?.type ?? '');
  }

  // The call that a callback has not made, or whose answer it does not have, when it returns.
  workOfCallback(fn, module) {
    const scope = module.scopes.byNode.get(fn);
    if (!fn.async) {
      const result = fn.body.type === 'BlockStatement' ? returned(fn.body) : fn.body;
      return result && this.workOfExpression(result, module, bodyScope(fn, module, scope));
    }
    const inBody = bodyScope(fn, module, scope);
    if (fn.body.type !== 'BlockStatement') return this.workOfExpression(fn.body, module, inBody);
    return find(fn.body, module, inBody, (node, inner) => {
      const waits = node.type === 'AwaitExpression' || node.type === 'ReturnStatement';
      return waits && node.argument ? this.workOfExpression(node.argument, module, inner) : null;
    }, isFunction);
  }

  workOfExpression(node, module, scope) {
    const inner = unwrap(node);
    return isCall(inner) ? this.workOf(inner, module, scope) : null;
  }

  // What a call asks of the platform, if it answers a promise for it; null for other calls.
  workOf(node, module, scope, depth = 0) {
    if (depth > MAX_DEPTH) return null;
    const direct = this.platformCall(node, module, scope);
    if (direct !== null) return direct;
    const callee = unwrap(node.callee);
    if (this.isPromiseList(callee, scope) && node.arguments[0]) {
      return this.workOfList(node.arguments[0], module, scope, depth);
    }
    let found = this.names.resolve(callee, module, scope);
    if (!found.node || !isFunction(found.node)) {
      found = this.names.resolveMethod(callee, module, scope);
    }
    const fn = found?.node;
    if (!fn || fn.generator) return null;
    if (fn.async) return this.workIn(fn, found.module, depth);
    const result = fn.body.type === 'BlockStatement' ? returned(fn.body) : fn.body;
    const inner = result && unwrap(result);
    const scopeOfFn = bodyScope(fn, found.module, found.module.scopes.byNode.get(fn));
    return isCall(inner) ? this.workOf(inner, found.module, scopeOfFn, depth + 1) : null;
  }

  isPromiseList(callee, scope) {
    return callee.type === 'MemberExpression' && PROMISE_LISTS.has(propertyName(callee)) &&
      callee.object.type === 'Identifier' && callee.object.name === 'Promise' && !scope.lookup('Promise');
  }

  workOfList(node, module, scope, depth) {
    const list = this.names.resolve(node, module, scope);
    const { node: value } = list;
    if (value?.type === 'ArrayExpression') {
      for (const element of value.elements) {
        const call = element && unwrap(element);
        const work = isCall(call) ? this.workOf(call, list.module, list.scope, depth + 1) : null;
        if (work !== null) return work;
      }
    }
    if (!isCall(value) || propertyName(unwrap(value.callee)) !== 'map' || !value.arguments[0]) return null;
    const callback = this.names.resolve(value.arguments[0], list.module, list.scope);
    return callback.node && isFunction(callback.node) ? this.workIn(callback.node, callback.module, depth) : null;
  }

  // The first call of the platform in a function of the app; null where there is none.
  workIn(fn, module, depth) {
    if (!this.workByFunction.has(fn)) {
      this.workByFunction.set(fn, null);
      const scope = module.scopes.byNode.get(fn);
      const work = find(fn.body, module, bodyScope(fn, module, scope), (node, inner) =>
        isCall(node) ? this.workOf(node, module, inner, depth + 1) : null);
      this.workByFunction.set(fn, work);
    }
    return this.workByFunction.get(fn);
  }

  platformCall(node, module, scope) {
    const callee = unwrap(node.callee);
    const found = this.names.resolve(callee, module, scope);
    const store = storeOperation(found);
    if (store) return STORE_PROMISES.has(store.operation) ? `${store.api}.${store.operation}` : null;
    if (found.source === '@forge/api' && found.imported === 'fetch') return 'fetch';
    if (callee.type === 'Identifier') {
      return callee.name === 'fetch' && !scope.lookup('fetch') ? 'fetch' : null;
    }
    if (!/MemberExpression$/.test(callee.type)) return null;
    const name = propertyName(callee);
    if (name === 'push') return this.isQueue(callee.object, module, scope) ? 'queue.push' : null;
    if (REQUESTS.has(name)) return this.isProductApi(callee.object, module, scope) ? name : null;
    return this.chainedCall(callee.object, name, module, scope);
  }

  chainedCall(object, name, module, scope) {
    const start = this.reader.stores.chainStart(object, module, scope);
    if (start?.operation === 'entity' && ENTITY_PROMISES.has(name)) return `${start.api}.entity().${name}`;
    return start?.operation === 'transact' && name === 'execute' ? `${start.api}.transact` : null;
  }

  isQueue(node, module, scope) {
    const found = this.names.resolve(node, module, scope);
    if (found.node?.type !== 'NewExpression') return false;
    const callee = this.names.resolve(found.node.callee, found.module, found.scope);
    return this.names.isImport(callee, '@forge/events', 'Queue');
  }

  // Whether an expression is `asApp()` or `asUser()` of `@forge/api`.
  isProductApi(node, module, scope) {
    const found = this.names.resolve(node, module, scope);
    if (!isCall(found.node)) return false;
    const { source, imported } = this.names.resolve(found.node.callee, found.module, found.scope);
    return source === '@forge/api' && ['asApp', 'asUser'].includes(imported);
  }
}

// What becomes of the value of an expression: `dropped`, `awaited`, the name of a variable that gets
// it, or null for anything else, such as a promise whose errors are handled.
function fateOf(node, parents) {
  let child = node;
  for (let i = 0; i < parents.length; i++) {
    const parent = parents[i];
    if (TRANSPARENT.has(parent.type)) {
      child = parent;
    } else if (/MemberExpression$/.test(parent.type) && parent.object === child) {
      // `.then(...)` and `.finally(...)` give another promise; `.catch(...)` says that all is well.
      const call = parents[i + 1];
      const method = propertyName(parent);
      if (!isCall(call) || call.callee !== parent) return null;
      if (method !== 'finally' && !(method === 'then' && call.arguments.length < 2)) return null;
      child = call;
      i += 1;
    } else if (parent.type === 'ConditionalExpression' && parent.test !== child) {
      child = parent;
    } else if (parent.type === 'LogicalExpression' && parent.right === child) {
      child = parent;
    } else if (parent.type === 'SequenceExpression') {
      if (parent.expressions.at(-1) !== child) return 'dropped';
      child = parent;
    } else if (parent.type === 'ExpressionStatement') {
      return 'dropped';
    } else if (parent.type === 'AwaitExpression') {
      return 'awaited';
    } else if (parent.type === 'VariableDeclarator' && parent.init === child) {
      return parent.id.type === 'Identifier' ? parent.id.name : null;
    } else {
      return null;
    }
  }
  return null;
}

function isAwaitedOrReturned(fate, parents) {
  return fate === 'awaited' || parents[0]?.type === 'ReturnStatement';
}

// Whether the code is part of `new Promise((resolve) => ...)`, which may wait for it.
function isInExecutor(parents) {
  return parents.some((parent, i) => isFunction(parent) && parents[i + 1]?.type === 'NewExpression' &&
    parents[i + 1].callee.name === 'Promise');
}

function isCall(node) {
  return node?.type === 'CallExpression' || node?.type === 'OptionalCallExpression';
}

// The expression that a block returns at its end; null where it returns none there.
function returned(block) {
  const [last] = block.body.slice(-1);
  return last?.type === 'ReturnStatement' ? last.argument : null;
}

function bodyScope(fn, module, scope) {
  return module.scopes.byNode.get(fn.body) ?? scope;
}

// The first result of `test(node, scope)` that is not null, in `node` and the nodes in it; `skip`
// says which nodes are left out.
function find(node, module, scope, test, skip = () => false) {
  const found = test(node, scope);
  if (found !== null) return found;
  for (const child of children(node)) {
    if (skip(child)) continue;
    const inner = find(child, module, module.scopes.byNode.get(child) ?? scope, test, skip);
    if (inner !== null) return inner;
  }
  return null;
}

module.exports = { FloatingReader };
