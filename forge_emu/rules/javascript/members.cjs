'use strict';

// The methods of top-level classes and object literals, which are units of their own: one counts
// as called where code that is reached names it as a member, or passes on its class or object.

const { exportedName, unitsOf } = require('./units.cjs');
const { isFunction, propertyName, unwrap } = require('./walk.cjs');

// What a module does when it is loaded, outside of functions.
const LOAD = '<load>';
const MAX_CHAIN = 12;
// The language itself calls these.
const IMPLICIT = new Set([
  'constructor', 'then', 'toJSON', 'toString', 'toLocaleString', 'valueOf',
]);
// Members that stand for the whole class or object.
const WHOLE = new Set(['constructor', 'prototype', '__proto__']);
const TRANSPARENT = new Set([
  'TSAsExpression', 'TSNonNullExpression', 'TSSatisfiesExpression', 'TSTypeAssertion',
  'ParenthesizedExpression', 'ChainExpression',
]);
const TYPES = new Set([
  'TSTypeReference', 'TSQualifiedName', 'TSTypeQuery', 'TSExpressionWithTypeArguments',
  'TSClassImplements',
]);
const MEMBER = /^(Optional)?MemberExpression$/;

class MemberReader {
  constructor(reader) {
    this.reader = reader;
    this.module = reader.module;
    this.program = reader.program;
    this.names = reader.names;
  }

  // The units of the methods in a unit, by node.
  membersIn(unit, unitNode) {
    const owner = ownerIn(unitNode, this.module);
    const found = new Map();
    if (!owner || !this.isClosed(owner, this.module)) return found;
    for (const member of partsOf(owner)) {
      const name = methodName(member);
      if (name === null || IMPLICIT.has(name)) continue;
      found.set(member, `${unit}.${name}`);
      this.reader.facts.members[`${unit}.${name}`] = { owner: unit, name };
    }
    return found;
  }

  // Whether no other code than the app's own knows the methods of a class, as a base class from a
  // package or a decorator does.
  isClosed(owner, module) {
    const isDecorated = (node) => (node.decorators ?? []).length > 0;
    if (isDecorated(owner) || partsOf(owner).some(isDecorated)) return false;
    const chain = this.chainOf({ node: owner, module });
    return chain.every((link) => ownersOf(link.module).has(link.node));
  }

  // A class and the classes it extends, as {node, module}; of the last, the expression if it is not
  // the app's own.
  chainOf(owner) {
    const chain = [owner];
    for (let link = owner; link.node.superClass && chain.length < MAX_CHAIN;) {
      const { superClass } = link.node;
      const scope = link.module.scopes.moduleScope;
      const { node, module } = this.names.resolve(superClass, link.module, scope);
      link = node && module ? { node, module } : { node: superClass, module: link.module };
      chain.push(link);
    }
    return chain;
  }

  visit(node, scope, parents) {
    const isMember = MEMBER.test(node.type);
    if (isMember || node.type === 'JSXMemberExpression') this.mention(memberName(node), parents);
    if (parents[0]?.type === 'ObjectPattern' && node.type === 'ObjectProperty') {
      this.mention(propertyName(node), parents);
    }
    if (node.type === 'CallExpression' || node.type === 'ImportExpression') {
      const imported = this.module.scopes.imports.find((known) => known.node === node);
      if (imported) this.passOnImport(imported.source, parents);
    }
    if (isMember || /^(Identifier|NewExpression|ThisExpression|Super)$/.test(node.type)) {
      if (!this.isFollowed(node, scope, parents)) this.passOn(node, scope, parents);
    }
  }

  mention(name, parents) {
    if (name === null) return;
    const names = (this.reader.facts.mentions[this.unitAt(parents)] ??= []);
    if (!names.includes(name)) names.push(name);
  }

  passOn(node, scope, parents) {
    this.addPassed(this.ownersFor(node, scope), parents);
  }

  // `import('./name')` and `require('./name')` whose result is not at once in a variable.
  passOnImport(source, parents) {
    const isOuter = ({ type }) => type !== 'AwaitExpression' && !TRANSPARENT.has(type);
    const parent = parents.find(isOuter);
    if (parent?.type === 'VariableDeclarator' || parent?.type === 'ExpressionStatement') return;
    const imported = this.program.importedModule(this.module, source);
    this.addPassed(this.ownersInExports(imported), parents);
  }

  addPassed(owners, parents) {
    for (const [file, unit] of owners) {
      const passed = (this.reader.facts.passed[this.unitAt(parents)] ??= []);
      const isKnown = passed.some((known) => known[0] === file && known[1] === unit);
      if (!isKnown) passed.push([file, unit]);
    }
  }

  unitAt(parents) {
    return parents.some(isFunction) ? this.reader.unit : LOAD;
  }

  // [file, unit] of each class or object that an expression may stand for: of all that it extends,
  // and of all that extend it.
  ownersFor(node, scope) {
    const found = this.names.resolve(node, this.module, scope);
    if (found.namespace) return this.ownersInExports(found.namespace);
    const { owner } = this.names.resolveOwner(node, this.module, scope);
    return owner.node && owner.module ? this.relatives(owner) : [];
  }

  ownersInExports(module, depth = 0) {
    if (!module || depth > MAX_CHAIN) return [];
    const { exports, starSources } = module.scopes;
    const direct = [...exports.keys()].flatMap((name) => {
      const exported = this.names.resolveExport(module, name);
      if (!exported?.node) return [];
      const { owner } = this.names.resolveOwner(exported.node, exported.module, exported.scope);
      return owner.node && owner.module ? this.relatives(owner) : [];
    });
    const others = starSources.map((source) => this.program.importedModule(module, source));
    return [...direct, ...others.flatMap((other) => this.ownersInExports(other, depth + 1))];
  }

