'use strict';

// What is known of an expression's value without running it: the value itself, or how many bytes
// of JSON it is at least.

const { bare, propertyName } = require('./walk.cjs');

const UNKNOWN = Symbol('unknown');
const LONGEST = 4_000_000;

class Values {
  constructor(meaning) {
    this.meaning = meaning;
  }

  // The value, or UNKNOWN.
  of(node, module, scope, depth = 0) {
    if (depth > 30) return UNKNOWN;
    ({ node, module = module, scope = scope } = this.behind(node, module, scope));
    if (!node) return UNKNOWN;
    const value = (inner) => this.of(inner, module, scope, depth + 1);
    switch (node.type) {
      case 'StringLiteral':
      case 'NumericLiteral':
      case 'BooleanLiteral':
        return node.value;
      case 'NullLiteral':
        return null;
      case 'Identifier':
        return { undefined, Infinity, NaN }[node.name] ?? (node.name === 'undefined' ? undefined : UNKNOWN);
      case 'UnaryExpression':
        return unary(node.operator, value(node.argument));
      case 'BinaryExpression':
        return binary(node.operator, value(node.left), value(node.right));
      case 'TemplateLiteral':
        return this.template(node, value);
      case 'ArrayExpression': {
        const items = node.elements.map((e) => (!e || e.type === 'SpreadElement' ? UNKNOWN : value(e)));
        return items.includes(UNKNOWN) ? UNKNOWN : items;
      }
      case 'ObjectExpression':
        return this.object(node, value);
      case 'CallExpression':
        return this.call(node, value);
      default:
        return UNKNOWN;
    }
  }

  // The least number of bytes of its JSON text.
  bytes(node, module, scope, depth = 0) {
    if (depth > 30) return 0;
    ({ node, module = module, scope = scope } = this.behind(node, module, scope));
    if (!node) return 0;
    const known = this.of(node, module, scope, depth);
    if (known !== UNKNOWN) return Buffer.byteLength(JSON.stringify(known) ?? '');
    const size = (inner) => this.bytes(inner, module, scope, depth + 1);
    switch (node.type) {
      case 'ObjectExpression':
        return node.properties.reduce((sum, property) => {
          if (property.type !== 'ObjectProperty') return sum;
          const name = propertyName(property) ?? '';
          const inner = size(property.value);
          return inner ? sum + Buffer.byteLength(name) + 4 + inner : sum;
        }, 1);
      case 'ArrayExpression':
        return node.elements.reduce((sum, e) => sum + (e ? size(e) + 1 : 1), 1);
      case 'TemplateLiteral':
        return node.expressions.reduce(
          (sum, e) => sum + Math.max(size(e) - 2, 0),
          node.quasis.reduce((sum, q) => sum + Buffer.byteLength(q.value.cooked ?? ''), 2),
        );
      case 'BinaryExpression':
        return node.operator === '+' ? Math.max(size(node.left), size(node.right)) : 0;
      default:
        return 0;
    }
  }

  behind(node, module, scope) {
    const found = this.meaning.resolve(node, module, scope);
    return found.node ? found : { node: bare(node), module, scope };
  }

  template(node, value) {
    let text = node.quasis[0].value.cooked;
    for (let i = 0; i < node.expressions.length; i++) {
      const part = value(node.expressions[i]);
      if (part === UNKNOWN || (typeof part === 'object' && part !== null)) return UNKNOWN;
      text += String(part) + node.quasis[i + 1].value.cooked;
    }
    return text.length > LONGEST ? UNKNOWN : text;
  }

  object(node, value) {
    const made = {};
    for (const property of node.properties) {
      if (property.type !== 'ObjectProperty') return UNKNOWN;
      const name = propertyName(property);
      const inner = value(property.value);
      if (name === null || inner === UNKNOWN) return UNKNOWN;
      made[name] = inner;
    }
    return made;
  }

  call(node, value) {
    const { callee } = node;
    if (callee.type !== 'MemberExpression') return UNKNOWN;
    const name = propertyName(callee);
    const given = node.arguments.map(value);
    if (given.includes(UNKNOWN)) return UNKNOWN;
    if (callee.object.type === 'Identifier' && callee.object.name === 'Math') {
      const numbers = given.every((x) => typeof x === 'number');
      const pure = ['min', 'max', 'pow', 'round', 'floor', 'ceil', 'abs'].includes(name);
      return numbers && pure ? Math[name](...given) : UNKNOWN;
    }
    const object = value(callee.object);
    if (typeof object !== 'string') return UNKNOWN;
    if (name === 'repeat' && given[0] >= 0 && object.length * given[0] <= LONGEST) {
      return object.repeat(given[0]);
    }
    const harmless = ['toLowerCase', 'toUpperCase', 'trim'].includes(name) && given.length === 0;
    return harmless ? object[name]() : UNKNOWN;
  }
}

function unary(operator, value) {
  if (value === UNKNOWN) return UNKNOWN;
  switch (operator) {
    case '-':
      return -value;
    case '+':
      return +value;
    case '!':
      return !value;
    default:
      return UNKNOWN;
  }
}

function binary(operator, left, right) {
  if (left === UNKNOWN || right === UNKNOWN) return UNKNOWN;
  if (typeof left === 'object' || typeof right === 'object') return UNKNOWN;
  switch (operator) {
    case '+': {
      const sum = left + right;
      return typeof sum === 'string' && sum.length > LONGEST ? UNKNOWN : sum;
    }
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return left / right;
    case '%':
      return left % right;
    case '**':
      return left ** right;
    default:
      return UNKNOWN;
  }
}

module.exports = { UNKNOWN, Values };
