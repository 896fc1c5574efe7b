'use strict';

// Facts of calls of the store: the operation, and keys that are constant.

const { UNKNOWN } = require('./values.cjs');
const { location, propertyName, propertyOf } = require('./walk.cjs');

const MAX_CHAIN = 30;
const CHAIN_METHODS = new Set(['set', 'delete', 'check']);

class StoreCallReader {
  constructor(reader) {
    this.module = reader.module;
    this.names = reader.names;
    this.values = reader.values;
    this.reader = reader;
  }

  // The facts of a call; none if it is no call of the store. `use` is how its result is used.
  callFacts(node, callee, scope, use) {
    const call = this.storeCall(callee, scope);
    if (!call) return [];
    const fact = { ...call, unit: this.reader.unit, discarded: use === 'discarded', ...location(node) };
    const first = node.arguments[0];
    const key = first ? this.constantText(first, this.module, scope) : null;
    const items = call.operation === 'batchSet' && first ? this.itemFacts(first, scope) : [];
    return [{ ...fact, key }, ...items.map((item) => ({ ...fact, discarded: false, ...item }))];
  }

  storeCall(callee, scope) {
    const direct = storeOperation(this.names.resolve(callee, this.module, scope));
    if (direct || !/MemberExpression$/.test(callee.type)) return direct;
    const name = propertyName(callee);
    const start = this.chainStart(callee.object, this.module, scope);
    if (start?.operation === 'entity') return { ...start, operation: `entity.${name}` };
    if (start?.operation === 'transact' && CHAIN_METHODS.has(name)) {
      return { ...start, operation: `transact.${name}` };
    }
    return null;
  }

  // The call of the store that starts a chain, as `kvs.transact()` in `kvs.transact().set()`.
  chainStart(node, module, scope) {
    let link = { node, module, scope };
    for (let i = 0; i < MAX_CHAIN; i++) {
      link = this.names.resolve(link.node, link.module, link.scope);
      if (link.node?.type !== 'CallExpression') return null;
      const { callee } = link.node;
      const call = storeOperation(this.names.resolve(callee, link.module, link.scope));
      if (call) return call;
      if (!/MemberExpression$/.test(callee.type) || !CHAIN_METHODS.has(propertyName(callee))) return null;
      link = { ...link, node: callee.object };
    }
    return null;
  }

  // The items of a batch whose key is constant.
  itemFacts(argument, scope) {
    const { node, module, scope: arrayScope } = this.names.resolve(argument, this.module, scope);
    if (node?.type !== 'ArrayExpression') return [];
    return node.elements.flatMap((element) => {
      if (!element || element.type === 'SpreadElement') return [];
      const item = this.names.resolve(element, module, arrayScope);
      const keyNode = item.node?.type === 'ObjectExpression' && propertyOf(item.node, 'key');
      const key = keyNode ? this.constantText(keyNode, item.module, item.scope) : null;
      return key === null ? [] : [{ key, ...location(element) }];
    });
  }

  constantText(node, module, scope) {
    const value = this.values.evaluate(node, module, scope);
    return value !== UNKNOWN && typeof value === 'string' ? value : null;
  }
}

// {api, operation} if an import is a method of the store.
function storeOperation({ source, imported, importedAs }) {
  if (source === '@forge/kvs') {
    if (imported?.startsWith('kvs.')) return { api: 'kvs', operation: imported.slice(4) };
    if (imported?.startsWith('default.')) return { api: 'kvs', operation: imported.slice(8) };
    if (importedAs === 'default') return { api: 'kvs', operation: imported };
  }
  if (source === '@forge/api' && imported?.startsWith('storage.')) {
    return { api: 'storage', operation: imported.slice(8) };
  }
  return null;
}

module.exports = { StoreCallReader, storeOperation };