  relatives({ node, module }) {
    if (!ownersOf(module).has(node)) return [];
    if (!RELATIVES.has(node)) RELATIVES.set(node, this.readRelatives({ node, module }));
    return RELATIVES.get(node);
  }

  readRelatives({ node, module }) {
    const chains = [this.chainOf({ node, module })];
    for (const other of this.program.modules.values()) {
      for (const heir of ownersOf(other).keys()) {
        const chain = heir.superClass ? this.chainOf({ node: heir, module: other }) : [];
        if (chain.some((link) => link.node === node)) chains.push(chain);
      }
    }
    return chains.flat()
      .map((link) => [link.module.file, ownersOf(link.module).get(link.node)])
      .filter(([, unit]) => unit !== undefined);
  }

  // Whether all that is done with a class, object or instance here is seen: its members are named,
  // or it gets a name that resolves to it.
  isFollowed(node, scope, parents) {
    let child = node;
    let rest = parents;
    while (rest[0] && TRANSPARENT.has(rest[0].type)) [child, ...rest] = rest;
    const [parent, grandparent, assignment] = rest;
    if (!parent || TYPES.has(parent.type)) return true;
    switch (parent.type) {
      case 'MemberExpression':
      case 'OptionalMemberExpression': {
        const name = propertyName(parent);
        if (parent.object !== child) return !parent.computed;
        return name !== null && !WHOLE.has(name);
      }
      case 'NewExpression':
        return parent.callee === child && node.type !== 'ThisExpression';
      case 'CallExpression':
      case 'OptionalCallExpression':
        return parent.callee === child;
      case 'ClassDeclaration':
      case 'ClassExpression':
        return ownersOf(this.module).has(parent) && this.isClosed(parent, this.module);
      case 'ExpressionStatement':
      case 'UnaryExpression':
      case 'IfStatement':
        return true;
      case 'ConditionalExpression':
        return parent.test === child;
      case 'BinaryExpression':
        return ['instanceof', '==', '===', '!=', '!=='].includes(parent.operator);
      case 'LogicalExpression':
        return parent.operator === '&&' && parent.left === child;
      case 'VariableDeclarator':
        return parent.id === child || this.isNamed(node, parent.id, parent.init, scope);
      case 'AssignmentExpression':
        if (parent.left === child) return true;
        if (isExport(parent, grandparent)) return true;
        return this.isNamed(node, parent.left, parent.right, scope);
      case 'ObjectProperty':
        if (parent.key === child && parent.value !== child && !parent.computed) return true;
        return grandparent.type === 'ObjectPattern' || isExportObject(assignment);
      default:
        return false;
    }
  }

  // Whether the uses of a value are seen under the names that it gets.
  isNamed(node, target, init, scope) {
    if (node.type === 'ThisExpression') return false;
    if (target.type === 'ObjectPattern') {
      const isNamed = (p) => p.type === 'ObjectProperty' && propertyName(p) !== null;
      return target.properties.every(isNamed);
    }
    if (target.type !== 'Identifier') return false;
    const binding = scope.lookup(target.name);
    const isInScope = !binding?.assignedLater || binding.scope === scope;
    return binding?.kind === 'const' && binding.init === init && isInScope;
  }
}

const OWNERS = new WeakMap();
const RELATIVES = new WeakMap();

// The units of a module's classes and object literals, by node.
function ownersOf(module) {
  if (!OWNERS.has(module)) {
    const owners = new Map();
    for (const [unit, node] of unitsOf(module.ast)) {
      const owner = ownerIn(node, module);
      if (owner) owners.set(owner, unit);
    }
    OWNERS.set(module, owners);
  }
  return OWNERS.get(module);
}

// The class or object literal that a unit is; null for others.
function ownerIn(unitNode, module) {
  if (/^Class(Declaration|Expression)$/.test(unitNode.type)) return unitNode;
  let value = unitNode;
  if (unitNode.type === 'VariableDeclarator') {
    const { id, init } = unitNode;
    const binding = id.type === 'Identifier' ? module.scopes.moduleScope.lookup(id.name) : null;
    if (binding?.kind !== 'const' || binding.init !== init) return null;
    value = init;
  }
  value = unwrap(value);
  if (value?.type === 'ObjectExpression') return value;
  // The own name of a class expression is not known in it.
  return value?.type === 'ClassExpression' && !value.id ? value : null;
}

function partsOf(owner) {
  return owner.type === 'ObjectExpression' ? owner.properties : owner.body.body;
}

// The name of a method, or of a field that holds a function; null for other parts.
function methodName(part) {
  if (part.type === 'SpreadElement' || !part.key) return null;
  if (isFunction(part)) return propertyName(part);
  const value = unwrap(part.value);
  return value && isFunction(value) ? propertyName(part) : null;
}

function memberName(node) {
  return node.type === 'JSXMemberExpression' ? node.property.name : propertyName(node);
}

// Whether an assignment is a statement such as `exports.name = value`.
function isExport(assignment, parent) {
  return exportedName(assignment) !== null && (!parent || parent.type === 'ExpressionStatement');
}

// Whether an assignment is `module.exports = {...}`.
function isExportObject(assignment) {
  if (assignment?.type !== 'AssignmentExpression') return false;
  const { left } = assignment;
  return left.type === 'MemberExpression' && propertyName(left) === 'exports' &&
    left.object.type === 'Identifier' && left.object.name === 'module';
}

module.exports = { MemberReader };
