'use strict';

// The scopes and bindings of a module, and what it imports and exports.
//
// A binding is {kind, init, ...}: `import` {source, imported}, `const` {init} for a variable that is
// assigned once, `function`, or `other`. Scopes are looked up by the node that opens them. What `this`
// is in a scope is {node, isInstance}, of a class or an object literal, or null.

const { unwrap, children, isFunction, propertyName } = require('./walk.cjs');

class Scope {
  constructor(parent) {
    this.parent = parent;
    this.self = parent?.self ?? null;
    this.bindings = new Map();
  }

  lookup(name) {
    for (let scope = this; scope; scope = scope.parent) {
      const found = scope.bindings.get(name);
      if (found) return found;
    }
    return null;
  }

  declare(name, binding) {
    // A second declaration of a name, as of an overloaded function, changes only its kind.
    const earlier = this.bindings.get(name);
    if (earlier) earlier.kind = binding.kind === 'function' ? 'function' : 'other';
    else this.bindings.set(name, { ...binding, name, scope: this });
  }
}

class Scopes {
  constructor(ast) {
    this.moduleScope = new Scope(null);
    this.byNode = new Map([[ast, this.moduleScope]]);
    this.importSources = [];
    this.imports = [];
    // Exported name to {local}, {source, imported} or {init}.
    this.exports = new Map();
    this.starSources = [];
    // Values assigned to `this.name` in classes of the module: {init, scope}.
    this.fields = new Map();
    // Bodies of classes, and functions that are methods of object literals, to what they belong to.
    this.owners = new Map();
    this.visitChildren(ast, this.moduleScope);
    this.resolveAssignments(ast, this.moduleScope);
  }

  visitChildren(node, scope) {
    for (const child of children(node)) this.visit(child, scope);
  }

  visit(node, scope) {
    const declare = DECLARATIONS[node.type];
    if (declare) declare(this, node, scope);
    if (node.type === 'CallExpression' || node.type === 'ImportExpression') this.recordImport(node);
    let childScope = scope;
    if (/^Class(Declaration|Expression)$/.test(node.type)) this.owners.set(node.body, node);
    if (node.type === 'ObjectExpression') {
      for (const property of node.properties) this.owners.set(property.value ?? property, node);
    }
    if (isFunction(node)) {
      childScope = this.openScope(node, scope);
      if (node.type !== 'ArrowFunctionExpression') childScope.self = this.selfIn(node, scope);
      for (const param of node.params) declarePattern(childScope, param, { kind: 'other' });
      if (node.type === 'FunctionExpression' && node.id) childScope.declare(node.id.name, { kind: 'function', node });
    } else if (SCOPE_NODES.has(node.type)) {
      childScope = this.openScope(node, scope);
      if (node.type === 'CatchClause' && node.param) declarePattern(childScope, node.param, { kind: 'other' });
      if (node.type === 'ClassBody') childScope.self = { node: this.owners.get(node), isInstance: true };
    }
    this.visitChildren(node, childScope);
  }

  // What `this` is in a function.
  selfIn(node, scope) {
    if (/^Class/.test(node.type)) return { node: scope.self.node, isInstance: !node.static };
    const object = this.owners.get(node);
    return object ? { node: object, isInstance: false } : null;
  }

  openScope(node, scope) {
    const childScope = new Scope(scope);
    this.byNode.set(node, childScope);
    return childScope;
  }

  // Marks variables that are assigned again, and records assignments to exports and fields.
  resolveAssignments(node, scope) {
    for (const child of children(node)) {
      const childScope = this.byNode.get(child) ?? scope;
      if (child.type === 'AssignmentExpression') this.recordAssignment(child, childScope);
      if (/^Class(Private)?Property$/.test(child.type) && child.value && propertyName(child)) {
        this.fields.set(propertyName(child), { init: child.value, scope: childScope });
      }
      if (child.type === 'UpdateExpression' && child.argument.type === 'Identifier') {
        markReassigned(childScope.lookup(child.argument.name));
      }
      this.resolveAssignments(child, childScope);
    }
  }

  recordAssignment(node, scope) {
    const { left } = node;
    if (left.type === 'Identifier') markReassigned(scope.lookup(left.name), node.right);
    if (left.type !== 'MemberExpression') return;
    const name = propertyName(left);
    const object = left.object;
    if (object.type === 'ThisExpression' && name) this.fields.set(name, { init: node.right, scope });
    const isExports = object.type === 'Identifier' && object.name === 'exports';
    const isModule = object.type === 'MemberExpression' && propertyName(object) === 'exports' &&
      object.object.type === 'Identifier' && object.object.name === 'module';
    if ((isExports || isModule) && name) this.exports.set(name, { init: node.right });
    if (object.type === 'Identifier' && object.name === 'module' && name === 'exports') {
      this.recordExportObject(unwrap(node.right));
    }
  }

  recordExportObject(node) {
    if (node?.type !== 'ObjectExpression') return;
    for (const property of node.properties) {
      if (property.type === 'SpreadElement') continue;
      const name = propertyName(property);
      if (name) this.exports.set(name, { init: property.type === 'ObjectMethod' ? property : property.value });
    }
  }

