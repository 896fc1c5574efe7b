'use strict';

// A call of `push`: to which queue, and which events as far as they can be seen.

const { UNKNOWN } = require('./values.cjs');
const { bare, place, propertyName, propertyOf } = require('./walk.cjs');

class Pushes {
  constructor(reader) {
    this.module = reader.module;
    this.meaning = reader.meaning;
    this.values = reader.values;
    this.reader = reader;
  }

  // The fact of a call whose callee is a queue's `push`; null where it is something else's.
  read(node, callee, scope, parents) {
    const queue = this.reader.queueOf(callee.object, scope);
    if (!queue) return null;
    const events = node.arguments[0] ? this.events(node.arguments[0], scope) : { items: [], count: null };
    return {
      unit: this.reader.unit,
      queue: this.reader.queueKey(queue.node, queue.module, queue.scope),
      arguments: node.arguments.length,
      takes_job_id: parents.some((p) => takesJobId(p, node)),
      events: events.items,
      count: events.count,
      ...place(node.arguments[0] ?? node),
    };
  }

  // The events of a push as far as they can be seen; `count` null where their number cannot.
  events(argument, scope) {
    const found = this.meaning.resolve(argument, this.module, scope);
    const { node } = found;
    if (node?.type === 'ArrayExpression') {
      const spread = node.elements.some((e) => e?.type === 'SpreadElement');
      const items = node.elements.filter((e) => e && e.type !== 'SpreadElement');
      return {
        items: items.map((e) => this.event(e, found.module, found.scope)),
        count: spread ? null : node.elements.length,
      };
    }
    const made = node && mapped(node);
    if (made) {
      const inner = found.module.scopes.of.get(made.body) ?? found.module.scopes.of.get(made);
      return { items: [this.event(made.result, found.module, inner ?? found.scope)], count: null };
    }
    return { items: [this.event(argument, this.module, scope)], count: 1 };
  }

  event(node, module, scope) {
    const found = this.meaning.resolve(node, module, scope);
    const at = place(node);
    if (found.node?.type !== 'ObjectExpression') {
      const known = this.values.of(node, module, scope);
      const shape = known === UNKNOWN ? 'unknown' : 'value';
      return { shape, keys: [], delay: null, bytes: this.values.bytes(node, module, scope), ...at };
    }
    const object = found.node;
    const spread = object.properties.some((p) => p.type === 'SpreadElement' || propertyName(p) === null);
    const delay = propertyOf(object, 'delayInSeconds');
    const known = delay ? this.values.of(delay, found.module, found.scope) : UNKNOWN;
    return {
      shape: spread ? 'open' : 'object',
      keys: object.properties.filter((p) => p.type !== 'SpreadElement').map(propertyName).filter(Boolean),
      delay: typeof known === 'number' && Number.isFinite(known) ? known : null,
      bytes: this.values.bytes(node, module, scope),
      ...place(delay ?? node),
    };
  }
}

// What `xs.map((x) => ({...}))` makes of each: {body, result}.
function mapped(node) {
  if (node.type !== 'CallExpression' || node.callee.type !== 'MemberExpression') return null;
  if (propertyName(node.callee) !== 'map' || node.arguments.length === 0) return null;
  const each = node.arguments[0];
  if (each.type !== 'ArrowFunctionExpression' && each.type !== 'FunctionExpression') return null;
  if (each.body.type !== 'BlockStatement') return { body: each, result: each.body };
  const [last] = each.body.body.slice(-1);
  return last?.type === 'ReturnStatement' && last.argument ? { body: each.body, result: last.argument } : null;
}

function takesJobId(parent, push) {
  return parent.type === 'VariableDeclarator' && parent.id.type === 'ObjectPattern' &&
    bare(parent.init) === push && parent.id.properties.some((p) => p.key && propertyName(p) === 'jobId');
}

module.exports = { Pushes };
