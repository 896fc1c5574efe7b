'use strict';
// Walks the syntax tree of @babel/parser.

const SKIPPED_KEYS = new Set([
  'loc', 'start', 'end', 'extra', 'errors', 'comments', 'leadingComments', 'trailingComments',
  'innerComments', 'typeAnnotation', 'returnType', 'typeParameters', 'typeArguments',
]);
const TYPES_ONLY = /^TS(?!AsExpression|SatisfiesExpression|NonNull|TypeAssertion|Export|Enum|Parameter|Module|Instantiation|ImportEquals)/;

// Calls `visit(node, parent, key)` for each node; where it answers true, not for those inside.
function walk(node, visit, parent = null, key = null) {
  if (TYPES_ONLY.test(node.type)) return;
  if (parent !== null && visit(node, parent, key) === true) return;
  for (const [name, value] of Object.entries(node)) {
    if (SKIPPED_KEYS.has(name)) continue;
    // A shorthand property has one identifier as its key and its value.
    if (node.type === 'ObjectProperty' && node.shorthand && name === 'key') continue;
    for (const child of Array.isArray(value) ? value : [value]) {
      if (typeof child?.type === 'string') walk(child, visit, node, name);
    }
  }
}

// The names that a script declares anywhere in it.
function declaredNames(program) {
  const names = new Set();
  walk(program, (node) => {
    if (node.declare === true) return true;
    if (node.type === 'VariableDeclarator') addPattern(node.id, names);
    else if (node.type === 'CatchClause' && node.param) addPattern(node.param, names);
    else if (/^Import.*Specifier$/.test(node.type)) names.add(node.local.name);
    else if (/Function|Class(Declaration|Expression)|(Object|Class\w*)Method/.test(node.type)) {
      if (node.id) names.add(node.id.name);
      for (const parameter of node.params ?? []) addPattern(parameter, names);
    }
    return false;
  });
  return names;
}

function addPattern(pattern, names) {
  switch (pattern?.type) {
    case 'Identifier': names.add(pattern.name); break;
    case 'AssignmentPattern': addPattern(pattern.left, names); break;
    case 'RestElement': addPattern(pattern.argument, names); break;
    case 'ArrayPattern': for (const each of pattern.elements) addPattern(each, names); break;
    case 'ObjectPattern': for (const each of pattern.properties) addPattern(each.value ?? each, names); break;
    case 'TSParameterProperty': addPattern(pattern.parameter, names); break;
    default:
  }
}

function textOf(text, line) {
  return text.split('\n')[line - 1] ?? '';
}

module.exports = { walk, declaredNames, textOf };
