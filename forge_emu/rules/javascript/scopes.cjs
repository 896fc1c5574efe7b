'use strict';

// Which declaration a name means where it stands, and what a module imports and exports.
//
// A binding is {kind, init, ...}: `import` {source, imported}, `const` {init} for what is assigned
// once, `function`, or `other`. Scopes are found again by the node that opens them.

const { bare, children, isFunction, propertyName } = require('./walk.cjs');

class Scope {
  constructor(parent) {
    this.parent = parent;
    this.names = new Map();
  }

  find(name) {
    for (let scope = this; scope; scope = scope.parent) {
      const found = scope.names.get(name);
      if (found) return found;
    }
    return null;
  }

  declare(name, binding) {
    // A second declaration of a name, as of an overloaded function, changes nothing but its value.
    if (this.names.has(name)) this.names.get(name).kind = binding.kind === 'function' ? 'function' : 'other';
    else this.names.set(name, { ...binding, name, scope: this });
  }
}

class Scopes {
  constructor(ast) {
    this.top = new Scope(null);
    this.of = new Map([[ast, this.top]]);
    this.sources = [];
    this.imports = [];
    // Exported name to {local} or {source, imported} or {init}.
    this.exports = new Map();
    this.stars = [];
    // What `this.name` was given, in classes of the module: {init, scope}.
    this.fields = new Map();
    this.scan(ast, this.top);
    this.settle(ast, this.top);
  }

  scan(node, scope) {
    for (const child of children(node)) this.enter(child, scope);
  }

  enter(node, scope) {
    const declare = DECLARES[node.type];
    if (declare) declare(this, node, scope);
    if (node.type === 'CallExpression' || node.type === 'ImportExpression') this.required(node);
    let inner = scope;
    if (isFunction(node)) {
      inner = this.open(node, scope);
      for (const param of node.params) declarePattern(inner, param, { kind: 'other' });
      if (node.type === 'FunctionExpression' && node.id) inner.declare(node.id.name, { kind: 'function', node });
    } else if (OPENING.has(node.type)) {
      inner = this.open(node, scope);
      if (node.type === 'CatchClause' && node.param) declarePattern(inner, node.param, { kind: 'other' });
    }
    this.scan(node, inner);
  }

  open(node, scope) {
    const inner = new Scope(scope);
    this.of.set(node, inner);
    return inner;
  }

  // Names that are assigned again have no one value; assigned exports are exports.
  settle(node, scope) {
    for (const child of children(node)) {
      const inner = this.of.get(child) ?? scope;
      if (child.type === 'AssignmentExpression') this.assigned(child, inner);
      if (child.type === 'ClassProperty' && child.value && propertyName(child)) {
        this.fields.set(propertyName(child), { init: child.value, scope: inner });
      }
      if (child.type === 'UpdateExpression' && child.argument.type === 'Identifier') {
        spoil(inner.find(child.argument.name));
      }
      this.settle(child, inner);
    }
  }

  assigned(node, scope) {
    const { left } = node;
    if (left.type === 'Identifier') spoil(scope.find(left.name), node.right);
    if (left.type !== 'MemberExpression') return;
    const name = propertyName(left);
    const object = left.object;
    if (object.type === 'ThisExpression' && name) this.fields.set(name, { init: node.right, scope });
    const isExports = object.type === 'Identifier' && object.name === 'exports';
    const isModule = object.type === 'MemberExpression' && propertyName(object) === 'exports' &&
      object.object.type === 'Identifier' && object.object.name === 'module';
    if ((isExports || isModule) && name) this.exports.set(name, { init: node.right });
    if (object.type === 'Identifier' && object.name === 'module' && name === 'exports') {
      this.exportObject(bare(node.right));
    }
  }

  exportObject(node) {
    if (node?.type !== 'ObjectExpression') return;
    for (const property of node.properties) {
      if (property.type === 'SpreadElement') continue;
      const name = propertyName(property);
      if (name) this.exports.set(name, { init: property.type === 'ObjectMethod' ? property : property.value });
    }
  }

  required(node) {
    const source = requiredSource(node);
    if (source !== null) {
      this.sources.push(source);
      this.imports.push({ source, node });
    }
  }
}

const OPENING = new Set([
  'BlockStatement', 'ForStatement', 'ForInStatement', 'ForOfStatement', 'CatchClause',
  'SwitchStatement', 'StaticBlock', 'ClassBody',
]);

const DECLARES = {
  ImportDeclaration(scopes, node, scope) {
    if (node.importKind === 'type' || node.importKind === 'typeof') return;
    const source = node.source.value;
    scopes.sources.push(source);
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
      const source = init ? requiredSource(bare(init)) : null;
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
    if (source) scopes.sources.push(source.value);
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
    scopes.sources.push(node.source.value);
    scopes.stars.push(node.source.value);
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

function spoil(binding, init) {
  if (binding?.kind !== 'const') return;
  // `let x; x = new Queue(...)` is one assignment.
  if (binding.init === null && init && !binding.late) {
    binding.init = init;
    binding.late = true;
  } else {
    binding.kind = 'other';
  }
}

function requiredSource(node) {
  if (node.type === 'ImportExpression') return literal(node.source);
  if (node.type !== 'CallExpression' || node.arguments.length !== 1) return null;
  const { callee } = node;
  const requires = callee.type === 'Import' || (callee.type === 'Identifier' && callee.name === 'require');
  return requires ? literal(node.arguments[0]) : null;
}

function literal(node) {
  if (node.type === 'StringLiteral') return node.value;
  const plain = node.type === 'TemplateLiteral' && node.expressions.length === 0;
  return plain ? node.quasis[0].value.cooked : null;
}

module.exports = { Scopes };
