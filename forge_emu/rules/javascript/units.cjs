'use strict';

// The units of a module: its named top-level declarations, which are reachable independently.

const { unwrap, propertyName } = require('./walk.cjs');

const MODULE = '<module>';

// [name, node to walk, statement] of each unit.
function* unitsOf(ast) {
  for (const statement of ast.body) yield* unitsOfStatement(statement);
}

function* unitsOfStatement(node) {
  switch (node.type) {
    case 'ExportNamedDeclaration':
      if (node.declaration) yield* unitsOfStatement(node.declaration);
      return;
    case 'ExportDefaultDeclaration':
      yield [node.declaration.id?.name ?? 'default', node.declaration, node];
      return;
    case 'FunctionDeclaration':
    case 'ClassDeclaration':
      yield [node.id?.name ?? 'default', node, node];
      return;
    case 'VariableDeclaration':
      for (const declarator of node.declarations) {
        yield [declarator.id.type === 'Identifier' ? declarator.id.name : MODULE, declarator, node];
      }
      return;
    case 'ExpressionStatement': {
      const name = exportedName(node.expression);
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

function exportedName(node) {
  if (node.type !== 'AssignmentExpression' || node.left.type !== 'MemberExpression') return null;
  const { object } = node.left;
  const name = propertyName(node.left);
  if (object.type === 'Identifier' && object.name === 'exports') return name;
  const isModuleExports = object.type === 'MemberExpression' && propertyName(object) === 'exports';
  return isModuleExports && object.object.name === 'module' ? name : null;
}

// [file, unit] of an export; null if it is not in the app's own modules.
function unitOfExport(program, module, name, depth = 0) {
  if (!module || depth > 12) return null;
  const { exports, starSources, moduleScope } = module.scopes;
  const found = exports.get(name);
  if (!found) {
    for (const source of starSources) {
      const reexported = unitOfExport(program, program.importedModule(module, source), name, depth + 1);
      if (reexported) return reexported;
    }
    return null;
  }
  if (found.source) {
    return unitOfExport(program, program.importedModule(module, found.source), found.imported, depth + 1);
  }
  if (found.local) return unitOfBinding(program, module, moduleScope.lookup(found.local), depth + 1);
  const init = unwrap(found.init);
  if (init.type === 'Identifier') {
    return unitOfBinding(program, module, moduleScope.lookup(init.name), depth + 1);
  }
  if (name === 'default') return [module.file, 'default'];
  const assigned = [...unitsOf(module.ast)].some(([unit]) => unit === `exports.${name}`);
  return [module.file, assigned ? `exports.${name}` : MODULE];
}

function unitOfBinding(program, module, binding, depth = 0) {
  if (!binding || binding.scope !== module.scopes.moduleScope) return null;
  if (binding.kind !== 'import') return [module.file, binding.kind === 'member' ? MODULE : binding.name];
  if (!binding.source.startsWith('.') || binding.imported === '*') return null;
  return unitOfExport(program, program.importedModule(module, binding.source), binding.imported, depth);
}

module.exports = { MODULE, exportedName, unitOfBinding, unitOfExport, unitsOf };
