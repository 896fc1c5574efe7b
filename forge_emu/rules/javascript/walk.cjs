'use strict';

// Functions to walk a Babel AST without a list of all node types.

const SKIPPED = new Set(['loc', 'extra', 'leadingComments', 'innerComments', 'trailingComments']);

function isNode(value) {
  return value !== null && typeof value === 'object' && typeof value.type === 'string';
}

// The child nodes of `node`, in source order, without TypeScript types.
function* children(node) {
  for (const key of Object.keys(node)) {
    if (SKIPPED.has(key) || key === 'typeAnnotation' || key === 'typeParameters') continue;
    const value = node[key];
    if (Array.isArray(value)) {
      for (const item of value) if (isNode(item)) yield item;
    } else if (isNode(value)) {
      yield value;
    }
  }
}

function isFunction(node) {
  return /Function|^ObjectMethod$|^Class(Private)?Method$/.test(node.type);
}

// The expression inside casts, parentheses and `await`.
function unwrap(node) {
  while (
    node &&
    ['TSAsExpression', 'TSNonNullExpression', 'TSSatisfiesExpression', 'TSTypeAssertion',
      'ParenthesizedExpression', 'AwaitExpression', 'ChainExpression'].includes(node.type)
  ) {
    node = node.expression ?? node.argument;
  }
  return node;
}

// `name` of `obj.name` and `obj['name']`, `#name` of a private one; null for anything computed.
function propertyName(node) {
  const { property, key, computed } = node;
  const name = property ?? key;
  if (!computed && name.type === 'Identifier') return name.name;
  if (name.type === 'PrivateName') return `#${name.id.name}`;
  return name.type === 'StringLiteral' ? name.value : null;
}

// The value of a property of an object literal; null where there is none.
function propertyOf(node, name) {
  if (node.type !== 'ObjectExpression') return null;
  const found = node.properties.find((p) => p.type === 'ObjectProperty' && propertyName(p) === name);
  return found?.value ?? null;
}

function location(node) {
  return { line: node.loc.start.line, column: node.loc.start.column + 1 };
}

module.exports = { unwrap, children, isFunction, location, propertyName, propertyOf };
