'use strict';

// Facts of a call of `push`: its queue, and its events as far as they are known.

const { UNKNOWN } = require('./values.cjs');
const { unwrap, location, propertyName, propertyOf } = require('./walk.cjs');

class PushReader {
  constructor(reader) {
    this.module = reader.module;
    this.names = reader.names;
    this.values = reader.values;
    this.reader = reader;
  }

  // The fact of a call of a queue's `push`; null if the object is not a queue.
  pushFact(node, callee, scope, parents) {
    const queue = this.reader.resolveQueue(callee.object, scope);
    if (!queue) return null;
    const [argument] = node.arguments;
    const events = argument ? this.eventFacts(argument, scope) : { items: [], count: null };
    return {
      unit: this.reader.unit,
      queue: this.reader.queueKey(queue.node, queue.module, queue.scope),
      arguments: node.arguments.length,
      takes_job_id: parents.some((p) => takesJobId(p, node)),
      events: events.items,
      count: events.count,
      ...location(argument ?? node),
    };
  }

  // The events of a push as far as they are known; `count` is null if their number is not.
  eventFacts(argument, scope) {
    const found = this.names.resolve(argument, this.module, scope);
    const { node } = found;
    if (node?.type === 'ArrayExpression') {
      const spread = node.elements.some((e) => e?.type === 'SpreadElement');
      const items = node.elements.filter((e) => e && e.type !== 'SpreadElement');
      return {
        items: items.map((e) => this.eventFact(e, found.module, found.scope)),
        count: spread ? null : node.elements.length,
      };
    }
    const callback = node && mapCallback(node);
    if (callback) {
      const callbackScope = found.module.scopes.byNode.get(callback.body) ?? found.scope;
      return { items: [this.eventFact(callback.result, found.module, callbackScope)], count: null };
    }
    return { items: [this.eventFact(argument, this.module, scope)], count: 1 };
  }

  eventFact(node, module, scope) {
    const found = this.names.resolve(node, module, scope);
    if (found.node?.type !== 'ObjectExpression') {
      const value = this.values.evaluate(node, module, scope);
      const shape = value === UNKNOWN ? 'unknown' : 'value';
      const bytes = this.values.minJsonBytes(node, module, scope);
      return { shape, keys: [], delay: null, bytes, ...location(node) };
    }
    const object = found.node;
    const spread = object.properties.some((p) => p.type === 'SpreadElement' || propertyName(p) === null);
    const delay = propertyOf(object, 'delayInSeconds');
    const value = delay ? this.values.evaluate(delay, found.module, found.scope) : UNKNOWN;
    return {
      shape: spread ? 'open' : 'object',
      keys: object.properties.filter((p) => p.type !== 'SpreadElement').map(propertyName).filter(Boolean),
      delay: typeof value === 'number' && Number.isFinite(value) ? value : null,
      bytes: this.values.minJsonBytes(node, module, scope),
      ...location(delay ?? node),
    };
  }
}

// The callback of `xs.map((x) => ({...}))`, as its body and result; null for other calls.
function mapCallback(node) {
  if (node.type !== 'CallExpression' || node.callee.type !== 'MemberExpression') return null;
  if (propertyName(node.callee) !== 'map' || node.arguments.length === 0) return null;
  const callback = node.arguments[0];
  if (callback.type !== 'ArrowFunctionExpression' && callback.type !== 'FunctionExpression') return null;
  if (callback.body.type !== 'BlockStatement') return { body: callback, result: callback.body };
  const [last] = callback.body.body.slice(-1);
  const returns = last?.type === 'ReturnStatement' && last.argument;
  return returns ? { body: callback.body, result: last.argument } : null;
}

function takesJobId(parent, push) {
  return parent.type === 'VariableDeclarator' && parent.id.type === 'ObjectPattern' &&
    unwrap(parent.init) === push && parent.id.properties.some((p) => p.key && propertyName(p) === 'jobId');
}

module.exports = { PushReader };
