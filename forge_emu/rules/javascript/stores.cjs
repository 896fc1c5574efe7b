'use strict';

// Calls of the store: which operation, and the keys that are always the same.

const { UNKNOWN } = require('./values.cjs');
const { place, propertyName, propertyOf } = require('./walk.cjs');

const DEEP = 30;
const LINKS = new Set(['set', 'delete', 'check']);

class Stores {
  constructor(reader) {
    this.module = reader.module;
    this.meaning = reader.meaning;
    this.values = reader.values;
    this.reader = reader;
  }

  // The facts of a call; none where it is no call of the store. `use` is what becomes of its answer.
  read(node, callee, scope, use) {
    const call = this.operation(callee, scope);
    if (!call) return [];
    const fact = { ...call, unit: this.reader.unit, discarded: use === 'discarded', ...place(node) };
    const first = node.arguments[0];
    const key = first ? this.text(first, this.module, scope) : null;
    const items = call.operation === 'batchSet' && first ? this.items(first, scope) : [];
    return [{ ...fact, key }, ...items.map((item) => ({ ...fact, discarded: false, ...item }))];
  }

  operation(callee, scope) {
    const direct = operationOf(this.meaning.resolve(callee, this.module, scope));
    if (direct || !/MemberExpression$/.test(callee.type)) return direct;
    const name = propertyName(callee);
    const made = this.made(callee.object, this.module, scope);
    if (made?.operation === 'entity') return { ...made, operation: `entity.${name}` };
    if (made?.operation === 'transact' && LINKS.has(name)) return { ...made, operation: `transact.${name}` };
    return null;
  }

  // The call of the store at the beginning of a chain, as `kvs.transact()` of `kvs.transact().set()`.
  made(node, module, scope) {
    let at = { node, module, scope };
    for (let i = 0; i < DEEP; i++) {
      at = this.meaning.resolve(at.node, at.module, at.scope);
      if (at.node?.type !== 'CallExpression') return null;
      const { callee } = at.node;
      const call = operationOf(this.meaning.resolve(callee, at.module, at.scope));
      if (call) return call;
      if (!/MemberExpression$/.test(callee.type) || !LINKS.has(propertyName(callee))) return null;
      at = { ...at, node: callee.object };
    }
    return null;
  }

  // The items of a batch whose key is always the same.
  items(argument, scope) {
    const { node, module, scope: inner } = this.meaning.resolve(argument, this.module, scope);
    if (node?.type !== 'ArrayExpression') return [];
    return node.elements.flatMap((element) => {
      if (!element || element.type === 'SpreadElement') return [];
      const item = this.meaning.resolve(element, module, inner);
      const named = item.node?.type === 'ObjectExpression' && propertyOf(item.node, 'key');
      const key = named ? this.text(named, item.module, item.scope) : null;
      return key === null ? [] : [{ key, ...place(element) }];
    });
  }

  text(node, module, scope) {
    const known = this.values.of(node, module, scope);
    return known !== UNKNOWN && typeof known === 'string' ? known : null;
  }
}

// {api, operation} where an import is a method of the store.
function operationOf({ source, imported, whole }) {
  if (source === '@forge/kvs') {
    if (imported?.startsWith('kvs.')) return { api: 'kvs', operation: imported.slice(4) };
    if (imported?.startsWith('default.')) return { api: 'kvs', operation: imported.slice(8) };
    if (whole === 'default') return { api: 'kvs', operation: imported };
  }
  if (source === '@forge/api' && imported?.startsWith('storage.')) {
    return { api: 'storage', operation: imported.slice(8) };
  }
  return null;
}

module.exports = { Stores };
