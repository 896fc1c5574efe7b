'use strict';

// Evaluates constant expressions without running them: to a value, or to the least number of bytes
// of its JSON.

const { unwrap, propertyName } = require('./walk.cjs');

const UNKNOWN = Symbol('unknown');
const MAX_LENGTH = 4_000_000;

class ConstantEvaluator {
  constructor(names) {
    this.names = names;
  }

  // The value, or UNKNOWN.
  evaluate(node, module, scope, depth = 0) {
    if (depth > 30) return UNKNOWN;
    ({ node, module = module, scope = scope } = this.resolveExpression(node, module, scope));
    if (!node) return UNKNOWN;
    const value = (inner) => this.evaluate(inner, module, scope, depth + 1);
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
        return evaluateUnary(node.operator, value(node.argument));
      case 'BinaryExpression':
        return evaluateBinary(node.operator, value(node.left), value(node.right));
      case 'TemplateLiteral':
        return this.evaluateTemplate(node, value);
      case 'ArrayExpression': {
        const items = node.elements.map((e) => (!e || e.type === 'SpreadElement' ? UNKNOWN : value(e)));
        return items.includes(UNKNOWN) ? UNKNOWN : items;
      }
      case 'ObjectExpression':
        return this.evaluateObject(node, value);
      case 'CallExpression':
        return this.evaluateCall(node, value);
      default:
        return UNKNOWN;
    }
  }

  // The least number of bytes of its JSON text.
  minJsonBytes(node, module, scope, depth = 0) {
    if (depth > 30) return 0;
    ({ node, module = module, scope = scope } = this.resolveExpression(node, module, scope));
    if (!node) return 0;
    const known = this.evaluate(node, module, scope, depth);
    if (known !== UNKNOWN) return Buffer.byteLength(JSON.stringify(known) ?? '');
    const size = (inner) => this.minJsonBytes(inner, module, scope, depth + 1);
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

  resolveExpression(node, module, scope) {
    const found = this.names.resolve(node, module, scope);
    return found.node ? found : { node: unwrap(node), module, scope };
  }

  evaluateTemplate(node, value) {
    let text = node.quasis[0].value.cooked;
    for (let i = 0; i < node.expressions.length; i++) {
      const part = value(node.expressions[i]);
      if (part === UNKNOWN || (typeof part === 'object' && part !== null)) return UNKNOWN;
      text += String(part) + node.quasis[i + 1].value.cooked;
    }
    return text.length > MAX_LENGTH ? UNKNOWN : text;
  }

  evaluateObject(node, value) {
    const result = {};
    for (const property of node.properties) {
      if (property.type !== 'ObjectProperty') return UNKNOWN;
      const name = propertyName(property);
      const inner = value(property.value);
      if (name === null || inner === UNKNOWN) return UNKNOWN;
      result[name] = inner;
    }
    return result;
  }

  evaluateCall(node, value) {
    const { callee } = node;
    if (callee.type !== 'MemberExpression') return UNKNOWN;
    const name = propertyName(callee);
    const args = node.arguments.map(value);
    if (args.includes(UNKNOWN)) return UNKNOWN;
    if (callee.object.type === 'Identifier' && callee.object.name === 'Math') {
      const allNumbers = args.every((x) => typeof x === 'number');
      const isPure = ['min', 'max', 'pow', 'round', 'floor', 'ceil', 'abs'].includes(name);
      return allNumbers && isPure ? Math[name](...args) : UNKNOWN;
    }
    const object = value(callee.object);
    if (typeof object !== 'string') return UNKNOWN;
    if (name === 'repeat' && args[0] >= 0 && object.length * args[0] <= MAX_LENGTH) {
      return object.repeat(args[0]);
    }
    const isPure = ['toLowerCase', 'toUpperCase', 'trim'].includes(name) && args.length === 0;
    return isPure ? object[name]() : UNKNOWN;
  }
}

function evaluateUnary(operator, value) {
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

function evaluateBinary(operator, left, right) {
  if (left === UNKNOWN || right === UNKNOWN) return UNKNOWN;
  if (typeof left === 'object' || typeof right === 'object') return UNKNOWN;
  switch (operator) {
    case '+': {
      const sum = left + right;
      return typeof sum === 'string' && sum.length > MAX_LENGTH ? UNKNOWN : sum;
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

module.exports = { UNKNOWN, ConstantEvaluator };
