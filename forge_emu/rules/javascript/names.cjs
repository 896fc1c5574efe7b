'use strict';

// Resolves names: to the expression that was assigned, across modules, or to an import of a package.

const { isFunction, propertyName, unwrap } = require('./walk.cjs');

const MAX_DEPTH = 12;

class NameResolver {
  constructor(program) {
    this.program = program;
  }

  // {node, module, scope} of the value of a name or member, {source, imported} of a package's
  // export, or {namespace} of a module.
  resolve(node, module, scope, depth = 0) {
    node = unwrap(node);
    const expression = { node, module, scope };
    if (!node || depth > MAX_DEPTH) return expression;
    if (node.type === 'Identifier') {
      const binding = scope.lookup(node.name);
      return binding ? this.resolveBinding(binding, module, expression, depth) : expression;
    }
    if (node.type === 'MemberExpression' || node.type === 'OptionalMemberExpression') {
      const name = propertyName(node);
      return name === null ? expression : this.resolveMember(node.object, name, expression, depth);
    }
    return expression;
  }

  resolveBinding(binding, module, expression, depth) {
    switch (binding.kind) {
      case 'import':
        return this.resolveImport(module, binding.source, binding.imported, expression, depth);
      case 'const':
        if (!binding.init) return expression;
        return this.resolve(binding.init, module, binding.scope, depth + 1);
      case 'member':
        expression = { ...expression, scope: binding.scope };
        return this.resolveMember(binding.init, binding.property, expression, depth + 1);
      case 'function':
      case 'class':
        return { node: binding.node, module, scope: binding.scope };
      default:
        return expression;
    }
  }

  resolveImport(module, source, imported, expression, depth) {
    if (!source.startsWith('.')) return { source, imported };
    const otherModule = this.program.importedModule(module, source);
    if (!otherModule) return expression;
    if (imported === '*') return { namespace: otherModule };
    return this.resolveExport(otherModule, imported, depth + 1) ?? expression;
  }

  // What `module` exports as `name`; null if it has no such export.
  resolveExport(module, name, depth = 0) {
    if (depth > MAX_DEPTH) return null;
    const { exports, starSources, moduleScope } = module.scopes;
    const found = exports.get(name);
    if (!found) {
      for (const source of starSources) {
        const otherModule = this.program.importedModule(module, source);
        const reexported = otherModule && this.resolveExport(otherModule, name, depth + 1);
        if (reexported) return reexported;
      }
      return null;
    }
    if (found.init) return this.resolve(found.init, module, moduleScope, depth + 1);
    if (found.source) {
      return this.resolveImport(module, found.source, found.imported, null, depth + 1);
    }
    const binding = moduleScope.lookup(found.local);
    if (!binding) return null;
    const expression = { node: binding.node, module, scope: moduleScope };
    return this.resolveBinding(binding, module, expression, depth + 1);
  }

  resolveMember(object, name, expression, depth) {
    if (object.type === 'ThisExpression') {
      const field = expression.module.scopes.fields.get(name);
      return field ? this.resolve(field.init, expression.module, field.scope, depth + 1) : expression;
    }
    const found = this.resolve(object, expression.module, expression.scope, depth + 1);
    if (found.source) {
      const isNamespace = found.imported === '*' || found.imported === 'default';
      if (isNamespace) return { source: found.source, imported: name, importedAs: found.imported };
      return { source: found.source, imported: `${found.imported}.${name}` };
    }
    if (found.namespace) return this.resolveExport(found.namespace, name, depth + 1) ?? expression;
    if (found.node?.type === 'ObjectExpression') {
      const property = found.node.properties.find(
        (p) => p.type === 'ObjectProperty' && propertyName(p) === name,
      );
      if (property) return this.resolve(property.value, found.module, found.scope, depth + 1);
    }
    return expression;
  }

  // {node, module} of the app's own method that a call names: of an object literal, of a class, of an
  // instance of it, or of `this` or `super` in one of them; null for others.
  resolveMethod(callee, module, scope) {
    if (!/MemberExpression$/.test(callee.type)) return null;
    const name = propertyName(callee);
    if (name === null) return null;
    let { owner, isInstance } = this.resolveOwner(callee.object, module, scope);
    for (let depth = 0; owner.node && depth < MAX_DEPTH; depth++) {
      for (const member of membersOf(owner.node)) {
        const fn = isFunction(member) ? member : member.value;
        if (!fn || !isFunction(fn) || propertyName(member) !== name) continue;
        const isMeant = owner.node.type === 'ObjectExpression' || !!member.static !== isInstance;
        if (isMeant && (fn.kind ?? 'method') === 'method') return { node: fn, module: owner.module };
      }
      if (!owner.node.superClass) return null;
      owner = this.resolve(owner.node.superClass, owner.module, owner.scope);
    }
    return null;
  }

  // The object literal or class that an expression stands for, or is an instance of.
  resolveOwner(node, module, scope) {
    if (node.type === 'ThisExpression' || node.type === 'Super') {
      const { node: self = null, isInstance = false } = scope.self ?? {};
      if (node.type === 'ThisExpression') return { owner: { node: self, module, scope }, isInstance };
      const owner = self?.superClass ? this.resolve(self.superClass, module, scope) : { node: null };
      return { owner, isInstance };
    }
    const owner = this.resolve(node, module, scope);
    if (owner.node?.type !== 'NewExpression') return { owner, isInstance: false };
    return { owner: this.resolve(owner.node.callee, owner.module, owner.scope), isInstance: true };
  }

  isImport(found, source, imported) {
    return found.source === source && found.imported === imported;
  }
}

function membersOf(node) {
  if (node.type === 'ObjectExpression') return node.properties;
  return /^Class/.test(node.type) ? node.body.body : [];
}

module.exports = { NameResolver };
