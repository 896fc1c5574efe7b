'use strict';

// The parts of a module that can be reached for themselves: what stands at its top under a name.

const { bare, propertyName } = require('./walk.cjs');

const MODULE = '<module>';

// Pairs of a unit's name and the node to walk for it.
function* unitsOf(ast) {
  for (const statement of ast.body) yield* ofStatement(statement);
}

function* ofStatement(node) {
  switch (node.type) {
    case 'ExportNamedDeclaration':
      if (node.declaration) yield* ofStatement(node.declaration);
      return;
    case 'ExportDefaultDeclaration':
      yield [node.declaration.id?.name ?? 'default', node.declaration, node];
      return;
    case 'FunctionDeclaration':
    case 'ClassDeclaration':
      yield [node.id?.name ?? 'default', node, node];
      return;
    case 'VariableDeclaration':
      for (const one of node.declarations) {
        yield [one.id.type === 'Identifier' ? one.id.name : MODULE, one, node];
      }
      return;
    case 'ExpressionStatement': {
      const name = exportedBy(node.expression);
      yield [name ? `exports.${name}` : MODULE, node.expression, node];
      return;
    }
    case 'ImportDeclaration':
    case 'ExportAllDeclaration':
      return;
    default:
      yield [MODULE, node, node];
  }
}

function exportedBy(node) {
  if (node.type !== 'AssignmentExpression' || node.left.type !== 'MemberExpression') return null;
  const { object } = node.left;
  const name = propertyName(node.left);
  if (object.type === 'Identifier' && object.name === 'exports') return name;
  const whole = object.type === 'MemberExpression' && propertyName(object) === 'exports';
  return whole && object.object.name === 'module' ? name : null;
}

// [file, unit] of an export; null where there is no such thing in the app's own modules.
function unitOfExport(program, module, name, depth = 0) {
  if (!module || depth > 12) return null;
  const { exports, stars, top } = module.scopes;
  const found = exports.get(name);
  if (!found) {
    for (const source of stars) {
      const through = unitOfExport(program, program.imported(module, source), name, depth + 1);
      if (through) return through;
    }
    return null;
  }
  if (found.source) {
    return unitOfExport(program, program.imported(module, found.source), found.imported, depth + 1);
  }
  if (found.local) return unitOfBinding(program, module, top.find(found.local), depth + 1);
  const init = bare(found.init);
  if (init.type === 'Identifier') return unitOfBinding(program, module, top.find(init.name), depth + 1);
  if (name === 'default') return [module.file, 'default'];
  const assigned = [...unitsOf(module.ast)].some(([unit]) => unit === `exports.${name}`);
  return [module.file, assigned ? `exports.${name}` : MODULE];
}

function unitOfBinding(program, module, binding, depth = 0) {
  if (!binding || binding.scope !== module.scopes.top) return null;
  if (binding.kind !== 'import') return [module.file, binding.kind === 'member' ? MODULE : binding.name];
  if (!binding.source.startsWith('.') || binding.imported === '*') return null;
  return unitOfExport(program, program.imported(module, binding.source), binding.imported, depth);
}

module.exports = { MODULE, unitOfBinding, unitOfExport, unitsOf };