  recordImport(node) {
    const source = importSource(node);
    if (source !== null) {
      this.importSources.push(source);
      this.imports.push({ source, node });
    }
  }
}

const SCOPE_NODES = new Set([
  'BlockStatement', 'ForStatement', 'ForInStatement', 'ForOfStatement', 'CatchClause',
  'SwitchStatement', 'StaticBlock', 'ClassBody',
]);

const DECLARATIONS = {
  ImportDeclaration(scopes, node, scope) {
    if (node.importKind === 'type' || node.importKind === 'typeof') return;
    const source = node.source.value;
    scopes.importSources.push(source);
    scopes.imports.push({ source, node });
    for (const specifier of node.specifiers) {
      if (specifier.importKind === 'type') continue;
      const imported = { ImportDefaultSpecifier: 'default', ImportNamespaceSpecifier: '*' }[specifier.type] ??
        (specifier.imported.name ?? specifier.imported.value);
      scope.declare(specifier.local.name, { kind: 'import', source, imported, node: specifier });
    }
  },
  VariableDeclaration(scopes, node, scope) {
    for (const { id, init } of node.declarations) {
      const source = init ? importSource(unwrap(init)) : null;
      if (id.type === 'Identifier') {
        if (source !== null) scope.declare(id.name, { kind: 'import', source, imported: '*', node: id });
        else scope.declare(id.name, { kind: 'const', init: init ?? null, node: id });
      } else {
        declarePattern(scope, id, { kind: 'other' }, source, init);
      }
    }
  },
  FunctionDeclaration(scopes, node, scope) {
    if (node.id) scope.declare(node.id.name, { kind: 'function', node });
  },
  ClassDeclaration(scopes, node, scope) {
    if (node.id) scope.declare(node.id.name, { kind: 'class', node });
  },
  TSEnumDeclaration(scopes, node, scope) {
    scope.declare(node.id.name, { kind: 'other', node });
  },
  ExportNamedDeclaration(scopes, node) {
    const { declaration, source } = node;
    if (node.exportKind === 'type') return;
    if (source) scopes.importSources.push(source.value);
    for (const specifier of node.specifiers) {
      const name = specifier.exported.name ?? specifier.exported.value;
      if (specifier.type !== 'ExportSpecifier') continue;
      const local = specifier.local.name ?? specifier.local.value;
      scopes.exports.set(name, source ? { source: source.value, imported: local } : { local });
    }
    for (const { id } of declaration?.declarations ?? []) {
      if (id.type === 'Identifier') scopes.exports.set(id.name, { local: id.name });
    }
    if (declaration?.id) scopes.exports.set(declaration.id.name, { local: declaration.id.name });
  },
  ExportDefaultDeclaration(scopes, node) {
    const { declaration } = node;
    scopes.exports.set('default', declaration.id ? { local: declaration.id.name } : { init: declaration });
  },
  ExportAllDeclaration(scopes, node) {
    scopes.importSources.push(node.source.value);
    scopes.starSources.push(node.source.value);
  },
};

function declarePattern(scope, pattern, binding, source = null, init = null) {
  switch (pattern.type) {
    case 'Identifier':
      scope.declare(pattern.name, { ...binding, node: pattern });
      break;
    case 'ObjectPattern':
      for (const property of pattern.properties) {
        if (property.type === 'RestElement') declarePattern(scope, property.argument, binding);
        else if (source !== null && property.value.type === 'Identifier') {
          const imported = propertyName(property) ?? '?';
          scope.declare(property.value.name, { kind: 'import', source, imported, node: property });
        } else if (init && property.value.type === 'Identifier' && propertyName(property)) {
          const member = { kind: 'member', init, property: propertyName(property), node: property };
          scope.declare(property.value.name, member);
        } else declarePattern(scope, property.value, binding);
      }
      break;
    case 'ArrayPattern':
      for (const element of pattern.elements) if (element) declarePattern(scope, element, binding);
      break;
    case 'AssignmentPattern':
      declarePattern(scope, pattern.left, binding);
      break;
    case 'RestElement':
      declarePattern(scope, pattern.argument, binding);
      break;
    case 'TSParameterProperty':
      declarePattern(scope, pattern.parameter, binding);
      break;
  }
}

function markReassigned(binding, init) {
  if (binding?.kind !== 'const') return;
  // `let x; x = new Queue(...)` is one assignment.
  if (binding.init === null && init && !binding.assignedLater) {
    binding.init = init;
    binding.assignedLater = true;
  } else {
    binding.kind = 'other';
  }
}

function importSource(node) {
  if (node.type === 'ImportExpression') return stringLiteral(node.source);
  if (node.type !== 'CallExpression' || node.arguments.length !== 1) return null;
  const { callee } = node;
  const isRequire = callee.type === 'Import' || (callee.type === 'Identifier' && callee.name === 'require');
  return isRequire ? stringLiteral(node.arguments[0]) : null;
}

function stringLiteral(node) {
  if (node.type === 'StringLiteral') return node.value;
  const isPlain = node.type === 'TemplateLiteral' && node.expressions.length === 0;
  return isPlain ? node.quasis[0].value.cooked : null;
}

module.exports = { Scopes };
